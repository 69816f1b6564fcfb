"""SELECTs on the history."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import or_, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from app.audit.models import Event


def list_site_events(
    session: Session,
    *,
    user_id: int | None = None,
    verb: str = "",
    day: date | None = None,
    after: int | None = None,
    limit: int,
) -> Sequence[Event]:
    """Events that belong to no project, newest first: people, sign-ins, tokens, jobs.

    Of a person: what they did and what was done to them. `day` is one in UTC.
    """
    statement = select(Event).where(Event.project_id.is_(None)).order_by(Event.id.desc()).limit(limit)
    if user_id is not None:
        is_about = (Event.subject_type == "user") & (Event.subject_id == user_id)
        statement = statement.where(or_(Event.actor_id == user_id, is_about))
    if verb:
        statement = statement.where(Event.verb == verb)
    if day is not None:
        begin = datetime.combine(day, time(), tzinfo=UTC)
        statement = statement.where(Event.at >= begin, Event.at < begin + timedelta(days=1))
    if after is not None:
        statement = statement.where(Event.id < after)
    return session.scalars(statement).all()


def last_events(
    session: Session, subject_type: str, subject_ids: Sequence[int], verbs: Sequence[str]
) -> dict[int, Event]:
    """Of each of these subjects its latest event with one of these verbs, by subject."""
    found = session.scalars(
        select(Event)
        .ext(distinct_on(Event.subject_id))
        .where(Event.subject_type == subject_type, Event.subject_id.in_(subject_ids), Event.verb.in_(verbs))
        .order_by(Event.subject_id, Event.id.desc())
    )
    return {event.subject_id: event for event in found}
