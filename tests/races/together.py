"""Doing things at once: many who start together, one who is held just before the commit while another runs.

And, to compare with, one after the other.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from threading import Barrier
from time import monotonic, sleep
from typing import TypeVar

from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app import database
from app.errors import AppError
from app.web.errors import of_guard

PATIENCE = 60  # seconds, for machines that do much else

Act = Callable[[Session], object]
Result = TypeVar("Result")


def refusal(error: AppError | IntegrityError) -> str:
    """What a client is told; a broken constraint that no guard raised is a mistake of ours and goes on."""
    if isinstance(error, AppError):
        return error.code
    if of_guard(error) is None:
        raise error
    return "guard"


def attempt(act: Act) -> object:
    """The act's result, in a transaction of its own, or the code of its refusal."""
    try:
        with database.transaction() as session:
            return act(session)
    except (AppError, IntegrityError) as error:
        return refusal(error)


def one_after_the_other(session: Session, acts: Sequence[Act]) -> list[object]:
    """Attempt each act in the caller's transaction, to be rolled back; deferred guards look at once."""
    outcomes: list[object] = []
    for act in acts:
        try:
            with session.begin_nested():
                outcomes.append(act(session))
                session.flush()
                session.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
        except (AppError, IntegrityError) as error:
            outcomes.append(refusal(error))
        session.execute(text("SET CONSTRAINTS ALL DEFERRED"))
        session.expire_all()
    return outcomes


def start_together(calls: Sequence[Callable[[], Result]]) -> list[Result]:
    """Each call in a thread of its own, none before all are there."""
    barrier = Barrier(len(calls))

    def run(call: Callable[[], Result]) -> Result:
        barrier.wait(PATIENCE)
        return call()

    with ThreadPoolExecutor(len(calls)) as threads:
        return list(threads.map(run, calls))


def at_once(acts: Sequence[Act]) -> list[object]:
    """Attempt each act in a thread of its own, all starting together."""
    return start_together([partial(attempt, act) for act in acts])


def held_before_commit(first: Act, second: Act, then: Act | None = None) -> tuple[object, object]:
    """Do the first act and hold its commit back until the second has ended, or waits for what it holds.

    `then` is what the first transaction goes on with at that point.
    """
    backend: Future[int] = Future()

    def second_act(session: Session) -> object:
        backend.set_result(session.scalar(text("SELECT pg_backend_pid()")) or 0)
        return second(session)

    running: Future[object] | None = None
    with ThreadPoolExecutor(1) as threads:
        try:
            with database.transaction() as session:
                outcome = first(session)
                session.flush()
                running = threads.submit(attempt, second_act)
                wait_until_blocked(session, backend, running)
                outcome = then(session) if then else outcome
        except (AppError, IntegrityError) as error:
            outcome = refusal(error)
        return outcome, running.result(PATIENCE) if running else attempt(second)


def wait_until_blocked(session: Session, backend: Future[int], running: Future[object]) -> None:
    """Until that connection waits for a lock, or what it does has ended."""
    deadline = monotonic() + PATIENCE
    blocked = text("SELECT cardinality(pg_blocking_pids(:pid)) > 0")
    pid = backend.result(PATIENCE)
    while not running.done() and not session.scalar(blocked, {"pid": pid}):
        assert monotonic() < deadline, "it neither waits nor ends"
        sleep(0.005)
