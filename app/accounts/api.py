"""JSON: who the caller is, their tokens and browsers, and the site's people.

Tokens and one-time links are made on pages and at the command line only: an answer of this API may be kept
for its repetition, and what is shown once must be kept nowhere. Nor does a token replace its person's
password: whoever found one would keep the account with it.
"""

from typing import Literal, cast

from fastapi import Request, Response
from pydantic import BaseModel, ConfigDict
from sqlalchemy.orm import Session

from app import clock
from app.accounts import mailing, people, queries, sign_in, tokens
from app.accounts.dependencies import ApiUser, requires
from app.accounts.memberships import list_memberships
from app.accounts.models import User
from app.clock import JsonTime
from app.database import SessionDep
from app.paging import PAGE_SIZE, cut, decode, encode
from app.web.api import Page, api_router, page_answer
from app.web.dependencies import RowId
from app.web.pagination import Cursor, Limit

router = api_router()


class MembershipView(BaseModel):
    """One project of the caller."""

    project: str
    roles: list[str]


class Me(BaseModel):
    """The person behind the token."""

    email: str
    name: str
    admin: bool
    memberships: list[MembershipView]


class TokenView(BaseModel):
    """A token, without the word itself, which nobody can see again."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    name: str
    scopes: list[str]
    created_at: JsonTime
    expires_at: JsonTime | None
    last_used_at: JsonTime | None


class ProfileBody(BaseModel):
    """What to change of one's own name and habits; what is left out stays."""

    model_config = ConfigDict(extra="forbid", strict=True)

    name: str | None = None
    single_keys: bool | None = None


class UserView(BaseModel):
    """A person as administrators see them."""

    id: int
    email: str
    name: str
    admin: bool
    disabled_at: JsonTime | None
    created_at: JsonTime


class UserBody(BaseModel):
    """A new person."""

    model_config = ConfigDict(extra="forbid")

    email: str
    name: str
    admin: bool = False


class PersonView(UserView):
    """A person with where they belong: projects by their short names."""

    memberships: list[MembershipView]


class SessionView(BaseModel):
    """A browser in which a person is signed in."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    user_agent: str
    address: str
    created_at: JsonTime
    last_seen_at: JsonTime
    expires_at: JsonTime


class UserChangeBody(BaseModel):
    """What an administrator changes of a person; what is left out stays."""

    model_config = ConfigDict(extra="forbid")

    admin: bool | None = None
    disabled: bool | None = None


def _user_view(user: User) -> UserView:
    return UserView(
        id=user.id,
        email=user.email,
        name=user.name,
        admin=user.is_admin,
        disabled_at=user.disabled_at,
        created_at=user.created_at,
    )


@router.get("/me", dependencies=[requires("read")], tags=["account"])
def get_me(session: SessionDep, user: ApiUser) -> Me:
    """The person behind the token, with their roles in each project."""
    return _me(session, user)


def _me(session: Session, user: User) -> Me:
    memberships = _memberships(session, user)
    return Me(email=user.email, name=user.name, admin=user.is_admin, memberships=memberships)


def _memberships(session: Session, user: User) -> list[MembershipView]:
    return [
        MembershipView(project=membership.slug, roles=membership.roles)
        for membership in list_memberships(session, user.id)
    ]


@router.patch("/me", dependencies=[requires("write")], tags=["account"])
def change_me(session: SessionDep, user: ApiUser, body: ProfileBody) -> Me:
    """Change one's own name, and whether single letters act as keys on pages."""
    people.update_profile(
        session,
        user=user,
        name=user.name if body.name is None else body.name,
        single_keys=user.single_keys if body.single_keys is None else body.single_keys,
        at=clock.now(),
    )
    return _me(session, user)


@router.get("/sessions", dependencies=[requires("read")], tags=["account"])
def list_own_sessions(session: SessionDep, user: ApiUser) -> list[SessionView]:
    """The browsers in which the caller is signed in, the latest used first."""
    return [SessionView.model_validate(found) for found in queries.list_sessions(session, user.id)]


@router.delete("/sessions/{session_id}", dependencies=[requires("write")], status_code=204, tags=["account"])
def end_own_session(session: SessionDep, user: ApiUser, session_id: RowId) -> None:
    """Sign one of the caller's browsers out; one that is signed out already is as good."""
    sign_in.end_session(session, session_id=session_id, user=user, at=clock.now())


@router.get("/tokens", dependencies=[requires("read")], tags=["account"])
def list_own_tokens(session: SessionDep, user: ApiUser) -> list[TokenView]:
    """The caller's tokens that still work."""
    return [TokenView.model_validate(token) for token in queries.list_tokens(session, user.id)]


