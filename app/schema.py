"""The database's schema as seen by a program that starts: where it stands, and how it gets to head."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text

MIGRATIONS = Path(__file__).parent.parent / "migrations"
_LOCK = 0x656E67726F7373  # "engross": two programs that start together migrate one after the other


class SchemaError(Exception):
    """The schema and the code do not fit. The message is one sentence that says what to do."""


class SchemaNewerError(SchemaError):
    """The database was migrated by a newer version: this one must not touch it."""


def config(connection: Connection | None = None) -> Config:
    """Alembic's configuration, working on this connection."""
    made = Config()
    made.set_main_option("script_location", str(MIGRATIONS))
    made.attributes["connection"] = connection
    return made


def head() -> str:
    """The revision that this code wants."""
    return ScriptDirectory.from_config(config()).get_current_head() or ""


def current(connection: Connection) -> str | None:
    """The revision that the database has; None where it is empty."""
    return MigrationContext.configure(connection).get_current_revision()


def check(connection: Connection) -> None:
    """Raise SchemaError unless the database stands at head."""
    found, wanted = current(connection), head()
    if found == wanted:
        return
    known = {script.revision for script in ScriptDirectory.from_config(config()).walk_revisions()}
    if found is not None and found not in known:
        raise SchemaNewerError(
            f"The database's schema ({found}) is newer than this version of Engross ({wanted}): "
            "run the newer version, or restore a backup made by this one."
        )
    raise SchemaError(
        f"The database's schema ({found or 'empty'}) is older than this version of Engross ({wanted}): "
        "run `engross migrate`."
    )


def migrate(engine: Engine) -> str:
    """Bring the database to head and return that revision. Raises SchemaError where it is newer."""
    with engine.connect() as connection:
        connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": _LOCK})
        try:
            try:
                check(connection)
            except SchemaNewerError:
                raise
            except SchemaError:
                connection.commit()
                command.upgrade(config(connection), "head")
                connection.commit()
        finally:
            connection.rollback()
            connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": _LOCK})
            connection.commit()
    return head()
