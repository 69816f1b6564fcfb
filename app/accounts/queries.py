"""SELECTs on people, their sessions, links and tokens. Whether a time has passed is the database's to say."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import ScalarSelect, Select, bindparam, exists, func, or_, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session, aliased, contains_eager, joinedload

from app.accounts.models import AccountMail, ApiToken, OneTimeLink, SignInFailure, User, UserSession
from app.accounts.rules import WINDOW
from app.accounts.secrets import digest
from app.errors import NotFound

COUNTED_FAILURES = 100

# Asked by every request, so made once: making a statement takes longer than running it.
_LIVE_SESSION = (
    select(UserSession)
    .join(UserSession.user)
    .options(contains_eager(UserSession.user))
    .where(
        UserSession.token_sha256 == bindparam("token_sha256"),
        UserSession.expires_at > func.now(),
        User.disabled_at.is_(None),
    )
)
_LIVE_TOKEN = (
    select(ApiToken)
    .join(ApiToken.user)
    .options(contains_eager(ApiToken.user))
    .where(
        ApiToken.token_sha256 == bindparam("token_sha256"),
        ApiToken.revoked_at.is_(None),
        or_(ApiToken.expires_at.is_(None), ApiToken.expires_at > func.now()),
        User.disabled_at.is_(None),
    )
)


def find_session(session: Session, token: str) -> UserSession | None:
    """The live session with this token, with its user; None where it ended or its person is disabled."""
    return session.scalar(_LIVE_SESSION, {"token_sha256": digest(token)})


def find_api_token(session: Session, token: str) -> ApiToken | None:
    """The live API token, with its user; None where it was revoked or ended or its person is disabled."""
    return session.scalar(_LIVE_TOKEN, {"token_sha256": digest(token)})


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


def find_user_by_digest_for_change(session: Session, email_sha256: bytes) -> User | None:
    """The person whose address has this SHA-256 in lower case, locked."""
    found = func.sha256(func.convert_to(func.lower(User.email), "UTF8")) == email_sha256
    return session.scalar(select(User).where(found).with_for_update(key_share=True))


def id_of_email(email: str) -> ScalarSelect[int]:
    """The id of the person with this address, to be asked within another statement."""
    wanted = func.lower(email.replace("\0", "").strip())
    return select(User.id).where(func.lower(User.email) == wanted).scalar_subquery()


def get_user_by_email(session: Session, email: str) -> User:
    """As find_user_by_email; raises NotFound."""
    user = find_user_by_email(session, email)
    if user is None:
        raise NotFound("There is nobody with this address.")
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
        _live_tokens().where(ApiToken.user_id == user_id).order_by(ApiToken.id.desc())
    ).all()


def _live_tokens() -> Select[ApiToken]:
    return select(ApiToken).where(
        ApiToken.revoked_at.is_(None), or_(ApiToken.expires_at.is_(None), ApiToken.expires_at > func.now())
    )


def list_everybodys_sessions(session: Session, *, after: int | None, limit: int) -> Sequence[UserSession]:
    """All live sessions with their people, the newest first."""
    statement = (
        select(UserSession)
        .join(UserSession.user)
        .options(contains_eager(UserSession.user))
        .where(UserSession.expires_at > func.now(), User.disabled_at.is_(None))
        .order_by(UserSession.id.desc())
        .limit(limit)
    )
    if after is not None:
        statement = statement.where(UserSession.id < after)
    return session.scalars(statement).all()


def list_everybodys_tokens(session: Session, *, after: int | None, limit: int | None) -> Sequence[ApiToken]:
    """All tokens that still work with their people, the newest first."""
    statement = (
        _live_tokens()
        .join(ApiToken.user)
        .options(contains_eager(ApiToken.user))
        .where(User.disabled_at.is_(None))
        .order_by(ApiToken.id.desc())
        .limit(limit)
    )
    if after is not None:
        statement = statement.where(ApiToken.id < after)
    return session.scalars(statement).all()


def map_open_links(session: Session, user_ids: Collection[int]) -> dict[int, datetime]:
    """Until when each of these people's links can be spent; nobody who has none."""
    rows = session.execute(
        select(OneTimeLink.user_id, func.max(OneTimeLink.expires_at))
        .where(
            OneTimeLink.user_id.in_(user_ids),
            OneTimeLink.spent_at.is_(None),
            OneTimeLink.expires_at > func.now(),
        )
        .group_by(OneTimeLink.user_id)
    )
    return dict(rows.all())


def find_mail_for_change(session: Session, mail_id: int) -> AccountMail | None:
    """A mail, locked, with its person; None where it was swept away."""
    return session.scalar(
        select(AccountMail)
        .where(AccountMail.id == mail_id)
        .options(joinedload(AccountMail.user, innerjoin=True))
        .with_for_update(of=AccountMail)
    )


def map_latest_mails(session: Session, user_ids: Collection[int]) -> dict[int, AccountMail]:
    """The latest mail to each of these people; nobody who never had one."""
    statement = (
        select(AccountMail)
        .where(AccountMail.user_id.in_(user_ids))
        .ext(distinct_on(AccountMail.user_id))
        .order_by(AccountMail.user_id, AccountMail.id.desc())
    )
    return {found.user_id: found for found in session.scalars(statement)}


def find_latest_mail(session: Session, user_id: int) -> AccountMail | None:
    """The latest mail to this person."""
    return map_latest_mails(session, [user_id]).get(user_id)


def map_names(session: Session, user_ids: Collection[int]) -> dict[int, str]:
    """The names of these people."""
    return dict(session.execute(select(User.id, User.name).where(User.id.in_(user_ids))).all())


def count_failed_mails(session: Session) -> int:
    """How many mails could not be sent."""
    return session.scalar(select(func.count()).where(AccountMail.failed_at.is_not(None))) or 0


def list_failed_mails(session: Session, *, limit: int) -> Sequence[AccountMail]:
    """Mails that could not be sent, the newest first, where no later one to the same person was asked for."""
    later = aliased(AccountMail)
    return session.scalars(
        select(AccountMail)
        .options(joinedload(AccountMail.user, innerjoin=True))
        .where(
            AccountMail.failed_at.is_not(None),
            ~exists().where(later.user_id == AccountMail.user_id, later.id > AccountMail.id),
        )
        .order_by(AccountMail.id.desc())
        .limit(limit)
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