@router.delete("/tokens/{token_id}", dependencies=[requires("write")], status_code=204, tags=["account"])
def revoke_own_token(session: SessionDep, user: ApiUser, token_id: RowId) -> None:
    """Revoke one of the caller's tokens, this one included."""
    tokens.revoke(session, token_id=token_id, actor=user, owner=user, at=clock.now())


@router.get("/users", dependencies=[requires("admin")], tags=["site"])
def list_users(
    request: Request,
    response: Response,
    session: SessionDep,
    q: str = "",
    state: Literal["", "active", "invited", "disabled", "admin"] = "",
    cursor: Cursor = None,
    limit: Limit = PAGE_SIZE,
) -> Page[UserView]:
    """Everybody with an account, by name; `q` is part of a name or an address."""
    after = cast("tuple[str, int]", decode(cursor, str, int)) if cursor else None
    shown, last = cut(queries.list_users(session, search=q, state=state, after=after, limit=limit + 1), limit)
    following = encode(last.name.lower(), last.id) if last else None
    return page_answer(response, request, [_user_view(user) for user in shown], following)


@router.patch("/users/{email}", dependencies=[requires("admin")], tags=["site"])
def change_user(session: SessionDep, user: ApiUser, email: str, body: UserChangeBody) -> UserView:
    """Disable or enable a person, make or unmake an administrator. Never oneself, never the last one."""
    changed, at = queries.get_user_by_email(session, email), clock.now()
    if body.admin is not None:
        changed = people.set_admin(session, user_id=changed.id, is_admin=body.admin, actor=user, at=at)
    if body.disabled is not None:
        change = people.disable if body.disabled else people.enable
        changed = change(session, user_id=changed.id, actor=user, at=at)
    return _user_view(changed)


@router.post("/users", dependencies=[requires("admin")], status_code=201, tags=["site"])
def create_user(session: SessionDep, user: ApiUser, body: UserBody) -> UserView:
    """Invite a person. Where mail is configured they are sent their link; else make one on their page."""
    at = clock.now()
    made = people.create(
        session, email=body.email, name=body.name, is_admin=body.admin, password=None, actor=user, at=at
    )
    if mailing.is_configured():
        mailing.ask(session, user=made, actor=user, at=at)
    return _user_view(made)


@router.get("/users/{email}", dependencies=[requires("admin")], tags=["site"])
def get_user(session: SessionDep, email: str) -> PersonView:
    """A person, with their roles in each project."""
    found = queries.get_user_by_email(session, email)
    return PersonView(**_user_view(found).model_dump(), memberships=_memberships(session, found))


@router.post("/users/{email}/mails", dependencies=[requires("admin")], status_code=202, tags=["site"])
def send_mail(session: SessionDep, user: ApiUser, email: str) -> None:
    """Mail the person a link with which they choose a (new) password; 409 `no_mail` without a mail server."""
    mailing.ask(session, user=queries.get_user_by_email(session, email), actor=user, at=clock.now())


@router.get("/users/{email}/tokens", dependencies=[requires("admin")], tags=["site"])
def list_tokens(session: SessionDep, email: str) -> list[TokenView]:
    """A person's tokens that still work."""
    found = queries.list_tokens(session, queries.get_user_by_email(session, email).id)
    return [TokenView.model_validate(token) for token in found]


@router.delete(
    "/users/{email}/tokens/{token_id}", dependencies=[requires("admin")], status_code=204, tags=["site"]
)
def revoke_token(session: SessionDep, user: ApiUser, email: str, token_id: RowId) -> None:
    """Revoke one of a person's tokens."""
    owner = queries.get_user_by_email(session, email)
    tokens.revoke(session, token_id=token_id, actor=user, owner=owner, at=clock.now())


@router.get("/users/{email}/sessions", dependencies=[requires("admin")], tags=["site"])
def list_sessions(session: SessionDep, email: str) -> list[SessionView]:
    """Where a person is signed in."""
    found = queries.list_sessions(session, queries.get_user_by_email(session, email).id)
    return [SessionView.model_validate(one) for one in found]


@router.delete("/users/{email}/sessions", dependencies=[requires("admin")], status_code=204, tags=["site"])
def end_sessions(session: SessionDep, user: ApiUser, email: str) -> None:
    """Sign a person out everywhere."""
    owner = queries.get_user_by_email(session, email)
    people.end_all_sessions(session, user=owner, actor=user, at=clock.now())
