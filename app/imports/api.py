"""The JSON API of imports."""

from fastapi import Response
from pydantic import BaseModel

from app import clock
from app.accounts.dependencies import ApiUser, requires
from app.database import SessionDep
from app.imports import queries, service
from app.imports.presenting import ImportReport, import_report
from app.imports.receiving import SentFiles, SentLines, keep_files
from app.projects.queries import get_project
from app.web.api import PREFIX, api_router
from app.web.dependencies import RowId

router = api_router()


class StartedImport(BaseModel):
    """An import that was begun; its report says how it goes on."""

    id: int
    status: str


@router.post(
    "/projects/{project}/imports",
    status_code=202,
    dependencies=[requires("import")],
    tags=["imports"],
    openapi_extra={
        "requestBody": {"content": {"application/jsonl": {"schema": {"type": "string", "format": "binary"}}}}
    },
)
def start_import(
    *,
    response: Response,
    session: SessionDep,
    user: ApiUser,
    project: str,
    lines: SentLines,
    files: SentFiles = None,
) -> StartedImport:
    """Begin an import: `files` of a multipart form, or a JSONL body with `title` and `text` on each line."""
    found = get_project(session, project, user)
    service.require_right(session, project=found, actor=user)
    kept = keep_files(files) if lines is None else [service.keep("import.jsonl", lines)]
    started = service.start_import(session, project=found, files=kept, actor=user, at=clock.now())
    response.headers["Location"] = f"{PREFIX}/imports/{started.id}"
    return StartedImport(id=started.id, status=started.status)


@router.get("/imports/{import_id}", dependencies=[requires("read")], tags=["imports"])
def get_import(session: SessionDep, user: ApiUser, import_id: RowId) -> ImportReport:
    """How far an import is, and what became of each file."""
    return import_report(session, queries.get_import(session, import_id, user))
