"""The JSON API of insights: the numbers behind the plots."""

from app import clock
from app.accounts.dependencies import ApiUser, requires
from app.database import SessionDep
from app.insights import service
from app.insights.forms import SentRange
from app.insights.numbers import Insights
from app.projects.queries import get_project, roles_in
from app.web.api import api_router

router = api_router()


@router.get("/projects/{project}/insights", dependencies=[requires("read")], tags=["insights"])
def get_insights(session: SessionDep, user: ApiUser, project: str, chosen: SentRange) -> Insights:
    """How the work goes over a range of days (UTC), as much of it as the caller may know.

    `since` and `until` are days, both included; without them it is the last twelve weeks. `by` is `day`,
    `week` or `month`.
    """
    found = get_project(session, project, user)
    roles = roles_in(session, found.id, user)
    return service.insights(session, project=found, roles=roles, chosen=chosen, actor=user, at=clock.now())
