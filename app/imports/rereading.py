"""What becomes of a document's tasks when its original is read again.

Those that nobody has begun go over to the new text. Everything begun keeps its own: drafts, revisions,
evidence, exports.
"""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import exists, select, update
from sqlalchemy.orm import Session

from app import database
from app.accounts.actors import SYSTEM
from app.documents import queries as documents
from app.documents import readings
from app.documents.extraction import Extracted
from app.documents.models import Document
from app.projects.queries import hold_policy
from app.samples.models import Sample
from app.tasks.models import Slot, Task


def read_again(document_id: int, *, now: Callable[[], datetime]) -> None:
    """Read the original of a document for which that was asked, and tell what came of it, once."""
    with database.transaction() as session:
        if not readings.is_waiting(session, document_id):
            return
        document = documents.get_document(session, document_id, documents.visible_to(SYSTEM))
    found = readings.read(document.files[0])  # takes up to a minute, in which nothing is locked
    with database.transaction() as session:
        take_over(session, document_id=document_id, found=found, at=now())


def take_over(session: Session, *, document_id: int, found: Extracted | str, at: datetime) -> None:
    """Make of what was read a new text with the tasks that nobody has begun, and tell it.

    Nothing happens where it was told already: the same job may run twice.
    """
    document = documents.get_document(session, document_id, documents.visible_to(SYSTEM), for_change=True)
    if not readings.is_waiting(session, document_id):
        return
    outcome = readings.take(session, document, found, at=at)
    moved = move_untouched(session, document, outcome.text.id) if outcome.text else 0
    readings.finish(session, document, outcome, tasks_moved=moved, at=at)


def move_untouched(session: Session, document: Document, text_id: int) -> int:
    """Put the tasks that nobody has begun to another text; how many those are.

    Judged after they were locked, as a claim does it: who takes one at this moment has it with the text that
    it stays with.
    """
    hold_policy(session, document.project)
    of_document = select(Task.id).where(Task.document_id == document.id)
    task_ids = session.scalars(of_document.order_by(Task.id).with_for_update()).all()
    moved = session.scalars(
        update(Task)
        .where(
            Task.id.in_(task_ids),
            ~exists().where(Slot.task_id == Task.id),
            ~exists().where(Sample.task_id == Task.id),  # of an imported pair, which has no slot
        )
        .values(text_id=text_id)
        .returning(Task.id)
        .execution_options(synchronize_session="fetch")
    )
    return len(moved.all())
