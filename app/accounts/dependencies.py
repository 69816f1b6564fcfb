"""Who asks: the signed-in person of a page, or the person behind a token of the API.

Disabling a person, ending a session and revoking a token work at the next request, because each request
asks the database anew. What asks nothing is `async`: going to a thread and back costs more than it does.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool

from app import clock
from app.accounts import idempotency, queries, sessions, tokens
from app.accounts.memberships import Membership, list_memberships
from app.accounts.models import ApiToken, IdempotencyKey, User, UserSession
from app.accounts.rules import Scope
from app.accounts.secrets import form_token, is_form_token
from app.database import SessionDep
from app.errors import NotAllowed, NotSignedIn
from app.settings import get_settings
from app.web.api import Replay, RequestDigest
from app.web.dependencies import SAFE_METHODS, SentFormToken
from app.web.htmx import is_htmx


@dataclass(frozen=True, slots=True)
class Viewer:
    """What the layouts know of the person who looks."""

    id: int
    name: str
    email: str
    is_admin: bool
    single_keys: bool
    projects: Sequence[Membership] = field(default_factory=tuple)


def find_current_session(request: Request, session: SessionDep) -> UserSession | None:
    """The session whose cookie the browser sent, while it is live; None for everybody else."""
    token = request.cookies.get(sessions.cookie_name(get_settings()))
    current = queries.find_session(session, token) if token else None
    if current is not None:
        request.state.user_id = current.user_id
        request.state.csrf_token = form_token(current.token_sha256, key=request.app.state.signing_key)
        request.state.viewer = _viewer(request, session, current.user)
        sessions.touch(session, current, at=clock.now())
    return current


def _viewer(request: Request, session: Session, user: User) -> Viewer:
    """The viewer; a fragment draws no navigation, and saves must not pay for it."""
    return Viewer(
        id=user.id,
        name=user.name,
        email=user.email,
        is_admin=user.is_admin,
        single_keys=user.single_keys,
        projects=() if is_htmx(request) else list_memberships(session, user.id),
    )


FoundSession = Annotated[UserSession | None, Depends(find_current_session)]


async def get_current_session(request: Request, found: FoundSession, sent: SentFormToken) -> UserSession:
    """The live session. Raises NotSignedIn; for a change without the session's form token, NotAllowed."""
    if found is None:
        raise NotSignedIn("You are not signed in, or not any more.")
    key = request.app.state.signing_key
    if request.method not in SAFE_METHODS and not is_form_token(sent, found.token_sha256, key=key):
        raise NotAllowed(
            "This page was opened before you signed in. Load it again and repeat what you did.",
            code="form_token",
        )
    return found


CurrentSession = Annotated[UserSession, Depends(get_current_session)]


async def get_current_user(current: CurrentSession) -> User:
    """The signed-in person."""
    return current.user


async def get_admin(current: CurrentSession) -> User:
    """The signed-in person, who has to be an administrator; raises NotAllowed."""
    if not current.user.is_admin:
        raise NotAllowed("Only an administrator may do this.")
    return current.user


CurrentUser = Annotated[User, Depends(get_current_user)]
CurrentAdmin = Annotated[User, Depends(get_admin)]

bearer = HTTPBearer(auto_error=False, description="A token from the account page: `engr_…`")


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls the API, and what their token may be used for."""

    user: User
    token: ApiToken

    @property
    def scopes(self) -> frozenset[str]:
        """The token's scopes."""
        return frozenset(self.token.scopes)


def get_token(
    request: Request,
    session: SessionDep,
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)],
) -> ApiToken:
    """The live token that the request carries; raises NotSignedIn."""
    token = queries.find_api_token(session, credentials.credentials) if credentials else None
    if token is None:
        raise NotSignedIn("This needs a valid token: Authorization: Bearer engr_….", code="invalid_token")
    request.state.user_id = token.user_id
    tokens.touch(session, token, at=clock.now())
    return token


async def get_caller(
    request: Request,
    session: SessionDep,
    token: Annotated[ApiToken, Depends(get_token)],  # first: nobody's body is read to be hashed
    digest: RequestDigest,
) -> Caller:
    """The person behind the bearer token. Claims the request's Idempotency-Key."""
    if digest is not None:
        key = request.headers["Idempotency-Key"]
        found = await run_in_threadpool(
            idempotency.claim, session, user_id=token.user_id, key=key, request_sha256=digest
        )
        if isinstance(found, IdempotencyKey):
            request.state.replay = found
        else:
            request.state.idempotency = found
    return Caller(user=token.user, token=token)


CurrentCaller = Annotated[Caller, Depends(get_caller)]


async def get_api_user(request: Request, caller: CurrentCaller) -> User:
    """The person behind the token; raises Replay where this very request was done before.

    A route's own checks, such as the token's scope, come before this: they hold for repetitions too.
    """
    if found := getattr(request.state, "replay", None):
        raise Replay(found)
    return caller.user


ApiUser = Annotated[User, Depends(get_api_user)]


@dataclass(frozen=True, slots=True)
class ScopeCheck:
    """A dependency that refuses tokens without `scope`. The API's reference reads it off the route."""

    scope: Scope

    async def __call__(self, caller: CurrentCaller) -> None:
        """Raise NotAllowed unless this token may be used for this."""
        if self.scope not in caller.scopes:
            raise NotAllowed(f"This token does not carry the scope “{self.scope}”.", code="scope_missing")
        if self.scope is Scope.ADMIN and not caller.user.is_admin:
            raise NotAllowed("Only an administrator may do this.")


def requires(scope: str) -> Any:
    """A route's dependency: the token must carry `scope`; for "admin" its person must be one, too."""
    return Depends(ScopeCheck(Scope(scope)))
