"""SELECTs on the history."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.audit.models import Event


def list_site_events(session: Session, *, limit: int) -> Sequence[Event]:
    """The latest events that belong to no project, newest first: people, sign-ins, tokens."""
    return session.scalars(
        select(Event).where(Event.project_id.is_(None)).order_by(Event.id.desc()).limit(limit)
    ).all()
