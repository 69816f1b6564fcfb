"""One Postgres for the whole run, built by the migrations; a rolled-back session or a database of its own."""

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import structlog
import xdist.remote
import xdist.scheduler
from anyio.from_thread import start_blocking_portal
from argon2 import PasswordHasher
from fastapi import FastAPI
from sqlalchemy import Engine, create_engine, make_url, text
from sqlalchemy.orm import Session
from starlette.testclient import TestClient

from app import database, logs, migrating
from app.accounts import passwords
from app.embedded import EmbeddedPostgres
from app.main import create_app
from app.settings import get_settings
from tests import outbound
from tests.factories import Factory
from tests.scratch import scratch_root

_names = count(1)
PROGRAMS_HASHER = passwords._hasher
PROGRAMS_BROKEN = logs.broken


def pytest_configure(config: pytest.Config) -> None:
    outbound.listen()
    config.addinivalue_line("markers", "long: takes minutes; run with -m long, and left out otherwise")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what is marked `long` unless it is asked for."""
    if "long" not in config.option.markexpr:
        left_out = [item for item in items if item.get_closest_marker("long")]
        items[:] = [item for item in items if not item.get_closest_marker("long")]
        config.hook.pytest_deselected(items=left_out)


class ByFile(xdist.scheduler.LoadScopeScheduling):
    """Gives each file to one process, which makes once what its tests share; and some folders as a whole."""

    TOGETHER = ("tests/browser", "tests/rights")  # each has one site, or one world, for all of it

    def _split_scope(self, nodeid: str) -> str:
        return next(
            (folder for folder in self.TOGETHER if nodeid.startswith(folder)), nodeid.partition("::")[0]
        )


def pytest_xdist_make_scheduler(config: pytest.Config, log: xdist.remote.Producer) -> ByFile:
    return ByFile(config, log)


@pytest.fixture(scope="session", autouse=True)
def _settings_of_the_tests(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Settings of a fresh machine: no .env of the developer, a data directory of its own."""
    os.environ["DATA_DIR"] = str(tmp_path_factory.mktemp("data"))
    os.environ["SECRET_KEY"] = "for-tests-only-" * 3
    get_settings.cache_clear()
    yield
    get_settings.cache_clear()


@pytest.fixture(scope="session", autouse=True)
def _one_event_loop() -> Iterator[None]:
    """The event loop of all test clients, as one of a server: each request would start one of its own."""
    with start_blocking_portal() as portal:
        TestClient.portal = portal
        yield
        TestClient.portal = None
        portal.call(portal.stop, True)  # cancels what a request has left behind


@pytest.fixture(scope="session", autouse=True)
def _passwords_cost_little() -> Iterator[None]:
    """Argon2id of the least cost: at the program's own a sign-in takes as long as twenty other requests."""
    passwords._hasher = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
    yield
    passwords._hasher = PROGRAMS_HASHER


@pytest.fixture(scope="session", autouse=True)
def _what_breaks_fails_its_test() -> Iterator[None]:
    """Where the program would log an error and go on without what broke, a test meets the error."""

    def fail(_event: str, error: Exception, **_about: object) -> None:
        raise error

    logs.broken = fail
    yield
    logs.broken = PROGRAMS_BROKEN


@pytest.fixture(autouse=True)
def _the_log_ends_with_the_test() -> Iterator[None]:
    """What the program logs in a test goes to that test's own streams, which are closed behind it."""
    yield
    for handler in logging.root.handlers[:]:
        if isinstance(handler.formatter, structlog.stdlib.ProcessorFormatter):
            logging.root.removeHandler(handler)


@pytest.fixture(autouse=True)
def _nothing_beyond_this_machine_is_reached() -> Iterator[None]:
    """Whatever the application does in a test, it asks nobody elsewhere: it was not told of anybody."""
    outbound.reached.clear()
    yield
    assert outbound.reached == []


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The URL of a Postgres that forgets: fast, and started once for each test process."""
    configured = os.environ.get("ENGROSS_TEST_PG_BIN")
    pg_bin = Path(configured) if configured else None
    with TemporaryDirectory(prefix="engross-tests-", dir=scratch_root()) as name:
        # Root's Postgres runs as somebody else, who could not enter pytest's own directories.
        Path(name).chmod(0o711)
        with EmbeddedPostgres(Path(name), pg_bin=pg_bin, durable=False) as server:
            yield server.url


@pytest.fixture(scope="session")
def template(postgres: str) -> str:
    """The name of the database that the migrations built; others are copied from it."""
    engine = database.make_engine(postgres)
    migrating.migrate(engine)
    engine.dispose()
    return engine.url.database or ""


def copy_database(postgres: str, template: str) -> str:
    """The URL of a new database that is a copy of `template`."""
    name = f"copy_{os.getpid()}_{next(_names)}"
    with _beside(postgres).connect() as connection:
        connection.execute(text(f'CREATE DATABASE {name} TEMPLATE "{template}" STRATEGY WAL_LOG'))
        return connection.engine.url.set(database=name).render_as_string(hide_password=False)


@cache
def _beside(postgres: str) -> Engine:
    """An engine on another database of the server: a template must have nobody in it."""
    return create_engine(make_url(postgres).set(database="postgres"), isolation_level="AUTOCOMMIT")


@pytest.fixture(scope="session")
def engine(postgres: str, template: str) -> Iterator[Engine]:
    """An engine on a database that no test commits to."""
    engine = database.make_engine(copy_database(postgres, template))
    yield engine
    engine.dispose()


@pytest.fixture(scope="session")
def application() -> FastAPI:
    """The whole application. It holds nothing of a request or of a database, and what its first requests
    make of its routes takes longer than most tests: all share it."""
    return create_app()


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    """A session whose work is rolled back."""
    with engine.connect() as connection, connection.begin() as outer:
        with Session(connection, expire_on_commit=False, join_transaction_mode="create_savepoint") as session:
            yield session
        outer.rollback()


@pytest.fixture
def make(session: Session) -> Factory:
    """Makes rows in the rolled-back session."""
    return Factory(session)


@contextmanager
def on_a_database_of_its_own(postgres: str, template: str) -> Iterator[Engine]:
    """A new database, which the application in this process works on and commits to during the block."""
    database.configure(copy_database(postgres, template))
    engine = database.get_engine()
    yield engine
    engine.dispose()
    database.configure("")


@pytest.fixture
def live_database(postgres: str, template: str) -> Iterator[Engine]:
    """A database of this test's own, which the application in this process works on and commits to."""
    with on_a_database_of_its_own(postgres, template) as engine:
        yield engine
