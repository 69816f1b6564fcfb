"""What each act on many rows does with its rows: how they are found, judged, changed and put back.

Each row is judged by the rules of the single act, when it is shown and again when it is done, and gets the
single act's event, whose details name the act on many: putting back looks there for what was before.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy.orm import Session

from app.accounts.models import User
from app.audit.queries import last_events
from app.documents import queries as document_queries
from app.documents import service as documents
from app.documents.models import Document
from app.projects.models import Project
from app.samples import many
from app.samples import queries as sample_queries
from app.samples.models import Sample
from app.samples.workflow import STATUS_WORDS, Action, Status
from app.tasks import queries as task_queries
from app.tasks import service as tasks
from app.tasks.models import Task
from app.work.models import BulkAct

MISSING = "It is not there."


class Kind(StrEnum):
    """What can be done to many rows: the rows' noun and the act."""

    PLAN = "tasks.plan"
    WITHDRAW = "documents.withdraw"
    RESTORE = "documents.restore"
    RELEASE = "samples.release"
    REOPEN = "samples.reopen"

    @property
    def noun(self) -> str:
        """What is acted on."""
        return self.partition(".")[0]


@dataclass(frozen=True, slots=True)
class Row:
    """One row of an act: how it stands, and why it stays so; `refusal` is "" where it changes."""

    id: int
    title: str = ""
    now: str = ""  # in words
    state: list[object] | None = None  # what the act is based on
    refusal: str = MISSING
    subject: Task | Document | many.Judged | None = None


def find_ids(
    session: Session, project: Project, kind: Kind, filters: dict[str, Any], actor: User, *, limit: int
) -> set[int]:
    """The rows that a list's filters let through, at most `limit` of them."""
    match kind.noun:
        case "tasks":
            statement: Any = task_queries.matching(project, **filters)
            column: Any = Task.id
        case "documents":
            statement = document_queries.matching(project.id, **filters)
            column = Document.id
        case _:
            statement = sample_queries.matching(project.id, actor, **filters)
            column = Sample.id
    return set(session.scalars(statement.with_only_columns(column).limit(limit)))


def judge(
    session: Session, act: BulkAct, ids: Sequence[int], actor: User, *, for_change: bool = False
) -> list[Row]:
    """Each of these rows as it stands, by the ids' order; with `for_change`, tasks and documents locked."""
    match act.kind:
        case Kind.PLAN:
            rows = _judge_tasks(session, act, ids, for_change=for_change)
        case Kind.WITHDRAW | Kind.RESTORE:
            rows = _judge_documents(session, act, ids, for_change=for_change)
        case _:
            rows = _judge_samples(session, act, ids, actor)
    found = {row.id: row for row in rows}
    return [found.get(row_id) or Row(row_id) for row_id in ids]


def _judge_tasks(session: Session, act: BulkAct, ids: Sequence[int], *, for_change: bool) -> list[Row]:
    plan = tasks.kept_plan(act.values)
    found = task_queries.list_of_project(session, act.project_id, ids, for_change=for_change)
    return [
        Row(
            id=task.id,
            title=task.document.title,
            now=", ".join(map(": ".join, tasks.in_words(tasks.plan_of(task, plan), task.assignee))),
            state=list(tasks.plain(tasks.plan_of(task)).values()),
            refusal=refusal,
            subject=task,
        )
        for task, refusal in tasks.judge(session, found, dict.fromkeys(ids, plan))
    ]


def _judge_documents(session: Session, act: BulkAct, ids: Sequence[int], *, for_change: bool) -> list[Row]:
    rule = documents.withdrawal_refusal if act.kind == Kind.WITHDRAW else documents.restoration_refusal
    return [
        Row(
            id=document.id,
            title=document.title,
            now="withdrawn" if document.withdrawn_at else "in work",
            state=[document.withdrawn_at.isoformat() if document.withdrawn_at else None],
            refusal=rule(document),
            subject=document,
        )
        for document in document_queries.list_of_project(session, act.project_id, ids, for_change=for_change)
    ]


