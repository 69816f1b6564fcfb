"""SELECTs on the installation as a whole: counts and sizes, never anybody's words."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import func, literal_column, select, text, union
from sqlalchemy.orm import Session

from app.documents.models import SourceFile
from app.imports.models import ImportFile
from app.jobs import queries as jobs
from app.jobs.models import WorkerHeartbeat
from app.projects.models import Member, Project
from app.samples.models import Sample

FAILED_SHOWN = 50
TABLES_SHOWN = 12


@dataclass(frozen=True, slots=True)
class Work:
    """Whether background work is being done, and what waits or failed."""

    alive: bool
    age: timedelta | None  # of the newest heartbeat
    workers: list[WorkerHeartbeat]
    counts: dict[str, int]
    oldest: timedelta | None  # of the jobs that could be begun
    failed: list[jobs.FailedJob]


def get_work(session: Session) -> Work:
    """How the workers and the queue stand, in five statements."""
    age = jobs.find_heartbeat_age(session)
    return Work(
        alive=age is not None and age <= jobs.ALIVE,
        age=age,
        workers=list(jobs.list_workers(session)),
        counts=jobs.count_jobs(session),
        oldest=jobs.find_oldest_waiting_age(session),
        failed=jobs.list_failed_jobs(session, limit=FAILED_SHOWN),
    )


@dataclass(frozen=True, slots=True)
class Table:
    """A table with its indexes, and about how many rows it has."""

    name: str
    byte_count: int
    row_count: int


@dataclass(frozen=True, slots=True)
class ProjectSize:
    """What a project holds, by its short name: no title and no text."""

    slug: str
    members: int
    samples: int


@dataclass(frozen=True, slots=True)
class Storage:
    """What lies where, in bytes."""

    original_count: int
    original_bytes: int
    unused_count: int  # files that came in and that no document was read from
    unused_bytes: int
    database_bytes: int
    tables: list[Table]


def get_storage(session: Session) -> Storage:
    """How much there is: originals as the rows name them, and the database as Postgres counts it."""
    read = select(SourceFile.sha256, SourceFile.byte_count)
    came = select(ImportFile.sha256, ImportFile.byte_count).where(ImportFile.line.is_(None))
    files = union(read, came).subquery()
    used = select(SourceFile.sha256).where(SourceFile.sha256 == files.c.sha256).exists()
    count, size = func.count(), func.coalesce(func.sum(files.c.byte_count), 0)
    total = session.execute(
        select(
            count, size, count.filter(~used), func.coalesce(func.sum(files.c.byte_count).filter(~used), 0)
        ).select_from(files)
    ).one()
    database = session.scalar(select(func.pg_database_size(literal_column("current_database()"))))
    rows = session.execute(
        text(
            "SELECT relname, pg_total_relation_size(oid), pg_stat_get_live_tuples(oid) FROM pg_class"
            " WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace"
            " ORDER BY 2 DESC, 1 LIMIT :limit"
        ),
        {"limit": TABLES_SHOWN},
    )
    return Storage(
        original_count=total[0],
        original_bytes=int(total[1]),
        unused_count=total[2],
        unused_bytes=int(total[3]),
        database_bytes=database or 0,
        tables=[Table(*row) for row in rows],
    )


def list_project_sizes(session: Session, *, limit: int) -> list[ProjectSize]:
    """The projects with the most samples: an administrator who is no member learns their size alone."""
    samples = select(Sample.project_id, func.count().label("samples")).group_by(Sample.project_id).subquery()
    members = (
        select(Member.project_id, func.count(Member.user_id.distinct()).label("members"))
        .group_by(Member.project_id)
        .subquery()
    )
    written, working = func.coalesce(samples.c.samples, 0), func.coalesce(members.c.members, 0)
    rows = session.execute(
        select(Project.slug, working, written)
        .outerjoin(samples, samples.c.project_id == Project.id)
        .outerjoin(members, members.c.project_id == Project.id)
        .order_by(written.desc(), Project.slug)
        .limit(limit)
    )
    return [ProjectSize(*row) for row in rows]


def count_samples(session: Session) -> dict[str, int]:
    """How many samples of the whole site have each status."""
    return dict(session.execute(select(Sample.status, func.count()).group_by(Sample.status)).all())
