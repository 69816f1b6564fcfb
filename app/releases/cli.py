"""`engross export`: approved pairs into a file or onto standard output."""

import os
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import typer

from app import clock
from app.accounts.actors import OPERATOR
from app.cli_output import emit
from app.database import transaction
from app.errors import Invalid
from app.hidden import marked_for_terminal
from app.projects.queries import get_project
from app.releases import queries, service
from app.releases.formats import INLINE_METADATA, NOVA_REFUSES, Format, check_metadata, parse_format
from app.releases.forms import parse_since
from app.releases.queries import Filter
from app.releases.service import Export, Written

NAMED = 20  # samples that stay out are named one by one, up to so many


def export(
    slug: Annotated[str, typer.Argument(help="The project's slug.")],
    format: Annotated[str, typer.Option(help=f"One of {', '.join(Format)}.")] = "instruction",
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
    chosen = check_output(format, output, as_json=as_json)
    if output == "-":
        check_metadata(chosen, with_metadata=with_metadata)
    wanted = Filter(clause=clause, annotator=annotator, since=parse_since(since))
    with transaction() as session:
        begun = service.begin_export(
            session,
            project_slug=slug,
            format=chosen,
            with_metadata=with_metadata,
            wanted=wanted,
            actor=OPERATOR,
            at=clock.now(),
        )
        project = get_project(session, slug, OPERATOR)
        excluded = queries.count_excluded(session, project, OPERATOR)
        listed = [] if as_json else queries.list_exclusions(session, project, OPERATOR, limit=NAMED)
    name_excluded([(row[0], row[2], queries.REASONS[row[3]]) for row in listed], excluded)
    if output == "-":
        written = service.write_export(begun, sys.stdout.buffer)
        sys.stdout.flush()
        _warn(written)
        return
    written = _write_files(begun, Path(output))
    _warn(written)
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


def name_excluded(listed: Sequence[tuple[int, str, str]], count: int) -> None:
    """Name samples that stay out on standard error, with their titles and why; there are `count` in all."""
    for sample_id, title, why in listed:
        typer.echo(f"Sample {sample_id} of “{marked_for_terminal(title)}” stays out. {why}", err=True)
    if count > len(listed) > 0:
        typer.echo(f"… and {count - len(listed):,} more; the export page lists them.", err=True)


def _warn(written: Written) -> None:
    """Name the rows at which the format's service fails, on standard error."""
    if written.refused:
        named = ", ".join(map(str, written.refused[:20])) + (", …" if len(written.refused) > 20 else "")
        typer.echo(
            f"A training job of Amazon Nova fails where a prompt holds {', '.join(NOVA_REFUSES)}: "
            f"rows {named} do ({len(written.refused):,} in all). Leave them out; no text was changed.",
            err=True,
        )


def check_output(format: str, output: str, *, as_json: bool) -> Format:
    """The format, where it is one and the answer has a place of its own."""
    chosen = parse_format(format)
    if as_json and output == "-":
        raise typer.BadParameter("--json needs --output PATH: standard output cannot hold both.")
    if Path(output).exists() and not Path(output).is_file():
        # The whole export takes its place at the end, and nobody wants that of a folder or of /dev/null.
        raise typer.BadParameter(f"{output} is no file: name one, or - for standard output.")
    return chosen


def _write_files(begun: Export, path: Path) -> Written:
    """Write beside the target and rename at the end: a file of that name is always a whole export."""
    targets = [path]
    if begun.with_metadata and begun.format not in INLINE_METADATA:
        targets.append(path.with_name(f"{path.stem}.metadata.jsonl"))
    drafts = [target.with_name(f".{target.name}.{os.getpid()}") for target in targets]
    try:
        with ExitStack() as files:
            opened = [files.enter_context(draft.open("wb")) for draft in drafts]
            written = service.write_export(begun, *opened)
        for draft, target in zip(drafts, targets, strict=True):
            draft.replace(target)
    except OSError as error:
        raise Invalid(f"{path} cannot be written: {error.strerror}.") from error
    finally:
        for draft in drafts:
            draft.unlink(missing_ok=True)
    return written
