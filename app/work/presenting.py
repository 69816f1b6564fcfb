"""Tasks, events and acts on many rows as pages and the JSON API give them."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from pydantic import BaseModel
from sqlalchemy.orm import Session

from app.accounts.actors import Actor
from app.accounts.models import User
from app.audit.models import Event
from app.clock import JsonTime, rfc3339
from app.samples.models import Sample
from app.samples.queries import list_of_tasks
from app.samples.workflow import STATUS_WORDS, Status
from app.tasks.models import Task
from app.tasks.queries import count_taken_of
from app.work import bulk
from app.work.models import BulkAct

SHOWN = 200  # rows of an act that are named one by one


class NamedDocument(BaseModel):
    """The document that something is about."""

    id: int
    title: str


class TaskSampleView(BaseModel):
    """A sample of a task, as far as it exists for the caller."""

    id: int
    status: str
    annotator: str | None  # None: imported


class TaskView(BaseModel):
    """A task in a list."""

    id: int
    document: NamedDocument
    withdrawn: bool
    instruction: str
    taken: int
    priority: int
    due_on: date | None
    assignee: str | None
    created_at: JsonTime
    samples: list[TaskSampleView]


class EventView(BaseModel):
    """One act of a project's history."""

    id: int
    at: str
    verb: str
    actor: str
    subject: str
    subject_id: int
    before: str | None
    after: str | None


class ChangeView(BaseModel):
    """A row that would change, and how it stands now."""

    id: int
    title: str
    now: str


class RefusalView(BaseModel):
    """A row that stays as it is, and why."""

    id: int
    title: str
    reason: str


class BulkActView(BaseModel):
    """An act on many rows: what it would come to, or came to. Of the rows themselves, the first 200."""

    id: int
    kind: str
    chosen: int
    created_at: JsonTime
    done_at: JsonTime | None
    changed: int | None
    undone_at: JsonTime | None
    can_be_undone: bool
    undo_until: JsonTime | None
    will_change: int | None
    changes: list[ChangeView]
    refused: int
    refusals: list[RefusalView]


def listed_tasks(session: Session, tasks: Sequence[Task], actor: Actor) -> list[dict[str, Any]]:
    """Each task with how many of its places are taken and the samples of it that the actor may see."""
    ids = [task.id for task in tasks]
    taken = count_taken_of(session, ids)
    samples = defaultdict[int, list[Sample]](list)
    for sample in list_of_tasks(session, ids, actor):
        samples[sample.task_id].append(sample)
    return [
        {
            "task": task,
            "taken": taken.get(task.id, 0),
            "samples": [
                {"sample": sample, "words": STATUS_WORDS[Status(sample.status)]}
                for sample in samples[task.id]
            ],
        }
        for task in tasks
    ]


def task_views(session: Session, tasks: Sequence[Task], actor: User) -> list[TaskView]:
    """Tasks as programs are given them."""
    return [
        TaskView(
            id=row["task"].id,
            document=NamedDocument(id=row["task"].document_id, title=row["task"].document.title),
            withdrawn=row["task"].document.withdrawn_at is not None,
            instruction=row["task"].instruction.key,
            taken=row["taken"],
            priority=row["task"].priority,
            due_on=row["task"].due_on,
            assignee=row["task"].assignee.email if row["task"].assignee else None,
            created_at=row["task"].created_at,
            samples=[
                TaskSampleView(
                    id=each["sample"].id,
                    status=each["sample"].status,
                    annotator=each["sample"].annotator.email if each["sample"].annotator else None,
                )
                for each in row["samples"]
            ],
        )
        for row in listed_tasks(session, tasks, actor)
    ]


def event_view(event: Event) -> EventView:
    """An event without its comment and details, which belong to its subject's own history."""
    return EventView(
        id=event.id,
        at=rfc3339(event.at),
        verb=event.verb,
        actor=event.actor_name,
        subject=event.subject_type,
        subject_id=event.subject_id,
        before=event.before,
        after=event.after,
    )


def bulk_act_view(session: Session, act: BulkAct, actor: User, *, at: datetime) -> BulkActView:
    """An act as it stands; what it would come to is judged anew while it is not done."""
    preview = bulk.preview(session, act, actor) if act.done_at is None else None
    refused = [[row.id, row.title, row.refusal] for row in preview.refusals] if preview else act.refusals
    may_undo = bulk.may_undo(act, at)
    until = act.done_at + timedelta(minutes=bulk.UNDO_MINUTES) if act.done_at and may_undo else None
    return BulkActView(
        id=act.id,
        kind=act.kind,
        chosen=len(act.rows),
        created_at=act.created_at,
        done_at=act.done_at,
        changed=act.changed_count if act.done_at else None,
        undone_at=act.undone_at,
        can_be_undone=may_undo if act.done_at else act.kind in bulk.UNDOABLE,
        undo_until=until,
        will_change=len(preview.changes) if preview else None,
        changes=[
            ChangeView(id=row.id, title=row.title, now=row.now)
            for row in (preview.changes[:SHOWN] if preview else [])
        ],
        refused=len(refused),
        refusals=[
            RefusalView(id=row_id, title=title, reason=reason) for row_id, title, reason in refused[:SHOWN]
        ],
    )
