"""SELECTs on workers and on the queue. Ages are judged by the database's clock."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from app.jobs.models import WorkerHeartbeat

ALIVE = timedelta(seconds=30)  # a worker that was silent for longer counts as stopped


def find_heartbeat_age(session: Session) -> timedelta | None:
    """How long ago a worker was last alive; None where there never was one."""
    return session.scalar(select(func.clock_timestamp() - func.max(WorkerHeartbeat.seen_at)))


def is_worker_alive(session: Session) -> bool:
    """Whether a worker was alive within the last half minute."""
    age = find_heartbeat_age(session)
    return age is not None and age <= ALIVE


def count_jobs(session: Session) -> dict[str, int]:
    """How many jobs wait ("todo"), run ("doing") and failed; what succeeded is not kept."""
    rows = session.execute(text("SELECT status::text, count(*) FROM procrastinate_jobs GROUP BY status"))
    counts = {row[0]: int(row[1]) for row in rows}
    return {status: counts.get(status, 0) for status in ("todo", "doing", "failed")}


@dataclass(frozen=True, slots=True)
class FailedJob:
    """A job that was given up. Its arguments are not told: they are numbers of rows."""

    id: int
    name: str
    attempts: int
    failed_at: datetime | None


def find_oldest_waiting_age(session: Session) -> timedelta | None:
    """For how long the oldest job that could be begun has been waiting; None where none waits."""
    found: timedelta | None = session.scalar(
        text(
            "SELECT clock_timestamp() - min(coalesce(j.scheduled_at, e.at)) FROM procrastinate_jobs j"
            " LEFT JOIN LATERAL (SELECT max(at) AS at FROM procrastinate_events"
            "  WHERE job_id = j.id) e ON true"
            " WHERE j.status = 'todo' AND coalesce(j.scheduled_at, now()) <= now()"
        )
    )
    return found


def list_workers(session: Session) -> Sequence[WorkerHeartbeat]:
    """The workers that were alive within the last day, the latest heard of first."""
    return session.scalars(
        select(WorkerHeartbeat).order_by(WorkerHeartbeat.seen_at.desc(), WorkerHeartbeat.name)
    ).all()


def list_failed_jobs(session: Session, *, limit: int) -> list[FailedJob]:
    """Jobs that were given up, the newest first."""
    rows = session.execute(
        text(
            "SELECT j.id, j.task_name, j.attempts,"
            " (SELECT max(at) FROM procrastinate_events WHERE job_id = j.id AND type = 'failed')"
            " FROM procrastinate_jobs j WHERE j.status = 'failed' ORDER BY j.id DESC LIMIT :limit"
        ),
        {"limit": limit},
    )
    return [FailedJob(*row) for row in rows]


def find_failed_job_for_change(session: Session, job_id: int) -> str | None:
    """The name of a job that was given up, locked; None where it is none (any more)."""
    statement = "SELECT task_name FROM procrastinate_jobs WHERE id = :id AND status = 'failed' FOR UPDATE"
    found: str | None = session.scalar(text(statement), {"id": job_id})
    return found
