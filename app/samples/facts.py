"""From rows to the small facts that the rules decide on."""

from sqlalchemy import BigInteger, bindparam, exists, func, select
from sqlalchemy.orm import Session

from app.accounts.actors import Actor
from app.projects.models import Member
from app.projects.rules import Role
from app.samples import queries
from app.samples.models import Revision, Sample
from app.samples.workflow import ActorFacts, SampleFacts, Status
from app.tasks.queries import had_by

_ACTOR, _SAMPLE = bindparam("actor_id", type_=BigInteger), bindparam("sample_id", type_=BigInteger)
# Every act asks it, so it is made once.
_FACTS = select(
    func.array(
        select(Member.role)
        .where(Member.project_id == Sample.project_id, Member.user_id == _ACTOR)
        .scalar_subquery()
    ),
    had_by(_ACTOR, Sample.task_id),
    queries.own_undecided(_ACTOR, Sample.task_id),
    exists().where(Revision.sample_id == Sample.id, Revision.author_id == _ACTOR),
).where(Sample.id == _SAMPLE)


def actor_facts(session: Session, sample: Sample, actor: Actor) -> ActorFacts:
    """What the rules need to know about this person in relation to this sample, read now."""
    if actor.id is None:
        return ActorFacts(user_id=None, roles=frozenset(Role))
    roles, held_slot, undecided, wrote_part = session.execute(
        _FACTS, {"sample_id": sample.id, "actor_id": actor.id}
    ).one()
    return ActorFacts(
        user_id=actor.id,
        roles=frozenset(map(Role, roles)),
        held_slot=held_slot,
        own_sample_undecided=undecided,
        wrote_part=wrote_part,
    )


def sample_facts(sample: Sample) -> SampleFacts:
    """What the writer's and the lead's rules need to know; reviewers' facts are added by `app.reviews`."""
    project = sample.task.document.project
    return SampleFacts(
        status=Status(sample.status),
        annotator_id=sample.annotator_id,
        importer_id=sample.importer_id,
        withdrawn=sample.task.document.withdrawn_at is not None,
        review_began=sample.review_began_at is not None,
        approvals_needed=project.approvals,
        reviewer_edits=project.reviewer_edits,
    )
