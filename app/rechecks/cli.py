"""`engross check`: check a project again, and tell what stands in it without a reason."""

from collections.abc import Sequence
from typing import Annotated, Any

import typer

from app import clock
from app.accounts.actors import OPERATOR
from app.cli_output import columns, emit
from app.database import transaction
from app.imports.cli import progress
from app.paging import MAX_PAGE_SIZE, Wanted
from app.projects.queries import get_project
from app.rechecks import queries, service
from app.rechecks.presenting import CheckReport, check_report, found_view


def check(
    slug: Annotated[str, typer.Argument(help="The project's short name.")],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")] = False,
) -> None:
    """Check all that was handed in again. Ends with 1 where an error or a warning has no reason."""
    with transaction() as session:
        run = service.start(session, project_slug=slug, actor=OPERATOR, at=clock.now())
    with progress("Checking") as show:
        while run.finished_at is None:
            with transaction() as session:
                run = service.check_next(session, run.id, at=clock.now())
            show(run.done, run.total)
    with transaction() as session:
        project = get_project(session, slug, OPERATOR)
        report = check_report(session, project, OPERATOR)
        wanted, found = Wanted("submitted", limit=MAX_PAGE_SIZE), list[dict[str, Any]]()
        while True:
            page = queries.list_findings(session, project.id, OPERATOR, state="open", wanted=wanted)
            found += [found_view(each).model_dump(mode="json") for each in page.items]
            if page.next is None:
                break
            wanted = Wanted(wanted.sort, page.next, wanted.limit)
    emit_report(report, found, as_json=as_json)


def emit_report(report: CheckReport, found: Sequence[dict[str, Any]], *, as_json: bool) -> None:
    """Say what the checks find, and which findings have no reason; ends with 1 where there are such."""
    shown = report.model_dump(mode="json") | {"findings": list(found)}
    emit(shown, as_json=as_json, table=lambda: _drawn(report, found))
    if found:
        raise typer.Exit(1)


def _drawn(report: CheckReport, found: Sequence[dict[str, Any]]) -> str:
    counts = [
        {
            "check": each.check,
            "errors": each.errors,
            "warnings": each.warnings,
            "notes": each.notes,
            "kept with a reason": each.kept,
            "samples": each.samples,
        }
        for each in report.checks
    ]
    rows = [
        {"sample": each["sample_id"]}
        | {name: each[name] for name in ("status", "severity", "check", "message")}
        for each in found
    ]
    failed = report.run.failed if report.run else 0
    said = [f"{report.samples} samples, {len(found)} findings without a reason"]
    if failed:
        said.append(f"{failed} samples could not be checked: the log says where a check broke")
    return "\n\n".join([columns(counts), *([columns(rows)] if rows else []), "\n".join(said)])
