"""The engine, the declarative base, and the one transaction of a request."""

import select
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import cache
from typing import Annotated, Any

import psycopg
from fastapi import Depends
from psycopg.rows import namedtuple_row
from sqlalchemy import BigInteger, Connection, DateTime, Engine, MetaData, Select, create_engine, event
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.orm import DeclarativeBase, Session

from app.settings import get_settings

# Names by convention, so that a migration can drop what an earlier one made.
NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """All tables. Integers that grow are 64 bits wide, and every time has a zone."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {  # noqa: RUF012 -- SQLAlchemy reads a plain class attribute
        datetime: DateTime(timezone=True),
        int: BigInteger,
        dict[str, object]: JSONB,
        dict[str, Any]: JSONB,
        dict[str, str]: JSONB,
        list[dict[str, object]]: JSONB,
        list[str]: JSONB,
    }


STREAM_CONNECTIONS = 4
_ROWS_AT_A_TIME = 20  # of a stream: contracts are long, and so many lie in memory at once

_url: str | None = None


def configure(url: str) -> None:
    """Say which database this process works on; called once by the program that starts it."""
    global _url  # noqa: PLW0603 -- one database per process, set by the program that starts it
    _url = url
    get_engine.cache_clear()
    get_stream_engine.cache_clear()


@cache
def get_engine() -> Engine:
    """The engine of this process. A full pool refuses within two seconds and does not queue for ever."""
    settings = get_settings()
    url = _url or (settings.database_url and settings.database_url.get_secret_value())
    if not url:
        raise RuntimeError("configure() was not called and DATABASE_URL is not set")
    return make_engine(url, pool_size=settings.engross_pool_size)


@cache
def get_stream_engine() -> Engine:
    """The few connections for exports: a reader that dawdles must not take them from everybody else."""
    return make_engine(get_engine().url.render_as_string(hide_password=False), pool_size=STREAM_CONNECTIONS)


def make_engine(url: str, *, pool_size: int = 5) -> Engine:
    """An engine with this application's habits: UTC, no waiting for ever on a lock or on a connection."""
    engine = create_engine(
        url,
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=2,
        hide_parameters=True,  # an error is logged with its statement, and the values are contracts
        connect_args={
            "connect_timeout": 3,
            "application_name": "engross",
            "prepare_threshold": 2,  # statements are few and repeat: saves a parse each time
            "options": "-c timezone=UTC -c lock_timeout=10s -c idle_in_transaction_session_timeout=15min",
        },
    )
    event.listen(engine, "checkout", _refuse_closed)
    return engine


def _refuse_closed(connection: psycopg.Connection, *_: object) -> None:
    """Keep a request from a connection that Postgres has closed: the pool makes another one.

    An idle connection has nothing to read but its end. To look there costs nothing, where `pool_pre_ping`
    asks Postgres once more for every request.
    """
    if connection.closed:
        raise DisconnectionError
    to_read = select.poll()
    to_read.register(connection, select.POLLIN)
    if to_read.poll(0):
        raise DisconnectionError


def stream(connection: Connection, statement: Select[*tuple[Any, ...]]) -> Generator[Any]:
    """The rows of one statement as they come, with their columns as attributes.

    Postgres goes on reading while rows are used, which takes half the time of a cursor's batches, and only
    what lies in the socket is in memory. Whoever stops in the middle closes it.
    """
    compiled = statement.compile(connection, compile_kwargs={"render_postcompile": True})
    driver = connection.connection.driver_connection
    if not isinstance(driver, psycopg.Connection):
        raise TypeError("rows are streamed by psycopg")
    with driver.cursor(row_factory=namedtuple_row) as cursor:
        yield from cursor.stream(str(compiled), compiled.params, binary=True, size=_ROWS_AT_A_TIME)


@contextmanager
def transaction() -> Iterator[Session]:
    """A session whose work is committed at the end of the block: for jobs and the command line."""
    with Session(get_engine(), expire_on_commit=False) as session, session.begin():
        yield session


def get_session() -> Iterator[Session]:
    """One request, one transaction: committed when the route returns, rolled back when it raises."""
    with transaction() as session:
        yield session


# scope="function" commits before the response leaves. FastAPI's default commits after it,
# when it is too late to tell anybody that the commit failed.
SessionDep = Annotated[Session, Depends(get_session, scope="function")]
