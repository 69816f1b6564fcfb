"""Pages of imports: files are sent, and the report says what becomes of each."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from app import clock
from app.accounts.dependencies import CurrentUser
from app.accounts.models import User
from app.database import SessionDep
from app.documents.routes import documents_page
from app.imports import queries, service
from app.imports.receiving import SentFiles, keep_files
from app.jobs.queries import is_worker_alive
from app.projects.queries import get_project
from app.projects.routes.frame import (
    Opened,
    ProjectSlug,
    Refusal,
    attempt_or_explain,
    open_project,
    project_page,
)
from app.web.dependencies import RowId
from app.web.htmx import redirect
from app.web.templates import fragment

router = APIRouter()

PAGE_SIZE = 100
Status = Annotated[Literal["", "created", "duplicate", "failed", "queued"], Query()]
After = Annotated[int, Query(ge=0, le=2**63 - 1)]


@router.post("/projects/{project}/imports")
def start_import(
    request: Request, session: SessionDep, user: CurrentUser, slug: ProjectSlug, files: SentFiles = None
) -> Response:
    """Begin an import of the files of a form."""
    project = get_project(session, slug, user)
    service.require_right(session, project=project, actor=user)

    def act() -> Response:
        started = service.start_import(
            session, project=project, files=keep_files(files), actor=user, at=clock.now()
        )
        return redirect(f"/imports/{started.id}")

    def redraw(refusal: Refusal) -> Response:
        return documents_page(request, session, user, slug, refusal=refusal)

    return attempt_or_explain(session, act, redraw=redraw)


@router.get("/imports/{import_id}")
def show_import(
    *,
    request: Request,
    session: SessionDep,
    user: CurrentUser,
    import_id: RowId,
    status: Status = "",
    after: After = 0,
) -> Response:
    """The report of an import, which keeps itself up to date while files are being read."""
    opened, context = _report(session, user, import_id, status=status, after=after)
    return project_page(request, opened, "imports/import.html", current="documents", **context)


@router.get("/imports/{import_id}/progress")
def show_progress(
    *,
    request: Request,
    session: SessionDep,
    user: CurrentUser,
    import_id: RowId,
    status: Status = "",
    after: After = 0,
) -> Response:
    """The report alone, for the page that shows it already."""
    _, context = _report(session, user, import_id, status=status, after=after)
    return fragment(request, "imports/_progress.html", **context)


def _report(
    session: Session, user: User, import_id: int, *, status: str, after: int
) -> tuple[Opened, dict[str, Any]]:
    found = queries.get_import(session, import_id, user)
    opened = open_project(session, found.project.slug, user)
    files = queries.list_files(session, found.id, status=status, after=after, limit=PAGE_SIZE + 1)
    shown = files[:PAGE_SIZE]
    finished = found.status in queries.FINISHED
    url = f"/imports/{found.id}"
    return opened, {
        "imported": found,
        "counts": queries.count_files(session, [found.id])[found.id],
        "files": shown,
        "finished": finished,
        "worker_alive": finished or is_worker_alive(session),
        "chosen": status,
        "progress_url": f"{url}/progress?status={status}&after={after}",
        "next_url": f"{url}?status={status}&after={shown[-1].id}" if len(files) > PAGE_SIZE else "",
        "first_url": f"{url}?status={status}" if after else "",
    }
