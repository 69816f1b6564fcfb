"""What `engross serve` does: one command runs all of it, and leaves no process behind when it ends.

    engross serve ── embedded Postgres   where DATABASE_URL is not set; started again when it dies
                  ├─ web process × N     answer requests on one socket, which this process keeps open
                  └─ worker              background jobs

This process answers nothing itself. It stays small, and it outlives the fall of any of the others.
"""

import errno
import os
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from http.client import HTTPConnection
from select import select
from types import FrameType

from app.embedded.errors import from_os_error
from app.errors import CannotRun
from app.operation.children import Child
from app.settings import Settings, child_environment

READY_SECONDS = 120.0  # a machine that is busy with other things is given time
STOP_SECONDS = 15.0  # longer than a web process gives its requests
PORT_SECONDS = 2.0  # processes of a server that was killed need a moment to notice
LOOK_SECONDS = 0.1
BACKLOG = 2048


def refuse_exposure(settings: Settings, *, behind_proxy: bool) -> None:
    """Raise CannotRun where the server would be open to others without what protects it."""
    if settings.is_loopback:
        return
    if settings.secret_key is None:
        raise CannotRun(
            f"Listening on {settings.host} needs SECRET_KEY: set it to 32 or more random characters, one "
            "key for all processes, or listen on 127.0.0.1."
        )
    if "base_url" not in settings.model_fields_set:
        raise CannotRun(
            f"Listening on {settings.host} needs BASE_URL: set it to the https address by which people reach "
            "this site, or listen on 127.0.0.1."
        )
    if not settings.secure_cookies and not behind_proxy:
        raise CannotRun(
            f"BASE_URL is {settings.base_url}, and over plain http passwords can be read on the way: give it "
            "an https address, or say --behind-proxy where something in front of Engross takes care of that."
        )


@contextmanager
def until_signal() -> Iterator[None]:
    """End the block quietly on Ctrl-C, SIGTERM or a closed terminal; cleaning up then is not interrupted."""
    seen = False

    def stop(_number: int, _frame: FrameType | None) -> None:
        nonlocal seen
        if not seen:
            seen = True
            raise KeyboardInterrupt

    numbers = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]
    previous = {number: signal.getsignal(number) for number in numbers}
    for number, handler in previous.items():
        if handler is not signal.SIG_IGN or number is not signal.SIGHUP:  # nohup is respected
            signal.signal(number, stop)
    try:
        with suppress(KeyboardInterrupt):
            yield
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)


@contextmanager
def listening(settings: Settings) -> Iterator[socket.socket]:
    """The socket that people connect to. Raises CannotRun where the port cannot be had."""
    listener = _bind(settings)
    try:
        listener.listen(BACKLOG)
        yield listener
    finally:
        listener.close()


def _bind(settings: Settings) -> socket.socket:
    deadline = time.monotonic() + PORT_SECONDS
    while True:
        try:
            where = socket.getaddrinfo(settings.host, settings.port, type=socket.SOCK_STREAM)[0]
            bound = socket.socket(where[0], socket.SOCK_STREAM)
            try:
                bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                bound.bind(where[4])
            except OSError:
                bound.close()
                raise
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                reason = error.strerror or str(error)
                raise CannotRun(
                    f"Cannot listen on {settings.host}, port {settings.port} ({reason}): choose another with "
                    "--host and --port."
                ) from error
            if time.monotonic() > deadline:
                raise CannotRun(
                    f"Port {settings.port} is taken, perhaps by another Engross: end that program, or choose "
                    "another port with --port."
                ) from error
            time.sleep(0.05)
        else:
            return bound


def prepare_data_dir(settings: Settings) -> None:
    """Make the data directory and the key in it. Raises CannotRun where it cannot be written or is full."""
    try:
        settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o711 if os.geteuid() == 0 else 0o700)
        settings.signing_key()
        if not os.access(settings.data_dir, os.W_OK | os.X_OK):
            raise PermissionError(errno.EACCES, "Permission denied")
    except OSError as error:
        raise CannotRun(str(from_os_error(error, path=settings.data_dir))) from error


class Running:
    """The processes of a server that was started."""

    def __init__(self, children: list[Child], listener: socket.socket) -> None:
        self._children = children
        self._listener = listener

    def wait_until_ready(self) -> None:
        """Return when a request is answered. Raises CannotRun where a process ends before."""
        host, port = self._listener.getsockname()[:2]
        reachable = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 -- compared, not bound
        deadline = time.monotonic() + READY_SECONDS
        # The socket takes connections already: this request waits there until a process comes to it.
        with closing(HTTPConnection(reachable, port)) as connection:
            connection.request("GET", "/healthz")
            while not select([connection.sock], [], [], LOOK_SECONDS)[0]:
                for child in self._children:
                    if child.has_ended:
                        raise CannotRun(f"The {child.name} process ended as it started: see the lines above.")
                if time.monotonic() > deadline:
                    raise CannotRun(f"No answer after {READY_SECONDS:.0f} seconds: see the lines above.")

    def watch(self) -> None:
        """Keep all processes running; for ever, or until a signal interrupts it."""
        while True:
            for child in self._children:
                child.tend()
            time.sleep(LOOK_SECONDS)


@contextmanager
def running(
    settings: Settings, listener: socket.socket, *, database_url: str, web_processes: int, with_worker: bool
) -> Iterator[Running]:
    """Start the processes; at the end of the block let them finish what they do, and wait for them."""
    lifeline, ours = os.pipe()
    environment = child_environment(settings, DATABASE_URL=database_url)
    numbers = (listener.fileno(), lifeline)
    children = [
        Child(
            "web",
            ["-m", "app.operation.web_process", *map(str, numbers)],
            environment=environment,
            descriptors=numbers,
        )
        for _ in range(web_processes)
    ]
    if with_worker:
        children.append(Child("worker", ["-m", "app.worker", "--with-parent"], environment=environment))
    try:
        for child in children:
            child.start()
        yield Running(children, listener)
    finally:
        listener.close()  # nobody is to be let in who will not be answered
        for child in children:
            child.ask_to_end()
        deadline = time.monotonic() + STOP_SECONDS
        for child in children:
            child.wait(until=deadline)
        os.close(lifeline)
        os.close(ours)
