"""Twins: as many equal samples as a test needs, each in a project of its own, and what became of one."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from app import clock, database
from app.accounts.models import User
from app.audit.models import Event
from app.documents import service as documents
from app.documents.models import Document
from app.projects.models import Member, Project
from app.reviews import service as reviews
from app.reviews.models import Review, ReviewLease
from app.samples import submission
from app.samples.models import DraftSave, Revision, Sample
from app.samples.workflow import Action
from app.tasks.models import Slot
from app.tasks.queries import DATABASE_TIME, counts
from tests.factories import Factory


@dataclass(frozen=True)
class Twin:
    """One sample in its project, with the people around it by what they are to it."""

    project: Project
    people: dict[str, User]
    sample_id: int
    document_id: int
    review_id: int | None = None  # what the first reviewer decided


def make_twin(situation: str, **policy: object) -> Twin:
    """A sample in that situation: a status, "half approved" (once, of two), "withdrawn" (while submitted)."""
    with database.transaction() as session:
        make = Factory(session)
        project = make.project(**policy)
        people = {
            "owner": make.annotator(project),
            "colleague": make.annotator(project),
            "first": make.reviewer(project),
            "second": make.reviewer(project),
            "lead": make.lead(project),
        }
        sample = make.sample(project, annotator=people["owner"])
        twin = Twin(project, people, sample.id, sample.task.document_id)
        if situation == "draft":
            return twin
        now = clock.now()
        submission.submit(session, sample_id=sample.id, based_on=1, reasons={}, actor=people["owner"], at=now)
        if situation == "withdrawn":
            documents.withdraw(
                session, document_id=twin.document_id, reason="Wrong.", actor=people["lead"], at=now
            )
        if situation not in DECISIONS:
            return twin
        decision = reviews.decide(
            session,
            sample_id=sample.id,
            revision_number=1,
            action=DECISIONS[situation],
            comment="Because.",
            actor=people["first"],
            at=now,
        )
        return Twin(project, people, sample.id, twin.document_id, decision.review.id)


DECISIONS = {
    "half approved": Action.APPROVE,
    "approved": Action.APPROVE,
    "rejected": Action.REJECT,
    "changes_requested": Action.REQUEST_CHANGES,
}


def state_of(session: Session, twin: Twin) -> dict[str, object]:
    """All that the acts on a sample may change, without ids and times, so that twins can be compared."""
    names = {user.id: name for name, user in twin.people.items()}
    sample = session.get_one(Sample, twin.sample_id)
    own = Revision.sample_id == sample.id

    def rows(statement: Select[Any]) -> list[tuple[Any, ...]]:
        return [(names.get(who, who), *rest) for who, *rest in session.execute(statement)]

    decision = (Review.reviewer_id, Review.action, Revision.number, Review.undone_at.is_not(None))
    event = (Event.actor_id, Event.verb, Event.before, Event.after)
    events = select(*event).where(Event.project_id == twin.project.id).order_by(Event.id)
    return {
        "sample": (sample.status, sample.revision_count),
        "draft": (sample.draft.number, sample.draft.output, names.get(sample.draft.author_id or 0)),
        "kept": Counter(rows(select(DraftSave.author_id, DraftSave.output).filter_by(sample_id=sample.id))),
        "slots": Counter(
            rows(select(Slot.user_id, Slot.state, counts()).where(Slot.task_id == sample.task_id))
        ),
        "decisions": Counter(rows(select(*decision).join(Revision).where(own))),
        "review leases": Counter(
            rows(
                select(ReviewLease.reviewer_id, Revision.number)
                .join(Revision, Revision.id == ReviewLease.revision_id)
                .where(own, ReviewLease.expires_at > DATABASE_TIME)
            )
        ),
        "withdrawn": session.get_one(Document, twin.document_id).withdrawn_at is not None,
        "roles": Counter(rows(select(Member.user_id, Member.role).filter_by(project_id=twin.project.id))),
        "history": rows(events.where(Event.subject_type == "sample")),
        # What happened to a document or a member has no place in a sample's order.
        "beside": Counter(rows(events.where(Event.subject_type != "sample"))),
    }
