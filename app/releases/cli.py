"""`engross export`: approved pairs into a file or onto standard output."""

import os
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import typer

from app import clock
from app.accounts.actors import OPERATOR
from app.cli_output import emit
from app.database import transaction
from app.projects.queries import get_project
from app.releases import queries, service
from app.releases.formats import INLINE_METADATA, check_metadata, parse_format
from app.releases.forms import parse_since
from app.releases.queries import Filter
from app.releases.service import Export, Written


def export(
    slug: Annotated[str, typer.Argument(help="The project's slug.")],
    format: Annotated[str, typer.Option(help="instruction, alpaca or messages.")] = "instruction",
    output: Annotated[str, typer.Option(help="A file, or - for standard output.")] = "-",
    with_metadata: Annotated[
        bool, typer.Option("--with-metadata", help="With provenance for each row.")
    ] = False,
    clause: Annotated[str, typer.Option(help="Only outputs that cover this clause.")] = "",
    annotator: Annotated[str, typer.Option(help="Only this person's, by e-mail address.")] = "",
    since: Annotated[str, typer.Option(help="Only what was approved at this time or later.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document about the export.")] = False,
) -> None:
    """Write a project's approved pairs as JSONL, one consistent snapshot."""
    chosen = parse_format(format)
    beside = with_metadata and output != "-" and chosen not in INLINE_METADATA
    check_metadata(chosen, with_metadata=with_metadata and not beside)
    if as_json and output == "-":
        raise typer.BadParameter("--json needs --output PATH: standard output cannot hold both.")
    wanted = Filter(clause=clause, annotator=annotator, since=parse_since(since))
    with transaction() as session:
        begun = service.begin_export(
            session,
            project_slug=slug,
            format=chosen,
            with_metadata=with_metadata and not beside,
            wanted=wanted,
            actor=OPERATOR,
            at=clock.now(),
        )
        excluded = queries.count_excluded(session, get_project(session, slug, OPERATOR), OPERATOR)
    if output == "-":
        service.write_export(begun, sys.stdout.buffer)
        sys.stdout.flush()
        return
    written = _write_files(begun, Path(output), beside=beside)
    emit(
        {
            "path": output,
            "rows": written.rows,
            "bytes": written.bytes,
            "sha256": written.sha256,
            "excluded": excluded,
        },
        as_json=as_json,
    )


def _write_files(begun: Export, path: Path, *, beside: bool) -> Written:
    """Write beside the target and rename at the end: a file of that name is always a whole export."""
    targets = [path, path.with_name(f"{path.stem}.metadata.jsonl")][: 2 if beside else 1]
    drafts = [target.with_name(f".{target.name}.{os.getpid()}") for target in targets]
    try:
        with ExitStack() as files:
            opened = [files.enter_context(draft.open("wb")) for draft in drafts]
            written = service.write_export(begun, *opened)
        for draft, target in zip(drafts, targets, strict=True):
            draft.replace(target)
    finally:
        for draft in drafts:
            draft.unlink(missing_ok=True)
    return written
