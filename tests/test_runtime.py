"""`engross serve` as a person runs it: real processes, signals and kills, on a data directory of its own."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from http.client import HTTPConnection
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

import pytest

from tests.scratch import scratch_root
from tests.servers import Server, environment, until

Start = Callable[..., Server]


@pytest.fixture(scope="module")
def data_dir() -> Iterator[Path]:
    with TemporaryDirectory(prefix="engross-runtime-", dir=scratch_root()) as name:
        Path(name).chmod(0o711)
        yield Path(name) / "data"


@pytest.fixture
def start(data_dir: Path) -> Iterator[Start]:
    """Starts servers; whatever the test leaves running is ended."""
    started: list[Server] = []

    def _start(*arguments: str) -> Server:
        started.append(Server(data_dir, *arguments))
        return started[-1]

    yield _start
    for server in started:
        server.destroy()


def test_a_first_start_makes_all_that_is_needed_and_sigterm_ends_all_of_it(start: Start) -> None:
    server = start()
    assert server.ready()["ready"] is True
    until(lambda: server.ready()["worker_seconds"] is not None)
    assert len(server.processes()) > 3  # this one, a web process, a worker, Postgres with its own

    report = subprocess.run(
        [sys.executable, "-m", "app.cli", "doctor", "--json"],
        env=environment(server.data_dir),
        capture_output=True,
        text=True,
        check=False,
    )
    assert report.returncode == 0, report.stdout + report.stderr
    assert json.loads(report.stdout)["healthy"] is True

    assert server.end(signal.SIGTERM) == 0
    assert server.processes() == {}


def test_ctrl_c_in_the_terminal_ends_all_of_it(
    start: Start, record_property: Callable[[str, object], None]
) -> None:
    server = start("--workers", "2")
    record_property("seconds_of_a_second_start", round(server.seconds, 2))
    assert server.ready()["ready"] is True
    assert server.end(signal.SIGINT, whole_group=True) == 0
    assert server.processes() == {}


def test_what_dies_is_started_again(start: Start) -> None:
    server = start()
    for what in ("app.operation.web_process", "app.worker", "bin/postgres -D"):
        before = server.find(what)
        os.kill(before, signal.SIGKILL)
        until(lambda what=what, before=before: _is_back(server, what, before))  # type: ignore[misc]
    until(lambda: server.ready()["ready"] is True)
    assert server.end(signal.SIGTERM) == 0
    assert server.processes() == {}


def _is_back(server: Server, what: str, before: int) -> bool:
    return any(what in arguments and pid != before for pid, arguments in server.processes().items())


def test_a_server_that_was_killed_leaves_no_process_that_answers(start: Start) -> None:
    server = start()  # its worker has only begun to import, and must notice all the same
    server.process.kill()
    until(lambda: not any("app." in arguments for arguments in server.processes().values()))

    again = start("--port", str(urlsplit(server.url).port))  # and its port and its Postgres can be used
    assert again.ready()["ready"] is True
    assert again.end(signal.SIGTERM) == 0
    assert again.processes() == {}


def test_small_answers_on_one_connection_do_not_wait_for_each_other(start: Start) -> None:
    server = start("--no-worker")
    connection = HTTPConnection(urlsplit(server.url).netloc, timeout=10)
    waits = []
    for _ in range(30):
        began = time.monotonic()
        connection.request("GET", "/healthz")
        assert connection.getresponse().read() == b"ok\n"
        waits.append(time.monotonic() - began)
    connection.close()
    # With Nagle's algorithm on, and a client that delays its acknowledgements, each call takes 40 ms or more.
    assert sorted(waits)[len(waits) // 2] < 0.035
    assert server.end(signal.SIGTERM) == 0
