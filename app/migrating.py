"""Bringing the database to this version's schema."""

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, text

from app import schema

_LOCK = 0x656E67726F7373  # "engross": two programs that start together migrate one after the other


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
                command.upgrade(config(connection), "head")
                connection.commit()
        finally:
            connection.rollback()
            connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": _LOCK})
            connection.commit()
    return schema.head()
