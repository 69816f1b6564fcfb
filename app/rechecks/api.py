"""The JSON API of a project's checks: what they find, and checking all of it again."""

from typing import Annotated

from fastapi import Query, Request, Response

from app import clock
from app.accounts.dependencies import ApiUser, requires
from app.database import SessionDep
from app.projects.queries import get_project_with_right
from app.projects.routes.frame import ProjectSlug
from app.projects.rules import Right
from app.rechecks import queries, service
from app.rechecks.forms import FindingsQuery
from app.rechecks.presenting import (
    CheckReport,
    FoundView,
    RunView,
    check_report,
    found_view,
    run_view,
)
from app.web.api import Page, api_router, page_answer

router = api_router()
READ, WRITE = [requires("read")], [requires("write")]


@router.get("/projects/{project}/checks", dependencies=READ, tags=["checks"])
def get_checks(session: SessionDep, user: ApiUser, slug: ProjectSlug) -> CheckReport:
    """What the checks find in the newest revisions, by check, and where the latest run is. For leads."""
    return check_report(session, get_project_with_right(session, slug, user, Right.MANAGE), user)


@router.get("/projects/{project}/checks/findings", dependencies=READ, tags=["checks"])
def list_findings(
    request: Request,
    response: Response,
    session: SessionDep,
    user: ApiUser,
    slug: ProjectSlug,
    query: Annotated[FindingsQuery, Query()],
) -> Page[FoundView]:
    """The findings themselves, with the reasons for which they were kept. For leads."""
    project = get_project_with_right(session, slug, user, Right.MANAGE)
    found = queries.list_findings(session, project.id, user, wanted=query.wanted(), **query.filters())
    return page_answer(response, request, [found_view(each) for each in found.items], found.next)


@router.post("/projects/{project}/checks/runs", status_code=202, dependencies=WRITE, tags=["checks"])
def start_run(session: SessionDep, user: ApiUser, slug: ProjectSlug) -> RunView:
    """Check all that was handed in again. While a run is under way, it is that one. For leads."""
    return run_view(service.start(session, project_slug=slug, actor=user, at=clock.now()))
