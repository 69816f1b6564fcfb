"""Background work of samples: what a departed person held goes to others."""

from app import clock, database
from app.accounts.actors import SYSTEM
from app.jobs import queue
from app.samples import queries, submission
from app.tasks import service as tasks

REASON = "Its annotator no longer works in this project."


@queue.periodic(cron="* * * * *")
@queue.task(name="samples.release_departed", queueing_lock="samples.release_departed")
def release_departed(timestamp: int) -> None:  # noqa: ARG001 -- every periodic task is given its minute
    """Release every unfinished sample whose annotator is disabled or no annotator of the project any more.

    One transaction each, so that a sample that somebody holds up does not hold up the others. Then the tasks
    that were kept for such a person: others can take them.
    """
    with database.transaction() as session:
        departed = queries.list_departed(session)
    for sample_id in departed:
        with database.transaction() as session:
            # Judged again: the person may have come back since the list was made.
            if sample_id in queries.list_departed(session, only_id=sample_id):
                submission.release(session, sample_id=sample_id, reason=REASON, actor=SYSTEM, at=clock.now())
    with database.transaction() as session:
        tasks.unassign_departed(session, actor=SYSTEM, at=clock.now())
