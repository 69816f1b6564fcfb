"""One's own account: name, keys, password, sessions, API tokens."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Form
from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import Response

from app import clock
from app.accounts import people, queries, sign_in, tokens
from app.accounts.dependencies import CurrentSession, CurrentUser
from app.accounts.forms import ButtonForm, PasswordForm, ProfileForm, TokenDays, TokenForm
from app.accounts.models import UserSession
from app.accounts.rules import MAX_PASSWORD, MIN_PASSWORD, allowed_scopes
from app.database import SessionDep
from app.errors import Invalid
from app.web.dependencies import ClientAddress, RowId
from app.web.forms import attempt, validated
from app.web.htmx import redirect
from app.web.notices import notice
from app.web.templates import page

router = APIRouter(prefix="/account")


def _page(
    request: Request,
    session: Session,
    current: UserSession,
    *,
    status: int = 200,
    typed: Mapping[str, Any] | None = None,
    errors: Mapping[str, str] | None = None,
    new_token: str = "",
) -> Response:
    """The account page; `typed` and `errors` where one of its forms was refused."""
    user = current.user
    shown = {"name": user.name, "single_keys": user.single_keys, "token_name": "", "scopes": [], "days": "90"}
    return page(
        request,
        "accounts/account.html",
        status=status,
        user=user,
        form=shown | dict(typed or {}),
        errors=dict(errors or {}),
        sessions=queries.list_sessions(session, user.id),
        current_id=current.id,
        tokens=queries.list_tokens(session, user.id),
        scopes=allowed_scopes(is_admin=user.is_admin),
        new_token=new_token,
        min_length=MIN_PASSWORD,
        max_length=MAX_PASSWORD,
    )


@router.get("")
def show_account(request: Request, session: SessionDep, current: CurrentSession) -> Response:
    """The page."""
    return _page(request, session, current)


@router.post("/profile")
def change_profile(
    request: Request, session: SessionDep, current: CurrentSession, form: Annotated[ProfileForm, Form()]
) -> Response:
    """Change name and keys."""

    def act() -> Response:
        people.update_profile(
            session, user=current.user, name=form.name, single_keys=form.single_keys, at=clock.now()
        )
        return notice(redirect("/account"), "Saved.")

    return attempt(session, act, redraw=lambda failure: _refused(request, session, current, form, failure))


def _refused(
    request: Request, session: Session, current: UserSession, form: ProfileForm, failure: Invalid
) -> Response:
    return _page(request, session, current, status=422, typed=form.typed(), errors=failure.fields)


@router.post("/password")
def change_password(
    request: Request,
    session: SessionDep,
    current: CurrentSession,
    address: ClientAddress,
    form: Annotated[PasswordForm, Form()],
) -> Response:
    """Change the password. A wrong old one is drawn, not raised, so that its count is committed."""

    def act() -> Response:
        refused = sign_in.change_password(
            session,
            current=current,
            old=form.old_password,
            new=form.new_password,
            address=address,
            at=clock.now(),
        )
        if refused is None:
            return notice(redirect("/account"), "Password changed; other browsers were signed out.")
        status = 429 if refused.retry_after else 422
        response = _page(request, session, current, status=status, errors={"old_password": refused.message})
        if refused.retry_after:
            response.headers["Retry-After"] = str(refused.retry_after)
        return response

    return attempt(
        session,
        act,
        redraw=lambda failure: _page(request, session, current, status=422, errors=failure.fields),
    )


@router.post("/sessions/removal")
def end_other_sessions(
    session: SessionDep, current: CurrentSession, _: Annotated[ButtonForm, Form()]
) -> Response:
    """Sign out of all other browsers."""
    user = current.user
    people.end_all_sessions(session, user=user, actor=user, at=clock.now(), but=current.id)
    return notice(redirect("/account"), "Your other browsers are signed out.")


@router.post("/sessions/{session_id}/removal")
def end_session(
    session: SessionDep, user: CurrentUser, session_id: RowId, _: Annotated[ButtonForm, Form()]
) -> Response:
    """Sign another browser out."""
    sign_in.end_session(session, session_id=session_id, user=user, at=clock.now())
    return notice(redirect("/account"), "That browser is signed out.")


@router.post("/tokens")
def create_token(
    request: Request, session: SessionDep, current: CurrentSession, form: Annotated[TokenForm, Form()]
) -> Response:
    """Make a token. It stands on this one answer and nowhere else, so this is no redirect."""

    def act() -> Response:
        days = validated(TokenDays, {"days": form.days.strip() or None}).days
        _, word = tokens.create(
            session,
            user=current.user,
            name=form.name,
            scopes=form.scopes,
            days=days,
            actor=current.user,
            at=clock.now(),
        )
        return _page(request, session, current, status=201, new_token=word)

    def redraw(failure: Invalid) -> Response:
        typed = {"token_name": form.name, "scopes": form.scopes, "days": form.days}
        errors = {"token_name" if name == "name" else name: text for name, text in failure.fields.items()}
        return _page(request, session, current, status=422, typed=typed, errors=errors)

    return attempt(session, act, redraw=redraw)


@router.post("/tokens/{token_id}/revocation")
def revoke_token(
    session: SessionDep, user: CurrentUser, token_id: RowId, _: Annotated[ButtonForm, Form()]
) -> Response:
    """Revoke one of one's own tokens."""
    tokens.revoke(session, token_id=token_id, actor=user, owner=user, at=clock.now())
    return notice(redirect("/account"), "The token is revoked.")
