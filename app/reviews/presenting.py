"""A sample with its reviews as others than the database see it: what this person may read, and may do.

Only the annotator is shown the draft. Others see what was handed in, and nothing while it is a draft.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from app.accounts.actors import Actor
from app.audit.models import Event
from app.clock import rfc3339
from app.documents.models import DocumentText
from app.projects.rules import Role
from app.rechecks.queries import find_recheck
from app.reviews import queries
from app.reviews.models import Review
from app.samples import queries as sample_queries
from app.samples import writing
from app.samples.checking import check
from app.samples.facts import actor_facts, sample_facts
from app.samples.models import Revision, Sample
from app.samples.workflow import Action, available_actions
from app.tasks.queries import DATABASE_TIME


def is_own(sample: Sample, actor: Actor) -> bool:
    """Whether the actor is the sample's annotator."""
    return actor.id == sample.annotator_id


def actions_for(session: Session, sample: Sample, actor: Actor) -> list[Action]:
    """What the actor may do to the sample now."""
    if actor.id is None:
        return []
    facts = actor_facts(session, sample, actor)
    # Whoever only writes is never asked for approvals, nor has a decision to undo.
    is_writer = facts.roles == {Role.ANNOTATOR}
    about = sample_facts(sample) if is_writer else queries.facts_for_review(session, sample)
    return available_actions(facts, about)


def shown_revisions(session: Session, sample: Sample, actor: Actor) -> list[Revision]:
    """The revisions that the actor may read: a submission that was recalled is its annotator's alone."""
    if not _reads_revisions(sample, actor):
        return []
    return list(sample_queries.list_revisions(session, sample.id))


def _reads_revisions(sample: Sample, actor: Actor) -> bool:
    may = is_own(sample, actor) or sample.status in sample_queries.HANDED_IN
    return may and sample.revision_count > 0


def live_lease(sample: Sample, now: datetime) -> datetime | None:
    """When the writer's lease ends; None where it has ended (a withdrawal ends it) or none is needed.

    `now` is the database's time.
    """
    slot = sample.slot
    if slot is None or sample.task.document.withdrawn_at is not None:
        return None
    if slot.state != "writing" or slot.lease_expires_at is None:
        return None
    return slot.lease_expires_at if slot.lease_expires_at > now else None


_TEXT_AND_TIME = select(DocumentText.text, DATABASE_TIME).where(DocumentText.id == bindparam("text_id"))


def as_json(session: Session, sample: Sample, actor: Actor) -> dict[str, object]:
    """The sample as the JSON API gives it."""
    text, now = session.execute(_TEXT_AND_TIME, {"text_id": sample.task.text_id}).one()
    task, document, own = sample.task, sample.task.document, is_own(sample, actor)
    revisions = shown_revisions(session, sample, actor)
    lease = live_lease(sample, now) if own else None
    return {
        "id": sample.id,
        "project": document.project.slug,
        "status": sample.status,
        "document": {
            "id": document.id,
            "title": document.title,
            "text": text,
            "sha256": task.text.sha256.hex(),
        },
        "instruction": {"key": task.instruction.key, "text": task.phrasing.text},
        "draft": _draft_json(sample) if own else None,
        "revisions": [_revision_json(revision) for revision in revisions],
        "reviews": [_review_json(review) for review in list_reviews(session, sample, actor)],
        "lease": {"expires_at": utc(lease)} if lease else None,
        "findings": _findings_json(session, sample, revisions, own=own),
        "actions": actions_for(session, sample, actor),
    }


def _findings_json(
    session: Session, sample: Sample, revisions: list[Revision], *, own: bool
) -> Sequence[Mapping[str, object]]:
    """To its annotator the draft's; to others the newest revision's, by the last check of it."""
    if own:
        checked = check(session, sample, writing.draft_content(sample))
        return [finding.to_json() for finding in checked.findings]
    if not revisions:
        return []
    return (find_recheck(session, revisions[-1].id) or revisions[-1]).findings


def _draft_json(sample: Sample) -> dict[str, object]:
    draft = sample.draft
    return {
        "number": draft.number,
        "output": draft.output,
        "evidence": draft.evidence,
        "clauses": draft.clauses,
        "saved_at": utc(draft.saved_at),
    }


def _revision_json(revision: Revision) -> dict[str, object]:
    return {
        "number": revision.number,
        "author": revision.author.email if revision.author else None,
        "output": revision.output,
        "evidence": revision.evidence,
        "clauses": revision.clauses,
        "findings": revision.findings,
        "reasons": revision.reasons,
        "guidelines_version": revision.guidelines_version,
        "submitted_at": utc(revision.submitted_at),
        "sha256": revision.output_sha256.hex(),
    }


def _review_json(review: Review) -> dict[str, object]:
    return {
        "id": review.id,
        "revision": review.revision.number,
        "reviewer": review.reviewer.email,
        "action": review.action,
        "comment": review.reason,
        "created_at": utc(review.created_at),
    }


def list_reviews(session: Session, sample: Sample, actor: Actor) -> list[Review]:
    """The decisions that the actor may read, the latest first."""
    if not _reads_revisions(sample, actor):
        return []
    return list(queries.list_reviews(session, sample.id))


def utc(at: datetime | None) -> str | None:
    """A time as JSON gives it, where there is one."""
    return rfc3339(at) if at else None


def last_event(session: Session, sample_id: int) -> Event:
    """The latest act on a sample."""
    return session.scalars(
        select(Event)
        .where(Event.subject_type == "sample", Event.subject_id == sample_id)
        .order_by(Event.id.desc())
        .limit(1)
    ).one()


def history(session: Session, sample: Sample) -> list[Event]:
    """The sample's events from the first on."""
    events = session.scalars(
        select(Event).where(Event.subject_type == "sample", Event.subject_id == sample.id).order_by(Event.id)
    ).all()
    return list(events)
