"""Making tasks: each active document with each instruction, once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, Row, SQLColumnExpression, exists, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, selectinload

from app.documents.models import Document
from app.documents.queries import map_text_ids
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


@dataclass(frozen=True, slots=True)
class ToPut:
    """A document that is to have its tasks. What is not said of them is as for those that it has already."""

    document: Document
    priority: int | None = None
    due_on: date | None = None


def make_tasks(session: Session, wanted: Sequence[ToPut], *, at: datetime) -> Sequence[Task]:
    """One task for each document and each instruction of their project that it was not put to; the new ones.

    All documents are of one project. Which phrasing a document gets hangs on the document alone, so it is
    the same whoever imports it. The number of statements does not grow with the documents.
    """
    if not wanted:
        return []
    (project_id,) = {each.document.project_id for each in wanted}
    ids = sorted(each.document.id for each in wanted)
    # Two who make tasks for one document follow one another, so that each instruction is put to it once.
    session.execute(select(Document.id).where(Document.id.in_(ids)).order_by(Document.id).with_for_update())
    # A lead who adds an instruction holds the project until that is committed. Without waiting for each other
    # here, neither this document nor the job that puts the new instruction to all others would make its task.
    session.execute(select(Project.id).where(Project.id == project_id).with_for_update(read=True))
    instructions = session.scalars(
        select(Instruction)
        .where(Instruction.project_id == project_id)
        .options(selectinload(Instruction.phrasings))
        .order_by(Instruction.id)
    ).all()
    put, first = _tasks_of(session, ids)
    texts = map_text_ids(session, ids)  # after the lock: whoever reads an original again holds it too
    key = get_settings().signing_key()
    rows = []
    for each in wanted:
        document, before = each.document, first.get(each.document.id)
        priority, due_on = each.priority, each.due_on
        if before is not None:
            priority = before.priority if priority is None else priority
            due_on = due_on or before.due_on
        for instruction in instructions:
            phrasings = instruction.phrasings
            if phrasings and (document.id, instruction.id) not in put:
                chosen = phrasings[choose(document.text_sha256, key, len(phrasings))]
                rows.append(
                    {
                        "project_id": project_id,
                        "document_id": document.id,
                        "text_id": texts[document.id],
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


def _tasks_of(
    session: Session, document_ids: Sequence[int]
) -> tuple[set[tuple[int, int]], dict[int, Row[int, int, bool, int, date | None]]]:
    """Which document was put to which instruction, as in is_put_to, and each document's first task."""
    tasks = session.execute(
        select(Task.document_id, Task.instruction_id, Phrasing.imported, Task.priority, Task.due_on)
        .join(Phrasing, Phrasing.id == Task.phrasing_id)
        .where(Task.document_id.in_(document_ids))
        .order_by(Task.id.desc())
    ).all()
    put = {(task.document_id, task.instruction_id) for task in tasks if not task.imported}
    return put, {task.document_id: task for task in tasks}
