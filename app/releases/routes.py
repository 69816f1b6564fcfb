"""The export page: what an export holds, what stays out and why, and the download."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from app import clock
from app.accounts.dependencies import CurrentUser
from app.database import SessionDep
from app.projects.navigation import project_nav
from app.projects.queries import roles_in
from app.projects.rules import Right, rights_of
from app.releases import queries, service
from app.releases.formats import INLINE_METADATA, TAKEN_BY, Format
from app.releases.forms import AskedExport, SentExport
from app.releases.queries import Filter
from app.settings import get_settings
from app.web.streaming import ClosingStream
from app.web.templates import page

router = APIRouter()


@router.get("/projects/{project}/export")
def show_export(
    request: Request, session: SessionDep, user: CurrentUser, project: str, query: AskedExport
) -> Response:
    """How many rows an export has now, an example of each format, and the exclusions."""
    found = service.get_project_to_export(session, project, query.wanted, user)
    roles = roles_in(session, found.id, user)
    row_count = queries.count_exported(session, found, Filter(), user)
    exclusions = queries.list_exclusions(session, found, user, limit=100)
    return page(
        request,
        "releases/export.html",
        project={"slug": found.slug, "name": found.name},
        project_nav=project_nav(found, roles, "export"),
        row_count=row_count,
        wanted_count=queries.count_exported(session, found, query.wanted, user)
        if query.is_a_part
        else row_count,
        excluded_count=queries.count_excluded(session, found, user),
        exclusions=[
            {"sample_id": sample_id, "title": title, "message": queries.REASONS[reason]}
            for sample_id, _, title, reason in exclusions
        ],
        asked=query,
        formats=[
            {"name": each.value, "taken_by": TAKEN_BY[each], "example": service.EXAMPLES[each]}
            for each in Format
        ],
        inline_formats=sorted(INLINE_METADATA),
        clause_options=[(clause.key, clause.name) for clause in found.clauses],
        base_url=get_settings().base_url,
        may_see_names=Right.READ_SAMPLES in rights_of(roles),
    )


@router.get("/projects/{project}/export/download")
def download(session: SessionDep, user: CurrentUser, project: str, query: SentExport) -> Response:
    """The approved pairs as a file, streamed from one consistent snapshot."""
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
