"""Taking, keeping and giving back a task's slots.

The order of locks is the person's claims, sample, policy, task, slot, everywhere: two requests can wait for
each other, never in a ring. A place is counted, and a lease prolonged, only after its task was locked:
counting first over-leased in the trials, and a lease that ends while its renewal is under way would count as
free.

The statements are made once: every save prolongs a lease, and making one takes longer than running it.
"""

from datetime import datetime, timedelta

from sqlalchemy import BigInteger, Interval, Text, bindparam, exists, select, true, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.projects.models import Project
from app.projects.queries import POLICY, hold_policy, note_policy
from app.tasks import queries
from app.tasks.models import Slot, Task
from app.tasks.queries import DATABASE_TIME

_TASK_ID, _USER_ID, _PROJECT_ID = (
    bindparam(name, type_=BigInteger) for name in ("the_task", "the_person", "the_project")
)
_OVERLAP = bindparam("overlap", type_=BigInteger)
_CLAIMS = select(queries.claims_lock(_PROJECT_ID, _USER_ID))
_FOLLOWING = [
    (
        is_kept,
        queries.next_for(_PROJECT_ID, _OVERLAP, _USER_ID, is_kept=is_kept).with_for_update(
            of=Task, skip_locked=not waits
        ),
    )
    for waits in (False, True)
    for is_kept in (True, False)
]
_FOR_ALL = (
    update(Task)
    .where(Task.id == _TASK_ID)
    .values(assignee_id=None)
    .execution_options(synchronize_session=False)
)
# The policy first: the task's row is locked when it has come together with that.
_HELD_POLICY = POLICY.cte("policy")
_LOCK = (
    select(_HELD_POLICY)
    .join_from(_HELD_POLICY, Task, true())
    .where(Task.id == _TASK_ID)
    .with_for_update(of=Task)
)
_SLOTS = Slot.metadata.tables["slots"]
_STATE = {
    "state": bindparam("new_state", type_=Text),
    "lease_expires_at": DATABASE_TIME + bindparam("lease", type_=Interval),
}
_KEEP = (
    update(Slot)
    .where(Slot.task_id == _TASK_ID, Slot.user_id == _USER_ID, queries.counts())
    .values(_STATE)
    .returning(Slot)
    .execution_options(synchronize_session=False)
)
_READ_ANEW = {"populate_existing": True}
_TAKE = select(Slot).from_statement(
    insert(_SLOTS)
    .from_select(
        ["task_id", "user_id", *_STATE],
        select(Task.id, _USER_ID, *_STATE.values()).where(
            Task.id == _TASK_ID, queries.taken(_USER_ID) < _OVERLAP
        ),
    )
    .on_conflict_do_update(index_elements=["task_id", "user_id"], set_=_STATE)
    .returning(_SLOTS)
)
_END_OTHERS = (
    update(Slot)
    .where(
        Slot.user_id == _USER_ID,
        Slot.state == "writing",
        Slot.task_id != _TASK_ID,
        Slot.lease_expires_at > DATABASE_TIME,
        exists().where(Task.id == Slot.task_id, Task.project_id == _PROJECT_ID),
    )
    .values(lease_expires_at=DATABASE_TIME)
    .execution_options(synchronize_session=False)
)


def serialise_claims(session: Session, *, project_id: int, user_id: int) -> None:
    """Let one person's claims in one project happen one after the other, until the transaction ends."""
    session.execute(_CLAIMS, {"the_project": project_id, "the_person": user_id})


def claim_next(session: Session, *, project: Project, user_id: int) -> Slot | None:
    """Lease the next task that waits for this person; None where nothing waits.

    What is kept for them comes first; then priority, due date and document decide. Tasks that another
    transaction is claiming right now are passed over first; only when there is no other one does this wait
    for them.
    """
    hold_policy(session, project)
    wanted = {"the_project": project.id, "overlap": project.overlap, "the_person": user_id}
    for is_kept, statement in _FOLLOWING:
        while task_id := session.scalar(statement, wanted):
            slot = _take_free(session, task_id=task_id, project=project, user_id=user_id, state="writing")
            if slot is not None:
                if is_kept:  # begun: its other places, and what is skipped, are for all
                    session.execute(_FOR_ALL, {"the_task": task_id})
                _end_other_leases(session, slot, project_id=project.id)
                return slot
    return None


def take(
    session: Session, *, task_id: int, project: Project, user_id: int, state: str = "writing"
) -> Slot | None:
    """Take a place of this task for the person, back or anew; None where all places are taken.

    What counts already goes on counting, also where the policy asks for fewer people by now. `state` is
    "writing" (under a lease of the policy's length) or "held" (by a sample in review).
    """
    _hold(session, task_id, project)
    # What counts at this moment is gone on with.
    slot = session.scalar(_KEEP, _values(task_id, user_id, project, state), execution_options=_READ_ANEW)
    if slot is None:
        slot = _take_free(session, task_id=task_id, project=project, user_id=user_id, state=state)
    if slot is not None and state == "writing":
        _end_other_leases(session, slot, project_id=project.id)
    return slot


def has_room(session: Session, *, task_id: int, project: Project) -> bool:
    """Whether a place of the task is free; the task stays locked until the transaction ends."""
    _hold(session, task_id, project)
    return queries.count_taken(session, task_id) < project.overlap


def _hold(session: Session, task_id: int, project: Project) -> None:
    """Lock the policy, reading it again, and then the task."""
    held = session.execute(_LOCK, {"the_task": task_id, "of_project": project.id})
    note_policy(project, held.mappings().one())


def _take_free(session: Session, *, task_id: int, project: Project, user_id: int, state: str) -> Slot | None:
    """Take a place that is free; the task is locked, and the policy held."""
    values = _values(task_id, user_id, project, state) | {"overlap": project.overlap}
    taken: Slot | None = session.scalar(_TAKE, values, execution_options=_READ_ANEW)
    return taken


def _values(task_id: int, user_id: int, project: Project, state: str) -> dict[str, object]:
    lease = timedelta(minutes=project.lease_minutes) if state == "writing" else None
    return {"the_task": task_id, "the_person": user_id, "new_state": state, "lease": lease}


def _end_other_leases(session: Session, slot: Slot, *, project_id: int) -> None:
    """A person writes on one task at a time; the draft of the other stays, and its slot can be retaken."""
    session.execute(
        _END_OTHERS, {"the_person": slot.user_id, "the_task": slot.task_id, "the_project": project_id}
    )


def renew(session: Session, *, slot: Slot, project: Project) -> datetime | None:
    """Prolong the lease of a writer's slot, or take it back where its place is still free.

    Returns when it ends; None where others hold every place now. A held slot has no lease to end: None.
    """
    if slot.state == "held":
        return None
    taken = take(session, task_id=slot.task_id, project=project, user_id=slot.user_id)
    return taken.lease_expires_at if taken else None


def give_back(session: Session, *slot_ids: int) -> None:
    """Free slots; the rows stay, as the memory that the person had them.

    The database locks the policy and the task then, to note that the task is open again: no ring comes of it,
    since whoever goes on with this very slot holds the lock on its sample first.
    """
    session.execute(
        update(Slot)
        .where(Slot.id.in_(slot_ids))
        .values(state="free", lease_expires_at=None)
        .execution_options(synchronize_session="fetch")
    )
