"""One Postgres per data directory, shared by every process that asks for it, and kept alive by one of them.

Whoever comes first is the *owner*: it makes the cluster, starts Postgres in the foreground as its child, and
a thread of it starts Postgres again when that dies. Whoever comes later is a *user* of the same server.

- The owner leaves while others use it: Postgres keeps running, and one of them becomes owner.
- The last one leaves: Postgres is stopped, whoever started it.
- The owner is killed: Postgres keeps running; a user, or else the next process that starts, takes it over.
- Postgres is killed: the owner starts it again, at the same address.

The kernel's file locks decide each of these (`locks`), so no state can be stale. Where a killed process
leaves a forked child that did not exec, the child holds its locks until it ends; others then join as users.
"""

import logging
import time
from collections.abc import Mapping
from pathlib import Path
from threading import Event, Lock, Thread
from types import MappingProxyType, TracebackType
from typing import Self
from urllib.parse import quote

import psycopg

from app.embedded.account import choose_account, choose_binaries
from app.embedded.cluster import (
    DATABASE,
    DURABLE_SETTINGS,
    ROLE,
    check_durability,
    connect,
    make_cluster,
    make_database,
    version_of,
)
from app.embedded.errors import EmbeddedError
from app.embedded.locks import Locks
from app.embedded.places import home_of, make_data_dir, make_home, make_socket_directory
from app.embedded.server import Server, find_postmaster, stop_postmaster

log = logging.getLogger(__name__)

_WATCH_SECONDS = 0.25
# A user waits this long for an owner that makes the cluster or whose Postgres recovers.
_JOIN_SECONDS = 60.0
_BASE_SETTINGS = {
    "listen_addresses": "",  # the socket is the only way in
    "port": "5432",  # names the socket's file, nothing else
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "jit": "off",  # costs more than it saves on short queries
    "timezone": "UTC",
    "log_timezone": "UTC",
    "lc_messages": "C",  # its failures are told apart by their words
    "logging_collector": "off",
    "log_checkpoints": "off",
    # Errors quote values, and those are contract text; the application logs its own errors without it.
    "log_min_messages": "log",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
}
_DURABLE = dict.fromkeys(DURABLE_SETTINGS, "on") | {"shared_buffers": "128MB"}
_FAST = dict.fromkeys(DURABLE_SETTINGS, "off") | {"shared_buffers": "32MB"}


