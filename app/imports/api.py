"""The JSON API of imports."""

from typing import cast

from fastapi import Request, Response
from pydantic import BaseModel

from app import clock
from app.accounts.dependencies import ApiUser, requires
from app.database import SessionDep
from app.imports import queries, service
from app.imports.presenting import ImportReport, ImportSummary, import_report, import_summaries
from app.imports.receiving import SentFiles, SentLines, keep_files
from app.paging import cut, decode, encode
from app.projects.queries import get_project, get_project_with_right
from app.projects.rules import Right
from app.web.api import PREFIX, Page, api_router, page_answer
from app.web.dependencies import RowId
from app.web.pagination import Cursor, Limit

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


@router.get("/projects/{project}/imports", dependencies=[requires("read")], tags=["imports"])
def list_imports(
    *,
    request: Request,
    response: Response,
    session: SessionDep,
    user: ApiUser,
    project: str,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[ImportSummary]:
    """The project's imports for its leads, newest first, without their files."""
    found = get_project_with_right(session, project, user, Right.MANAGE)
    before_id = cast("tuple[int]", decode(cursor, int))[0] if cursor else None
    rows = queries.list_recent(session, found.id, before_id=before_id, limit=limit + 1)
    shown, last = cut(rows, limit)
    items = import_summaries(session, shown, found.slug)
    return page_answer(response, request, items, encode(last.id) if last else None)


@router.get("/imports/{import_id}", dependencies=[requires("read")], tags=["imports"])
def get_import(session: SessionDep, user: ApiUser, import_id: RowId) -> ImportReport:
    """How far an import is, and what became of each file."""
    return import_report(session, queries.get_import(session, import_id, user))
