"""Real worker processes: they work, they are killed, they lose their database, they are told to stop."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import Engine, func, select, text
from sqlalchemy.orm import Session

from app.documents.models import Document, TextPassages
from app.imports import queries as imports
from app.imports.models import Import
from app.imports.service import start_import
from app.jobs import queries
from app.jobs.models import WorkerHeartbeat
from tests.factories import NOON, Factory
from tests.imports.conftest import data_dir, live, make_live, stored  # noqa: F401 -- fixtures

PATIENCE = 90.0  # seconds; what a worker cannot take up as it starts is taken up within the next minute


@contextmanager
def worker(engine: Engine) -> Iterator["subprocess.Popen[bytes]"]:
    environment = os.environ | {"DATABASE_URL": engine.url.render_as_string(hide_password=False)}
    process = subprocess.Popen([sys.executable, "-m", "app.worker"], env=environment)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def wait_until(holds: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end, f"still not: {what}"
        time.sleep(0.02)


def lines(count: int) -> str:
    return "\n".join(json.dumps({"text": f"Contract number {number} of many."}) for number in range(count))


@pytest.fixture
def import_of(live: Session, make_live: Factory) -> Callable[[int], int]:  # noqa: F811 -- fixtures
    def begin(count: int) -> int:
        project = make_live.project()
        started = start_import(
            live,
            project=project,
            files=[stored("all.jsonl", lines(count))],
            actor=make_live.lead(project),
            at=NOON,
        )
        live.commit()
        return started.id

    return begin


def created(session: Session, import_id: int) -> int:
    session.rollback()
    return imports.count_files(session, [import_id])[import_id].created


def status(session: Session, import_id: int) -> str | None:
    session.rollback()
    return session.scalar(select(Import.status).where(Import.id == import_id))


def test_a_killed_worker_s_import_is_finished_by_the_next_one_without_doubles(
    live: Session,  # noqa: F811
    live_database: Engine,
    import_of: Callable[[int], int],
) -> None:
    import_id = import_of(400)
    with worker(live_database) as first:
        wait_until(lambda: created(live, import_id) > 20, "some lines taken in")
        first.send_signal(signal.SIGKILL)
        first.wait()
    assert status(live, import_id) == "running"
    assert created(live, import_id) < 400
    with worker(live_database):
        wait_until(lambda: status(live, import_id) == "done", "the import finished")
    counts = imports.count_files(live, [import_id])[import_id]
    assert (counts.created, counts.duplicate, counts.failed) == (400, 0, 0)
    assert live.scalar(select(func.count()).select_from(Document)) == 400


def test_a_worker_that_is_told_to_stop_returns_its_job_and_leaves(
    live: Session,  # noqa: F811
    live_database: Engine,
    import_of: Callable[[int], int],
) -> None:
    import_id = import_of(1500)
    with worker(live_database) as process:
        wait_until(lambda: created(live, import_id) > 20, "some lines taken in")
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=20) == 0
    assert status(live, import_id) == "running"
    waiting = live.scalars(
        text("SELECT status::text FROM procrastinate_jobs WHERE task_name = 'imports.process'")
    ).all()
    assert set(waiting) == {"todo"}
    assert live.scalar(select(func.count()).select_from(WorkerHeartbeat)) == 0


def test_a_worker_finds_the_likely_places_in_texts_that_were_there_before_it(live_database: Engine) -> None:
    with Session(live_database) as session, session.begin():
        make = Factory(session)
        make.document(make.project())
    with Session(live_database) as session, worker(live_database):
        found = select(TextPassages.found).where(TextPassages.finder_version > 0)
        wait_until(lambda: session.rollback() or session.scalar(found), "passages")


def test_a_worker_whose_connections_all_break_goes_on_working(
    live: Session,  # noqa: F811
    live_database: Engine,
    import_of: Callable[[int], int],
) -> None:
    with worker(live_database) as process:
        wait_until(lambda: queries.is_worker_alive(live) or live.rollback() is not None, "a heartbeat")
        live.rollback()
        for _ in range(2):
            live.execute(
                text(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
            )
            live.commit()
            time.sleep(0.5)
        import_id = import_of(3)
        wait_until(lambda: status(live, import_id) == "done", "the import finished")
        assert process.poll() is None