class EmbeddedPostgres:
    """The server of one data directory, as one process uses it. Safe to call from several threads."""

    def __init__(
        self,
        data_dir: Path,
        *,
        pg_bin: Path | None = None,
        durable: bool = True,
        extra_settings: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        """`durable=False` trades safety after a crash of the machine for speed, for data that is thrown away.

        `extra_settings` are Postgres's own, and apply where this process starts the server.
        """
        forbidden = sorted(
            {*DURABLE_SETTINGS, "unix_socket_directories", "listen_addresses"} & {*extra_settings}
        )
        if forbidden:
            raise EmbeddedError(
                f"The embedded Postgres does not let {', '.join(forbidden)} be set: use DATABASE_URL."
            )
        self._data_dir = data_dir.absolute()
        self._pg_bin = pg_bin
        self._durable = durable
        self._settings = _BASE_SETTINGS | (_DURABLE if durable else _FAST) | dict(extra_settings)
        self._mutex = Lock()
        self._locks: Locks | None = None
        self._server: Server | None = None
        self._socket_directory: Path | None = None
        self._leaving = Event()
        self._watcher: Thread | None = None

    @property
    def is_owner(self) -> bool:
        """Whether this process looks after the server at the moment."""
        return self._locks is not None and self._locks.is_owner

    @property
    def url(self) -> str:
        """The database's address for SQLAlchemy; it stays the same when Postgres is started again."""
        if self._socket_directory is None:
            raise EmbeddedError("The embedded Postgres is not running: start() it first.")
        return f"postgresql+psycopg://{ROLE}@/{DATABASE}?host={quote(str(self._socket_directory))}&port=5432"

    def start(self) -> str:
        """Start Postgres, or join the one that runs; gives the database's address once it answers.

        Takes about two seconds the first time, which makes the cluster. Raises EmbeddedError.
        """
        with self._mutex:
            if self._locks is None:
                make_data_dir(self._data_dir)
                self._leaving.clear()
                self._locks = Locks(self._data_dir)
                try:
                    self._locks.join()
                    self._own_or_join(self._locks)
                except psycopg.Error as error:
                    self._leave(self._locks)
                    reason = str(error).splitlines()[-1:] or ["no reason given"]
                    raise EmbeddedError(
                        f"Postgres runs and refuses us ({reason[0]}): see {self._data_dir / 'postgres.log'}."
                    ) from error
                except BaseException:
                    self._leave(self._locks)
                    raise
                self._watcher = Thread(
                    target=self._watch, args=(self._locks,), name="embedded-postgres", daemon=True
                )
                self._watcher.start()
            return self.url

    def stop(self) -> None:
        """Leave: Postgres stops where nobody else uses it. Does nothing where it was not started."""
        with self._mutex:
            if self._locks is not None:
                self._leaving.set()
                if self._watcher is not None:
                    self._watcher.join()
                self._leave(self._locks)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _own_or_join(self, locks: Locks) -> None:
        deadline = time.monotonic() + _JOIN_SECONDS
        while not locks.try_own():
            postmaster = find_postmaster(home_of(self._data_dir) / "cluster")
            if postmaster is not None and postmaster.socket_directory is not None:
                try:
                    connect(postmaster.socket_directory).close()
                except psycopg.OperationalError:
                    pass  # still starting, or still without its database
                else:
                    self._socket_directory = postmaster.socket_directory
                    break
            if time.monotonic() > deadline:
                raise EmbeddedError(
                    f"Another process holds {self._data_dir} and its Postgres does not answer: "
                    "end that process and start again."
                )
            time.sleep(0.05)
        else:
            self._look_after()
        if self._durable and self._socket_directory is not None:
            check_durability(self._socket_directory)

    def _look_after(self) -> None:
        """The owner's part: a cluster, a server that answers, a database in it."""
        cluster = home_of(self._data_dir) / "cluster"
        major = version_of(cluster)
        account = choose_account(cluster)
        binaries = choose_binaries(account, configured=self._pg_bin, major=major)
        cluster = make_home(self._data_dir, account) / "cluster"
        if major is None:
            make_cluster(cluster, binaries=binaries, account=account, durable=self._durable)
        else:
            account.give_tree(cluster)
        self._server = Server(
            cluster=cluster,
            binaries=binaries,
            account=account,
            # Where others already rely on an address, a server that is started again must have the same one.
            socket_directory=self._socket_directory or make_socket_directory(cluster.parent, account),
            settings=self._settings,
            log_path=self._data_dir / "postgres.log",
        )
        self._server.bring_up(cancelled=self._leaving)
        make_database(self._server.socket_directory)
        self._socket_directory = self._server.socket_directory

    def _watch(self, locks: Locks) -> None:
        """Become the owner when there is none, and as the owner start Postgres again when it has died."""
        while not self._leaving.wait(_WATCH_SECONDS):
            try:
                if not locks.try_own():
                    continue
                if self._server is None:
                    self._look_after()
                elif not self._server.is_alive():
                    log.warning("Postgres ended unexpectedly; it is started again")
                    self._server.bring_up(cancelled=self._leaving)
                    log.info("Postgres answers again")
            except (EmbeddedError, psycopg.Error, OSError) as error:
                if not self._leaving.is_set():
                    log.error("The embedded Postgres is down: %s", error)  # noqa: TRY400 -- one sentence
                    self._leaving.wait(2)

    def _leave(self, locks: Locks) -> None:
        """Let go of the locks; whoever is the last stops Postgres, whoever started it."""
        try:
            with locks.leaving():
                if locks.try_own() and locks.try_alone():
                    if self._server is not None:
                        self._server.shut_down()
                    else:
                        stop_postmaster(home_of(self._data_dir) / "cluster")
        finally:
            self._locks = self._server = self._socket_directory = self._watcher = None
