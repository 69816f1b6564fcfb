"""The JSON API of tasks, activity, and acts on many rows."""

from typing import Annotated

from fastapi import Query, Request, Response

from app import clock
from app.accounts.dependencies import ApiUser, requires
from app.database import SessionDep
from app.projects.queries import get_project, get_project_with_right
from app.projects.routes.frame import ProjectSlug
from app.projects.rules import Right
from app.tasks import queries as task_queries
from app.tasks import service as tasks
from app.tasks.forms import PlanBody, TasksQuery
from app.web.api import Page, api_router, page_answer
from app.web.dependencies import RowId
from app.work import bulk, queries
from app.work.forms import ActivityQuery, BulkBody
from app.work.presenting import BulkActView, EventView, TaskView, bulk_act_view, event_view, task_views
from app.work.rows import Kind

router = api_router()
READ, WRITE = [requires("read")], [requires("write")]


@router.get("/projects/{project}/tasks", dependencies=READ, tags=["tasks"])
def list_tasks(
    request: Request,
    response: Response,
    session: SessionDep,
    user: ApiUser,
    slug: ProjectSlug,
    query: Annotated[TasksQuery, Query()],
) -> Page[TaskView]:
    """A project's tasks with the samples of them that the caller may see."""
    project = get_project_with_right(session, slug, user, Right.READ_DOCUMENTS)
    found = task_queries.list_tasks(session, project, wanted=query.wanted(), **query.filters())
    return page_answer(response, request, task_views(session, found.items, user), found.next)


@router.patch("/tasks/{task_id}", dependencies=WRITE, tags=["tasks"])
def plan_task(session: SessionDep, user: ApiUser, task_id: RowId, body: PlanBody) -> TaskView:
    """Set what is sent of a task, and leave the rest: a lead's act."""
    values = body.model_dump(exclude_unset=True)
    task = tasks.plan_task(session, task_id=task_id, values=values, actor=user, at=clock.now())
    return task_views(session, [task], user)[0]


@router.get("/projects/{project}/activity", dependencies=READ, tags=["projects"])
def list_activity(
    request: Request,
    response: Response,
    session: SessionDep,
    user: ApiUser,
    slug: ProjectSlug,
    query: Annotated[ActivityQuery, Query()],
) -> Page[EventView]:
    """What was done in the project: all of it for its leads, one's own acts for the others."""
    project = get_project(session, slug, user)
    found = queries.list_activity(session, project.id, user, wanted=query.wanted(), **query.filters())
    return page_answer(response, request, [event_view(event) for event in found.items], found.next)


@router.post("/projects/{project}/bulk-acts", status_code=201, dependencies=WRITE, tags=["bulk acts"])
def prepare_bulk_act(
    session: SessionDep, user: ApiUser, slug: ProjectSlug, body: BulkBody, response: Response
) -> BulkActView:
    """Fix the rows of an act and show what it would come to; nothing changes yet. A lead's act."""
    at = clock.now()
    act = bulk.prepare(
        session,
        slug=slug,
        kind=Kind(body.kind),
        chosen=body.chosen(),
        values=body.values.model_dump(exclude_unset=True),
        actor=user,
        at=at,
    )
    response.headers["Location"] = f"/api/v1/bulk-acts/{act.id}"
    return bulk_act_view(session, act, user, at=at)


@router.get("/bulk-acts/{act_id}", dependencies=READ, tags=["bulk acts"])
def get_bulk_act(session: SessionDep, user: ApiUser, act_id: RowId) -> BulkActView:
    """One's own act as it stands."""
    return bulk_act_view(session, bulk.get_act(session, act_id, user), user, at=clock.now())


@router.post("/bulk-acts/{act_id}/completion", dependencies=WRITE, tags=["bulk acts"])
def perform_bulk_act(session: SessionDep, user: ApiUser, act_id: RowId) -> BulkActView:
    """Do what was shown, once: sent again, it is answered as it was done."""
    at = clock.now()
    return bulk_act_view(session, bulk.perform(session, act_id=act_id, actor=user, at=at), user, at=at)


@router.delete("/bulk-acts/{act_id}/completion", dependencies=WRITE, tags=["bulk acts"])
def undo_bulk_act(session: SessionDep, user: ApiUser, act_id: RowId) -> dict[str, int]:
    """Put back what nobody changed since, within 10 minutes; 409 `undo_refused`."""
    return {"changed": bulk.undo(session, act_id=act_id, actor=user, at=clock.now())}
