"""Administration of access: everybody's sessions and API tokens, ended one by one."""

from typing import Annotated, cast

from fastapi import APIRouter, Form
from starlette.requests import Request
from starlette.responses import Response

from app import clock, paging
from app.accounts import people, queries, tokens
from app.accounts.dependencies import CurrentAdmin
from app.accounts.forms import ButtonForm
from app.database import SessionDep
from app.web.dependencies import RowId, referring_page
from app.web.htmx import redirect
from app.web.notices import notice
from app.web.pagination import Cursor
from app.web.templates import page

router = APIRouter(prefix="/admin")


def _after(cursor: str | None) -> int | None:
    return cast("tuple[int]", paging.decode(cursor, int))[0] if cursor else None


def _back(request: Request, user_id: int) -> Response:
    """To the list that the button stood in, or to the person's page."""
    referrer = referring_page(request)
    lists = {"/admin/sessions", "/admin/tokens"}
    is_list = referrer is not None and referrer.path in lists
    return redirect(referrer.path if referrer is not None and is_list else f"/admin/users/{user_id}")


@router.get("/sessions")
def show_sessions(request: Request, session: SessionDep, _: CurrentAdmin, cursor: Cursor = None) -> Response:
    """In which browsers people are signed in."""
    found = queries.list_everybodys_sessions(session, after=_after(cursor), limit=paging.PAGE_SIZE + 1)
    shown, last = paging.cut(found, paging.PAGE_SIZE)
    return page(
        request,
        "admin/sessions.html",
        sessions=shown,
        first_url="/admin/sessions" if cursor else "",
        next_url=f"/admin/sessions?cursor={paging.encode(last.id)}" if last else "",
    )


@router.post("/sessions/{session_id}/removal")
def end_session(
    request: Request,
    session: SessionDep,
    admin: CurrentAdmin,
    session_id: RowId,
    _: Annotated[ButtonForm, Form()],
) -> Response:
    """Sign somebody out of one browser."""
    user_id = people.end_session(session, session_id=session_id, actor=admin, at=clock.now())
    return notice(_back(request, user_id), "That session is ended.")


@router.get("/tokens")
def show_tokens(request: Request, session: SessionDep, _: CurrentAdmin, cursor: Cursor = None) -> Response:
    """The tokens by which programs call the API."""
    found = queries.list_everybodys_tokens(session, after=_after(cursor), limit=paging.PAGE_SIZE + 1)
    shown, last = paging.cut(found, paging.PAGE_SIZE)
    return page(
        request,
        "admin/tokens.html",
        tokens=shown,
        first_url="/admin/tokens" if cursor else "",
        next_url=f"/admin/tokens?cursor={paging.encode(last.id)}" if last else "",
    )


@router.post("/tokens/{token_id}/revocation")
def revoke_token(
    request: Request,
    session: SessionDep,
    admin: CurrentAdmin,
    token_id: RowId,
    _: Annotated[ButtonForm, Form()],
) -> Response:
    """Revoke somebody's token."""
    token = tokens.revoke(session, token_id=token_id, actor=admin, owner=None, at=clock.now())
    return notice(_back(request, token.user_id), "The token is revoked.")
