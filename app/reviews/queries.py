"""SELECTs for reviewers: what waits, who looks at it, what was decided."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from sqlalchemy import ColumnElement, Select, and_, exists, func, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session, aliased, contains_eager, joinedload

from app.accounts.actors import Actor
from app.audit.models import Event
from app.documents.models import Document
from app.projects.models import Member, Project
from app.projects.rules import Role
from app.reviews.models import Review, ReviewLease
from app.samples.facts import sample_facts
from app.samples.models import Draft, Revision, Sample
from app.samples.queries import may_see
from app.samples.workflow import Action, SampleFacts, Status
from app.tasks.models import Task
from app.tasks.queries import DATABASE_TIME, had_by

UNDO_SECONDS = 10


def current_revision() -> ColumnElement[bool]:
    """Joins a sample to the revision that stands."""
    return and_(Revision.sample_id == Sample.id, Revision.number == Sample.revision_count)


def may_be_reviewed_by(user_id: int) -> ColumnElement[bool]:
    """Whether a sample is no work of this person's, and of no task that they hold or held."""
    wrote = aliased(Revision)
    return and_(
        Sample.annotator_id.is_distinct_from(user_id),
        Sample.importer_id.is_distinct_from(user_id),
        ~had_by(user_id, Sample.task_id),
        ~exists().where(wrote.sample_id == Sample.id, wrote.author_id == user_id),
    )


def waiting_for(project: Project, user_id: int) -> Select[Sample, Revision]:
    """Submitted samples that this reviewer could decide on now, without an order."""
    lease, mine, given = aliased(ReviewLease), aliased(Review), aliased(Review)
    given_count = (
        select(func.count())
        .where(given.revision_id == Revision.id, given.undone_at.is_(None))
        .correlate(Revision)
        .scalar_subquery()
    )
    leased_by_others = (
        select(func.count())
        .where(
            lease.revision_id == Revision.id, lease.reviewer_id != user_id, lease.expires_at > DATABASE_TIME
        )
        .correlate(Revision)
        .scalar_subquery()
    )
    return (
        select(Sample, Revision)
        .join(Revision, current_revision())
        .join(Task, Task.id == Sample.task_id)
        .join(Document, Document.id == Task.document_id)
        .where(
            Sample.project_id == project.id,
            Sample.status == Status.SUBMITTED,
            Document.withdrawn_at.is_(None),
            may_be_reviewed_by(user_id),
            ~exists().where(
                mine.revision_id == Revision.id, mine.reviewer_id == user_id, mine.undone_at.is_(None)
            ),
            leased_by_others < func.greatest(project.approvals - given_count, 1),
        )
    )


def count_waiting(session: Session, project: Project, user_id: int, *, most: int = 1000) -> int:
    """How many samples wait for this reviewer; counting stops at `most`."""
    some = waiting_for(project, user_id).with_only_columns(Sample.id).limit(most).subquery()
    return session.scalar(select(func.count()).select_from(some)) or 0


def count_live_leases(session: Session, revision_id: int, *, but_user_id: int) -> int:
    """How many other reviewers have this revision before them now; lock the sample first."""
    return (
        session.scalar(
            select(func.count()).where(
                ReviewLease.revision_id == revision_id,
                ReviewLease.reviewer_id != but_user_id,
                ReviewLease.expires_at > DATABASE_TIME,
            )
        )
        or 0
    )


def find_lease(session: Session, revision_id: int, user_id: int) -> ReviewLease | None:
    """This reviewer's live lease on the revision."""
    return session.scalar(
        select(ReviewLease).where(
            ReviewLease.revision_id == revision_id,
            ReviewLease.reviewer_id == user_id,
            ReviewLease.expires_at > DATABASE_TIME,
        )
    )


def has_decided(session: Session, revision_id: int, user_id: int) -> bool:
    """Whether this reviewer's decision on the revision stands."""
    decided = select(Review.id).where(
        Review.revision_id == revision_id, Review.reviewer_id == user_id, Review.undone_at.is_(None)
    )
    return session.scalar(decided) is not None


def count_approvals(session: Session, revision_id: int) -> int:
    """How many approvals of this very revision stand; lock the sample first."""
    return (
        session.scalar(
            select(func.count()).where(
                Review.revision_id == revision_id, Review.action == Action.APPROVE, Review.undone_at.is_(None)
            )
        )
        or 0
    )


def count_places(session: Session, project: Project, revision_id: int) -> int:
    """How many reviewers may have this revision before them; lock the sample first.

    One at least: where the policy was lowered after enough approvals were given, one more settles it.
    """
    return max(project.approvals - count_approvals(session, revision_id), 1)


