"""The background queue: what a task is, and how work is put into the queue of the database.

A job is a row that is added in the transaction of the act that needs it: it exists exactly if the act does.
Workers (`app.worker`) take jobs from there; a job may run twice, so every task can be repeated without harm.
"""

import json

from procrastinate import App, RetryStrategy, SyncPsycopgConnector
from procrastinate.types import JSONValue
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

# Never opened: jobs are put into the queue through the session, and a worker brings its own connections.
app = App(connector=SyncPsycopgConnector())
task = app.task
periodic = app.periodic

# For work that failed because the database or the disk was away: again after 4 seconds, 16, 64 …
RETRY = RetryStrategy(max_attempts=8, exponential_wait=4)

# What procrastinate's own `defer` calls. Through the session, so that the job shares its transaction and its
# savepoints, and a database that is away raises what it always raises.
_DEFER = text(
    """
    SELECT procrastinate_defer_jobs_v1(ARRAY[
        CAST(ROW('default', :name, 0, NULL, :queueing_lock, CAST(:arguments AS jsonb), NULL)
            AS procrastinate_job_to_defer_v1)
    ])
    """
)


def defer(session: Session, name: str, *, queueing_lock: str | None = None, **arguments: JSONValue) -> None:
    """Put a job into the queue, in the session's transaction.

    `name` is the task's ("imports.process"), `arguments` are JSON values. With a `queueing_lock` nothing
    happens where a job with the same one waits already.
    """
    values = {"name": name, "queueing_lock": queueing_lock, "arguments": json.dumps(arguments)}
    try:
        with session.begin_nested():  # a refusal by the queue must not end the caller's transaction
            session.execute(_DEFER, values)
    except IntegrityError:
        if queueing_lock is None:
            raise
