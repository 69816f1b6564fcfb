"""The reviewing page and all that a reviewer does there."""

from typing import Annotated, Any

from fastapi import APIRouter, Form, Query, Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from app import clock
from app.accounts.dependencies import CurrentUser
from app.accounts.models import User
from app.database import SessionDep
from app.errors import AppError, Conflict
from app.rechecks.queries import find_recheck
from app.reviews import desk, leases, queries, service
from app.reviews.forms import EditForm, ReviewForm, SentEdit
from app.samples import queries as sample_queries
from app.samples.checking import check
from app.samples.models import Revision, Sample
from app.samples.submission import unexplained
from app.samples.workflow import Status
from app.samples.writing import as_typed
from app.web.dependencies import RowId
from app.web.htmx import redirect
from app.web.notices import notice
from app.web.templates import page

router = APIRouter()


@router.post("/projects/{project}/queue/reviewing")
def take_reviewing_work(session: SessionDep, user: CurrentUser, project: str) -> Response:
    """Open the sample to review next, or say that nothing waits."""
    return _next_or_work(session, project, user, undo="")


def _next_or_work(session: Session, project: str, user: User, *, undo: str) -> Response:
    sample = leases.take_next(session, project_slug=project, actor=user)
    if sample is None:
        return notice(redirect(f"/{undo}"), "Nothing more waits for your review in this project.")
    return redirect(f"/samples/{sample.id}/review{undo}")


@router.get("/samples/{sample_id}/review")
def show_review(
    request: Request,
    session: SessionDep,
    user: CurrentUser,
    sample_id: RowId,
    decided: Annotated[int | None, Query(ge=1, le=2**63 - 1)] = None,
) -> Response:
    """The reviewing page. Opening it leases the submission to the reviewer, where nobody else has it."""
    sample = sample_queries.get_visible(session, sample_id, user)
    if sample.status != Status.SUBMITTED:
        return redirect(f"/samples/{sample_id}")
    message = leases.open_for_review(session, sample_id=sample_id, actor=user)
    context = _reviewing(session, sample, user, lease_message=message)
    return page(request, "samples/reviewing.html", undo=desk.undo_offer(session, user, decided), **context)


def _reviewing(
    session: Session,
    sample: Sample,
    user: User,
    *,
    lease_message: str = "",
    refusal: AppError | None = None,
    comment: str = "",
    edit: EditForm | None = None,
) -> dict[str, Any]:
    """The reviewing page's context; with `refusal` and what was typed after an act that was refused."""
    project = sample.task.document.project
    revision = sample_queries.get_revision(session, sample.id, sample.revision_count)
    seen = queries.last_seen_number(session, sample.id, user.id)
    earlier = sample_queries.get_revision(session, sample.id, seen) if seen else None
    recheck = find_recheck(session, revision.id)
    return desk.revision_context(session, sample, user, revision, earlier, recheck) | {
        "approvals": {
            "given": queries.count_approvals(session, revision.id),
            "needed": project.approvals,
        },
        "lease_message": lease_message,
        "waiting_count": queries.count_waiting(session, project, user.id),
        "errors": refusal.by_field if refusal else {},
        "reason_draft": comment,
        "wording": edit.output if edit else revision.output,
        "edit_open": edit is not None,
        "edit_warnings": _new_warnings(session, sample, revision, edit) if edit else [],
    }


def _new_warnings(
    session: Session, sample: Sample, revision: Revision, edit: EditForm
) -> list[dict[str, str]]:
    """What the reviewer's wording is warned of and the revision gives no reason for, once each."""
    checked = check(session, sample, as_typed(sample, edit.sent()))
    new = {finding.key: finding.message for finding in unexplained(checked.findings, revision.reasons)}
    return [
        {"key": key, "message": message, "reason": edit.reasons.get(key, "")} for key, message in new.items()
    ]


@router.post("/samples/{sample_id}/reviews")
def decide(
    request: Request,
    session: SessionDep,
    user: CurrentUser,
    sample_id: RowId,
    form: Annotated[ReviewForm, Form()],
) -> Response:
    """Decide, and go on to the next one. A refusal draws the page again with what was typed."""
    outcome = service.try_decide(
        session,
        sample_id=sample_id,
        revision_number=form.revision,
        action=form.action,
        comment=form.comment,
        actor=user,
        at=clock.now(),
    )
    sample = sample_queries.get_visible(session, sample_id, user)
    if isinstance(outcome, AppError):
        return _refused(request, session, sample, user, outcome, comment=form.comment)
    project = sample.task.document.project.slug
    return _next_or_work(session, project, user, undo=f"?decided={outcome.review.id}")


def _refused(
    request: Request,
    session: Session,
    sample: Sample,
    user: User,
    refusal: AppError,
    *,
    comment: str = "",
    edit: EditForm | None = None,
) -> Response:
    """The page again, with the sentence and what was typed; the sample to read where it is decided by now."""
    status = 409 if isinstance(refusal, Conflict) else 422
    if sample.status == Status.SUBMITTED:
        context = _reviewing(session, sample, user, refusal=refusal, comment=comment, edit=edit)
        return page(request, "samples/reviewing.html", status=status, undo=None, **context)
    revision = sample_queries.get_revision(session, sample.id, sample.revision_count)
    typed = comment or (edit.output if edit else "")
    errors = {"": f"{refusal.message} You wrote: “{typed}”" if typed else refusal.message}
    recheck = find_recheck(session, revision.id)
    shown = desk.revision_context(session, sample, user, revision, recheck=recheck) | {"errors": errors}
    return page(request, "samples/sample.html", status=status, **shown)


@router.post("/samples/{sample_id}/reviews/{review_id}/undo")
def undo(session: SessionDep, user: CurrentUser, sample_id: RowId, review_id: RowId) -> Response:
    """Take the last decision back and look at it again."""
    service.undo(session, sample_id=sample_id, review_id=review_id, actor=user, at=clock.now())
    return notice(redirect(f"/samples/{sample_id}/review"), "Undone: decide again.")


@router.post("/samples/{sample_id}/edits")
def edit(
    request: Request, session: SessionDep, user: CurrentUser, sample_id: RowId, form: SentEdit
) -> Response:
    """Put the reviewer's wording in as the next revision."""
    refusal = service.try_edit(
        session,
        sample_id=sample_id,
        revision_number=form.revision,
        sent=form.sent(),
        reasons=form.reasons,
        actor=user,
        at=clock.now(),
    )
    if refusal is not None:
        sample = sample_queries.get_visible(session, sample_id, user)
        return _refused(request, session, sample, user, refusal, edit=form)
    return notice(
        redirect(f"/samples/{sample_id}"),
        "Your wording is the next revision; another reviewer decides on it.",
    )
