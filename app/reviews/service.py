"""Reviewing: taking a submission, deciding on it, undoing that, editing as a reviewer.

A decision locks the sample first and counts afterwards, so of two reviewers one wins and the other is told.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.audit import service as audit
from app.errors import Conflict, Invalid, NotFound
from app.projects.models import Project
from app.projects.queries import get_project_with_right
from app.projects.rules import Right
from app.reviews import queries
from app.reviews.models import Review, ReviewLease
from app.samples import queries as sample_queries
from app.samples import writing
from app.samples.content import Content, check_content, check_text
from app.samples.facts import actor_facts
from app.samples.models import Revision, Sample
from app.samples.submission import add_revision, require_reason
from app.samples.workflow import Action, Status
from app.samples.workflow import decide as decide_status
from app.settings import get_settings
from app.tasks import leases
from app.tasks.queries import DATABASE_TIME


@dataclass(frozen=True, slots=True)
class Decision:
    """A decision that was taken, and the sample as it stands after it."""

    review: Review
    sample: Sample


def take_next(session: Session, *, project_slug: str, actor: User) -> Sample | None:
    """The sample to review next, leased to the actor; None where nothing waits for them.

    First what they already have before them, then the oldest submission.
    """
    project = get_project_with_right(session, project_slug, actor, Right.REVIEW)
    leases.serialise_claims(session, project_id=project.id, user_id=actor.id)
    mine = (
        select(ReviewLease.revision_id)
        .where(ReviewLease.reviewer_id == actor.id, ReviewLease.expires_at > DATABASE_TIME)
        .scalar_subquery()
    )
    ordered = (
        queries.waiting_for(project, actor.id)
        .order_by(Revision.id.in_(mine).desc(), Sample.submitted_at, Sample.id)
        .limit(1)
    )
    for waits in (False, True):
        while row := session.execute(
            ordered.with_for_update(of=Sample, skip_locked=not waits),
            execution_options={"populate_existing": True},
        ).first():
            sample, revision = row.tuple()
            if _grant(session, project=project, sample=sample, revision=revision, actor=actor):
                return sample_queries.get_visible(session, sample.id, actor)
    return None


def open_for_review(session: Session, *, sample_id: int, actor: User) -> str:
    """Lease the submission that a reviewer opens by its address; "" or a sentence where others have it.

    The lease is advisory: reading goes on without one.
    """
    sample = sample_queries.get_for_change(session, sample_id, actor)
    facts = queries.facts_for_review(session, sample)
    if sample.status != Status.SUBMITTED:
        return ""
    decide_status(Action.APPROVE, actor_facts(session, sample, actor), facts)
    revision = sample_queries.get_revision(session, sample.id, sample.revision_count)
    if _grant(session, project=sample.task.document.project, sample=sample, revision=revision, actor=actor):
        return ""
    return _who_has_it(session, revision)


def _grant(session: Session, *, project: Project, sample: Sample, revision: Revision, actor: User) -> bool:
    """Give the reviewer a lease, unless others hold every place; the sample's row is locked."""
    places = project.approvals - queries.count_approvals(session, revision.id)
    if queries.count_live_leases(session, revision.id, but_user_id=actor.id) >= places:
        return False
    expires = DATABASE_TIME + timedelta(minutes=project.lease_minutes)
    session.execute(
        insert(ReviewLease)
        .values(revision_id=revision.id, reviewer_id=actor.id, expires_at=expires)
        .on_conflict_do_update(
            index_elements=[ReviewLease.revision_id, ReviewLease.reviewer_id], set_={"expires_at": expires}
        )
    )
    if sample.review_began_at is None:
        session.execute(
            update(Sample)
            .where(Sample.id == sample.id)
            .values(review_began_at=func.clock_timestamp())
            .execution_options(synchronize_session="fetch")
        )
    return True


def _who_has_it(session: Session, revision: Revision) -> str:
    name, until = session.execute(
        select(User.name, ReviewLease.expires_at)
        .join(User, User.id == ReviewLease.reviewer_id)
        .where(ReviewLease.revision_id == revision.id, ReviewLease.expires_at > DATABASE_TIME)
        .order_by(ReviewLease.expires_at)
        .limit(1)
    ).one()
    return f"{name} is reviewing this submission until {until:%H:%M} UTC."


def decide(
    session: Session,
    *,
    sample_id: int,
    revision_number: int,
    action: Action,
    comment: str,
    actor: User,
    at: datetime,
) -> Decision:
    """Approve, request changes or reject one revision.

    Raises NotAllowed for one's own work, Conflict where the revision is not the one that waits, another
    reviewer has it before them, or the contract was withdrawn; Invalid where a reason is missing.
    """
    sample = sample_queries.get_for_change(session, sample_id, actor)
    facts = queries.facts_for_review(session, sample)
    status = decide_status(action, actor_facts(session, sample, actor), facts)
    if revision_number != sample.revision_count:
        raise Conflict(
            f"Revision {sample.revision_count} was submitted meanwhile: look at it before you decide.",
            code="stale_revision",
            revision=sample.revision_count,
        )
    check_text(comment, name="comment", most=get_settings().engross_comment_characters)
    reason = comment.strip() if action is Action.APPROVE else require_reason(comment)
    revision = sample_queries.get_revision(session, sample.id, revision_number)
    _refuse_rivals(session, sample=sample, revision=revision, actor=actor)
    review = Review(
        revision_id=revision.id, reviewer_id=actor.id, action=action, reason=reason, created_at=at
    )
    session.add(review)
    session.flush()
    _end_lease(session, revision_id=revision.id, user_id=actor.id)
    _move(session, sample, action, status, actor=actor, at=at, reason=reason, review=review)
    return Decision(review, sample)


