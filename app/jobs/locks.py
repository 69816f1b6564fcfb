"""Work that only one process may do at a time: the database keeps the lock and ends it with its holder."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress

from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from app import database


@contextmanager
def try_only_one(name: str) -> Iterator[bool]:
    """Hold the lock of this name during the block; False where another process holds it.

    The lock belongs to a connection of its own, outside every transaction.
    """
    key = func.hashtextextended(name, 0)
    with database.get_engine().connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        held = bool(connection.scalar(select(func.pg_try_advisory_lock(key))))
        try:
            yield held
        finally:
            if held:
                # At once: until Postgres has noticed that a connection is closed, its lock is held.
                with suppress(SQLAlchemyError):
                    connection.execute(select(func.pg_advisory_unlock(key)))
                # Closed and not given back to the pool: a lock must not outlive its block by any accident.
                connection.invalidate()


def in_turns(
    name: str,
    *,
    list_behind: Callable[[Session], Sequence[int]],
    go_on: Callable[[Session, int], object],
    should_stop: Callable[[], bool],
) -> None:
    """Go on with each that is behind, in a transaction of its own, until none is.

    None waits until another has ended. Nothing is done where another process is at it. Ends between two turns
    once `should_stop` says so.
    """
    with try_only_one(name) as held:
        while held:
            with database.transaction() as session:
                behind = list_behind(session)
            if not behind:
                return
            for id_ in behind:
                if should_stop():
                    return
                with database.transaction() as session:
                    go_on(session, id_)


def is_free(session: Session, name: str) -> bool:
    """Whether no process holds the lock now. The answer holds until the session's transaction ends."""
    key = func.hashtextextended(name, 0)
    return bool(session.scalar(select(func.pg_try_advisory_xact_lock(key))))
