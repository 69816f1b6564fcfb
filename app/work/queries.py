"""SELECTs that need several packages: a project's activity, as far as it exists for whoever asks."""

from datetime import UTC, date, datetime, timedelta

from sqlalchemy import and_, exists, select
from sqlalchemy.orm import Session

from app.accounts.actors import Actor, SystemActor
from app.accounts.queries import id_of_email
from app.audit.models import Event
from app.paging import Found, Order, Wanted, find_page
from app.projects.queries import roles_in
from app.projects.rules import sees_all_activity
from app.samples.models import Sample
from app.samples.queries import own_undecided

ORDERS: dict[str, Order] = {"at": ((Event.id, int),)}  # ids grow with time


def list_activity(
    session: Session,
    project_id: int,
    actor: Actor,
    *,
    wanted: Wanted,
    person: str = "",
    family: str = "",
    day: date | None = None,
) -> Found[Event]:
    """A page of a project's events: all, or the actor's own; raises NotAllowed for an engineer.

    `person` is an e-mail address, `family` what a verb begins with (the noun), `day` one of UTC. What others
    did to a rival's sample does not exist for whoever has an undecided sample of the same task.
    """
    statement = select(Event).where(Event.project_id == project_id)
    if not sees_all_activity(roles_in(session, project_id, actor)):
        statement = statement.where(Event.actor_id == actor.id)
    elif not isinstance(actor, SystemActor):
        rivals = exists().where(
            Sample.id == Event.subject_id,
            Sample.annotator_id.is_distinct_from(actor.id),
            own_undecided(actor.id, Sample.task_id),
        )
        hidden = and_(Event.subject_type == "sample", Event.actor_id.is_distinct_from(actor.id), rivals)
        statement = statement.where(~hidden)
    if person:
        statement = statement.where(Event.actor_id == id_of_email(person))
    if family:
        statement = statement.where(Event.verb.startswith(f"{family}.", autoescape=True))
    if day is not None:
        begin = datetime(day.year, day.month, day.day, tzinfo=UTC)
        statement = statement.where(Event.at >= begin, Event.at < begin + timedelta(days=1))
    return find_page(session, statement, orders=ORDERS, wanted=wanted, item=lambda event: event)
