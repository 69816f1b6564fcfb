"""A worker that is killed in every phase of an import, or its reader: the import ends, nothing is twice."""

import json
import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256

import pytest
from sqlalchemy import Engine, func, select, text
from sqlalchemy.orm import Session

from app.documents.models import Document
from app.imports.models import Import, ImportFile
from app.imports.service import start_import
from app.operation.invariants import find_broken
from app.projects.models import Project
from tests.factories import NOON, Factory
from tests.imports.conftest import data_dir, live, make_live, stored  # noqa: F401 -- fixtures
from tests.jobs.test_worker import worker
from tests.servers import until

LINES = [f"Contract number {number} of several." for number in range(5)]
CHILD = "app.documents.extraction.child"
# What another transaction holds while the worker comes to it, so that it is killed at exactly that point.
AT = {
    "lines-are-told-apart": text("SELECT id FROM import_files WHERE import_id = :id FOR UPDATE"),
    "a-line-is-taken-in": text(
        "INSERT INTO documents (project_id, title, text_sha256)"
        " SELECT project_id, 'Rival', :digest FROM imports WHERE id = :id"
    ),
    "its-tasks-are-made": text("LOCK TABLE tasks IN SHARE MODE"),
}


@pytest.fixture
def begun(live: Session, make_live: Factory) -> Callable[..., int]:  # noqa: F811 -- fixtures
    def begin(name: str, content: str, *more: tuple[str, str]) -> int:
        project: Project = make_live.project()
        files = [stored(*file) for file in ((name, content), *more)]
        started = start_import(live, project=project, files=files, actor=make_live.lead(project), at=NOON)
        live.commit()
        return started.id

    return begin


def lines() -> str:
    return "".join(json.dumps({"text": line}) + "\n" for line in LINES)


def is_finished(session: Session, import_id: int) -> bool:
    session.rollback()
    return session.scalar(select(Import.status).where(Import.id == import_id)) in {"done", "failed"}


def outcomes(session: Session, import_id: int) -> list[str]:
    session.rollback()
    query = select(ImportFile.status).where(ImportFile.import_id == import_id).order_by(ImportFile.id)
    return list(session.scalars(query))


@contextmanager
def holding(engine: Engine, query: object, **values: object) -> Iterator[Callable[[], bool]]:
    """Hold what a statement locks; tells whether somebody waits for it."""
    waiting = text(
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE wait_event_type = 'Lock' AND datname = current_database()"
    )
    with engine.connect() as connection:
        connection.execute(query, values)  # type: ignore[call-overload]

        def is_waited_for() -> bool:
            with engine.connect() as other:
                return bool(other.scalar(waiting))

        yield is_waited_for
        connection.rollback()


@pytest.mark.parametrize(
    "phase",
    [
        pytest.param("lines-are-told-apart", marks=pytest.mark.long),
        "a-line-is-taken-in",
        pytest.param("its-tasks-are-made", marks=pytest.mark.long),
    ],
)
def test_an_import_whose_worker_is_killed_ends_and_takes_nothing_in_twice(
    live: Session,  # noqa: F811 -- a fixture
    live_database: Engine,
    begun: Callable[..., int],
    phase: str,
) -> None:
    import_id = begun("all.jsonl", lines())
    values: dict[str, object] = {"id": import_id, "digest": sha256(LINES[2].encode()).digest()}
    used = {name: values[name] for name in ("id", "digest") if f":{name}" in AT[phase].text}
    with holding(live_database, AT[phase], **used) as is_waited_for, worker(live_database) as process:
        until(is_waited_for)
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert not is_finished(live, import_id)
    with worker(live_database):
        until(lambda: is_finished(live, import_id))
    assert outcomes(live, import_id) == ["expanded", *["created"] * len(LINES)]
    assert live.scalar(select(func.count()).select_from(Document)) == len(LINES)
    assert find_broken(live.connection()) == []


def readers() -> dict[int, int]:
    """The processes that read a file, and their parents."""
    shown = subprocess.run(
        ["ps", "-ww", "-eo", "pid=,ppid=,args="], capture_output=True, text=True, check=True
    )
    found = [line.split(maxsplit=2) for line in shown.stdout.splitlines() if CHILD in line]
    return {int(pid): int(parent) for pid, parent, _ in found}


def stopped_reader(worker_id: int) -> int:
    """The reader of this worker, as soon as there is one, stopped before it has read anything."""
    found: list[int] = []

    def is_there() -> bool:
        found[:] = [pid for pid, parent in readers().items() if parent == worker_id]
        for pid in found:
            os.kill(pid, signal.SIGSTOP)
        return bool(found)

    until(is_there)
    return found[0]


def test_an_import_whose_worker_is_killed_while_a_file_is_read_is_read_by_the_next(
    live: Session,  # noqa: F811 -- a fixture
    live_database: Engine,
    begun: Callable[..., int],
) -> None:
    import_id = begun("one.txt", "A contract in a file.", ("two.txt", "Another contract in a file."))
    with worker(live_database) as process:
        reader = stopped_reader(process.pid)
        process.send_signal(signal.SIGKILL)
        process.wait()
    os.kill(reader, signal.SIGKILL)
    with worker(live_database):
        until(lambda: is_finished(live, import_id))
    assert outcomes(live, import_id) == ["created", "created"]


def test_a_reader_that_is_killed_fails_its_file_and_no_other(
    live: Session,  # noqa: F811 -- a fixture
    live_database: Engine,
    begun: Callable[..., int],
) -> None:
    import_id = begun("one.txt", "A contract in a file.", ("two.txt", "Another contract in a file."))
    with worker(live_database) as process:
        os.kill(stopped_reader(process.pid), signal.SIGKILL)
        until(lambda: is_finished(live, import_id))
    assert outcomes(live, import_id) == ["failed", "created"]
    live.rollback()
    reason = live.scalar(select(ImportFile.reason).where(ImportFile.status == "failed"))
    assert reason