def _refuse_rivals(session: Session, *, sample: Sample, revision: Revision, actor: User) -> None:
    """Deciding without a lease is allowed where nobody else holds the last place."""
    decided = session.scalar(
        select(Review.id).where(
            Review.revision_id == revision.id, Review.reviewer_id == actor.id, Review.undone_at.is_(None)
        )
    )
    if decided is not None:
        raise Conflict("You have already decided on this revision.", code="already_decided")
    if queries.find_lease(session, revision.id, actor.id) is not None:
        return
    project = sample.task.document.project
    places = project.approvals - queries.count_approvals(session, revision.id)
    if queries.count_live_leases(session, revision.id, but_user_id=actor.id) >= places:
        raise Conflict(_who_has_it(session, revision), code="leased_by_another")


def _end_lease(session: Session, *, revision_id: int, user_id: int) -> None:
    session.execute(
        update(ReviewLease)
        .where(ReviewLease.revision_id == revision_id, ReviewLease.reviewer_id == user_id)
        .values(expires_at=DATABASE_TIME)
        .execution_options(synchronize_session=False)
    )


def undo(session: Session, *, sample_id: int, review_id: int, actor: User, at: datetime) -> Sample:
    """Take one's own last decision back, within ten seconds and where nobody acted since."""
    sample = sample_queries.get_for_change(session, sample_id, actor)
    facts = queries.facts_for_review(session, sample)
    status = decide_status(Action.UNDO, actor_facts(session, sample, actor), facts)
    review = queries.find_undoable(session, sample.id)
    if review is None or review.id != review_id:
        raise NotFound("There is no such decision to undo.")
    project = sample.task.document.project
    if sample.status == Status.REJECTED and not leases.take(
        session, task_id=sample.task_id, project=project, user_id=sample.annotator_id, state="held"
    ):
        raise Conflict("Somebody else has taken this task meanwhile.", code="slot_taken")
    review.undone_at = at
    session.flush()
    _move(session, sample, Action.UNDO, status, actor=actor, at=at, reason="", review=review)
    revision = review.revision
    _grant(session, project=project, sample=sample, revision=revision, actor=actor)
    return sample


def edit(
    session: Session,
    *,
    sample_id: int,
    revision_number: int,
    content: Content,
    actor: User,
    at: datetime,
) -> Sample:
    """Put the reviewer's own wording in as the next revision; another reviewer must approve it."""
    sample = sample_queries.get_for_change(session, sample_id, actor)
    facts = queries.facts_for_review(session, sample)
    decide_status(Action.EDIT, actor_facts(session, sample, actor), facts)
    if revision_number != sample.revision_count:
        raise Conflict(
            f"Revision {sample.revision_count} was submitted meanwhile: look at it before you edit.",
            code="stale_revision",
        )
    before = sample_queries.get_revision(session, sample.id, revision_number)
    _refuse_rivals(session, sample=sample, revision=before, actor=actor)
    project = sample.task.document.project
    check_content(
        content,
        clause_keys=frozenset(clause.key for clause in project.clauses),
        document_characters=sample.task.text.character_count,
        most=get_settings().engross_output_characters,
    )
    findings = writing.findings_of(sample, content)
    blocking = [finding for finding in findings if finding.severity == "error"]
    if blocking:
        raise Invalid(blocking[0].message, fields={"output": blocking[0].message}, code="findings_block")
    writing.keep_save(session, sample)
    draft = sample.draft
    draft.number += 1
    draft.output, draft.clauses, draft.evidence = content.output, content.clauses, content.evidence
    draft.editor, draft.author_id, draft.saved_at = "", actor.id, at
    add_revision(
        session,
        sample=sample,
        author=actor,
        findings=findings,
        reasons={},
        guidelines_version=before.guidelines_version,
        attested_at=None,
        at=at,
    )
    _move(session, sample, Action.EDIT, Status.SUBMITTED, actor=actor, at=at, reason="", review=None)
    return sample


def _move(
    session: Session,
    sample: Sample,
    action: Action,
    status: Status,
    *,
    actor: User,
    at: datetime,
    reason: str,
    review: Review | None,
) -> None:
    """Set the status, let the slot follow it, and add the event; the one place where reviews do so."""
    before, sample.status, sample.updated_at = sample.status, status, at
    session.flush()
    if status == Status.REJECTED:
        leases.give_back(session, slot_id=sample.slot_id)
    audit.record(
        session,
        verb=f"sample.{action}",
        subject_type="sample",
        subject_id=sample.id,
        project_id=sample.project_id,
        actor=actor,
        at=at,
        before=before,
        after=status,
        comment=reason,
        details={"revision": sample.revision_count} | ({"review": review.id} if review else {}),
    )
    session.flush()
