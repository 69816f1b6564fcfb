"""Planning: which tasks come first, until when they are due, and for whom they are kept.

One task is planned as many are: locked together, judged one by one, each with its event.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, TypedDict, cast

from sqlalchemy.orm import Session

from app.accounts.actors import Actor
from app.accounts.models import User
from app.accounts.queries import find_user_by_email
from app.audit import service as audit
from app.documents.rules import LARGEST_PRIORITY
from app.errors import Conflict, Invalid, NotFound
from app.projects.models import Project
from app.projects.queries import roles_in
from app.projects.rules import Right, Role, require
from app.tasks import queries
from app.tasks.models import Task

SAME = "It is so already."


class Plan(TypedDict, total=False):
    """What is to be set; what is left out stays."""

    priority: int
    due_on: date | None
    assignee_id: int | None


def plan_of(task: Task, like: Plan | None = None) -> Plan:
    """What is set of a task now; with `like`, of what that plan sets."""
    plan: Plan = {"priority": task.priority, "due_on": task.due_on, "assignee_id": task.assignee_id}
    return cast(Plan, {name: value for name, value in plan.items() if like is None or name in like})


def in_words(plan: Plan, assignee: User | None) -> list[tuple[str, str]]:
    """A plan for a screen: label and value of what it sets."""
    shown = []
    if "priority" in plan:
        shown.append(("Priority", f"{plan['priority']:,}"))
    if "due_on" in plan:
        shown.append(("Due on", f"{plan['due_on']:%-d %b %Y}" if plan["due_on"] else "no day"))
    if "assignee_id" in plan:
        shown.append(("Assigned to", f"{assignee.name} ({assignee.email})" if assignee else "nobody"))
    return shown


def checked_plan(session: Session, project: Project, values: Mapping[str, Any]) -> Plan:
    """The plan out of what was sent, where "assignee" is an address or nobody's. Raises Invalid."""
    plan: Plan = {}
    if "priority" in values:
        plan["priority"] = _checked_priority(values["priority"])
    if "due_on" in values:
        plan["due_on"] = values["due_on"]
    if "assignee" in values:
        email = values["assignee"]
        plan["assignee_id"] = _checked_assignee(session, project, email).id if email else None
    if not plan:
        raise Invalid("Say what is to be set: priority, due_on or assignee.")
    return plan


def _checked_assignee(session: Session, project: Project, email: str) -> User:
    """The annotator of the project who has this address. Raises Invalid where there is none."""
    user = find_user_by_email(session, email)
    if (
        user is None
        or user.disabled_at is not None
        or Role.ANNOTATOR not in roles_in(session, project.id, user)
    ):
        sentence = "No annotator of this project has this address."
        raise Invalid(sentence, fields={"assignee": sentence}, code="unknown_person")
    return user


def _checked_priority(priority: int) -> int:
    """The priority; raises Invalid outside of its range."""
    if abs(priority) > LARGEST_PRIORITY:
        sentence = f"A priority is a whole number of at most {LARGEST_PRIORITY:,}; the smallest comes first."
        raise Invalid(sentence, fields={"priority": sentence})
    return priority


def judge(session: Session, tasks: Sequence[Task], plans: Mapping[int, Plan]) -> list[tuple[Task, str]]:
    """Each of these tasks with why its plan cannot be set; "" where it can."""
    had = queries.list_had(session, [task.id for task in tasks])
    return [
        (task, _refusal(task, plan, is_had=(task.id, plan.get("assignee_id")) in had))
        for task in tasks
        for plan in (plans[task.id],)
    ]


def _refusal(task: Task, plan: Plan, *, is_had: bool) -> str:
    if all(getattr(task, name) == value for name, value in plan.items()):
        return SAME
    if is_had:
        return "This person has it, or had it: it cannot be kept for them."
    return ""


def set_plan(
    session: Session,
    *,
    tasks: Sequence[Task],
    plans: Mapping[int, Plan],
    actor: Actor,
    at: datetime,
    details: Mapping[str, object],
) -> None:
    """Set priority, due date or assignee of tasks that were locked and judged, each by its own plan."""
    for task in tasks:
        plan = plans[task.id]
        before = plan_of(task, plan)
        for name, value in plan.items():
            setattr(task, name, value)
        audit.record(
            session,
            verb="task.plan",
            subject_type="task",
            subject_id=task.id,
            project_id=task.project_id,
            actor=actor,
            at=at,
            details={"before": plain(before), "after": plain(plan), **details},
        )
    session.flush()


def plain(plan: Mapping[str, object]) -> dict[str, object]:
    """A plan as it is kept."""
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in plan.items()}


def kept_plan(kept: Any) -> Plan:
    """The plan that was kept so."""
    due = {"due_on": date.fromisoformat(kept["due_on"])} if kept.get("due_on") else {}
    return cast(Plan, kept | due)


def plan_task(
    session: Session, *, task_id: int, values: Mapping[str, Any], actor: Actor, at: datetime
) -> Task:
    """Set what is given of one task. A lead's act.

    Raises NotFound, NotAllowed, Invalid, and Conflict (`had_before`) where the assignee has or had the task.
    """
    project = queries.get_project_of(session, task_id, actor)
    require(roles_in(session, project.id, actor), Right.MANAGE)
    plan = checked_plan(session, project, values)
    tasks = queries.list_of_project(session, project.id, [task_id], for_change=True)
    if not tasks:
        raise NotFound("There is no such task.")
    ((task, refusal),) = judge(session, tasks, {task_id: plan})
    if refusal == SAME:
        return task
    if refusal:
        raise Conflict(refusal, code="had_before")
    set_plan(session, tasks=tasks, plans={task_id: plan}, actor=actor, at=at, details={})
    return task


def unassign_departed(session: Session, *, actor: Actor, at: datetime) -> int:
    """Let others take what was kept for people who are gone, some thousand at a time; how many those were."""
    tasks = queries.list_left_behind(session)
    plans: dict[int, Plan] = {task.id: {"assignee_id": None} for task in tasks}
    set_plan(session, tasks=tasks, plans=plans, actor=actor, at=at, details={})
    return len(tasks)
