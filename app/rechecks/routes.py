"""The lead's page of checks: what they find in the project, why it was kept, and checking all of it again."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from app import clock
from app.accounts.dependencies import CurrentUser
from app.database import SessionDep
from app.jobs.queries import is_worker_alive
from app.projects.routes.frame import ProjectSlug, open_project, project_page
from app.projects.rules import Right
from app.rechecks import queries, service
from app.rechecks.forms import FindingsQuery
from app.rechecks.presenting import check_report, count_by_state, found_view
from app.web.htmx import redirect
from app.web.notices import notice
from app.web.pagination import Links

router = APIRouter()


@router.get("/projects/{project}/checks")
def show_checks(
    request: Request,
    session: SessionDep,
    user: CurrentUser,
    slug: ProjectSlug,
    query: Annotated[FindingsQuery, Query()],
) -> Response:
    """The findings by check, and those that were kept, have no reason, or are new in approved samples."""
    opened = open_project(session, slug, user, Right.MANAGE)
    report = check_report(session, opened.project, user)
    found = queries.list_findings(session, opened.project.id, user, wanted=query.wanted(), **query.filters())
    is_running = report.run is not None and report.run.status == "running"
    path = f"/projects/{slug}/checks"
    return project_page(
        request,
        opened,
        "rechecks/checks.html",
        current="checks",
        report=report,
        is_running=is_running,
        worker_alive=not is_running or is_worker_alive(session),
        counts=count_by_state(report, query.check),
        findings=[found_view(each) for each in found.items],
        check_options=[(each.check, each.check.replace("_", " ").capitalize()) for each in report.checks],
        query=query,
        links=Links(path, query, next_cursor=found.next),
    )


@router.post("/projects/{project}/checks/runs")
def start_run(session: SessionDep, user: CurrentUser, slug: ProjectSlug) -> Response:
    """Check all that was handed in again."""
    service.start(session, project_slug=slug, actor=user, at=clock.now())
    return notice(redirect(f"/projects/{slug}/checks"), "All that was handed in is checked again.")
