"""Background work of documents: where each text is likely to speak of its project's clauses."""

from procrastinate import JobContext

from app.documents import finding
from app.jobs import queue


@queue.periodic(cron="* * * * *")
@queue.task(name=finding.TASK, queueing_lock=finding.TASK, pass_context=True)
def find_passages(context: JobContext, timestamp: int = 0) -> None:  # noqa: ARG001 -- every periodic task is given its minute
    """Find what is behind. Besides every minute, an import that ends and clauses that change queue it."""
    finding.catch_up(should_stop=context.should_abort)
