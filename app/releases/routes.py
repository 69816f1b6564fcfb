"""The export page: what an export holds, what stays out and why, and the download."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from app import clock
from app.accounts.dependencies import CurrentUser
from app.database import SessionDep
from app.projects.navigation import project_nav
from app.projects.queries import get_project_with_right, roles_in
from app.projects.rules import Right, rights_of
from app.releases import queries, service
from app.releases.formats import Format
from app.releases.forms import SentExport
from app.releases.queries import Filter
from app.settings import get_settings
from app.web.streaming import ClosingStream
from app.web.templates import page

router = APIRouter()


@router.get("/projects/{project}/export")
def show_export(request: Request, session: SessionDep, user: CurrentUser, project: str) -> Response:
    """How many rows an export has now, a sample row in each format, and the exclusions."""
    found = get_project_with_right(session, project, user, Right.EXPORT)
    roles = roles_in(session, found.id, user)
    exclusions = queries.list_exclusions(session, found, user, limit=101)
    return page(
        request,
        "releases/export.html",
        project={"slug": found.slug, "name": found.name},
        project_nav=project_nav(found, roles, "export"),
        row_count=queries.count_exported(session, found, Filter(), user),
        excluded_count=queries.count_excluded(session, found, user),
        exclusions=[
            {"sample_id": sample_id, "title": title, "message": queries.REASONS[reason]}
            for sample_id, _, title, reason in exclusions[:100]
        ],
        format_options=[(each.value, each.value, service.EXAMPLES[each]) for each in Format],
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
