"""`engross serve` in processes and a data directory of its own, as a person would run it."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import quote, urlsplit
from urllib.request import urlopen

from app.embedded.cluster import DATABASE, ROLE
from app.embedded.places import home_of
from app.embedded.server import find_postmaster
from app.settings import Settings

ROOT = Path(__file__).parents[1]
PATIENCE = 120.0  # seconds, on a machine that does other things too


def environment(data_dir: Path, **added: str) -> dict[str, str]:
    """The environment of a fresh machine, with the data in `data_dir`."""
    ours = {name.upper() for name in Settings.model_fields}
    kept = {name: value for name, value in os.environ.items() if name not in ours}
    return kept | {"DATA_DIR": str(data_dir), "PYTHONPATH": str(ROOT)} | added


class Server:
    """A running `engross serve`, in a process group of its own as a terminal would give it."""

    def __init__(self, data_dir: Path, *arguments: str, **added: str) -> None:
        """`arguments` are those of the command, `added` are variables of its environment."""
        self.data_dir = data_dir
        # Into a file: a pipe that nobody reads would fill up and hold the server.
        self.log = data_dir.parent / "server.log"
        began = time.monotonic()
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "app.cli", "serve", "--port", "0", "--json", *arguments],
                cwd=data_dir.parent,
                env=environment(data_dir, **added),
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                start_new_session=True,
            )
        assert self.process.stdout is not None
        said = ""
        while not said.endswith("}\n"):  # the one JSON document comes when requests are answered
            line = self.process.stdout.readline()
            assert line, self.log.read_text()
            said += line
        self.url: str = json.loads(said)["url"]
        self.seconds = time.monotonic() - began

    @property
    def port(self) -> str:
        """The port that it listens on, for one that is to be started in its place."""
        return str(urlsplit(self.url).port)

    @property
    def cluster(self) -> Path:
        """Where its own Postgres keeps its data."""
        return home_of(self.data_dir) / "cluster"

    @property
    def database_url(self) -> str:
        """Its own Postgres, for one who only looks: whoever joined it would start it again when it dies."""
        postmaster = find_postmaster(self.cluster)
        assert postmaster is not None
        where = quote(str(postmaster.socket_directory))
        return f"postgresql+psycopg://{ROLE}@/{DATABASE}?host={where}&port=5432"

    def ready(self) -> dict[str, object]:
        """What /readyz answers, whatever its status."""
        try:
            with urlopen(f"{self.url}/readyz", timeout=PATIENCE) as answer:  # noqa: S310 -- our own address
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

    def kill_postgres(self) -> None:
        """SIGKILL to its Postgres and all of that one's processes, at once: nobody writes anything more."""
        kill_postgres(self.cluster)

    def destroy(self) -> None:
        """Leave nothing of it running, in whatever state a test has left it."""
        for pid in self.processes():
            os.kill(pid, signal.SIGKILL)
        self.process.communicate()


def kill_postgres(cluster: Path) -> None:
    """SIGKILL to the Postgres on `cluster` with all its processes; each is stopped before the first dies."""
    postmaster = find_postmaster(cluster)
    assert postmaster is not None
    listed = ["ps", "-o", "pid=", "--ppid", str(postmaster.pid)]
    shown = subprocess.run(listed, capture_output=True, text=True, check=False).stdout
    group = [postmaster.pid, *map(int, shown.split())]
    for number in (signal.SIGSTOP, signal.SIGKILL):
        for pid in group:
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                continue  # a backend whose client has just left


def until(condition: Callable[[], bool], *, patience: float = PATIENCE) -> None:
    """Wait until the condition holds."""
    deadline = time.monotonic() + patience
    while not condition():
        assert time.monotonic() < deadline, "it did not come true"
        time.sleep(0.05)
