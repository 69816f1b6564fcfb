"""A disk that is full: of the originals, of what is being received, of Postgres itself."""

import os
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from fastapi import FastAPI
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.documents.storage import originals
from app.imports import jobs
from app.main import create_app
from app.projects.models import Project
from app.settings import get_settings
from tests.factories import Factory
from tests.faults.checker import find_wrong
from tests.faults.conftest import directory_on_disk
from tests.faults.load import under_load
from tests.faults.office import open_office
from tests.faults.test_kills import work_on
from tests.servers import Server, until
from tests.web.browsers import browser, program

MEGABYTE = 1_000_000
YESTERDAY = 2 * 24 * 3600.0


@contextmanager
def small_disk(megabytes: int) -> Iterator[Path]:
    """A disk of its own that is soon full; skips where this user may mount none."""
    with directory_on_disk() as place:
        mount = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=0711", "none", str(place)]
        if os.geteuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode != 0:
            pytest.skip("this user may mount no small disk")
        try:
            yield place
        finally:
            subprocess.run(["umount", "--lazy", str(place)], check=True)


@pytest.fixture
def small() -> Iterator[Path]:
    """Four megabytes."""
    with small_disk(4) as place:
        yield place


@pytest.fixture
def lead(live_database: Engine) -> tuple[Project, User]:
    """A project and its lead, committed."""
    with Session(live_database, expire_on_commit=False) as session, session.begin():
        make = Factory(session)
        project = make.project()
        return project, make.lead(project)


@pytest.fixture
def app(live_database: Engine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[FastAPI]:
    """The application with a data directory of this test's own."""
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "data"))
    get_settings.cache_clear()
    yield create_app()
    get_settings.cache_clear()


def files(*sizes: int) -> list[tuple[str, tuple[str, bytes]]]:
    return [("files", (f"{size}.txt", bytes([65 + number]) * size)) for number, size in enumerate(sizes)]


def count(engine: Engine, table: str) -> int:
    with engine.connect() as connection:
        return int(connection.scalar(text(f"SELECT count(*) FROM {table}")) or 0)  # noqa: S608 -- our own names


def stored_files() -> list[Path]:
    return [path for path in originals().root.glob("*/*") if path.is_file()]


def test_an_upload_that_does_not_fit_is_refused_and_leaves_no_row_and_after_the_sweep_no_file(
    app: FastAPI, live_database: Engine, lead: tuple[Project, User], small: Path, tmp_path: Path
) -> None:
    originals().root.parent.mkdir(parents=True, exist_ok=True)
    originals().root.symlink_to(small, target_is_directory=True)
    project, person = lead
    address = f"/api/v1/projects/{project.slug}/imports"
    client = program(app, person)
    refused = client.post(address, files=files(MEGABYTE, MEGABYTE, 3 * MEGABYTE))
    assert (refused.status_code, refused.json()["code"]) == (422, "storage_full")
    assert "The server's disk is full" in refused.json()["detail"]
    assert "3000000.txt" in refused.json()["detail"]
    assert count(live_database, "imports") == 0
    assert count(live_database, "import_files") == 0

    accepted = client.post(address, files=files(1000))
    assert accepted.status_code == 202
    for path in stored_files():
        os.utime(path, (path.stat().st_mtime - YESTERDAY,) * 2)
    jobs.sweep(timestamp=0)
    assert [path.stat().st_size for path in stored_files()] == [1000]


@pytest.mark.parametrize("by", ["program", "program-with-lines", "browser"])
def test_a_full_disk_while_files_are_received_is_told_in_a_sentence(
    app: FastAPI,
    live_database: Engine,
    lead: tuple[Project, User],
    small: Path,
    monkeypatch: pytest.MonkeyPatch,
    by: str,
) -> None:
    """What is received lies in the system's temporary directory until it has come whole."""
    monkeypatch.setattr(tempfile, "tempdir", str(small))
    project, person = lead
    if by == "browser":
        answer = browser(app, person).post(f"/projects/{project.slug}/imports", files=files(6 * MEGABYTE))
    else:
        body = (
            {"files": files(6 * MEGABYTE)}
            if by == "program"
            else {"content": b"x" * 6 * MEGABYTE, "headers": {"Content-Type": "application/jsonl"}}
        )
        answer = program(app, person).post(f"/api/v1/projects/{project.slug}/imports", **body)  # type: ignore[arg-type]
        assert answer.json()["code"] == "storage_full"
    assert answer.status_code == 422
    assert "The server's disk is full" in answer.text.replace("&#39;", "'")
    assert count(live_database, "imports") == 0
    assert stored_files() == []


@pytest.mark.long
def test_a_postgres_whose_disk_is_full_refuses_and_goes_on_when_there_is_room(
    look: Callable[[Server], Engine], record_property: Callable[[str, object], None]
) -> None:
    with small_disk(300) as place:
        server = Server(place / "data", "--workers", "2", LOG_LEVEL="WARNING")
        try:
            engine = look(server)
            office = open_office(engine, contracts=1000)
            with under_load(server.url, office) as load:
                work_on(load, submissions=5)
                ballast = fill(place)
                until(lambda: any(attempt.status == 503 for call in load.calls for attempt in call.attempts))
                ballast.unlink()
                work_on(load, submissions=10)
            attempts = [attempt for call in load.calls for attempt in call.attempts]
            assert {attempt.status for attempt in attempts if (attempt.status or 599) >= 500} == {503}
            assert find_wrong(load.calls, engine) == []
        finally:
            server.destroy()


def fill(place: Path) -> Path:
    """Take all the room that is left, whatever is written meanwhile."""
    ballast = place / "ballast"
    with ballast.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(b"\0" * 4096)
        except OSError:
            return ballast
