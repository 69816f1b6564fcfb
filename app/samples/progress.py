"""How far a project's work is, and what of it goes on by nobody, in counts and tasks; no text is read."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import and_, exists, func, or_, select
from sqlalchemy.orm import Session, contains_eager

from app.documents.models import Document
from app.projects.models import Member
from app.projects.rules import Role
from app.samples.models import Sample
from app.samples.workflow import Status
from app.tasks.models import Slot, Task
from app.tasks.queries import counts


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a project's work stands, in counts."""

    documents: int
    withdrawn: int
    tasks: int
    untouched: int
    draft: int
    submitted: int
    changes_requested: int
    approved: int
    rejected: int
    skipped: int


def progress(session: Session, project_id: int) -> Progress:
    """Counts of documents, tasks and samples; no text is read. Tasks of withdrawn documents are left out."""
    documents, withdrawn = session.execute(
        select(
            func.count().filter(Document.withdrawn_at.is_(None)),
            func.count().filter(Document.withdrawn_at.is_not(None)),
        ).where(Document.project_id == project_id)
    ).one()
    active = and_(Task.project_id == project_id, Document.withdrawn_at.is_(None))
    begun = exists().where(Sample.task_id == Task.id)
    tasks, untouched = session.execute(
        select(func.count(), func.count().filter(~begun))
        .select_from(Task)
        .join(Document, Document.id == Task.document_id)
        .where(active)
    ).one()
    by_status: dict[str, int] = dict(
        session.execute(
            select(Sample.status, func.count())
            .join(Task, Task.id == Sample.task_id)
            .join(Document, Document.id == Task.document_id)
            .where(active)
            .group_by(Sample.status)
        ).all()
    )
    return Progress(
        documents=documents,
        withdrawn=withdrawn,
        tasks=tasks,
        untouched=untouched,
        **{status.value: by_status.get(status, 0) for status in Status},
    )


def list_stuck_tasks(session: Session, project_id: int, *, limit: int = 50) -> Sequence[Task]:
    """Tasks that everybody who could take them skipped: no slot counts, and each annotator had theirs."""
    annotators = (
        select(func.count())
        .select_from(Member)
        .where(Member.project_id == project_id, Member.role == Role.ANNOTATOR)
        .scalar_subquery()
    )
    slots = select(func.count()).where(Slot.task_id == Task.id).correlate(Task).scalar_subquery()
    return session.scalars(
        select(Task)
        .join(Task.document)
        .where(
            Task.project_id == project_id,
            Document.withdrawn_at.is_(None),
            ~exists().where(Slot.task_id == Task.id, or_(Slot.state == "writing", counts())),
            exists().where(Slot.task_id == Task.id),
            slots >= annotators,
        )
        .options(contains_eager(Task.document))
        .order_by(Task.id)
        .limit(limit)
    ).all()
