"""Makes one statement of many fail as a busy or broken database would make it fail."""

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine, event, text

from app.database import Base
from app.models import __all__ as _every_table  # noqa: F401 -- fills Base.metadata

RESET = "connection reset"
DEADLOCK, SERIALIZATION, LOCK_TIMEOUT, CANCELLED = "40P01", "40001", "55P03", "57014"
SHUT_DOWN = "57P01"
FAILURES = (RESET, DEADLOCK, SERIALIZATION, LOCK_TIMEOUT, CANCELLED, SHUT_DOWN)

Counts = dict[str, int]


@dataclass
class Injection:
    """Whether the block came to the statement that was to fail, and which one that was."""

    seen: int = 0
    statement: str = ""


@contextmanager
def failing_at(engine: Engine, number: int, failure: str) -> Iterator[Injection]:
    """The statement of this number, counted from 1 within the block, fails in the database itself."""
    injected = Injection()

    def fail(
        _connection: object, cursor: Any, statement: str, parameters: Any, _context: object, many: bool
    ) -> tuple[str, Any]:
        injected.seen += 1
        if injected.seen != number:
            return statement, parameters
        injected.statement = statement
        if failure != RESET:
            raising = f"DO $$BEGIN RAISE EXCEPTION 'injected' USING ERRCODE = '{failure}'; END$$"
            return raising, [{}] if many else {}
        with socket.socket(fileno=os.dup(cursor.connection.fileno())) as ours:
            ours.shutdown(socket.SHUT_RDWR)
        return statement, parameters

    event.listen(engine, "before_cursor_execute", fail, retval=True)
    try:
        yield injected
    finally:
        event.remove(engine, "before_cursor_execute", fail)


def fingerprint(engine: Engine) -> dict[str, tuple[int, int]]:
    """How many rows every table has, and a number that changes with any of them."""
    names = [table.name for table in Base.metadata.sorted_tables] + ["procrastinate_jobs"]
    query = " UNION ALL ".join(
        f"SELECT '{name}', count(*), coalesce(sum(hashtextextended(t::text, 0)), 0) FROM {name} t"  # noqa: S608 -- our own names
        for name in names
    )
    with engine.connect() as connection:
        return {name: (count, total) for name, count, total in connection.execute(text(query))}


def added(before: dict[str, tuple[int, int]], after: dict[str, tuple[int, int]]) -> Counts:
    """How many rows more the second has, for the tables in which that is any."""
    return {name: after[name][0] - before[name][0] for name in after if after[name][0] != before[name][0]}
