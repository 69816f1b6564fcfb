"""SELECTs on tasks and slots. Leases are judged by the database's clock, in the same statement."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import (
    BigInteger,
    BindParameter,
    ColumnElement,
    Select,
    SQLColumnExpression,
    and_,
    bindparam,
    exists,
    func,
    literal,
    or_,
    select,
)
from sqlalchemy.orm import Session, aliased, joinedload

from app.accounts.models import User
from app.documents.models import Document
from app.projects.models import Member, Project
from app.projects.rules import Role
from app.tasks.models import Slot, Task

DATABASE_TIME = func.clock_timestamp()

# Made once: an alias has its columns made anew, which took longer than the statement that it stood in.
_own_slot, _taken_slot = aliased(Slot), aliased(Slot)


def database_time(session: Session) -> datetime:
    """The clock by which leases are judged."""
    now: datetime = session.scalars(select(DATABASE_TIME)).one()
    return now


def claims_lock(
    project_id: SQLColumnExpression[int], user_id: int | SQLColumnExpression[int]
) -> ColumnElement[None]:
    """Takes the lock on one person's claims in one project until the transaction ends: before any row's."""
    return func.pg_advisory_xact_lock(func.hashint8(project_id), func.hashint8(user_id))


def counts(slot: type[Slot] = Slot) -> ColumnElement[bool]:
    """Whether a slot counts against its task's overlap at this moment."""
    return or_(slot.state == "held", and_(slot.state == "writing", slot.lease_expires_at > DATABASE_TIME))


def had_by(user_id: int | SQLColumnExpression[int], task_id: SQLColumnExpression[int]) -> ColumnElement[bool]:
    """Whether this person holds or ever held a slot of the task."""
    return exists().where(_own_slot.task_id == task_id, _own_slot.user_id == user_id)


def waiting_for(project: Project, user_id: int) -> Select[Task]:
    """Tasks that this person could begin now, without an order."""
    return waiting(literal(project.id), literal(project.overlap), literal(user_id))


def waiting(
    project_id: SQLColumnExpression[int],
    overlap: SQLColumnExpression[int],
    user_id: SQLColumnExpression[int],
) -> Select[Task]:
    """As waiting_for, for a statement that is made once for all projects and people."""
    taken_count = (
        select(func.count())
        .where(_taken_slot.task_id == Task.id, counts(_taken_slot))
        .correlate(Task)
        .scalar_subquery()
    )
    return (
        select(Task)
        .join(Document, Document.id == Task.document_id)
        .where(
            Task.project_id == project_id,
            ~Task.is_full,
            Document.withdrawn_at.is_(None),
            or_(Task.assignee_id.is_(None), Task.assignee_id == user_id),
            ~had_by(user_id, Task.id),
            taken_count + Task.imported_count < overlap,
        )
    )


def count_waiting(session: Session, project: Project, user_id: int, *, most: int = 1000) -> int:
    """How many tasks this person could begin now; counting stops at `most`."""
    some = waiting_for(project, user_id).with_only_columns(Task.id).limit(most).subquery()
    return session.scalar(select(func.count()).select_from(some)) or 0


def taken(but_user_id: BindParameter[int]) -> ColumnElement[int]:
    """How many places of a task others have than this person; the person may be NULL."""
    slots = select(func.count()).where(
        Slot.task_id == Task.id, counts(), Slot.user_id.is_distinct_from(but_user_id)
    )
    return Task.imported_count + slots.correlate(Task).scalar_subquery()


def count_taken(session: Session, task_id: int) -> int:
    """How many places of a task are taken now; lock the task first where the answer decides something."""
    nobody = bindparam("nobody", None, type_=BigInteger)
    return session.scalars(select(taken(nobody)).where(Task.id == task_id)).one()


def documents_held_by(user: User) -> Select[Document]:
    """The documents that this person may read as an annotator: of tasks on which they have or had a slot."""
    return select(Document).where(
        exists().where(Task.document_id == Document.id, Slot.task_id == Task.id, Slot.user_id == user.id),
        exists().where(
            Member.project_id == Document.project_id,
            Member.user_id == user.id,
            Member.role == Role.ANNOTATOR,
        ),
    )


def list_of_document(session: Session, document_id: int) -> Sequence[tuple[Task, int]]:
    """A document's tasks with their instruction, and how many of each one's places are taken now."""
    slots = select(func.count()).where(Slot.task_id == Task.id, counts()).correlate(Task).scalar_subquery()
    taken = slots + Task.imported_count
    rows = session.execute(
        select(Task, taken)
        .where(Task.document_id == document_id)
        .options(joinedload(Task.instruction), joinedload(Task.phrasing))
        .order_by(Task.id)
    )
    return [(task, count) for task, count in rows]
