"""One-time links: an invitation, a reset, a demo sign-in. Opening one changes nothing; its button does."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from app.accounts import queries, sign_in, tokens
from app.accounts.actors import Actor
from app.accounts.models import OneTimeLink, User
from app.accounts.rules import Purpose, check_password
from app.accounts.secrets import digest, new_token
from app.accounts.sign_in import Browser, SignedIn
from app.audit import service as audit
from app.errors import Conflict, NotFound

# Unknown, spent, outdated, another's: which of them it is, is nobody's business.
NO_LONGER = (
    "This link does not work, or not any more: each works once and for some days only. "
    "Ask whoever sent it for a new one."
)


def create(session: Session, *, user: User, purpose: Purpose, days: int, actor: Actor, at: datetime) -> str:
    """A new link's token, shown once; links that the person had before stop working."""
    if user.disabled_at is not None:
        raise Conflict(f"{user.name} is disabled: enable them first.")
    sign_in.spend_links(session, user_id=user.id, at=at)
    token = new_token()
    session.add(
        OneTimeLink(
            token_sha256=digest(token),
            user_id=user.id,
            purpose=str(purpose),
            created_at=at,
            expires_at=at + timedelta(days=days),
        )
    )
    audit.record(
        session,
        verb=f"user.link_{purpose}",
        subject_type="user",
        subject_id=user.id,
        actor=actor,
        at=at,
    )
    return token


def url(base_url: str, token: str) -> str:
    """The link as it is sent to a person."""
    return f"{base_url}/links/{token}"


def get(session: Session, token: str) -> OneTimeLink:
    """The link, while it can be spent. Raises NotFound, which says what to do."""
    link = queries.find_link(session, token)
    if link is None:
        raise NotFound(NO_LONGER)
    return link


def spend(
    session: Session, *, token: str, password: str, browser: Browser, days: int, at: datetime
) -> SignedIn:
    """Spend the link: sign its person in, with the password they chose where the link is for that.

    Raises NotFound where it cannot be spent (any more), Invalid for a password of the wrong length, which
    leaves the link as it was.
    """
    link = queries.find_link_for_change(session, token)
    if link is None:
        raise NotFound(NO_LONGER)
    purpose, user = Purpose(link.purpose), link.user
    if purpose.sets_password:
        check_password(password)
        verb = f"user.accept_{purpose}"
        sign_in.set_password(session, user=user, password=password, verb=verb, keep=None, at=at)
        if purpose is Purpose.RESET:  # whoever needs one may have lost more than the password
            tokens.revoke_all(session, user=user, at=at)
    link.spent_at = at
    return sign_in.start_session(session, user=user, browser=browser, days=days, verb="user.sign_in", at=at)
