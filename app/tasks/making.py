"""Making tasks: each active document with each instruction, once."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import ColumnElement, SQLColumnExpression, exists, literal, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, selectinload

from app.documents.models import Document, DocumentText
from app.projects.models import Instruction, Phrasing, Project
from app.projects.phrasing import choose
from app.settings import get_settings
from app.tasks.models import Task


def is_put_to(
    instruction_id: SQLColumnExpression[int], document_id: SQLColumnExpression[int]
) -> ColumnElement[bool]:
    """Whether the document has its task of the instruction; those in imported wordings come on top."""
    return exists().where(
        Task.document_id == document_id,
        Task.instruction_id == instruction_id,
        Phrasing.id == Task.phrasing_id,
        ~Phrasing.imported,
    )


def make_tasks(
    session: Session,
    *,
    document: Document,
    text: DocumentText,
    at: datetime,
    priority: int | None = None,
    due_on: date | None = None,
) -> Sequence[Task]:
    """One task for each instruction of the document's project that it has none for; returns the new ones.

    Which phrasing the document gets hangs on the document alone, so it is the same whoever imports it. Where
    nothing is said of priority and due date, they are those of the tasks that the document has already.
    """
    # Two who make tasks for one document follow one another, so that each instruction is put to it once.
    session.execute(select(Document.id).where(Document.id == document.id).with_for_update())
    # A lead who adds an instruction holds the project until that is committed. Without waiting for each other
    # here, neither this document nor the job that puts the new instruction to all others would make its task.
    session.execute(select(Project.id).where(Project.id == document.project_id).with_for_update(read=True))
    instructions = session.scalars(
        select(Instruction)
        .where(
            Instruction.project_id == document.project_id,
            ~is_put_to(Instruction.id, literal(document.id)),
        )
        .options(selectinload(Instruction.phrasings))
        .order_by(Instruction.id)
    ).all()
    key = get_settings().signing_key()
    before = _first_task(session, document)
    if before is not None:
        priority = before.priority if priority is None else priority
        due_on = due_on or before.due_on
    rows = []
    for instruction in instructions:
        phrasings = instruction.phrasings
        if phrasings:
            chosen = phrasings[choose(document.text_sha256, key, len(phrasings))]
            rows.append(
                {
                    "project_id": document.project_id,
                    "document_id": document.id,
                    "text_id": text.id,
                    "instruction_id": instruction.id,
                    "phrasing_id": chosen.id,
                    "priority": priority or 0,
                    "due_on": due_on,
                    "created_at": at,
                }
            )
    if not rows:
        return []
    return session.scalars(
        insert(Task)
        # A pair was imported in this very wording: its task is the instruction's.
        .on_conflict_do_nothing(index_elements=[Task.document_id, Task.phrasing_id])
        .returning(Task, sort_by_parameter_order=False),
        rows,
    ).all()


def _first_task(session: Session, document: Document) -> Task | None:
    return session.scalar(select(Task).where(Task.document_id == document.id).order_by(Task.id).limit(1))
