"""One Postgres process on the embedded cluster: started as our child, or found running and taken over."""

import logging
import os
import signal
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import BinaryIO

from psycopg.conninfo import make_conninfo
from psycopg.pq import PGconn, Ping

from app.embedded.account import Account
from app.embedded.binaries import Binaries
from app.embedded.cluster import SUPERUSER
from app.embedded.errors import EmbeddedError, from_os_error, from_output

log = logging.getLogger(__name__)

# After a crash the old processes hold their shared memory until they notice that their parent is gone.
RETRY_SECONDS = 20.0
# Replaying the log after a crash takes as long as it takes; this is for a server that will never answer.
ANSWER_SECONDS = 300.0
ADOPT_SECONDS = 20.0
_PASSING = ("pre-existing shared memory block", "already exists", "Address already in use")
_LOG_LIMIT = 10_000_000  # bytes
_STOPS = ((signal.SIGINT, 30.0), (signal.SIGQUIT, 5.0), (signal.SIGKILL, 5.0))  # fast, abrupt, by force


@dataclass(frozen=True, slots=True)
class Postmaster:
    """What Postgres has written about itself into postmaster.pid; no socket in its first moments."""

    pid: int
    socket_directory: Path | None


def find_postmaster(cluster: Path) -> Postmaster | None:
    """The server that runs on `cluster`, None where none does, whatever is left in its pid file."""
    try:
        lines = (cluster / "postmaster.pid").read_text(encoding="utf-8").splitlines()
        pid = int(lines[0])
    except (FileNotFoundError, NotADirectoryError, IndexError, ValueError):
        return None
    except OSError as error:
        raise from_os_error(error, path=cluster) from error
    if not _runs_on(cluster, pid=pid):
        return None
    socket = lines[4].strip() if len(lines) > 4 else ""
    return Postmaster(pid=pid, socket_directory=Path(socket) if socket else None)


def ping(socket_directory: Path) -> Ping:
    """Whether a server answers there: OK, REJECT (it is starting or stopping) or NO_RESPONSE."""
    where = make_conninfo(
        host=str(socket_directory), port=5432, dbname="postgres", user=SUPERUSER, connect_timeout=2
    )
    return Ping(PGconn.ping(where.encode()))


