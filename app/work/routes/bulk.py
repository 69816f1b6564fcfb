"""Acts on many rows: from a list to the preview, from the preview to the result, and back."""

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Form, Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from app import clock
from app.accounts.dependencies import CurrentUser
from app.accounts.models import User
from app.database import SessionDep
from app.projects.models import Project
from app.projects.queries import roles_in
from app.projects.routes.frame import (
    Opened,
    ProjectSlug,
    Refusal,
    attempt_or_explain,
    open_project,
    project_page,
)
from app.projects.rules import Right
from app.web.dependencies import RowId
from app.web.htmx import redirect
from app.web.notices import notice
from app.work import bulk
from app.work.forms import FILTERS, BulkForm, ButtonForm
from app.work.presenting import bulk_act_view
from app.work.rows import Kind

router = APIRouter()

# What an act does, for the preview and for its result.
WORDS = {
    Kind.PLAN: ("Change", "Changed"),
    Kind.WITHDRAW: ("Withdraw", "Withdrew"),
    Kind.RESTORE: ("Restore", "Restored"),
    Kind.RELEASE: ("Release", "Released"),
    Kind.REOPEN: ("Reopen", "Reopened"),
}


@router.post("/projects/{project}/bulk-acts")
def prepare(
    request: Request,
    session: SessionDep,
    user: CurrentUser,
    slug: ProjectSlug,
    form: Annotated[BulkForm, Form()],
) -> Response:
    """Fix what was chosen on a list, and go on to the preview."""
    opened = open_project(session, slug, user, Right.MANAGE)
    noun = form.noun if form.noun in FILTERS else "documents"
    back = f"/projects/{slug}/{noun}"

    def act() -> Response:
        made = bulk.prepare(
            session,
            slug=slug,
            kind=Kind(form.kind()),
            chosen=form.chosen(),
            values=form.values(),
            actor=user,
            at=clock.now(),
        )
        return redirect(f"/bulk-acts/{made.id}")

    def redraw(refusal: Refusal) -> Response:
        return project_page(
            request,
            opened,
            "work/bulk_refused.html",
            current=noun,
            status=refusal.status,
            errors={"": " ".join(refusal.errors.values())},
            back=f"{back}?{form.filter}" if form.filter else back,
        )

    return attempt_or_explain(session, act, redraw=redraw)


@router.get("/bulk-acts/{act_id}")
def show(request: Request, session: SessionDep, user: CurrentUser, act_id: RowId) -> Response:
    """What an act would come to, or came to."""
    return _page(request, session, user, act_id, refusal=Refusal(200))


def _page(request: Request, session: Session, user: User, act_id: int, *, refusal: Refusal) -> Response:
    act = bulk.get_act(session, act_id, user)
    project = session.get_one(Project, act.project_id)
    opened = Opened(project, roles_in(session, project.id, user))
    kind = Kind(act.kind)
    do, did = WORDS[kind]
    return project_page(
        request,
        opened,
        "work/bulk.html",
        current=kind.noun,
        status=refusal.status,
        act=bulk_act_view(session, act, user, at=clock.now()),
        noun=kind.noun,
        do=do,
        did=did,
        settings=bulk.described(session, act),
        undo_minutes=bulk.UNDO_MINUTES,
        errors=refusal.errors,
    )


@router.post("/bulk-acts/{act_id}/completion")
def perform(
    request: Request,
    session: SessionDep,
    user: CurrentUser,
    act_id: RowId,
    _: Annotated[ButtonForm, Form()],
) -> Response:
    """Do what was shown."""

    def act() -> Response:
        bulk.perform(session, act_id=act_id, actor=user, at=clock.now())
        return redirect(f"/bulk-acts/{act_id}")

    return _attempt(request, session, user, act_id, act)


@router.post("/bulk-acts/{act_id}/undo")
def undo(
    request: Request,
    session: SessionDep,
    user: CurrentUser,
    act_id: RowId,
    _: Annotated[ButtonForm, Form()],
) -> Response:
    """Put back what nobody changed since."""

    def act() -> Response:
        act = bulk.get_act(session, act_id, user)
        count = bulk.undo(session, act_id=act_id, actor=user, at=clock.now())
        words = f"Undone: {count:,} of {act.changed_count:,} are as they were before."
        return notice(redirect(f"/bulk-acts/{act_id}"), words)

    return _attempt(request, session, user, act_id, act)


def _attempt(
    request: Request, session: Session, user: User, act_id: int, act: Callable[[], Response]
) -> Response:
    return attempt_or_explain(
        session, act, redraw=lambda refusal: _page(request, session, user, act_id, refusal=refusal)
    )
