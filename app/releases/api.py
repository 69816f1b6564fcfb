"""The JSON API of exports."""

from fastapi import Request, Response

from app import clock
from app.accounts.dependencies import ApiUser, requires
from app.database import SessionDep
from app.paging import cut, decode, encode
from app.projects.queries import get_project_with_right
from app.projects.rules import Right
from app.releases import queries, service
from app.releases.forms import SentExport
from app.web.api import Page, api_router, page_answer
from app.web.pagination import Cursor, Limit
from app.web.streaming import ClosingStream

router = api_router()
EXPORT = [requires("export")]


@router.get(
    "/projects/{project}/export",
    dependencies=EXPORT,
    tags=["exports"],
    response_class=Response,
    responses={200: {"content": {"application/jsonl": {"schema": {"type": "string"}}}}},
)
def stream_export(session: SessionDep, user: ApiUser, project: str, query: SentExport) -> Response:
    """The approved pairs as JSONL, streamed from one consistent snapshot."""
    export = service.begin_export(
        session,
        project_slug=project,
        format=query.format,
        with_metadata=query.with_metadata,
        wanted=query.wanted,
        actor=user,
        at=clock.now(),
    )
    return ClosingStream(
        service.export_chunks(export),
        media_type="application/jsonl",
        headers={"Content-Disposition": f'attachment; filename="{export.file_name}"'},
    )


@router.get("/projects/{project}/export/exclusions", dependencies=EXPORT, tags=["exports"])
def list_exclusions(
    request: Request,
    response: Response,
    session: SessionDep,
    user: ApiUser,
    project: str,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[dict[str, object]]:
    """Approved samples that stay out of every export of the caller, each with its reason."""
    found = get_project_with_right(session, project, user, Right.EXPORT)
    after = decode(cursor, int, int) if cursor else None
    last_seen = (int(str(after[0])), int(str(after[1]))) if after else None
    rows = queries.list_exclusions(session, found, user, after=last_seen, limit=limit + 1)
    shown, last = cut(rows, limit)
    items: list[dict[str, object]] = [
        {
            "sample_id": sample_id,
            "document": {"id": document_id, "title": title},
            "reason": reason,
            "message": queries.REASONS[reason],
        }
        for sample_id, document_id, title, reason in shown
    ]
    return page_answer(response, request, items, encode(last[1], last[0]) if last else None)
