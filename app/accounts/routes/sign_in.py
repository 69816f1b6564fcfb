"""Signing in and out, and one-time links."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Query
from starlette.requests import Request
from starlette.responses import Response

from app import clock
from app.accounts import links, mailing, sessions, sign_in
from app.accounts.dependencies import CurrentSession, FoundSession
from app.accounts.forms import ButtonForm, ForgottenForm, LinkForm, SignInForm
from app.accounts.models import OneTimeLink
from app.accounts.rules import MAX_PASSWORD, MIN_PASSWORD, Purpose, local_path
from app.accounts.sign_in import Browser, Refused, SignedIn
from app.database import SessionDep
from app.errors import NotFound
from app.settings import get_settings
from app.web.dependencies import ClientAddress
from app.web.forms import attempt
from app.web.htmx import redirect
from app.web.templates import page

router = APIRouter()

HOME = "/"  # everybody's first page is their work
MAX_NEXT = 2000


def get_browser(request: Request, address: ClientAddress) -> Browser:
    """The browser that asks."""
    return Browser(
        address=address,
        user_agent=request.headers.get("User-Agent", ""),
        token=request.cookies.get(sessions.cookie_name(get_settings())),
    )


CurrentBrowser = Annotated[Browser, Depends(get_browser)]


@router.get("/sign-in")
def show_sign_in(
    request: Request, found: FoundSession, target: Annotated[str, Query(alias="next")] = "/"
) -> Response:
    """The form; whoever is signed in goes on."""
    if found is not None:
        return redirect(local_path(target))
    return _sign_in_page(request, SignInForm(next=local_path(target[:MAX_NEXT])))


@router.post("/sign-in")
def start_session(
    request: Request, session: SessionDep, browser: CurrentBrowser, form: Annotated[SignInForm, Form()]
) -> Response:
    """Sign in. A refusal is drawn, not raised, so that the failure it counts is committed."""
    settings = get_settings()
    outcome = sign_in.sign_in(
        session,
        email=form.email,
        password=form.password,
        browser=browser,
        days=settings.engross_session_days,
        at=clock.now(),
    )
    if isinstance(outcome, Refused):
        return _sign_in_page(request, form, refused=outcome)
    return _with_cookie(redirect(local_path(form.next)), outcome)


def _sign_in_page(request: Request, form: SignInForm, refused: Refused | None = None) -> Response:
    status, headers = 200, {}
    if refused is not None:
        status = 429 if refused.retry_after else 422
        headers = {"Retry-After": str(refused.retry_after)} if refused.retry_after else {}
    errors = {"": refused.message} if refused else {}
    response = page(
        request,
        "accounts/sign_in.html",
        status=status,
        email=form.email,
        target=form.next,
        errors=errors,
        is_mailed=mailing.is_configured(),
    )
    response.headers.update(headers)
    return response


def _with_cookie(response: Response, signed_in: SignedIn) -> Response:
    """The session's cookie: not for scripts, not for other sites' forms, under https for https alone."""
    settings = get_settings()
    response.set_cookie(
        sessions.cookie_name(settings),
        signed_in.token,
        max_age=settings.engross_session_days * 86_400,
        path="/",
        secure=settings.secure_cookies,
        httponly=True,
        samesite="lax",
    )
    return response


@router.post("/sign-out")
def end_session(session: SessionDep, current: CurrentSession, _: Annotated[ButtonForm, Form()]) -> Response:
    """Sign out of this browser."""
    settings = get_settings()
    sign_in.sign_out(session, current=current, at=clock.now())
    response = redirect("/sign-in")
    response.delete_cookie(
        sessions.cookie_name(settings), secure=settings.secure_cookies, httponly=True, samesite="lax"
    )
    return response


@router.get("/forgotten-password")
def show_forgotten(request: Request) -> Response:
    """The form that has a link mailed; where no mail is sent, there is no such page."""
    if not mailing.is_configured():
        raise NotFound("No mail is sent from here: ask an administrator of your site for a link.")
    return _forgotten_page(request, ForgottenForm())


@router.post("/forgotten-password")
def ask_for_link(
    request: Request, session: SessionDep, address: ClientAddress, form: Annotated[ForgottenForm, Form()]
) -> Response:
    """Have a link mailed to whoever has this address; the answer is the same where nobody has."""
    if not mailing.is_configured():
        raise NotFound("No mail is sent from here: ask an administrator of your site for a link.")
    refused = mailing.forgot(session, email=form.email, address=address, at=clock.now())
    return _forgotten_page(request, form, refused=refused, is_noted=refused is None)


def _forgotten_page(
    request: Request, form: ForgottenForm, refused: Refused | None = None, *, is_noted: bool = False
) -> Response:
    response = page(
        request,
        "accounts/forgotten.html",
        status=429 if refused else 200,
        email=form.email,
        is_noted=is_noted,
        errors={"": refused.message} if refused else {},
    )
    if refused is not None:
        response.headers["Retry-After"] = str(refused.retry_after)
    return response


@router.get("/links/{token}")
def show_link(request: Request, session: SessionDep, token: str) -> Response:
    """What the link is for, with a button. Changes nothing: mail scanners open links, too."""
    return _link_page(request, links.get(session, token))


@router.post("/links/{token}")
def spend_link(
    request: Request,
    session: SessionDep,
    browser: CurrentBrowser,
    token: str,
    form: Annotated[LinkForm, Form()],
) -> Response:
    """Spend the link, and be signed in."""

    def act() -> Response:
        outcome = links.spend(
            session,
            token=token,
            password=form.password,
            browser=browser,
            days=get_settings().engross_session_days,
            at=clock.now(),
        )
        return _with_cookie(redirect(HOME), outcome)

    return attempt(
        session,
        act,
        redraw=lambda failure: _link_page(request, links.get(session, token), errors=failure.fields),
    )


def _link_page(request: Request, link: OneTimeLink, errors: Mapping[str, str] | None = None) -> Response:
    return page(
        request,
        "accounts/link.html",
        status=422 if errors else 200,
        link=link,
        chooses_password=Purpose(link.purpose).sets_password,
        min_length=MIN_PASSWORD,
        max_length=MAX_PASSWORD,
        errors=errors or {},
    )
