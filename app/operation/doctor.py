"""What `engross doctor` looks at: whether this installation is whole and can be trusted with work."""

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, Engine, text
from sqlalchemy.orm import Session

from app import schema
from app.documents.storage import originals
from app.errors import CannotRun
from app.jobs.queries import ALIVE, count_jobs, find_heartbeat_age
from app.operation.invariants import INVARIANTS, find_broken
from app.operation.opening import list_unsafe_settings, server_version
from app.settings import SECRETS, Settings

COUNTED = (
    "users", "projects", "documents", "tasks", "samples", "revisions", "reviews", "events"
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at. What is not `ok` fails the visit, unless it only needs `attention`."""

    name: str
    ok: bool
    said: str
    attention: bool = False


def examine(engine: Engine) -> list[Finding]:
    """Look at everything; nothing is changed, and one bad thing does not hide the next."""
    findings = [_storage(), _durability(engine)]
    with engine.connect() as connection:
        findings += [_server(connection), _schema(connection)]
        if findings[-1].ok:
            with Session(connection) as session:
                findings.append(_worker(session))
            # One snapshot for all queries: people may be working.
            connection.rollback()
            connection.execution_options(isolation_level="REPEATABLE READ")
            findings += _invariants(connection)
    return findings


def count_rows(engine: Engine) -> dict[str, int]:
    """How much there is of everything."""
    with engine.connect() as connection:
        return {
            table: connection.scalar(text(f"SELECT count(*) FROM {table}")) or 0  # noqa: S608 -- our own names
            for table in COUNTED
        }


def summarize(settings: Settings) -> dict[str, object]:
    """The settings by their names in the environment; of secrets, only whether they are set."""
    return {
        name.upper(): ("set" if value is not None else None) if name in SECRETS else _plain(value)
        for name, value in settings
    }


def _plain(value: object) -> object:
    return list(value) if isinstance(value, tuple) else str(value) if isinstance(value, Path) else value


def _storage() -> Finding:
    try:
        return Finding("storage", True, originals().probe())
    except CannotRun as error:
        return Finding("storage", False, str(error))


def _durability(engine: Engine) -> Finding:
    unsafe = list_unsafe_settings(engine)
    said = f"off: {', '.join(unsafe)}" if unsafe else "what is acknowledged is on disk"
    return Finding("durability", not unsafe, said)


def _server(connection: Connection) -> Finding:
    number = connection.exec_driver_sql("SHOW server_version_num").scalar_one()
    return Finding("postgres", True, f"version {server_version(number)}")  # older ones are not even opened


def _schema(connection: Connection) -> Finding:
    try:
        schema.check(connection)
    except schema.SchemaError as error:
        return Finding("schema", False, str(error))
    return Finding("schema", True, f"at {schema.head()}")


def _worker(session: Session) -> Finding:
    age, jobs = find_heartbeat_age(session), count_jobs(session)
    queue = f"{jobs['todo']} jobs wait, {jobs['doing']} run, {jobs['failed']} failed"
    if age is None:
        return Finding("worker", False, f"none runs; {queue}", attention=True)
    alive = age <= ALIVE
    return Finding(
        "worker", alive, f"last seen {age.total_seconds():.0f} s ago; {queue}", attention=not alive
    )


def _invariants(connection: Connection) -> list[Finding]:
    broken = {found.invariant.id: found for found in find_broken(connection)}
    findings = []
    for invariant in INVARIANTS:
        found = broken.get(invariant.id)
        said = f"broken by {found.count}: {', '.join(found.rows)}" if found else "holds"
        findings.append(Finding(invariant.id, found is None, f"{invariant.statement} {said.capitalize()}."))
    return findings
