"""Making tasks: each active document with each instruction, once."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, selectinload

from app.documents.models import Document, DocumentText
from app.projects.models import Instruction, Project
from app.projects.phrasing import choose
from app.settings import get_settings
from app.tasks.models import Task


def make_tasks(session: Session, *, document: Document, text: DocumentText, at: datetime) -> Sequence[Task]:
    """One task for each instruction of the document's project that it has none for; returns the new ones.

    Which phrasing the document gets hangs on the document alone, so it is the same whoever imports it.
    """
    # A lead who adds an instruction holds the project until that is committed. Without waiting for each other
    # here, neither this document nor the job that puts the new instruction to all others would make its task.
    session.execute(select(Project.id).where(Project.id == document.project_id).with_for_update(read=True))
    instructions = session.scalars(
        select(Instruction)
        .where(Instruction.project_id == document.project_id)
        .options(selectinload(Instruction.phrasings))
        .order_by(Instruction.id)
    ).all()
    key = get_settings().signing_key()
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
                    "created_at": at,
                }
            )
    if not rows:
        return []
    return session.scalars(
        insert(Task)
        .on_conflict_do_nothing(index_elements=[Task.document_id, Task.instruction_id])
        .returning(Task, sort_by_parameter_order=False),
        rows,
    ).all()
