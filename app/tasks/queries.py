"""SELECTs on tasks and slots. Leases are judged by the database's clock, in the same statement."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Select,
    SQLColumnExpression,
    and_,
    exists,
    func,
    literal,
    or_,
    select,
)
from sqlalchemy.orm import Session, aliased, contains_eager, joinedload, selectinload

from app.accounts.actors import Actor
from app.accounts.models import User
from app.accounts.queries import id_of_email
from app.documents.models import Document
from app.documents.queries import mentions, withdrawn_in
from app.documents.queries import visible_to as documents_visible_to
from app.errors import NotFound
from app.paging import Found, Order, Wanted, find_page
from app.projects.models import Instruction, Member, Project
from app.projects.rules import Role
from app.tasks.models import Slot, Task

NOBODY = "nobody"  # no e-mail address

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


def taken(but_user_id: SQLColumnExpression[int] | None = None) -> SQLColumnExpression[int]:
    """How many places of a task are taken at this moment, by slots and by imported pairs.

    The slot of the person `but_user_id` is not counted.
    """
    slots = select(func.count()).where(_taken_slot.task_id == Task.id, counts(_taken_slot))
    if but_user_id is not None:
        slots = slots.where(_taken_slot.user_id != but_user_id)
    return Task.imported_count + slots.correlate(Task).scalar_subquery()


def waiting_for(project: Project, user_id: int) -> Select[Task]:
    """Tasks that this person could begin now, without an order."""
    return _waiting(literal(project.id), literal(project.overlap), literal(user_id))


def _waiting(
    project_id: SQLColumnExpression[int],
    overlap: SQLColumnExpression[int],
    user_id: SQLColumnExpression[int],
) -> Select[Task]:
    return (
        select(Task)
        .join(Document, Document.id == Task.document_id)
        .where(
            Task.project_id == project_id,
            ~Task.is_full,
            Document.withdrawn_at.is_(None),
            or_(Task.assignee_id.is_(None), Task.assignee_id == user_id),
            ~had_by(user_id, Task.id),
            taken() < overlap,
        )
    )


def next_for(
    project_id: BindParameter[int],
    overlap: BindParameter[int],
    user_id: BindParameter[int],
    *,
    is_kept: bool,
) -> Select[int]:
    """The first task that waits for this person: of those that are kept for them, or for nobody."""
    return (
        _waiting(project_id, overlap, user_id)
        .where(Task.assignee_id == user_id if is_kept else Task.assignee_id.is_(None))
        .order_by(Task.priority, Task.due_key, Task.document_id, Task.id)
        .limit(1)
        .with_only_columns(Task.id)
    )


def count_waiting(session: Session, project: Project, user_id: int, *, most: int = 1000) -> int:
    """How many tasks this person could begin now; counting stops at `most`."""
    some = waiting_for(project, user_id).with_only_columns(Task.id).limit(most).subquery()
    return session.scalar(select(func.count()).select_from(some)) or 0


def count_taken(session: Session, task_id: int) -> int:
    """How many places of a task are taken now; lock the task first where the answer decides something."""
    return session.scalars(select(taken()).where(Task.id == task_id)).one()


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


def readable_by(user: User) -> tuple[Select[Document], Select[Document]]:
    """All that this person may read: by their role, or because they hold or held a slot."""
    return documents_visible_to(user), documents_held_by(user)


def list_of_document(session: Session, document_id: int) -> Sequence[tuple[Task, int]]:
    """A document's tasks with their instruction, and how many of each one's places are taken now."""
    rows = session.execute(
        select(Task, taken())
        .where(Task.document_id == document_id)
        .options(joinedload(Task.instruction), joinedload(Task.phrasing))
        .order_by(Task.id)
    )
    return [(task, count) for task, count in rows]


# How the list of a project's tasks may be sorted; `queue` is the order in which they are taken.
ORDERS: dict[str, Order] = {
    "queue": ((Task.priority, int), (Task.due_key, date), (Task.document_id, int), (Task.id, int)),
    "due": ((Task.due_key, date), (Task.id, int)),
    "created": ((Task.id, int),),
}


def matching(
    project: Project,
    *,
    q: str = "",
    state: str = "",
    instruction: str = "",
    assignee: str = "",
    priority: int | None = None,
    due_before: date | None = None,
) -> Select[Task]:
    """A project's tasks that a list's filters let through, without an order.

    `assignee` is an e-mail address, or NOBODY.
    """
    statement = select(Task).where(Task.project_id == project.id)
    if q.strip():
        statement = statement.where(
            Task.document_id.in_(select(Document.id).where(Document.project_id == project.id, *mentions(q)))
        )
    if state:
        statement = statement.where(_in_state(state, project.id))
    if instruction:
        wanted = select(Instruction.id).where(
            Instruction.project_id == project.id, Instruction.key == instruction.replace("\0", "")
        )
        statement = statement.where(Task.instruction_id == wanted.scalar_subquery())
    if assignee == NOBODY:
        statement = statement.where(Task.assignee_id.is_(None))
    elif assignee:
        statement = statement.where(Task.assignee_id == id_of_email(assignee))
    if priority is not None:
        statement = statement.where(Task.priority == priority)
    if due_before is not None:
        statement = statement.where(Task.due_key < due_before)
    return statement


def _in_state(state: str, project_id: int) -> ColumnElement[bool]:
    withdrawn = Task.document_id.in_(select(Document.id).where(withdrawn_in(project_id)))
    if state == "withdrawn":
        return withdrawn
    return and_(~exists().where(Slot.task_id == Task.id), Task.imported_count == 0, ~withdrawn)


def list_tasks(
    session: Session, project: Project, *, wanted: Wanted, counts: bool = False, **filters: Any
) -> Found[Task]:
    """A page of a project's tasks with document, instruction, assignee; `filters` as of `matching`."""
    statement = matching(project, **filters)
    return find_page(
        session,
        statement.options(
            selectinload(Task.document), selectinload(Task.instruction), selectinload(Task.assignee)
        ),
        orders=ORDERS,
        wanted=wanted,
        item=lambda task: task,
        counted=statement if counts else None,
    )


