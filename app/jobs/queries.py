"""SELECTs on workers and on the queue. Ages are judged by the database's clock."""

from datetime import timedelta

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
