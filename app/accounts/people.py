"""What administrators and the operator do with people. Nobody is deleted: their work keeps its author."""

from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.accounts import links, passwords, queries, sessions, sign_in, tokens
from app.accounts.actors import Actor
from app.accounts.models import User
from app.accounts.rules import Purpose, check_password, clean_email, clean_name
from app.audit import service as audit
from app.errors import Conflict, Invalid, NotAllowed, NotFound


def create(
    session: Session,
    *,
    email: str,
    name: str,
    is_admin: bool,
    password: str | None,
    actor: Actor,
    at: datetime,
) -> User:
    """A new person; without a password they need a link to choose one. Raises Invalid."""
    if password is not None:
        check_password(password)
    user = User(
        email=clean_email(email),
        name=clean_name(name),
        is_admin=is_admin,
        password_hash=passwords.make_hash(password) if password is not None else None,
        created_at=at,
    )
    try:
        with session.begin_nested():
            session.add(user)
    except IntegrityError:
        sentence = "Somebody with this address is there already."
        raise Invalid(sentence, code="email_taken", fields={"email": sentence}) from None
    _record(session, "user.create", user, actor=actor, at=at, details={"is_admin": is_admin})
    return user


def make_link(session: Session, *, user: User, days: int, actor: Actor, at: datetime) -> str:
    """The token of a link with which the person chooses a password: their first, or a new one."""
    return links.create(session, user=user, purpose=link_purpose(user), days=days, actor=actor, at=at)


def link_purpose(user: User) -> Purpose:
    """What a link is for that this person is given now."""
    return Purpose.RESET if user.password_hash else Purpose.INVITATION


def disable(session: Session, *, user_id: int, actor: Actor, at: datetime) -> User:
    """Keep a person out: sessions, tokens and links end at once. Raises NotAllowed for oneself, and
    Conflict for the last administrator."""
    if user_id == actor.id:
        raise NotAllowed("Nobody disables themselves: ask another administrator.")
    _keep_an_admin(session, without=user_id)
    user = queries.get_user_for_change(session, user_id)
    if user.disabled_at is None:
        user.disabled_at = at
        sessions.end_all(session, user_id=user.id)
        tokens.revoke_all(session, user=user, at=at)
        sign_in.spend_links(session, user_id=user.id, at=at)
        _record(session, "user.disable", user, actor=actor, at=at)
    return user


def enable(session: Session, *, user_id: int, actor: Actor, at: datetime) -> User:
    """Let a person in again; their old sessions and tokens stay ended."""
    user = queries.get_user_for_change(session, user_id)
    if user.disabled_at is not None:
        user.disabled_at = None
        _record(session, "user.enable", user, actor=actor, at=at)
    return user


def set_admin(session: Session, *, user_id: int, is_admin: bool, actor: Actor, at: datetime) -> User:
    """Make or unmake an administrator. Raises NotAllowed for oneself, and Conflict for the last one."""
    if user_id == actor.id:
        raise NotAllowed("Nobody changes their own site role: ask another administrator.")
    if not is_admin:
        _keep_an_admin(session, without=user_id)
    user = queries.get_user_for_change(session, user_id)
    if user.is_admin != is_admin:
        user.is_admin = is_admin
        verb = "user.make_admin" if is_admin else "user.unmake_admin"
        _record(session, verb, user, actor=actor, at=at)
    return user


def end_session(session: Session, *, session_id: int, actor: Actor, at: datetime) -> int:
    """End somebody's session; gives the person's id. Raises NotFound."""
    user_id = sessions.end_one(session, session_id=session_id)
    if user_id is None:
        raise NotFound("There is no such session, or not any more.")
    audit.record(
        session, verb="user.end_session", subject_type="user", subject_id=user_id, actor=actor, at=at
    )
    return user_id


def end_all_sessions(
    session: Session, *, user: User, actor: Actor, at: datetime, but: int | None = None
) -> None:
    """Sign the person out everywhere, or everywhere but in one browser."""
    sessions.end_all(session, user_id=user.id, but=but)
    _record(session, "user.end_sessions", user, actor=actor, at=at)


def update_profile(session: Session, *, user: User, name: str, single_keys: bool, at: datetime) -> None:
    """Change one's own name, and whether single letters act as keys. Raises Invalid."""
    before = user.name
    user.name = clean_name(name)
    user.single_keys = single_keys
    details: dict[str, object] = {"single_keys": single_keys}
    if user.name != before:
        details["name_before"] = before
    _record(session, "user.update", user, actor=user, at=at, details=details)


def _keep_an_admin(session: Session, *, without: int) -> None:
    """Raise Conflict where nobody could administer the site without this person.

    The lock holds all administrators, so that two who unmake each other at once do not both succeed.
    """
    admins = queries.lock_active_admins(session)
    if admins and all(admin.id == without for admin in admins):
        raise Conflict("This is the last administrator: make another one first.", code="last_admin")


def _record(
    session: Session,
    verb: str,
    user: User,
    *,
    actor: Actor,
    at: datetime,
    details: dict[str, object] | None = None,
) -> None:
    audit.record(
        session, verb=verb, subject_type="user", subject_id=user.id, actor=actor, at=at, details=details
    )
