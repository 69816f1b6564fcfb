"""Signing in and out, and changing one's password.

A refused sign-in is an outcome here and no exception: an exception would roll back the very row by which
failures are counted. All refusals look alike and take alike long, whether the address is unknown, the
person disabled or the password wrong.
"""

from dataclasses import dataclass
from datetime import datetime
from math import ceil

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from app.accounts import passwords, queries, sessions
from app.accounts.models import OneTimeLink, SignInFailure, User, UserSession
from app.accounts.rules import (
    FREE_FAILURES_OF_ACCOUNT,
    FREE_FAILURES_OF_ADDRESS,
    check_password,
    may_try_again_at,
)
from app.accounts.secrets import email_digest
from app.audit import service as audit

WRONG = "The address and the password do not fit together, or this person may not sign in."


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who is signed in now, and the token for the browser's cookie."""

    user: User
    token: str


@dataclass(frozen=True, slots=True)
class Refused:
    """Why not, as a sentence; `retry_after` in seconds where trying again would be no use before."""

    message: str
    retry_after: int | None = None


@dataclass(frozen=True, slots=True)
class Browser:
    """What is known of the browser that somebody signs in with."""

    address: str
    user_agent: str
    token: str | None  # of the session that it had before


def sign_in(
    session: Session, *, email: str, password: str, browser: Browser, days: int, at: datetime
) -> SignedIn | Refused:
    """Sign the person with this address and password in, for `days`."""
    account = email_digest(email)
    if (wait := seconds_to_wait(session, account=account, address=browser.address, at=at)) is not None:
        return try_again(wait)
    user = queries.find_user_by_email(session, email)
    right = passwords.fits(password, user.password_hash if user else None)
    if user is None or not right or user.disabled_at is not None:
        session.add(SignInFailure(email_sha256=account, address=browser.address, at=at))
        return Refused(WRONG)
    session.execute(delete(SignInFailure).where(SignInFailure.email_sha256 == account))
    if user.password_hash and passwords.is_outdated(user.password_hash):
        user.password_hash = passwords.make_hash(password)
    return start_session(session, user=user, browser=browser, days=days, verb="user.sign_in", at=at)


def start_session(
    session: Session, *, user: User, browser: Browser, days: int, verb: str, at: datetime
) -> SignedIn:
    """Sign `user` in on this browser; whoever calls has made sure that it is they."""
    token = sessions.start(
        session,
        user=user,
        user_agent=browser.user_agent,
        days=days,
        at=at,
        address=browser.address,
        replaces=browser.token,
    )
    audit.record(session, verb=verb, subject_type="user", subject_id=user.id, actor=user, at=at)
    return SignedIn(user=user, token=token)


def seconds_to_wait(
    session: Session,
    *,
    account: bytes,
    address: str,
    at: datetime,
    free: int = FREE_FAILURES_OF_ACCOUNT,
) -> int | None:
    """How long this account, or this address, has to wait after its failures; None: not at all.

    One try at a time for each account: a hundred at once would all read the same count. Nobody waits for
    the other's end, which would let a crowd take all connections.
    """
    key = int.from_bytes(account[:8], "big", signed=True)
    if not session.scalar(select(func.pg_try_advisory_xact_lock(key))):
        return 1
    times = [
        may_try_again_at(queries.list_failures(session, at=at, email_sha256=account), free=free),
        may_try_again_at(
            queries.list_failures(session, at=at, address=address), free=FREE_FAILURES_OF_ADDRESS
        ),
    ]
    seconds = max((ceil((time - at).total_seconds()) for time in times if time is not None), default=0)
    return seconds if seconds > 0 else None


def try_again(seconds: int) -> Refused:
    """The refusal of somebody who has to wait."""
    if seconds < 60:
        when = "1 second" if seconds == 1 else f"{seconds} seconds"
    else:
        minutes = ceil(seconds / 60)
        when = "1 minute" if minutes == 1 else f"{minutes} minutes"
    return Refused(f"Too many attempts. Try again in {when}.", retry_after=seconds)


def sign_out(session: Session, *, current: UserSession, at: datetime) -> None:
    """End this browser's session."""
    session.delete(current)
    audit.record(
        session,
        verb="user.sign_out",
        subject_type="user",
        subject_id=current.user_id,
        actor=current.user,
        at=at,
    )


def end_session(session: Session, *, session_id: int, user: User, at: datetime) -> None:
    """End one of the person's own sessions. One that has ended already is as good."""
    if sessions.end_one(session, session_id=session_id, user_id=user.id) is not None:
        audit.record(
            session, verb="user.end_session", subject_type="user", subject_id=user.id, actor=user, at=at
        )


def change_password(
    session: Session, *, current: UserSession, old: str, new: str, address: str, at: datetime
) -> Refused | None:
    """Change one's own password and end one's other sessions and links; None where it is done.

    Raises Invalid for a new password of the wrong length. A wrong old one counts as a failed sign-in, or
    whoever finds an open browser could guess at leisure; so it is an outcome here, too.
    """
    check_password(new, field="new_password")
    user = current.user
    account = email_digest(user.email)
    if (wait := seconds_to_wait(session, account=account, address=address, at=at)) is not None:
        return try_again(wait)
    if not passwords.fits(old, user.password_hash):
        session.add(SignInFailure(email_sha256=account, address=address, at=at))
        return Refused("This is not your password.")
    set_password(session, user=user, password=new, verb="user.change_password", keep=current.id, at=at)
    return None


def set_password(
    session: Session, *, user: User, password: str, verb: str, keep: int | None, at: datetime
) -> None:
    """Give the person a new password: their sessions (but `keep`) end, and no link works any more."""
    user.password_hash = passwords.make_hash(password)
    sessions.end_all(session, user_id=user.id, but=keep)
    spend_links(session, user_id=user.id, at=at)
    audit.record(session, verb=verb, subject_type="user", subject_id=user.id, actor=user, at=at)


def spend_links(session: Session, *, user_id: int, at: datetime) -> None:
    """Make the person's unspent links worthless."""
    session.execute(
        update(OneTimeLink)
        .where(OneTimeLink.user_id == user_id, OneTimeLink.spent_at.is_(None))
        .values(spent_at=at)
    )
