"""Counting SQL: a list must cost the same number of statements at any length."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import event
from sqlalchemy.orm import Session


@contextmanager
def recorded_statements(session: Session) -> Iterator[list[str]]:
    """The statements that are sent within the block, savepoints left out."""
    statements: list[str] = []
    connection = session.connection()

    def keep(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if not statement.startswith(("SAVEPOINT", "RELEASE", "ROLLBACK")):
            statements.append(statement)

    event.listen(connection, "before_cursor_execute", keep)
    try:
        yield statements
    finally:
        event.remove(connection, "before_cursor_execute", keep)
