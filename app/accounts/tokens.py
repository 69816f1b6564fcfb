"""API tokens: made once, shown once, revocable."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from app.accounts.actors import Actor
from app.accounts.models import ApiToken, User
from app.accounts.rules import MAX_TOKEN_DAYS, check_scopes, clean_name
from app.accounts.secrets import API_TOKEN_PREFIX, digest, new_token
from app.accounts.sessions import SEEN_EVERY
from app.audit import service as audit
from app.errors import Conflict, Invalid, NotFound


def create(
    session: Session,
    *,
    user: User,
    name: str,
    scopes: Iterable[str],
    days: int | None,
    actor: Actor,
    at: datetime,
) -> tuple[ApiToken, str]:
    """A new token of `user`, and the word itself, which nobody can see again. No `days`: it does not end.

    Without scopes it carries all that its person's tokens may. Raises Invalid.
    """
    if days is not None and not 1 <= days <= MAX_TOKEN_DAYS:
        sentence = f"A token is good for 1 to {MAX_TOKEN_DAYS} days, or without an end."
        raise Invalid(sentence, fields={"days": sentence})
    if user.disabled_at is not None:
        raise Conflict(f"{user.name} is disabled.")
    word = new_token(API_TOKEN_PREFIX)
    token = ApiToken(
        user_id=user.id,
        name=clean_name(name),
        token_sha256=digest(word),
        scopes=check_scopes(scopes, is_admin=user.is_admin),
        created_at=at,
        expires_at=at + timedelta(days=days) if days is not None else None,
    )
    session.add(token)
    session.flush()
    _record(session, "token.create", token, actor=actor, at=at)
    return token, word


def revoke(session: Session, *, token_id: int, actor: Actor, at: datetime, owner: User | None) -> ApiToken:
    """Revoke a token of `owner`, or anybody's where there is no owner given. Raises NotFound."""
    statement = select(ApiToken).where(ApiToken.id == token_id, ApiToken.revoked_at.is_(None))
    if owner is not None:
        statement = statement.where(ApiToken.user_id == owner.id)
    token = session.scalar(statement.with_for_update())
    if token is None:
        raise NotFound("There is no such token.")
    token.revoked_at = at
    _record(session, "token.revoke", token, actor=actor, at=at)
    return token


def revoke_all(session: Session, *, user: User, at: datetime) -> None:
    """Revoke every token of a person; part of disabling them or of their reset, which is the event."""
    session.execute(
        update(ApiToken)
        .where(ApiToken.user_id == user.id, ApiToken.revoked_at.is_(None))
        .values(revoked_at=at)
    )


def touch(session: Session, token: ApiToken, *, at: datetime) -> None:
    """Note that the token is in use, at most every few minutes; another request at it is not waited for."""
    stale = or_(ApiToken.last_used_at.is_(None), ApiToken.last_used_at < at - SEEN_EVERY)
    if token.last_used_at is None or token.last_used_at < at - SEEN_EVERY:
        free = select(ApiToken.id).where(ApiToken.id == token.id, stale).with_for_update(skip_locked=True)
        session.execute(
            update(ApiToken).where(ApiToken.id.in_(free.scalar_subquery())).values(last_used_at=at)
        )


def _record(session: Session, verb: str, token: ApiToken, *, actor: Actor, at: datetime) -> None:
    details: dict[str, object] = {"name": token.name, "scopes": token.scopes, "user_id": token.user_id}
    audit.record(
        session, verb=verb, subject_type="token", subject_id=token.id, actor=actor, at=at, details=details
    )