def _judge_samples(session: Session, act: BulkAct, ids: Sequence[int], actor: User) -> list[Row]:
    judged = many.judge(session, project_id=act.project_id, sample_ids=ids, action=_action(act), actor=actor)
    return [
        Row(
            id=each.sample.id,
            title=each.sample.task.document.title,
            now=STATUS_WORDS[Status(each.sample.status)],
            state=[each.sample.status, each.sample.revision_count],
            refusal=each.refusal,
            subject=each,
        )
        for each in judged
    ]


def _action(act: BulkAct) -> Action:
    return Action.RELEASE if act.kind == Kind.RELEASE else Action.REOPEN


def change(
    session: Session, act: BulkAct, rows: Sequence[Row], *, actor: User, at: datetime
) -> dict[int, str]:
    """Change these rows, which were judged and locked; those that could not be after all, with the reason."""
    details: dict[str, object] = {"bulk": act.id}
    reason = str(act.values.get("reason", ""))
    subjects: list[Any] = [row.subject for row in rows]
    refused: dict[int, str] = {}
    match act.kind:
        case Kind.PLAN:
            plans = dict.fromkeys((row.id for row in rows), tasks.kept_plan(act.values))
            tasks.set_plan(session, tasks=subjects, plans=plans, actor=actor, at=at, details=details)
        case Kind.WITHDRAW:
            for document in subjects:
                documents.take_out(session, document, reason=reason, actor=actor, at=at, details=details)
        case Kind.RESTORE:
            for document in subjects:
                documents.bring_back(session, document, actor=actor, at=at, details=details)
        case _:
            refused = many.act(
                session, subjects, action=_action(act), reason=reason, actor=actor, at=at, details=details
            )
    session.flush()
    return refused


def put_back(session: Session, act: BulkAct, ids: Sequence[int], *, actor: User, at: datetime) -> int:
    """Put back those of these rows that nobody changed since; how many those were."""
    return (_plan_back if act.kind == Kind.PLAN else _bring_back)(session, act, ids, actor=actor, at=at)


def _plan_back(session: Session, act: BulkAct, ids: Sequence[int], *, actor: User, at: datetime) -> int:
    found = task_queries.list_of_project(session, act.project_id, ids, for_change=True)
    events = last_events(session, "task", ids, ["task.plan"])
    mine = {row_id: event.details for row_id, event in events.items() if event.details.get("bulk") == act.id}
    plans = {row_id: tasks.kept_plan(details["before"]) for row_id, details in mine.items()}
    # A task that was begun since is kept for nobody any more, and leaves no event of its own.
    same = [
        task
        for task in found
        if task.id in mine and tasks.plain(tasks.plan_of(task, plans[task.id])) == mine[task.id]["after"]
    ]
    changing = [task for task, refusal in tasks.judge(session, same, plans) if not refusal]
    tasks.set_plan(session, tasks=changing, plans=plans, actor=actor, at=at, details={"undoes": act.id})
    return len(changing)


def _bring_back(session: Session, act: BulkAct, ids: Sequence[int], *, actor: User, at: datetime) -> int:
    found = document_queries.list_of_project(session, act.project_id, ids, for_change=True)
    events = last_events(session, "document", ids, ["document.withdraw", "document.restore"])
    mine = {row_id: event.details for row_id, event in events.items() if event.details.get("bulk") == act.id}
    changing = [document for document in found if document.id in mine]
    details: dict[str, object] = {"undoes": act.id}
    for document in changing:
        if act.kind == Kind.WITHDRAW:
            documents.bring_back(session, document, actor=actor, at=at, details=details)
        else:
            reason = str(mine[document.id]["withdrawn_reason"])
            documents.take_out(session, document, reason=reason, actor=actor, at=at, details=details)
    session.flush()
    return len(changing)
