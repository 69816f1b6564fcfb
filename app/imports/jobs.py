"""Background work of imports: reading files, also again, going on where a worker died, sweeping storage."""

from datetime import timedelta

from procrastinate import JobContext
from procrastinate.exceptions import JobAborted

from app import clock, database
from app.documents import queries as document_queries
from app.documents import readings
from app.documents.storage import originals
from app.imports import processing, queries, rereading, service
from app.jobs import locks, queue

SWEPT_AFTER = timedelta(days=1)


@queue.task(name=service.TASK, pass_context=True, retry=queue.RETRY)
def process(context: JobContext, import_id: int) -> None:
    """Read the files of an import; where another process is at it, that one finishes it."""
    try:
        processing.process(import_id, now=clock.now, should_stop=context.should_abort)
    except processing.Interrupted:
        raise JobAborted from None  # back into the queue: the worker is being stopped


@queue.periodic(cron="* * * * *")
@queue.task(name="imports.resume", queueing_lock="imports.resume")
def resume(timestamp: int) -> None:  # noqa: ARG001 -- every periodic task is given its minute
    """Queue every import that is not finished and that no living process works on."""
    with database.transaction() as session:
        for import_id in queries.list_unfinished(session):
            if locks.is_free(session, processing.lock_name(import_id)):
                service.queue_processing(session, import_id)


@queue.task(name=readings.TASK, retry=queue.RETRY)
def read_again(document_id: int) -> None:
    """Read a document's original again, which a lead has asked for."""
    rereading.read_again(document_id, now=clock.now)


@queue.periodic(cron="17 3 * * *")
@queue.task(name="imports.sweep", queueing_lock="imports.sweep")
def sweep(timestamp: int) -> None:  # noqa: ARG001 -- every periodic task is given its minute
    """Remove files from storage that neither an import nor a document names."""

    def named(hashes: list[str]) -> set[str]:
        with database.transaction() as session:
            return queries.named_originals(session, hashes) | document_queries.named_originals(
                session, hashes
            )

    originals().sweep(named=named, before=clock.now() - SWEPT_AFTER)
