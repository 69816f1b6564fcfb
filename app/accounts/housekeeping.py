"""Throws away what has served its time: ended sessions and links, counted failures, stored answers."""

from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.orm import Session

from app.accounts.models import AccountMail, IdempotencyKey, OneTimeLink, SignInFailure, UserSession

KEEP_ANSWERS = timedelta(days=1)
KEEP_FAILURES = timedelta(days=1)
KEEP_LINKS = timedelta(days=30)
KEEP_MAILS = timedelta(days=30)


def sweep(session: Session, *, at: datetime) -> None:
    """Delete what is over. The history keeps its events."""
    session.execute(delete(UserSession).where(UserSession.expires_at < at))
    session.execute(delete(OneTimeLink).where(OneTimeLink.expires_at < at - KEEP_LINKS))
    session.execute(delete(AccountMail).where(AccountMail.created_at < at - KEEP_MAILS))
    session.execute(delete(SignInFailure).where(SignInFailure.at < at - KEEP_FAILURES))
    session.execute(delete(IdempotencyKey).where(IdempotencyKey.created_at < at - KEEP_ANSWERS))
