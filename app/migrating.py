"""Bringing the database to this version's schema, also while people work."""

import time

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import OperationalError

from app import schema

_LOCK = 0x656E67726F7373  # "engross": two programs that start together migrate one after the other

# Postgres breaks a deadlock after a second, at the cost of either side: a migration that waits for tables
# gives way before, so that nobody who works is refused for its sake, and tries again until it gets through.
_LOCK_TIMEOUT = "200ms"
_TABLES_TIMEOUT = "800ms"
_PAUSE_SECONDS = 0.3
_PATIENCE_SECONDS = 120.0
_HELD_UP = ("55P03", "40P01", "57014")  # lock_not_available, deadlock_detected, query_canceled


def config(connection: Connection | None = None) -> Config:
    """Alembic's configuration, working on this connection."""
    made = Config()
    made.set_main_option("script_location", str(schema.MIGRATIONS))
    made.attributes["connection"] = connection
    return made


def migrate(engine: Engine) -> str:
    """Bring the database to head and return that revision. Raises SchemaError where it is newer."""
    with engine.connect() as connection:
        connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": _LOCK})
        try:
            try:
                schema.check(connection)
            except schema.SchemaNewerError:
                raise
            except schema.SchemaError:
                connection.commit()
                _upgrade(connection)
        finally:
            connection.rollback()
            connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": _LOCK})
            connection.commit()
    return schema.head()


def lock_tables(connection: Connection, *tables: str) -> None:
    """Lock all that a migration changes, for its transaction, before it changes anything.

    To be the first thing that a migration of several tables in use does. Locked one by one on the way, each
    would have to be free within the short time that those who wait for the others can spare. `users` is
    always the first of them: every request reads it before anything else, so whoever is past it is waited
    for while nothing of theirs is taken away yet. Raises OperationalError where they are not to be had
    together; `migrate` then tries the migration again.
    """
    for statement in (
        "SET LOCAL lock_timeout = 0",
        f"SET LOCAL statement_timeout = '{_TABLES_TIMEOUT}'",
        f"LOCK TABLE {', '.join(['users', *tables])} IN ACCESS EXCLUSIVE MODE",
        "SET LOCAL statement_timeout TO DEFAULT",
        f"SET LOCAL lock_timeout = '{_LOCK_TIMEOUT}'",
    ):
        connection.execute(text(statement))


def _upgrade(connection: Connection) -> None:
    """Each migration is done whole or not at all, so one that was held up can be begun again."""
    connection.execute(text(f"SET lock_timeout = '{_LOCK_TIMEOUT}'"))
    connection.commit()
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while True:
        try:
            command.upgrade(config(connection), "head")
            connection.commit()
        except OperationalError as error:
            connection.rollback()
            if getattr(error.orig, "sqlstate", None) not in _HELD_UP or time.monotonic() > deadline:
                raise
            time.sleep(_PAUSE_SECONDS)
        else:
            break
    connection.execute(text("RESET lock_timeout"))
    connection.commit()
