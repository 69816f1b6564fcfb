"""Failures turned into answers: a page, a fragment for htmx, or `application/problem+json` for the API.

STATUS is the only place that numbers the families of failure. What a person typed is never repeated in an
answer, because it may be a password or a contract.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from urllib.parse import quote

import structlog
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy.exc import DataError, IntegrityError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.errors import (
    AppError,
    Conflict,
    Invalid,
    NotAllowed,
    NotFound,
    NotSignedIn,
    StorageAway,
    StorageFull,
)
from app.logs import places
from app.web import templates
from app.web.dependencies import referring_page
from app.web.forms import sentences
from app.web.htmx import is_htmx, redirect

log = structlog.get_logger(__name__)

API = "/api/"
SIGN_IN = "/sign-in"

STATUS: dict[type[AppError], int] = {
    NotSignedIn: 401,
    NotAllowed: 403,
    NotFound: 404,
    Conflict: 409,
    Invalid: 422,
    StorageAway: 503,
}

# What each failure is called, and what a person can do about it.
TITLES: dict[int, tuple[str, str]] = {
    400: ("This address was not understood", ""),
    401: ("Please sign in", ""),
    403: (
        "You may not do this",
        "Ask a lead of the project or an administrator if you should.",
    ),
    404: ("There is nothing here", "It may have been moved, or you may not be a member of its project."),
    405: ("This page cannot be asked for that way", ""),
    409: (
        "Things have moved on",
        "Go back, load the page again and decide anew; what you typed stays.",
    ),
    413: ("This is too large", "Send less at a time."),
    422: ("This could not be done yet", "Go back and correct it; what you typed is still there."),
    500: (
        "Something broke on our side",
        "Nothing was changed. Please try again; if it goes on, report it.",
    ),
    # Where the answer to a commit was lost, nobody knows whether it was done.
    503: ("Not available right now", "Please try again in a moment."),
}
HEADERS = {401: {"WWW-Authenticate": "Bearer"}, 503: {"Retry-After": "2"}}
WITH_OWN_PAGE = frozenset({403, 404, 409, 413, 422, 500, 503})

# The database is away or busy, the pool is exhausted, a lock was waited for too long, a deadlock, a failed
# serialization: none of them is anybody's fault, and all of them may be tried again.
BUSY = (OperationalError, InterfaceError, PoolTimeoutError)


GUARD_SQLSTATE = "23000"  # what the triggers of the migrations raise


@dataclass(frozen=True, slots=True)
class Problem:
    """A failure on its way out: one sentence, a stable code, a sentence for each field."""

    status: int
    code: str
    detail: str
    fields: Mapping[str, str] = field(default_factory=dict)
    details: Mapping[str, object] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """The status in words."""
        return TITLES[self.status][0] if self.status in TITLES else HTTPStatus(self.status).phrase


def answer(request: Request, problem: Problem) -> Response:
    """The answer in the form in which this request wants it."""
    if request.url.path.startswith(API):
        response = _problem_json(problem)
    elif problem.status == 401 and not is_htmx(request):
        response = redirect(f"{SIGN_IN}?next={quote(_way_back(request), safe='/')}")
    else:
        response = _html(request, problem)
    response.headers.update(problem.headers)
    return response


class _ProblemResponse(JSONResponse):
    """A problem as JSON. It may name what was sent, and that may hold halves of characters: shown as "?"."""

    media_type = "application/problem+json"

    def render(self, content: object) -> bytes:
        """As its base class does, but for what cannot be written in UTF-8."""
        text = json.dumps(content, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        return text.encode(errors="replace")


def _problem_json(problem: Problem) -> Response:
    """RFC 9457; `details` stand beside its own members and never replace them."""
    content: dict[str, object] = {
        **problem.details,
        "type": f"urn:engross:problem:{problem.code}",
        "title": problem.title,
        "status": problem.status,
        "detail": problem.detail,
        "code": problem.code,
    }
    if problem.fields:
        content["errors"] = dict(problem.fields)
    return _ProblemResponse(content, problem.status)


def _html(request: Request, problem: Problem) -> Response:
    context: dict[str, object] = {
        "status": problem.status,
        "title": problem.title,
        "detail": " ".join((problem.detail, *problem.fields.values())),
        "what_next": TITLES.get(problem.status, ("", ""))[1],
    }
    if is_htmx(request):
        return templates.fragment(request, "errors/_error.html", **context)  # type: ignore[arg-type]
    own = problem.status in WITH_OWN_PAGE
    template = f"errors/{problem.status}.html" if own else "layouts/error.html"
    return templates.page(request, template, **context)  # type: ignore[arg-type]


def _way_back(request: Request) -> str:
    """The page to return to after signing in: this one, or the one whose form was sent."""
    url = request.url
    if request.method not in {"GET", "HEAD"}:
        referrer = referring_page(request)
        if referrer is None:
            return "/"
        return referrer.path + (f"?{referrer.query}" if referrer.query else "")
    return url.path + (f"?{url.query}" if url.query else "")


def of_app_error(error: AppError) -> Problem:
    """An expected failure, by its family."""
    status = next(STATUS[family] for family in type(error).__mro__ if family in STATUS)
    return Problem(
        status=status,
        code=error.code,
        detail=error.message,
        fields=error.fields,
        details=error.details,
        headers=HEADERS.get(status, {}),
    )


def of_validation_error(error: RequestValidationError) -> Problem:
    """Input of the wrong shape. A path that cannot name anything is a path where nothing is."""
    found = error.errors()
    if any(item["loc"][0] == "path" for item in found):
        return Problem(404, "not_found", "There is no such page.")
    if any(item["type"] == "json_invalid" for item in found):
        return Problem(422, "invalid_json", "The body is not valid JSON.")
    fields = sentences(found, skip=1)
    return Problem(422, "invalid", "Some of what was sent is missing or not of the right kind.", fields)


def of_http_exception(error: HTTPException) -> Problem:
    """What the framework itself refuses: an unknown address, a method, a body that cannot be parsed."""
    detail = {404: "There is no such page.", 405: "This address does not take this method."}
    # Python's own name for 413 is another one from version to version.
    is_too_large = error.status_code == 413
    code = "content_too_large" if is_too_large else HTTPStatus(error.status_code).name.lower()
    sentence = detail.get(error.status_code, error.detail)
    return Problem(error.status_code, code, sentence, headers=error.headers or {})


def of_busy_database(error: Exception) -> Problem:
    """The database could not do it now. The statement and its parameters stay out of the log."""
    cause = getattr(error, "orig", None) or error
    log.warning("database_unavailable", kind=type(cause).__name__)
    detail = "The database did not answer in time."
    return Problem(503, "unavailable", detail, headers=HEADERS[503])


def of_guard(error: IntegrityError) -> Problem | None:
    """A refusal by one of the database's own guards: the world moved on between the rule and the write.

    None for every other broken constraint, which is a mistake of ours.
    """
    cause = getattr(error, "orig", None)
    if getattr(cause, "sqlstate", None) != GUARD_SQLSTATE:
        return None
    log.warning("refused_by_the_database", places=places(error))
    return Problem(409, "conflict", "Somebody was faster: load the page again and look how it stands now.")


def of_data_error() -> Problem:
    """A value that Postgres cannot hold: NUL or half a character in a text, a number beyond 64 bits."""
    return Problem(
        422,
        "invalid",
        "Something in this cannot be stored: a NUL or a broken character, or too large a number.",
    )


def of_unexpected(request: Request) -> Problem:
    """A mistake of ours: the number leads to the log, which holds the rest."""
    number = getattr(request.state, "request_id", "")
    return Problem(
        500, "internal_error", f"The error has the number {number}.", details={"request_id": number}
    )


class UnexpectedErrors:
    """Answers 500 for whatever nobody expected, inside the middlewares that give every answer its headers."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass through; on an unexpected exception, log it and answer."""
        started = False

        async def watch(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self.app(scope, receive, watch)
        except Exception as error:
            if scope["type"] != "http" or started:
                raise
            request = Request(scope)
            # Without the exception's own words, which may quote what a person typed.
            log.error("unexpected_error", kind=type(error).__name__, places=places(error))  # noqa: TRY400
            await answer(request, of_unexpected(request))(scope, receive, send)


def install(app: FastAPI) -> None:
    """Register the handlers of everything that is expected."""

    async def app_error(request: Request, error: AppError) -> Response:
        return answer(request, of_app_error(error))

    async def validation_error(request: Request, error: RequestValidationError) -> Response:
        return answer(request, of_validation_error(error))

    async def http_exception(request: Request, error: HTTPException) -> Response:
        # FastAPI calls a body that it could not spool to a full disk one that it could not parse.
        full = StorageFull.of(error.__cause__)
        return answer(request, of_app_error(full) if full else of_http_exception(error))

    async def busy(request: Request, error: Exception) -> Response:
        return answer(request, of_busy_database(error))

    async def guard(request: Request, error: IntegrityError) -> Response:
        problem = of_guard(error)
        if problem is None:
            raise error
        return answer(request, problem)

    async def data_error(request: Request, _: Exception) -> Response:
        return answer(request, of_data_error())

    app.add_exception_handler(AppError, app_error)  # type: ignore[arg-type]
    app.add_exception_handler(RequestValidationError, validation_error)  # type: ignore[arg-type]
    app.add_exception_handler(HTTPException, http_exception)  # type: ignore[arg-type]
    app.add_exception_handler(IntegrityError, guard)  # type: ignore[arg-type]
    app.add_exception_handler(DataError, data_error)
    # Half of a surrogate pair in a text, which neither the database's driver nor an answer can carry.
    app.add_exception_handler(UnicodeError, data_error)
    for family in BUSY:
        app.add_exception_handler(family, busy)
