"""Background work of tasks: a new instruction is put to every document that is there already."""

from sqlalchemy import literal, select

from app import clock, database
from app.documents.models import Document
from app.jobs import queue
from app.projects.models import Instruction
from app.tasks.making import ToPut, is_put_to, make_tasks

_DOCUMENTS_AT_A_TIME = 200


@queue.task(name="tasks.make", retry=queue.RETRY)
def make_tasks_of_instruction(instruction_id: int) -> None:
    """Make the missing tasks of one instruction, a transaction for every few hundred documents.

    Withdrawn documents get theirs too: they are hidden, and restoring one must not leave a gap.
    """
    missing = ~is_put_to(literal(instruction_id), Document.id)
    while True:
        with database.transaction() as session:
            instruction = session.get_one(Instruction, instruction_id)
            documents = session.scalars(
                select(Document)
                .where(Document.project_id == instruction.project_id, missing)
                .order_by(Document.id)
                .limit(_DOCUMENTS_AT_A_TIME)
            ).all()
            make_tasks(session, [ToPut(document) for document in documents], at=clock.now())
        if len(documents) < _DOCUMENTS_AT_A_TIME:
            return
