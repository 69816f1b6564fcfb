"""The one place where a sample's status is set: with its event, in the same transaction."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.accounts.actors import Actor
from app.audit import service as audit
from app.projects.models import Project
from app.samples.models import Sample
from app.samples.workflow import Action, Status
from app.tasks.models import Task

TAKES_PLACE = frozenset({Status.SUBMITTED, Status.APPROVED})  # of its task, where it was imported


def count_imported(session: Session, sample: Sample, change: int) -> None:
    """Note that an imported pair takes a place of its task, or gives it back; other samples hold slots.

    The policy is held before the task, as wherever places are counted.
    """
    session.execute(select(Project.id).where(Project.id == sample.project_id).with_for_update(read=True))
    session.execute(
        update(Task).where(Task.id == sample.task_id).values(imported_count=Task.imported_count + change)
    )


def move(
    session: Session,
    sample: Sample,
    action: Action,
    status: Status,
    *,
    actor: Actor,
    at: datetime,
    reason: str = "",
    details: Mapping[str, object] | None = None,
    flush: bool = True,
) -> None:
    """Set the status that `workflow.decide` gave, and add the event of the act that led to it.

    Both are sent together at the next flush: at once for a single sample, together for many.
    """
    before, sample.status, sample.updated_at = sample.status, status, at
    if sample.import_id is not None:
        count_imported(session, sample, (status in TAKES_PLACE) - (before in TAKES_PLACE))
    audit.record(
        session,
        verb=f"sample.{action}",
        subject_type="sample",
        subject_id=sample.id,
        project_id=sample.project_id,
        actor=actor,
        at=at,
        before=before,
        after=status,
        comment=reason,
        details=details,
    )
    if flush:
        session.flush()
