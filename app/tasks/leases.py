"""Taking, keeping and giving back a task's slots.

The order of locks is the person's claims, sample, task, slot, everywhere: two requests can wait for each
other, never in a ring. A place is counted, and a lease prolonged, only after its task was locked: counting
first over-leased in the trials, and a lease that ends while its renewal is under way would count as free.
"""

from datetime import datetime, timedelta

from sqlalchemy import literal, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.projects.models import Project
from app.projects.queries import hold_policy
from app.tasks import queries
from app.tasks.models import Slot, Task
from app.tasks.queries import DATABASE_TIME


def serialise_claims(session: Session, *, project_id: int, user_id: int) -> None:
    """Let one person's claims in one project happen one after the other, until the transaction ends."""
    session.execute(select(queries.claims_lock(literal(project_id), user_id)))


def claim_next(session: Session, *, project: Project, user_id: int) -> Slot | None:
    """Lease the next task that waits for this person; None where nothing waits.

    Tasks that another transaction is claiming right now are passed over first; only when there is no other
    one does this wait for them.
    """
    hold_policy(session, project)
    ordered = (
        queries.waiting_for(project, user_id).order_by(Task.priority, Task.document_id, Task.id).limit(1)
    )
    for waits in (False, True):
        while task := session.scalar(
            ordered.with_for_update(of=Task, skip_locked=not waits),
            execution_options={"populate_existing": True},
        ):
            slot = _take_free(session, task_id=task.id, project=project, user_id=user_id, state="writing")
            if slot is not None:
                _end_other_leases(session, project_id=project.id, user_id=user_id, but_slot_id=slot.id)
                return slot
    return None


def take(
    session: Session, *, task_id: int, project: Project, user_id: int, state: str = "writing"
) -> Slot | None:
    """Take a place of this task for the person, back or anew; None where all places are taken.

    What counts already goes on counting, also where the policy asks for fewer people by now. `state` is
    "writing" (under a lease of the policy's length) or "held" (by a sample in review).
    """
    session.execute(select(Task.id).where(Task.id == task_id).with_for_update())
    slot = _keep(session, task_id=task_id, project=project, user_id=user_id, state=state)
    if slot is None:
        hold_policy(session, project)
        slot = _take_free(session, task_id=task_id, project=project, user_id=user_id, state=state)
    if slot is not None and state == "writing":
        _end_other_leases(session, project_id=project.id, user_id=user_id, but_slot_id=slot.id)
    return slot


def has_room(session: Session, *, task_id: int, project: Project) -> bool:
    """Whether a place of the task is free; the task stays locked until the transaction ends."""
    session.execute(select(Task.id).where(Task.id == task_id).with_for_update())
    hold_policy(session, project)
    return queries.count_taken(session, task_id) < project.overlap


def _values(project: Project, state: str) -> dict[str, object]:
    expires = DATABASE_TIME + timedelta(minutes=project.lease_minutes) if state == "writing" else None
    return {"state": state, "lease_expires_at": expires}


def _keep(session: Session, *, task_id: int, project: Project, user_id: int, state: str) -> Slot | None:
    """Go on with a slot that counts at this moment; its task is locked."""
    return session.scalar(
        update(Slot)
        .where(Slot.task_id == task_id, Slot.user_id == user_id, queries.counts())
        .values(**_values(project, state))
        .returning(Slot),
        execution_options={"populate_existing": True, "synchronize_session": False},
    )


def _take_free(session: Session, *, task_id: int, project: Project, user_id: int, state: str) -> Slot | None:
    """Take a place that is free; the task is locked, and the policy held."""
    if queries.count_taken(session, task_id, but_user_id=user_id) >= project.overlap:
        return None
    values = _values(project, state)
    return session.scalars(
        insert(Slot)
        .values(task_id=task_id, user_id=user_id, **values)
        .on_conflict_do_update(index_elements=[Slot.task_id, Slot.user_id], set_=values)
        .returning(Slot),
        execution_options={"populate_existing": True},
    ).one()


def _end_other_leases(session: Session, *, project_id: int, user_id: int, but_slot_id: int) -> None:
    """A person writes on one task at a time; the draft of the other stays, and its slot can be retaken."""
    session.execute(
        update(Slot)
        .where(
            Slot.user_id == user_id,
            Slot.state == "writing",
            Slot.id != but_slot_id,
            Slot.lease_expires_at > DATABASE_TIME,
            Slot.task_id == Task.id,
            Task.project_id == project_id,
        )
        .values(lease_expires_at=DATABASE_TIME)
        .execution_options(synchronize_session=False)
    )


def renew(session: Session, *, slot: Slot, project: Project) -> datetime | None:
    """Prolong the lease of a writer's slot, or take it back where its place is still free.

    Returns when it ends; None where others hold every place now. A held slot has no lease to end: None.
    """
    if slot.state == "held":
        return None
    taken = take(session, task_id=slot.task_id, project=project, user_id=slot.user_id)
    return taken.lease_expires_at if taken else None


def give_back(session: Session, *, slot_id: int) -> None:
    """Free a slot; the row stays, as the memory that the person had it."""
    session.execute(
        update(Slot)
        .where(Slot.id == slot_id)
        .values(state="free", lease_expires_at=None)
        .execution_options(synchronize_session="fetch")
    )
