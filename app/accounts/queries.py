"""SELECTs on people, their sessions, links and tokens. Whether a time has passed is the database's to say."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session, contains_eager

from app.accounts.models import ApiToken, OneTimeLink, SignInFailure, User, UserSession
from app.accounts.rules import WINDOW
from app.accounts.secrets import digest
from app.errors import NotFound

COUNTED_FAILURES = 100


def find_session(session: Session, token: str) -> UserSession | None:
    """The live session with this token, with its user; None where it ended or its person is disabled."""
    return session.scalar(
        select(UserSession)
        .join(UserSession.user)
        .options(contains_eager(UserSession.user))
        .where(
            UserSession.token_sha256 == digest(token),
            UserSession.expires_at > func.now(),
            User.disabled_at.is_(None),
        )
    )


def find_api_token(session: Session, token: str) -> ApiToken | None:
    """The live API token, with its user; None where it was revoked or ended or its person is disabled."""
    return session.scalar(
        select(ApiToken)
        .join(ApiToken.user)
        .options(contains_eager(ApiToken.user))
        .where(
            ApiToken.token_sha256 == digest(token),
            ApiToken.revoked_at.is_(None),
            or_(ApiToken.expires_at.is_(None), ApiToken.expires_at > func.now()),
            User.disabled_at.is_(None),
        )
    )


def _live_link(token: str) -> Select[OneTimeLink]:
    return (
        select(OneTimeLink)
        .join(OneTimeLink.user)
        .options(contains_eager(OneTimeLink.user))
        .where(
            OneTimeLink.token_sha256 == digest(token),
            OneTimeLink.spent_at.is_(None),
            OneTimeLink.expires_at > func.now(),
            User.disabled_at.is_(None),
        )
    )


def find_link(session: Session, token: str) -> OneTimeLink | None:
    """The link with this token while it can be spent; unknown, spent, expired and disabled look alike."""
    return session.scalar(_live_link(token))


def find_link_for_change(session: Session, token: str) -> OneTimeLink | None:
    """As find_link, locked: of two who press the button at once, one finds it spent."""
    return session.scalar(_live_link(token).with_for_update(of=OneTimeLink))


def find_user_by_email(session: Session, email: str) -> User | None:
    """The person with this address, whatever its capitals; disabled ones too."""
    return session.scalar(select(User).where(func.lower(User.email) == func.lower(email.strip())))


def get_user_by_email(session: Session, email: str) -> User:
    """As find_user_by_email; raises NotFound."""
    user = find_user_by_email(session, email)
    if user is None:
        raise NotFound(f"There is nobody with the address {email.strip()}.")
    return user


def get_user(session: Session, user_id: int) -> User:
    """A person. Raises NotFound."""
    user = session.get(User, user_id)
    if user is None:
        raise NotFound("There is no such person.")
    return user


def get_user_for_change(session: Session, user_id: int) -> User:
    """A person, locked. Raises NotFound.

    Not against foreign keys that point at them: a request of theirs that is under way waits for nobody here,
    whoever disables them waits for its session or token.
    """
    user = session.scalar(select(User).where(User.id == user_id).with_for_update(key_share=True))
    if user is None:
        raise NotFound("There is no such person.")
    return user


def lock_active_admins(session: Session) -> Sequence[User]:
    """All administrators who can sign in, locked in one order, so that two cannot unmake each other."""
    return session.scalars(
        select(User)
        .where(User.is_admin, User.disabled_at.is_(None))
        .order_by(User.id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).all()


def list_users(
    session: Session,
    *,
    search: str = "",
    state: str = "",
    after: tuple[str, int] | None = None,
    limit: int | None = 50,
) -> Sequence[User]:
    """People by name, from `after` (a lower-case name and an id) on.

    `state` is "active", "disabled", "invited" (no password chosen yet), "admin" or "" for all.
    """
    lower_name = func.lower(User.name)
    statement = select(User).order_by(lower_name, User.id).limit(limit)
    if search:
        wanted = search.strip().lower()
        statement = statement.where(
            or_(
                lower_name.contains(wanted, autoescape=True),
                func.lower(User.email).contains(wanted, autoescape=True),
            )
        )
    if state == "disabled":
        statement = statement.where(User.disabled_at.is_not(None))
    elif state:
        statement = statement.where(User.disabled_at.is_(None))
    if state == "invited":
        statement = statement.where(User.password_hash.is_(None))
    elif state == "admin":
        statement = statement.where(User.is_admin)
    if after is not None:
        name, user_id = after
        statement = statement.where(or_(lower_name > name, (lower_name == name) & (User.id > user_id)))
    return session.scalars(statement).all()


def list_sessions(session: Session, user_id: int) -> Sequence[UserSession]:
    """The person's live sessions, the latest used first."""
    return session.scalars(
        select(UserSession)
        .where(UserSession.user_id == user_id, UserSession.expires_at > func.now())
        .order_by(UserSession.last_seen_at.desc(), UserSession.id.desc())
    ).all()


def list_tokens(session: Session, user_id: int) -> Sequence[ApiToken]:
    """The person's tokens that still work, the newest first."""
    return session.scalars(
        select(ApiToken)
        .where(
            ApiToken.user_id == user_id,
            ApiToken.revoked_at.is_(None),
            or_(ApiToken.expires_at.is_(None), ApiToken.expires_at > func.now()),
        )
        .order_by(ApiToken.id.desc())
    ).all()


def list_failures(
    session: Session, *, at: datetime, email_sha256: bytes | None = None, address: str | None = None
) -> Sequence[datetime]:
    """When sign-ins failed of late, for one account or from one address."""
    statement = select(SignInFailure.at).where(SignInFailure.at > at - WINDOW)
    if email_sha256 is not None:
        statement = statement.where(SignInFailure.email_sha256 == email_sha256)
    if address is not None:
        statement = statement.where(SignInFailure.address == address)
    return session.scalars(statement.order_by(SignInFailure.at.desc()).limit(COUNTED_FAILURES)).all()