def list_reviews(session: Session, sample_id: int) -> Sequence[Review]:
    """All decisions on a sample that stand, the latest first, with reviewer and revision."""
    return session.scalars(
        select(Review)
        .join(Review.revision)
        .where(Revision.sample_id == sample_id, Review.undone_at.is_(None))
        .options(contains_eager(Review.revision), joinedload(Review.reviewer))
        .order_by(Review.id.desc())
    ).all()


def latest_reasons(session: Session, sample_ids: Sequence[int]) -> dict[int, Review]:
    """The latest standing decision of each sample, by sample id."""
    rows = session.execute(
        select(Revision.sample_id, Review)
        .join(Review.revision)
        .where(Revision.sample_id.in_(sample_ids), Review.undone_at.is_(None))
        .ext(distinct_on(Revision.sample_id))
        .order_by(Revision.sample_id, Review.id.desc())
    )
    return dict(rows.all())


def last_seen_number(session: Session, sample_id: int, user_id: int) -> int | None:
    """The number of the newest earlier revision that this reviewer decided on; None for the first look."""
    return session.scalar(
        select(func.max(Revision.number))
        .join(Review, Review.revision_id == Revision.id)
        .join(Sample, Sample.id == Revision.sample_id)
        .where(
            Revision.sample_id == sample_id,
            Review.reviewer_id == user_id,
            Review.undone_at.is_(None),
            Revision.number < Sample.revision_count,
        )
    )


def find_undoable(session: Session, sample_id: int) -> Review | None:
    """The decision that can still be taken back: seconds old, and nobody acted or wrote since.

    That nobody acted is read off the history: the decision's event is the sample's last one.
    """
    last_event = (
        select(Event.details["review"].as_integer())
        .where(Event.subject_type == "sample", Event.subject_id == sample_id)
        .order_by(Event.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    return session.scalar(
        select(Review)
        .join(Revision, Revision.id == Review.revision_id)
        .join(Draft, Draft.sample_id == Revision.sample_id)
        .where(
            Revision.sample_id == sample_id,
            Review.id == last_event,
            Review.undone_at.is_(None),
            Review.created_at > DATABASE_TIME - timedelta(seconds=UNDO_SECONDS),
            Draft.number == Revision.draft_number,
        )
        .options(joinedload(Review.revision))
    )


def find_own_undoable(session: Session, review_id: int, user_id: int) -> Review | None:
    """This reviewer's decision, where it can still be taken back."""
    sample_id = session.scalar(
        select(Revision.sample_id)
        .join(Review, Review.revision_id == Revision.id)
        .where(Review.id == review_id, Review.reviewer_id == user_id)
    )
    review = find_undoable(session, sample_id) if sample_id is not None else None
    return review if review is not None and review.id == review_id else None


def facts_for_review(session: Session, sample: Sample) -> SampleFacts:
    """The sample's facts with the reviewers' part: approvals so far, and who may still undo."""
    facts = sample_facts(sample)
    if not sample.revision_count:
        return facts
    revision_id = session.scalar(
        select(Revision.id).where(Revision.sample_id == sample.id, Revision.number == sample.revision_count)
    )
    undoable = find_undoable(session, sample.id)
    return replace(
        facts,
        approvals_given=count_approvals(session, revision_id) if revision_id else 0,
        undoable_by=undoable.reviewer_id if undoable else None,
    )


def list_unreviewable(
    session: Session, project_id: int, actor: Actor, *, limit: int = 50
) -> Sequence[Sample]:
    """Submitted samples that no member of the project may review: the lead has to act, where they see it."""
    wrote = exists().where(Revision.sample_id == Sample.id, Revision.author_id == Member.user_id)
    decided = exists().where(
        current_revision(),
        Review.revision_id == Revision.id,
        Review.reviewer_id == Member.user_id,
        Review.undone_at.is_(None),
    )
    # Left alone, a query within a query within a query would look through all samples again.
    hindered = [
        found.correlate(Sample, Member) for found in (had_by(Member.user_id, Sample.task_id), wrote, decided)
    ]
    possible = exists().where(
        Member.project_id == project_id,
        Member.role == Role.REVIEWER,
        Member.user_id.is_distinct_from(Sample.annotator_id),
        Member.user_id.is_distinct_from(Sample.importer_id),
        *(~found for found in hindered),
    )
    return session.scalars(
        select(Sample)
        .where(Sample.project_id == project_id, Sample.status == Status.SUBMITTED, ~possible, may_see(actor))
        .options(
            joinedload(Sample.task).joinedload(Task.document),
            joinedload(Sample.annotator),
        )
        .order_by(Sample.id)
        .limit(limit)
    ).all()
