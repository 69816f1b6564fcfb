"""Sessions: the browsers in which a person is signed in, and the cookie that holds each one's token."""

from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from app.accounts.models import User, UserSession
from app.accounts.secrets import digest, new_token
from app.settings import Settings

SEEN_EVERY = timedelta(minutes=5)
MAX_USER_AGENT = 300


def cookie_name(settings: Settings) -> str:
    """The session cookie's name. __Host- makes the browser refuse one that another host of the domain set."""
    return "__Host-engross" if settings.secure_cookies else "engross"


def start(
    session: Session,
    *,
    user: User,
    user_agent: str,
    days: int,
    at: datetime,
    address: str = "",
    replaces: str | None = None,
) -> str:
    """A new session, and its token for the cookie. The session that the browser had before (`replaces`) ends,
    so that a token planted before signing in is worth nothing afterwards."""
    if replaces:
        end(session, token=replaces)
    token = new_token()
    session.add(
        UserSession(
            token_sha256=digest(token),
            user_id=user.id,
            created_at=at,
            last_seen_at=at,
            expires_at=at + timedelta(days=days),
            user_agent="".join(filter(str.isprintable, user_agent))[:MAX_USER_AGENT],
            address=address,
        )
    )
    return token


def end(session: Session, *, token: str) -> None:
    """End the session with this token, where there is one."""
    session.execute(delete(UserSession).where(UserSession.token_sha256 == digest(token)))


def end_one(session: Session, *, session_id: int, user_id: int | None = None) -> int | None:
    """End a session, of this person where one is named; its person's id, or None where there is none."""
    statement = delete(UserSession).where(UserSession.id == session_id)
    if user_id is not None:
        statement = statement.where(UserSession.user_id == user_id)
    return session.scalar(statement.returning(UserSession.user_id))


def end_all(session: Session, *, user_id: int, but: int | None = None) -> None:
    """End the person's sessions, all or all but one."""
    session.execute(delete(UserSession).where(UserSession.user_id == user_id, UserSession.id != (but or 0)))


def touch(session: Session, current: UserSession, *, at: datetime) -> None:
    """Note that the session is in use; at most every few minutes, since every page passes here.

    Skipped where another request of the same browser is at it: a long upload must hold nobody up.
    """
    if current.last_seen_at < at - SEEN_EVERY:
        free = select(UserSession.id).where(UserSession.id == current.id).with_for_update(skip_locked=True)
        session.execute(
            update(UserSession).where(UserSession.id.in_(free.scalar_subquery())).values(last_seen_at=at)
        )
