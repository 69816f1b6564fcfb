"""The queue's own upkeep: a job whose worker died is given to another one."""

from app.jobs import queue


@queue.periodic(cron="* * * * *")
@queue.task(name="jobs.take_up_stalled", queueing_lock="jobs.take_up_stalled")
async def take_up_stalled(timestamp: int) -> None:  # noqa: ARG001 -- every periodic task is given its minute
    """Put jobs of workers that have been silent for half a minute back into the queue."""
    manager = queue.app.job_manager
    for job in await manager.get_stalled_jobs():
        await manager.retry_job(job)
