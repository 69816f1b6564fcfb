"""Reviewing: taking a submission, deciding on it, undoing that, editing as a reviewer.

A decision locks the sample and the policy, and counts afterwards: of two reviewers one wins and the other
is told.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from app.accounts.models import User
from app.errors import AppError, Conflict, Invalid, NotFound
from app.projects.queries import hold_policy
from app.reviews import leases, queries
from app.reviews.models import Review
from app.samples import queries as sample_queries
from app.samples import writing
from app.samples.checking import check
from app.samples.content import Sent, check_text
from app.samples.facts import actor_facts
from app.samples.models import Revision, Sample
from app.samples.moves import move
from app.samples.revisions import Reasons, add_revision
from app.samples.submission import require_reason, settle
from app.samples.workflow import Action, Status
from app.samples.workflow import decide as decide_status
from app.settings import get_settings
from app.tasks import leases as slots


@dataclass(frozen=True, slots=True)
class Decision:
    """A decision that was taken, and the sample as it stands after it."""

    review: Review
    sample: Sample


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
    hold_policy(session, sample.task.document.project)
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
    leases.end_lease(session, revision_id=revision.id, user_id=actor.id)
    details = {"revision": revision.number, "review": review.id}
    move(session, sample, action, status, actor=actor, at=at, reason=reason, details=details)
    if status == Status.REJECTED and sample.slot_id is not None:
        slots.give_back(session, sample.slot_id)
    return Decision(review, sample)


def try_decide(session: Session, **wanted: Any) -> Decision | AppError:
    """As `decide`, for a page that is drawn again: a refusal is undone and given back, not raised.

    What may not be known stays unknown: NotFound and NotAllowed are raised all the same.
    """
    try:
        with session.begin_nested():
            return decide(session, **wanted)
    except (Conflict, Invalid) as refusal:
        return refusal


def try_edit(session: Session, **wanted: Any) -> AppError | None:
    """As `edit`, for a page that is drawn again: a refusal is undone and given back, not raised."""
    try:
        with session.begin_nested():
            edit(session, **wanted)
    except (Conflict, Invalid) as refusal:
        return refusal
    return None


def _refuse_rivals(session: Session, *, sample: Sample, revision: Revision, actor: User) -> None:
    """Deciding without a lease is allowed where nobody else holds the last place."""
    if queries.has_decided(session, revision.id, actor.id):
        raise Conflict("You have already decided on this revision.", code="already_decided")
    if queries.find_lease(session, revision.id, actor.id) is not None:
        return
    places = queries.count_places(session, sample.task.document.project, revision.id)
    if queries.count_live_leases(session, revision.id, but_user_id=actor.id) >= places:
        raise Conflict(leases.who_has_it(session, revision), code="leased_by_another")


def undo(session: Session, *, sample_id: int, review_id: int, actor: User, at: datetime) -> Sample:
    """Take one's own last decision back, within ten seconds and where nobody acted since."""
    sample = sample_queries.get_for_change(session, sample_id, actor)
    facts = queries.facts_for_review(session, sample)
    status = decide_status(Action.UNDO, actor_facts(session, sample, actor), facts)
    review = queries.find_undoable(session, sample.id)
    if review is None or review.id != review_id:
        raise NotFound("There is no such decision to undo.")
    project = sample.task.document.project
    if not _takes_its_place_back(session, sample):
        raise Conflict("Somebody else has taken this task meanwhile.", code="slot_taken")
    review.undone_at = at
    session.flush()
    details = {"revision": sample.revision_count, "review": review.id}
    move(session, sample, Action.UNDO, status, actor=actor, at=at, details=details)
    revision = review.revision
    leases.grant(session, project=project, sample=sample, revision=revision, actor=actor)
    return sample


def _takes_its_place_back(session: Session, sample: Sample) -> bool:
    """Whether a sample whose decision is undone has its task's place, or takes it again."""
    project, slot = sample.task.document.project, sample.slot
    if slot is not None:
        return sample.status != Status.REJECTED or bool(
            slots.take(session, task_id=sample.task_id, project=project, user_id=slot.user_id, state="held")
        )
    return sample.status == Status.APPROVED or slots.has_room(
        session, task_id=sample.task_id, project=project
    )


def edit(
    session: Session,
    *,
    sample_id: int,
    revision_number: int,
    sent: Sent,
    reasons: Reasons,
    actor: User,
    at: datetime,
) -> Sample:
    """Put the reviewer's own wording in as the next revision; another reviewer must approve it.

    The annotator's reasons hold on for what stays; what is new is refused as at a submission (`settle`).
    """
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
    content = writing.checked(session, sample, sent)
    checked = check(session, sample, content)
    kept = settle(checked.findings, before.reasons | reasons)
    writing.keep_save(session, sample)
    draft = sample.draft
    draft.number += 1
    draft.output, draft.clauses, draft.evidence = content.output, content.clauses, content.evidence
    draft.editor, draft.author_id, draft.saved_at = "", actor.id, at
    add_revision(
        session,
        sample=sample,
        author=actor,
        checked=checked,
        reasons=kept,
        guidelines_version=before.guidelines_version,
        attested_at=None,
        at=at,
    )
    details = {"revision": sample.revision_count}
    move(session, sample, Action.EDIT, Status.SUBMITTED, actor=actor, at=at, details=details)
    return sample
