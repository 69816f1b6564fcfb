"""The insights page: progress, waiting, people, words, decisions; each plot with its table and its CSV."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from app import clock
from app.accounts.dependencies import CurrentUser
from app.database import SessionDep
from app.errors import NotFound
from app.insights import presenting, service, tables
from app.insights.forms import SentRange
from app.insights.periods import By
from app.projects.navigation import project_nav
from app.projects.queries import get_project, roles_in
from app.web.templates import page

router = APIRouter()


@router.get("/projects/{project}/insights")
def show_insights(
    request: Request, session: SessionDep, user: CurrentUser, project: str, chosen: SentRange
) -> Response:
    """How the work goes over a range of days, as much of it as the person may know."""
    shown = get_project(session, project, user)
    roles = roles_in(session, shown.id, user)
    found = service.insights(session, project=shown, roles=roles, chosen=chosen, actor=user, at=clock.now())
    return page(
        request,
        "insights/insights.html",
        project=shown,
        project_nav=project_nav(shown, roles, "insights"),
        by_options=[(by.value, label) for by, label in zip(By, ("Days", "Weeks", "Months"), strict=True)],
        query=f"since={chosen.since}&until={chosen.until}&by={chosen.by}",
        **presenting.context(found),
    )


@router.get("/projects/{project}/insights/{table}.csv")
def download_table(
    session: SessionDep, user: CurrentUser, project: str, table: str, chosen: SentRange
) -> Response:
    """The numbers of one plot or table as CSV."""
    shown = get_project(session, project, user)
    if table not in set(tables.Name):
        raise NotFound("There is no such table.")
    roles = roles_in(session, shown.id, user)
    found = service.insights(session, project=shown, roles=roles, chosen=chosen, actor=user, at=clock.now())
    return Response(
        tables.as_csv(tables.table(tables.Name(table), found)),
        media_type="text/csv",
        headers={"Content-Disposition": f'attachment; filename="{shown.slug}-{table}.csv"'},
    )
