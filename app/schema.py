"""The database's schema as seen by a program that starts: where it stands, and where the code wants it.

Read without Alembic, which every start would have to load for a question of one line; `app.migrating` has it.
"""

from functools import cache
from pathlib import Path

from sqlalchemy import Connection, inspect, text

MIGRATIONS = Path(__file__).parent.parent / "migrations"


class SchemaError(Exception):
    """The schema and the code do not fit. The message is one sentence that says what to do."""


class SchemaNewerError(SchemaError):
    """The database was migrated by a newer version: this one must not touch it."""


@cache
def _revisions() -> tuple[str, ...]:
    """The migrations' numbers, which begin their files' names, in order."""
    return tuple(sorted(path.name.partition("_")[0] for path in MIGRATIONS.glob("versions/[0-9]*.py")))


def head() -> str:
    """The revision that this code wants."""
    return _revisions()[-1]


def current(connection: Connection) -> str | None:
    """The revision that the database has; None where it is empty."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return found


def check(connection: Connection) -> None:
    """Raise SchemaError unless the database stands at head."""
    found, wanted = current(connection), head()
    if found == wanted:
        return
    if found is not None and found not in _revisions():
        raise SchemaNewerError(
            f"The database's schema ({found}) is newer than this version of Engross ({wanted}): "
            "run the newer version, or restore a backup made by this one."
        )
    raise SchemaError(
        f"The database's schema ({found or 'empty'}) is older than this version of Engross ({wanted}): "
        "run `engross migrate`."
    )
