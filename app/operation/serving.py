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
from contextlib import AbstractContextManager, closing, contextmanager, suppress
from http.client import HTTPConnection
from importlib import import_module
from select import select
from tempfile import TemporaryDirectory
from types import FrameType
from typing import Protocol, cast

from app.errors import CannotRun
from app.operation.children import Child
from app.settings import METRICS_DIRECTORY, Settings, child_environment, read_settings

READY_SECONDS = 120.0  # a machine that is busy with other things is given time
STOP_SECONDS = 15.0  # longer than a web process gives its requests
PORT_SECONDS = 2.0  # processes of a server that was killed need a moment to notice
LOOK_SECONDS = 0.1
BACKLOG = 2048


class Site(Protocol):
    """A module with the part that needs the database, such as `app.operation.site`."""

    def opened(self, settings: Settings) -> AbstractContextManager[str]:
        """The address of a database that is ready for work, for the length of the block."""

    def greet(self, settings: Settings, *, as_json: bool) -> None:
        """Say that requests are answered, and where."""


def run(
    *,
    site: str,
    host: str | None,
    port: int | None,
    web_processes: int,
    with_worker: bool,
    behind_proxy: bool,
    as_json: bool,
) -> None:
    """Serve until a signal; whatever was started is ended on every way out. Raises CannotRun."""
    given = {"host": host, "port": port}
    settings = read_settings(**{name: value for name, value in given.items() if value is not None})
    refuse_exposure(settings, behind_proxy=behind_proxy)
    with until_signal(), listening(settings) as listener:
        # The port is a free one where 0 was asked for, and a base URL that was not set follows it.
        settings = read_settings(host=settings.host, port=listener.getsockname()[1])
        prepare_data_dir(settings)
        with running(settings, listener, web_processes=web_processes, with_worker=with_worker) as server:
            # Imported only here, beside the web processes' imports: it halves the time of a start.
            module = cast(Site, import_module(site))
            with module.opened(settings) as database_url:
                try:
                    server.open(database_url)
                    module.greet(settings, as_json=as_json)
                    server.watch()
                finally:
                    server.end()  # before the database goes: whoever is being answered still needs it


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
    """Make the data directory and the key in it, before processes need them. Raises CannotRun."""
    try:
        # Root's Postgres runs as somebody else, who must get through, and needs to see nothing.
        settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o711 if os.geteuid() == 0 else 0o700)
        settings.signing_key()
        if not os.access(settings.data_dir, os.W_OK | os.X_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    except OSError as error:
        raise CannotRun(
            f"The data directory {settings.data_dir} cannot be used ({error.strerror}): make room there, "
            "give it to this user, or set DATA_DIR to another one."
        ) from error


class Running:
    """The processes of a server, which `open` sets to work and `watch` keeps running."""

    def __init__(
        self,
        settings: Settings,
        listener: socket.socket,
        *,
        web_processes: int,
        with_worker: bool,
        metrics: str,
    ) -> None:
        self._settings = settings
        self._listener = listener
        self._with_worker = with_worker
        number = listener.fileno()
        self._children = [
            Child(
                "web",
                ["-m", "app.operation.web_process", str(number)],
                environment=child_environment(settings, **{METRICS_DIRECTORY: metrics}),
                descriptors=[number],
            )
            for _ in range(web_processes)
        ]

    def prepare(self) -> None:
        """Start the web processes: they import the application while others prepare the database."""
        for child in self._children:
            child.start()

    def open(self, database_url: str) -> None:
        """Set the processes to work; returns when a request was answered.

        Raises CannotRun where a process ends before.
        """
        for child in self._children:
            child.tell(database_url)
        self._wait_for_answer()
        if self._with_worker:
            environment = child_environment(self._settings, DATABASE_URL=database_url)
            worker = Child("worker", ["-m", "app.worker", "--with-parent"], environment=environment)
            self._children.append(worker)
            worker.start()

    def watch(self) -> None:
        """Keep all processes running; for ever, or until a signal interrupts it."""
        while True:
            for child in self._children:
                child.tend()
            time.sleep(LOOK_SECONDS)

    def end(self) -> None:
        """Let all processes finish what they do, and wait for them."""
        self._listener.close()  # nobody is to be let in who will not be answered
        for child in self._children:
            child.ask_to_end()
        deadline = time.monotonic() + STOP_SECONDS
        for child in self._children:
            child.wait(until=deadline)

    def _wait_for_answer(self) -> None:
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


@contextmanager
def running(
    settings: Settings, listener: socket.socket, *, web_processes: int, with_worker: bool
) -> Iterator[Running]:
    """The processes of one server; at the end of the block they are ended."""
    with TemporaryDirectory(prefix="engross-metrics-") as metrics:  # in which the web processes count
        server = Running(
            settings, listener, web_processes=web_processes, with_worker=with_worker, metrics=metrics
        )
        try:
            server.prepare()
            yield server
        finally:
            server.end()
