"""Data directories that an ordinary user can reach, and programs that use the embedded Postgres in them."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp

import psycopg
import pytest

from app.embedded import EmbeddedPostgres
from app.embedded.server import find_postmaster, stop_postmaster
from tests.scratch import scratch_root

REPOSITORY = Path(__file__).parents[2]


class Program:
    """A process that runs `tests.embedded.program`."""

    def __init__(self, data_dir: Path, *arguments: str | Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.embedded.program", data_dir, *arguments],
            cwd=REPOSITORY,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def read(self) -> dict[str, object]:
        """The next thing that it says."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            raise AssertionError(self.process.communicate()[1])
        said: dict[str, object] = json.loads(line)
        return said

    def ask(self, word: str) -> dict[str, object]:
        """Say a word to it and hear the answer: `owner?`, or anything else to make it leave."""
        assert self.process.stdin is not None
        self.process.stdin.write(f"{word}\n")
        self.process.stdin.flush()
        return self.read()

    def kill(self) -> None:
        """End it as a crash would."""
        self.process.send_signal(signal.SIGKILL)
        self.process.communicate()


@pytest.fixture(scope="session")
def used_data_dir() -> Iterator[Path]:
    """A data directory that was used and left before."""
    with TemporaryDirectory(prefix="engross-embedded-", dir=scratch_root()) as name:
        Path(name).chmod(0o711)
        with EmbeddedPostgres(Path(name, "data"), durable=False):
            pass
        yield Path(name, "data")


@pytest.fixture
def made_dir(data_dir: Path, used_data_dir: Path) -> Path:
    """The same as `data_dir`, with a cluster in it, which saves the seconds that making one takes."""
    sparse = ["--sparse=always"] if sys.platform == "linux" else []  # most of it is zeros
    subprocess.run(["cp", "-a", *sparse, used_data_dir, data_dir], check=True)
    return data_dir


@pytest.fixture
def data_dir() -> Iterator[Path]:
    """The data directory of one test, to be made, in a directory that others than root may enter too."""
    root = Path(mkdtemp(prefix="engross-embedded-", dir=scratch_root()))
    root.chmod(0o711)
    yield root / "data"
    for postmaster in root.glob("**/postmaster.pid"):
        stop_postmaster(postmaster.parent)
    shutil.rmtree(root)


@pytest.fixture
def run() -> Iterator[Callable[..., Program]]:
    """Starts programs, and ends those that are left."""
    started: list[Program] = []

    def _run(data_dir: Path, *arguments: str | Path) -> Program:
        started.append(Program(data_dir, *arguments))
        return started[-1]

    yield _run
    for program in started:
        if program.process.poll() is None:
            program.kill()


def query(url: object, statement: str) -> list[tuple[object, ...]]:
    """The rows of one statement, on a connection of its own."""
    with psycopg.connect(str(url).replace("+psycopg", ""), autocommit=True) as connection:
        cursor = connection.execute(statement.encode())
        return cursor.fetchall() if cursor.description else []


def wait_until(condition: Callable[[], bool], *, seconds: float) -> float:
    """How long it took until the condition held; fails where it took longer than `seconds`."""
    begun = time.monotonic()
    while time.monotonic() - begun < seconds:
        with suppress(psycopg.OperationalError):
            if condition():
                return time.monotonic() - begun
        time.sleep(0.02)
    pytest.fail(f"it did not come true within {seconds} s")


def postmaster_pid(data_dir: Path) -> int | None:
    """The process of the Postgres that runs in the data directory."""
    found = find_postmaster(Path(os.path.realpath(data_dir / "postgres" / "cluster")))
    return found.pid if found else None
