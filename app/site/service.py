"""What an administrator does for the site as a whole."""

from datetime import datetime

from sqlalchemy.orm import Session

from app.accounts.actors import Actor
from app.audit import service as audit
from app.errors import Conflict, NotFound
from app.jobs import queries
from app.jobs import service as jobs


def retry_job(session: Session, *, job_id: int, actor: Actor, at: datetime) -> str:
    """Have a job that was given up tried again; gives its name. Raises NotFound and Conflict."""
    name = queries.find_failed_job_for_change(session, job_id)
    if name is None:
        raise NotFound("There is no such failed job, or not any more.")
    if not jobs.retry(session, job_id):
        raise Conflict("The same work waits in the queue already.", code="already_queued")
    audit.record(
        session,
        verb="job.retry",
        subject_type="job",
        subject_id=job_id,
        actor=actor,
        at=at,
        details={"name": name},
    )
    return name
