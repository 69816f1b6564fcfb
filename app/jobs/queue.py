"""The background queue: what a task is, and how work is put into the queue of the database.

A job is a row that is added in the transaction of the act that needs it: it exists exactly if the act does.
Workers (`app.worker`) take jobs from there; a job may run twice, so every task can be repeated without harm.
"""

from procrastinate import App, RetryStrategy, SyncPsycopgConnector
from procrastinate.exceptions import AlreadyEnqueued
from procrastinate.manager import JobManager
from procrastinate.tasks import configure_task
from procrastinate.types import JSONValue
from sqlalchemy.orm import Session

# Never opened: jobs are put into the queue through the caller's connection, and a worker brings its own.
_connector = SyncPsycopgConnector()
_manager = JobManager(_connector)

app = App(connector=_connector)
task = app.task
periodic = app.periodic

# For work that failed because the database or the disk was away: again after 4 seconds, 16, 64 …
RETRY = RetryStrategy(max_attempts=8, exponential_wait=4)


def defer(session: Session, name: str, *, queueing_lock: str | None = None, **arguments: JSONValue) -> None:
    """Put a job into the queue, in the session's transaction.

    `name` is the task's ("imports.process"), `arguments` are JSON values. With a `queueing_lock` nothing
    happens where a job with the same one waits already.
    """
    connection = session.connection().connection.driver_connection
    job = configure_task(name=name, job_manager=_manager, queueing_lock=queueing_lock, connection=connection)
    try:
        with session.begin_nested():  # a refusal by the queue must not end the caller's transaction
            job.defer(**arguments)
    except AlreadyEnqueued:
        return
