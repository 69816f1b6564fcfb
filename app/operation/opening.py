"""The database as a program opens it: found or started, at this version's schema, or one clear sentence."""

import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from importlib import import_module
from typing import Literal

from sqlalchemy import URL, Engine, make_url, text
from sqlalchemy.exc import DBAPIError, OperationalError, ProgrammingError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from app import database, schema
from app.documents.storage import originals
from app.embedded import EmbeddedError, EmbeddedPostgres
from app.errors import CannotRun
from app.models import __all__ as _every_table  # noqa: F401 -- a flush follows foreign keys to any table
from app.settings import Settings, get_settings

OLDEST_POSTGRES = 15
DURABLE_SETTINGS = ("fsync", "full_page_writes", "synchronous_commit")

# What is to become of a schema that is older than the code. "own": the embedded database migrates by itself,
# because whoever runs it has no other step; one that DATABASE_URL names belongs to an operator, who decides.
SchemaPolicy = Literal["own", "migrate", "leave"]


@contextmanager
def open_database(settings: Settings | None = None, *, policy: SchemaPolicy = "own") -> Iterator[Engine]:
    """The engine of the database that the settings name, else of the embedded one, which it starts or joins.

    `app.database` works on it for the length of the block. Raises CannotRun, also for what the database does
    to the block: it may go away in the middle.
    """
    settings = settings or get_settings()
    with ExitStack() as stack:
        try:
            if settings.database_url is not None:
                url = settings.database_url.get_secret_value()
            else:
                postgres = EmbeddedPostgres(settings.data_dir, pg_bin=settings.engross_pg_bin)
                url = stack.enter_context(postgres).url
            database.configure(url)
            engine = database.get_engine()
            stack.callback(engine.dispose)
            _bring_to_schema(engine, policy=policy, is_embedded=settings.database_url is None)
            yield engine
        except (schema.SchemaError, EmbeddedError) as error:
            raise CannotRun(str(error)) from error
        except (OperationalError, PoolTimeout) as error:
            raise CannotRun(explain(error, make_url(url))) from error


def _bring_to_schema(engine: Engine, *, policy: SchemaPolicy, is_embedded: bool) -> None:
    try:
        with engine.connect() as connection:
            found = server_version(connection.exec_driver_sql("SHOW server_version_num").scalar_one())
    except ProgrammingError as error:  # an option in the address that the driver does not know
        raise CannotRun(explain(error, engine.url)) from error
    if found < OLDEST_POSTGRES:
        raise CannotRun(
            f"The database runs Postgres {found}, and Engross needs {OLDEST_POSTGRES} or later: upgrade it, "
            "or name another one in DATABASE_URL."
        )
    if policy == "migrate" or (policy == "own" and is_embedded):
        _migrate(engine)
    elif policy == "own":
        with engine.connect() as connection:
            schema.check(connection)


def _migrate(engine: Engine) -> None:
    """Nearly every start finds the schema at head, and must not wait for Alembic to be loaded."""
    with engine.connect() as connection, suppress(schema.SchemaError):
        schema.check(connection)
        return
    import_module("app.migrating").migrate(engine)


def server_version(number: str) -> int:
    """The major version in what Postgres calls server_version_num: 180001 is 18."""
    return int(number) // 10_000


def list_unsafe_settings(engine: Engine) -> list[str]:
    """Which of the settings are off that keep acknowledged work through a crash of the machine."""
    query = text("SELECT name FROM pg_settings WHERE name = ANY(:names) AND setting = 'off' ORDER BY name")
    with engine.connect() as connection:
        return list(connection.scalars(query, {"names": list(DURABLE_SETTINGS)}))


def refuse_unsafe_settings(engine: Engine) -> None:
    """Raise CannotRun where the database may forget what it has acknowledged: "Saved" must mean on disk."""
    if unsafe := list_unsafe_settings(engine):
        raise CannotRun(
            f"The database has {', '.join(unsafe)} off and could lose saved work in a crash: switch it on."
        )


def refuse_unusable_storage() -> None:
    """Raise CannotRun where imported files are to lie in a store that cannot be used."""
    if get_settings().engross_storage_url:
        originals().probe()


def explain(error: SQLAlchemyError, url: URL) -> str:
    """One sentence for a database that cannot be used; it names host, port and database and no password."""
    where = f"the database {url.database or url.username} at {_place(url)}"
    if isinstance(error, PoolTimeout):
        return f"All connections to {where} are in use: try again, or raise ENGROSS_POOL_SIZE."
    cause = error.orig if isinstance(error, DBAPIError) else None
    if getattr(cause, "sqlstate", None) is not None:
        return f"{where.capitalize()} refused ({_reason(str(cause))}); nothing was changed."
    return f"{where[0].upper()}{where[1:]} cannot be used ({_reason(str(cause))}): see DATABASE_URL."


def _place(url: URL) -> str:
    """Host and port; a socket's directory may stand in the query instead."""
    host = url.query.get("host") or url.host or "the local socket"
    return f"{host}:{url.port or 5432}" if isinstance(host, str) else ", ".join(host)


def _reason(said: str) -> str:
    """The telling part of what the driver said, without the address, which we name ourselves."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    # Where a name has several addresses, the driver lists what each of them said.
    telling = next(
        (line for line in lines if "failed:" in line or "FATAL:" in line), lines[0] if lines else ""
    )
    found = re.split(r"FATAL:|failed:", telling)[-1].strip().rstrip(".")
    return found or "it does not answer"
