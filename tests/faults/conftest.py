"""Faults: real processes and a real Postgres that forces its log to a real disk."""

import os
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Engine

from app import database
from tests.servers import Server

Serve = Callable[..., Server]


def _is_a_disk(place: Path) -> bool:
    asked = ["stat", "--file-system", "--format=%T", str(place)]
    return subprocess.run(asked, capture_output=True, text=True, check=False).stdout.strip() != "tmpfs"


@contextmanager
def directory_on_disk() -> Iterator[Path]:
    """A directory that is not in memory, where forcing a log to the disk would prove nothing."""
    places = (Path(tempfile.gettempdir()), Path("/var/tmp"), Path.home())  # noqa: S108 -- mkdtemp below it
    place = next((place for place in places if os.access(place, os.W_OK) and _is_a_disk(place)), None)
    if place is None:
        pytest.skip("there is no directory on a disk to work in")
    with tempfile.TemporaryDirectory(prefix="engross-faults-", dir=place, ignore_cleanup_errors=True) as name:
        # Root's Postgres runs as somebody else, who has to be able to enter.
        Path(name).chmod(0o711)
        yield Path(name)


@pytest.fixture
def disk() -> Iterator[Path]:
    """A directory on a disk, for one test."""
    with directory_on_disk() as place:
        yield place


@pytest.fixture
def serve(disk: Path) -> Iterator[Serve]:
    """Starts `engross serve` on the disk, with two web processes; whatever is left of it is ended."""
    started: list[Server] = []

    def start(*arguments: str, **added: str) -> Server:
        added = {"LOG_LEVEL": "WARNING"} | added
        started.append(Server(disk / "data", "--workers", "2", *arguments, **added))
        return started[-1]

    yield start
    for server in started:
        server.destroy()


@pytest.fixture
def look(request: pytest.FixtureRequest) -> Callable[[Server], Engine]:
    """Connects to a server's own Postgres, as one who only looks."""

    def connect(server: Server) -> Engine:
        engine = database.make_engine(server.database_url)
        request.addfinalizer(engine.dispose)
        return engine

    return connect
