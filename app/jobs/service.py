"""Putting work into the queue, and what a worker says of itself.

A job is a row that is added in the transaction of the act that needs it: it exists exactly if the act does.
"""

import json

from sqlalchemy import delete, func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.jobs.models import WorkerHeartbeat

FORGOTTEN = func.make_interval(0, 0, 0, 1)  # a day


# What procrastinate's own `defer` calls. Through the session, so that the job shares its transaction and its
# savepoints, and a database that is away raises what it always raises.
_DEFER = text(
    """
    SELECT procrastinate_defer_jobs_v1(ARRAY[
        CAST(ROW('default', :name, 0, NULL, :queueing_lock, CAST(:arguments AS jsonb), NULL)
            AS procrastinate_job_to_defer_v1)
    ])
    """
)

_RETRY = text("SELECT procrastinate_retry_job_v2(:id, now(), NULL, NULL, NULL)")


def defer(session: Session, name: str, *, queueing_lock: str | None = None, **arguments: int | str) -> None:
    """Put a job into the queue, in the session's transaction.

    `name` is the task's ("imports.process"), `arguments` are JSON values. With a `queueing_lock` nothing
    happens where a job with the same one waits already.
    """
    values = {"name": name, "queueing_lock": queueing_lock, "arguments": json.dumps(arguments)}
    try:
        with session.begin_nested():  # a refusal by the queue must not end the caller's transaction
            session.execute(_DEFER, values)
    except IntegrityError:
        if queueing_lock is None:
            raise


def retry(session: Session, job_id: int) -> bool:
    """Put a job that was given up back into the queue; False where the same work waits there already."""
    try:
        with session.begin_nested():
            session.execute(_RETRY, {"id": job_id})
    except IntegrityError:
        return False
    return True


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
