"""From rows to the small facts that the rules decide on."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.actors import Actor
from app.projects.queries import roles_in
from app.samples import queries
from app.samples.models import Revision, Sample
from app.samples.workflow import ActorFacts, SampleFacts, Status
from app.tasks.queries import had_by


def actor_facts(session: Session, sample: Sample, actor: Actor) -> ActorFacts:
    """What the rules need to know about this person in relation to this sample, read now."""
    roles = roles_in(session, sample.project_id, actor)
    if actor.id is None:
        return ActorFacts(user_id=None, roles=roles)
    wrote = (
        select(Revision.id).where(Revision.sample_id == sample.id, Revision.author_id == actor.id).exists()
    )
    own_slot = had_by(actor.id, Sample.task_id)
    row = session.execute(
        select(own_slot, queries.own_undecided(actor.id, Sample.task_id), wrote).where(Sample.id == sample.id)
    ).one()
    held_slot, undecided, wrote_part = row
    return ActorFacts(
        user_id=actor.id,
        roles=roles,
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