class Server:
    """The process, as its owner sees it."""

    def __init__(
        self,
        *,
        cluster: Path,
        binaries: Binaries,
        account: Account,
        socket_directory: Path,
        settings: Mapping[str, str],
        log_path: Path,
    ) -> None:
        self._cluster = cluster
        self._binaries = binaries
        self._account = account
        self._settings = settings
        self._log_path = log_path
        self.socket_directory = socket_directory
        self._pid: int | None = None
        self._process: subprocess.Popen[bytes] | None = None

    def is_alive(self) -> bool:
        """Whether the process that was brought up still runs."""
        if self._process is not None:
            return self._process.poll() is None
        postmaster = find_postmaster(self._cluster)
        return postmaster is not None and postmaster.pid == self._pid

    def bring_up(self, *, cancelled: Event) -> None:
        """Take over the running server, or start one; returns when it answers. Raises EmbeddedError.

        Tries again where what hindered it passes: remains of a crash, or a signal that hit it too.
        """
        self._process = None
        if self._adopt(cancelled=cancelled):
            return
        deadline = time.monotonic() + RETRY_SECONDS
        while (said := self._launch(cancelled=cancelled)) is not None:
            killed = self._process is not None and self._process.returncode < 0
            passing = killed or any(mark in said for mark in _PASSING)
            if time.monotonic() > deadline or not passing:
                raise from_output(said, doing="start", path=self._log_path)
            cancelled.wait(0.2)

    def _adopt(self, *, cancelled: Event) -> bool:
        """Take over a server that runs and answers; end one that does not answer."""
        deadline = time.monotonic() + ADOPT_SECONDS
        answer = Ping.NO_RESPONSE
        while (found := find_postmaster(self._cluster)) is not None:
            if found.socket_directory is not None:
                answer = ping(found.socket_directory)
                if answer == Ping.OK:
                    self._pid, self.socket_directory = found.pid, found.socket_directory
                    return True
            if time.monotonic() > deadline and answer != Ping.REJECT:
                log.warning("Postgres (process %d) runs and does not answer: it is ended", found.pid)
                stop_postmaster(self._cluster)
            _pause(cancelled)
        return False

    def _launch(self, *, cancelled: Event) -> str | None:
        """Start the process; None when it answers, else what it said before it ended."""
        with _open_log(self._log_path) as output:
            begin = os.fstat(output.fileno()).st_size
            settings = {**self._settings, "unix_socket_directories": self.socket_directory}
            self._process = self._account.spawn(
                [
                    self._binaries.directory / "postgres",
                    "-D",
                    self._cluster,
                    *(f"--{k}={v}" for k, v in settings.items()),
                ],
                directory=self._cluster.parent,
                output=output,
            )
        try:
            if self._comes_up(self._process, cancelled=cancelled):
                self._pid = self._process.pid
                return None
        except BaseException:
            self.shut_down()
            raise
        with self._log_path.open("rb") as said:
            said.seek(begin)
            return said.read().decode(errors="replace")

    def _comes_up(self, process: subprocess.Popen[bytes], *, cancelled: Event) -> bool:
        """True when our child answers, False when it ended. Raises EmbeddedError where it does neither."""
        deadline = time.monotonic() + ANSWER_SECONDS
        while process.poll() is None:
            if ping(self.socket_directory) == Ping.OK:
                # Another server may be the one that answers; the child then ends when it sees its lock file.
                found = find_postmaster(self._cluster)
                if found is not None and found.pid == process.pid:
                    return True
            if time.monotonic() > deadline:
                raise EmbeddedError(f"Postgres does not answer: see {self._log_path}, or set DATABASE_URL.")
            _pause(cancelled)
        return False

    def shut_down(self) -> None:
        """End the process and wait for it; work in flight is rolled back, what was acknowledged stays."""
        stop_postmaster(self._cluster)
        if self._process is not None:
            if self._process.poll() is None:  # it had not written its pid file yet
                self._process.send_signal(signal.SIGINT)
            self._process.wait()


def stop_postmaster(cluster: Path) -> None:
    """End whatever server runs on `cluster` and wait until it is gone."""
    for how, seconds in _STOPS:
        deadline = time.monotonic() + seconds
        postmaster = find_postmaster(cluster)
        if postmaster is None:
            return
        try:
            os.kill(postmaster.pid, how)
        except ProcessLookupError:
            return
        except PermissionError as error:
            raise from_os_error(error, path=cluster) from error
        while find_postmaster(cluster) is not None:
            if time.monotonic() > deadline:
                log.warning(
                    "Postgres (process %d) did not end within %d s of %s", postmaster.pid, seconds, how.name
                )
                break
            time.sleep(0.02)


def _pause(cancelled: Event) -> None:
    if cancelled.wait(0.02):
        raise EmbeddedError("Engross was stopped while Postgres was starting: start it again.")


def _open_log(path: Path) -> BinaryIO:
    """The log, to append to; begun anew where it has grown too long."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        output = os.fdopen(descriptor, "ab")
        if os.fstat(descriptor).st_size > _LOG_LIMIT:
            output.truncate(0)
    except OSError as error:
        raise from_os_error(error, path=path) from error
    return output


def _runs_on(cluster: Path, *, pid: int) -> bool:
    """Whether the process is a living Postgres on `cluster`: the number may be anybody's by now."""
    try:
        # Empty for a zombie. Only the main process keeps its arguments, its children show what they do.
        arguments = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        if Path("/proc/self").exists():
            return False
    else:
        return arguments[0].endswith(b"postgres") and os.fsencode(cluster) in arguments
    shown = subprocess.run(  # noqa: S603 -- a number is the only argument that varies
        ["/bin/ps", "-ww", "-o", "args=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return "postgres -D " in shown.stdout and os.fspath(cluster) in shown.stdout