def count_taken_of(session: Session, task_ids: Sequence[int]) -> dict[int, int]:
    """How many places of each of these tasks are taken now."""
    rows = session.execute(select(Task.id, taken()).where(Task.id.in_(task_ids)))
    return {task_id: count for task_id, count in rows}  # noqa: C416 -- as mypy knows the types


def list_of_project(
    session: Session, project_id: int, task_ids: Sequence[int], *, for_change: bool = False
) -> Sequence[Task]:
    """These tasks of a project with their documents, by id; with `for_change`, locked in that order."""
    statement = (
        select(Task)
        .join(Task.document)
        .where(Task.project_id == project_id, Task.id.in_(task_ids))
        .options(contains_eager(Task.document), joinedload(Task.assignee))
        .order_by(Task.id)
    )
    if for_change:
        statement = statement.with_for_update(of=Task)
    return session.scalars(statement, execution_options={"populate_existing": True}).all()


def list_had(session: Session, task_ids: Sequence[int]) -> set[tuple[int, int]]:
    """Which person holds or ever held a slot of which of these tasks: pairs of task and person."""
    rows = session.execute(select(Slot.task_id, Slot.user_id).where(Slot.task_id.in_(task_ids)))
    return {(task_id, user_id) for task_id, user_id in rows}


def list_left_behind(session: Session, *, limit: int = 1000) -> Sequence[Task]:
    """Tasks that are kept for somebody who is disabled, or no annotator of the project any more; locked."""
    still_there = exists().where(
        Member.project_id == Task.project_id,
        Member.user_id == Task.assignee_id,
        Member.role == Role.ANNOTATOR,
        User.id == Member.user_id,
        User.disabled_at.is_(None),
    )
    return session.scalars(
        select(Task)
        .where(Task.assignee_id.is_not(None), ~still_there)
        .order_by(Task.id)
        .limit(limit)
        .with_for_update(of=Task, skip_locked=True),
        execution_options={"populate_existing": True},
    ).all()


def get_project_of(session: Session, task_id: int, actor: Actor) -> Project:
    """The project of a task, where its documents are this actor's to read. Raises NotFound."""
    project = session.scalar(
        select(Project)
        .join(Task, Task.project_id == Project.id)
        .where(
            Task.id == task_id,
            Task.document_id.in_(documents_visible_to(actor).with_only_columns(Document.id)),
        )
    )
    if project is None:
        raise NotFound("There is no such task.")
    return project
