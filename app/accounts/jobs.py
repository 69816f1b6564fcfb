"""Background work of accounts: what has served its time is thrown away once a day."""

from app import clock, database
from app.accounts import housekeeping
from app.jobs import queue


@queue.periodic(cron="41 3 * * *")
@queue.task(name="accounts.sweep", queueing_lock="accounts.sweep")
def sweep(timestamp: int) -> None:  # noqa: ARG001 -- every periodic task is given its minute
    """Delete ended sessions and links, old failures and stored answers."""
    with database.transaction() as session:
        housekeeping.sweep(session, at=clock.now())
