"""Background work of rechecks: going on with the runs that are not finished."""

from procrastinate import JobContext

from app import clock
from app.jobs import queue
from app.rechecks import service


@queue.periodic(cron="* * * * *")
@queue.task(name=service.TASK, queueing_lock=service.TASK, pass_context=True)
def catch_up(context: JobContext, timestamp: int = 0) -> None:  # noqa: ARG001 -- every periodic task is given its minute
    """Go on with every run. Besides every minute, whoever starts one queues it."""
    service.catch_up(now=clock.now, should_stop=context.should_abort)
