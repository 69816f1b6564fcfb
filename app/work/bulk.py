"""Acts on many rows: chosen, shown, done, and undone where that can be.

What is chosen is fixed when the preview is made, and how it stood then: the button does what the preview
said. A row that changed in between is left out and named.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.documents.service import withdrawal_reason
from app.errors import Conflict, Invalid, NotFound
from app.projects.models import Project
from app.projects.queries import get_project_with_right, roles_in
from app.projects.rules import Right, require
from app.samples.queries import lock_many
from app.samples.submission import require_reason
from app.settings import get_settings
from app.tasks import service as tasks
from app.work import rows
from app.work.models import BulkAct
from app.work.rows import Kind, Row

Some = TypeVar("Some")
CHUNK = 1000  # rows that are read and sent together
UNDO_MINUTES = 10
KEEP_PREVIEWS = timedelta(days=1)
CHANGED = "It was changed after the preview."
UNDOABLE = frozenset({Kind.PLAN, Kind.WITHDRAW, Kind.RESTORE})


@dataclass(frozen=True, slots=True)
class Preview:
    """What would become of an act's rows now: those that change, and those that do not."""

    changes: list[Row]
    refusals: list[Row]


def prepare(
    session: Session,
    *,
    slug: str,
    kind: Kind,
    chosen: Sequence[int] | dict[str, Any],
    values: dict[str, Any],
    actor: User,
    at: datetime,
) -> BulkAct:
    """Fix the rows of an act and what is to be done with them; nothing changes yet. A lead's act.

    `chosen` are ids, or a list's filters. Raises Invalid: `nothing_chosen`, `too_many`, and for wrong values.
    """
    project = get_project_with_right(session, slug, actor, Right.MANAGE)
    kept = _checked(session, project, kind, values)
    most = get_settings().engross_bulk_ids
    if isinstance(chosen, dict):
        ids = rows.find_ids(session, project, kind, chosen, actor, limit=most + 1)
    else:
        ids = set(chosen)
    if not ids:
        raise Invalid("Nothing was chosen, so nothing changes: tick what you mean.", code="nothing_chosen")
    if len(ids) > most:
        raise Invalid(f"One act changes at most {most:,} at a time: narrow the filter.", code="too_many")
    session.execute(
        delete(BulkAct).where(
            BulkAct.actor_id == actor.id, BulkAct.done_at.is_(None), BulkAct.created_at < at - KEEP_PREVIEWS
        )
    )
    act = BulkAct(project_id=project.id, actor_id=actor.id, kind=kind, values=kept, created_at=at)
    act.rows = [
        [row.id, row.state] for some in _chunks(sorted(ids)) for row in rows.judge(session, act, some, actor)
    ]
    session.add(act)
    session.flush()
    return act


def _checked(session: Session, project: Project, kind: Kind, values: dict[str, Any]) -> dict[str, object]:
    """What is to be set, or why, as it is kept; raises Invalid."""
    match kind:
        case Kind.PLAN:
            return tasks.plain(tasks.checked_plan(session, project, values))
        case Kind.WITHDRAW:
            return {"reason": withdrawal_reason(values.get("reason", ""))}
        case Kind.RESTORE:
            return {}
    return {"reason": require_reason(values.get("reason", ""))}


def _chunks(some: Sequence[Some]) -> Iterator[Sequence[Some]]:
    return (some[start : start + CHUNK] for start in range(0, len(some), CHUNK))


def get_act(session: Session, act_id: int, actor: User, *, for_change: bool = False) -> BulkAct:
    """One's own act, while one leads its project. Raises NotFound, NotAllowed."""
    statement = select(BulkAct).where(BulkAct.id == act_id, BulkAct.actor_id == actor.id)
    if for_change:
        statement = statement.with_for_update()
    act = session.scalar(statement, execution_options={"populate_existing": True})
    roles = roles_in(session, act.project_id, actor) if act else frozenset()
    if act is None or not roles:
        raise NotFound("There is no such act.")
    require(roles, Right.MANAGE)
    return act


def preview(session: Session, act: BulkAct, actor: User) -> Preview:
    """What doing it would come to at this moment."""
    judged = list(_judged(session, act, actor))
    return Preview([row for row in judged if not row.refusal], [row for row in judged if row.refusal])


def _judged(session: Session, act: BulkAct, actor: User, *, for_change: bool = False) -> Iterator[Row]:
    """Each row as it stands; one that is not as it was shown is refused."""
    shown = act.states
    for ids in _chunks(list(shown)):
        for row in rows.judge(session, act, ids, actor, for_change=for_change):
            is_same = row.refusal or row.state == shown[row.id]
            yield row if is_same else replace(row, refusal=CHANGED)


def perform(session: Session, *, act_id: int, actor: User, at: datetime) -> BulkAct:
    """Do what the preview showed, all in this transaction; what may not change any more is left out, and kept
    with the reason. Sent again, it is answered as it was done."""
    act = get_act(session, act_id, actor, for_change=True)
    if act.done_at is not None:
        return act
    if act.kind in {Kind.RELEASE, Kind.REOPEN}:
        lock_many(session, act.project_id, list(act.states), actor)
    judged = list(_judged(session, act, actor, for_change=True))
    refused = {row.id: row.refusal for row in judged if row.refusal}
    for some in _chunks([row for row in judged if not row.refusal]):
        refused |= rows.change(session, act, some, actor=actor, at=at)
    act.done_at = at
    act.changed_count = len(judged) - len(refused)
    act.refusals = [[row.id, row.title, refused[row.id]] for row in judged if row.id in refused]
    session.flush()
    return act


def may_undo(act: BulkAct, at: datetime) -> bool:
    """Whether `undo` would not refuse the act as a whole."""
    return (
        act.kind in UNDOABLE
        and act.done_at is not None
        and act.undone_at is None
        and at - act.done_at <= timedelta(minutes=UNDO_MINUTES)
    )


def undo(session: Session, *, act_id: int, actor: User, at: datetime) -> int:
    """Put back what the act changed and nobody changed since; how many rows those were.

    Raises Conflict (`undo_refused`) where it was not done, was undone, is too long ago, or has no undo.
    """
    act = get_act(session, act_id, actor, for_change=True)
    if not may_undo(act, at):
        raise Conflict(
            f"This can no longer be undone: {UNDO_MINUTES} minutes have passed, it was undone already, "
            "or it is an act that has no way back.",
            code="undo_refused",
        )
    act.undone_at = at
    return sum(rows.put_back(session, act, ids, actor=actor, at=at) for ids in _chunks(list(act.states)))


def described(session: Session, act: BulkAct) -> list[tuple[str, str]]:
    """What is to be set, or why, in words: label and value."""
    if act.kind != Kind.PLAN:
        return [("Reason", str(act.values["reason"]))] if "reason" in act.values else []
    assignee_id = act.values.get("assignee_id")
    return tasks.in_words(
        tasks.kept_plan(act.values), session.get(User, assignee_id) if assignee_id else None
    )
