"""A project's samples, tasks and activity, each as a list that is searched, sorted and paged."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from app.accounts.dependencies import CurrentUser
from app.database import SessionDep
from app.projects.routes.frame import ProjectSlug, open_project, project_page
from app.projects.rules import Right
from app.samples import queries as sample_queries
from app.samples.forms import SamplesQuery
from app.samples.models import Sample
from app.samples.workflow import Status
from app.tasks import queries as task_queries
from app.tasks.forms import TasksQuery
from app.web.pagination import Links, total_words
from app.work import activity, queries
from app.work.forms import ActivityQuery
from app.work.presenting import listed_tasks

router = APIRouter(prefix="/projects/{project}")


@router.get("/samples")
def list_samples(
    request: Request,
    session: SessionDep,
    user: CurrentUser,
    slug: ProjectSlug,
    query: Annotated[SamplesQuery, Query()],
) -> Response:
    """The project's samples that this person may see."""
    opened = open_project(session, slug, user)
    found = sample_queries.list_samples(
        session,
        project_id=opened.project.id,
        actor=user,
        wanted=query.wanted(),
        counts=True,
        **query.filters(),
    )
    return project_page(
        request,
        opened,
        "samples/list.html",
        current="samples",
        samples=[_sample_row(sample) for sample in found.items],
        total=total_words(found.total),
        status_options=[(str(each), str(each).replace("_", " ").capitalize()) for each in Status],
        instruction_options=[(each.key, each.key) for each in opened.project.instructions],
        query=query,
        links=Links(f"/projects/{slug}/samples", query, next_cursor=found.next),
        may_manage=opened.may(Right.MANAGE),
    )


def _sample_row(sample: Sample) -> dict[str, Any]:
    document = sample.task.document
    return {
        "id": sample.id,
        "status": sample.status,
        "title": document.title,
        "client": document.client or "",
        "withdrawn": document.withdrawn_at is not None,
        "annotator_name": sample.writer_name,
        "revision_count": sample.revision_count,
        "updated_at": sample.updated_at,
    }


@router.get("/tasks")
def list_tasks(
    request: Request,
    session: SessionDep,
    user: CurrentUser,
    slug: ProjectSlug,
    query: Annotated[TasksQuery, Query()],
) -> Response:
    """The project's tasks: what waits, who has it, until when it is due."""
    opened = open_project(session, slug, user, Right.READ_DOCUMENTS)
    found = task_queries.list_tasks(
        session, opened.project, wanted=query.wanted(), counts=True, **query.filters()
    )
    return project_page(
        request,
        opened,
        "work/tasks.html",
        current="tasks",
        tasks=listed_tasks(session, found.items, user),
        total=total_words(found.total),
        instruction_options=[(each.key, each.key) for each in opened.project.instructions],
        query=query,
        links=Links(f"/projects/{slug}/tasks", query, next_cursor=found.next),
        may_manage=opened.may(Right.MANAGE),
    )


@router.get("/activity")
def show_activity(
    request: Request,
    session: SessionDep,
    user: CurrentUser,
    slug: ProjectSlug,
    query: Annotated[ActivityQuery, Query()],
) -> Response:
    """What was done: everything for leads, one's own acts for annotators and reviewers."""
    opened = open_project(session, slug, user)
    found = queries.list_activity(session, opened.project.id, user, wanted=query.wanted(), **query.filters())
    events = [
        {
            "at": event.at,
            "actor": event.actor_name,
            "label": activity.label(event.verb),
            "named": activity.named(event.details),
            "subject": f"{event.subject_type} {event.subject_id}",
            "address": activity.address(event.subject_type, event.subject_id),
        }
        for event in found.items
    ]
    return project_page(
        request,
        opened,
        "projects/activity.html",
        current="activity",
        events=events,
        families=list(activity.FAMILY_LABELS.items()),
        query=query,
        links=Links(f"/projects/{slug}/activity", query, next_cursor=found.next),
        is_everybodys=opened.may(Right.SEE_ACTIVITY),
    )
