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
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import urlopen

import pytest

from app.settings import Settings
from tests.scratch import scratch_root

ROOT = Path(__file__).parents[1]
PATIENCE = 120.0  # seconds, on a machine that does other things too

pytestmark = pytest.mark.xdist_group("runtime")


def environment(data_dir: Path, **added: str) -> dict[str, str]:
    """The environment of a fresh machine, with the data in `data_dir`."""
    ours = {name.upper() for name in Settings.model_fields}
    kept = {name: value for name, value in os.environ.items() if name not in ours}
    return kept | {"DATA_DIR": str(data_dir), "PYTHONPATH": str(ROOT)} | added


class Server:
    """A running `engross serve`, in a process group of its own as a terminal would give it."""

    def __init__(self, data_dir: Path, *arguments: str) -> None:
        self.data_dir = data_dir
        began = time.monotonic()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "app.cli", "serve", "--port", "0", "--json", *arguments],
            cwd=data_dir.parent,
            env=environment(data_dir),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        assert self.process.stdout is not None
        said = ""
        while not said.endswith("}\n"):  # the one JSON document comes when requests are answered
            line = self.process.stdout.readline()
            assert line, self.process.communicate()[1]
            said += line
        self.url: str = json.loads(said)["url"]
        self.seconds = time.monotonic() - began

    def ready(self) -> dict[str, object]:
        """What /readyz answers, whatever its status."""
        try:
            with urlopen(f"{self.url}/readyz", timeout=10) as answer:  # noqa: S310 -- our own address
                found: dict[str, object] = json.load(answer)
        except HTTPError as error:
            found = json.load(error)
        return found

    def end(self, number: signal.Signals, *, whole_group: bool = False) -> int:
        """Send a signal, to the server or as a terminal's Ctrl-C to all of it, and wait for the exit code."""
        if whole_group:
            os.killpg(self.process.pid, number)
        else:
            self.process.send_signal(number)
        self.process.communicate(timeout=PATIENCE)
        return self.process.returncode

    def processes(self) -> dict[int, str]:
        """What runs in its group or on its data, by process id; zombies run no more."""
        shown = subprocess.run(
            ["ps", "-ww", "-eo", "pid=,pgid=,stat=,args="], capture_output=True, text=True, check=True
        ).stdout
        lines = [line.split(maxsplit=3) for line in shown.splitlines()]
        return {
            int(pid): arguments
            for pid, group, state, arguments in (line for line in lines if len(line) == 4)
            if not state.startswith("Z")
            and (int(group) == self.process.pid or f"{self.data_dir}/postgres/" in arguments)
        }

    def find(self, what: str) -> int:
        """The process id of the one process whose command line holds `what`."""
        (pid,) = [pid for pid, arguments in self.processes().items() if what in arguments]
        return pid


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
        for pid in server.processes():
            os.kill(pid, signal.SIGKILL)
        server.process.communicate()


def until(condition: Callable[[], bool]) -> None:
    """Wait until the condition holds."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "it did not come true"
        time.sleep(0.05)


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
