"""What a worker does for the queue itself: says that it lives, and takes up what died with another."""

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.jobs.models import WorkerHeartbeat

FORGOTTEN = func.make_interval(0, 0, 0, 1)  # a day


def beat(session: Session, name: str) -> None:
    """Note that the worker of this name is alive, by the database's clock; forget those long gone."""
    now = func.clock_timestamp()
    session.execute(
        insert(WorkerHeartbeat)
        .values(name=name, started_at=now, seen_at=now)
        .on_conflict_do_update(index_elements=[WorkerHeartbeat.name], set_={"seen_at": now})
    )
    session.execute(
        delete(WorkerHeartbeat).where(
            WorkerHeartbeat.name.in_(
                select(WorkerHeartbeat.name)
                .where(WorkerHeartbeat.seen_at < now - FORGOTTEN)
                .with_for_update(skip_locked=True)
            )
        )
    )


def leave(session: Session, name: str) -> None:
    """Note that the worker has stopped as it was asked to."""
    session.execute(delete(WorkerHeartbeat).where(WorkerHeartbeat.name == name))
