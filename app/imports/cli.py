"""`engross import`: contracts from this machine's files, folders and zips."""

import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from typing import Annotated, NamedTuple

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from app import clock, database, logs
from app.accounts.actors import OPERATOR
from app.cli_output import columns, emit
from app.documents.rules import is_hidden
from app.errors import Invalid
from app.imports import queries, service
from app.imports.presenting import FileReport, ImportReport, import_report
from app.imports.processing import Interrupted, process
from app.imports.service import IncomingFile
from app.projects.queries import get_project
from app.settings import get_settings

LOOK_SECONDS = 0.3


class Found(NamedTuple):
    """A file and what the report calls it."""

    name: str
    path: Path


def import_(
    slug: Annotated[str, typer.Argument(help="The project.")],
    paths: Annotated[
        list[Path], typer.Argument(help="Files, zips, and folders whose files are all taken.", exists=True)
    ],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")] = False,
) -> None:
    """Import contracts: DOCX, PDF, RTF, HTML, text, Markdown, zips of them, JSONL, JSON, CSV."""
    # What goes wrong with a file stands in the report.
    logs.configure(get_settings().model_copy(update={"log_level": "WARNING"}))
    with database.transaction() as session:
        get_project(session, slug, OPERATOR)
    found, hidden = find_files(paths)
    kept, refused = _keep(found)
    if not kept and refused:
        raise Invalid("No file could be taken.", fields={file.name: file.reason for file in refused})
    with database.transaction() as session:
        project = get_project(session, slug, OPERATOR)
        started = service.start_import(
            session, project=project, files=kept, actor=OPERATOR, at=clock.now(), hidden=hidden
        )
    _follow(started.id)
    report = _report(started.id, refused)
    emit(report.model_dump(mode="json"), as_json=as_json, table=lambda: drawn(report))
    if report.failed:
        raise typer.Exit(1)


def find_files(paths: list[Path]) -> tuple[list[Found], int]:
    """The files with what the report calls them, and how many hidden ones in folders are passed over."""
    found = list(_files(paths))
    # What the folder itself is called was chosen.
    taken = [file for file in found if not is_hidden(file.name.partition("/")[2])]
    return taken, len(found) - len(taken)


def _files(paths: list[Path]) -> Iterator[Found]:
    """Those of folders with their folder, in a fixed order."""
    for path in paths:
        if not path.is_dir():
            yield Found(path.name, path)
            continue
        folder = path.resolve()
        for found in sorted(folder.rglob("*")):
            if found.is_file():
                yield Found(found.relative_to(folder.parent).as_posix(), found)


def _keep(files: list[Found]) -> tuple[list[IncomingFile], list[FileReport]]:
    """The files that are in storage now, and those that cannot be."""
    kept: list[IncomingFile] = []
    refused: list[FileReport] = []
    for name, path in files:
        try:
            with path.open("rb") as stream:
                kept.append(service.keep(name, stream))
        except Invalid as error:
            refused.append(_refused(name, error.message))
        except OSError as error:
            refused.append(_refused(name, f"It cannot be read: {error.strerror}."))
    return kept, refused


def _refused(name: str, reason: str) -> FileReport:
    return FileReport(name=name, status="failed", document_id=None, sample_id=None, reason=reason)


def _follow(import_id: int) -> None:
    """Read the files here, or watch the worker that was faster, until the import is finished."""
    stop = Event()
    with progress() as show, ThreadPoolExecutor(1) as pool:
        reading: Future[bool] | None = None
        try:
            while not _is_finished(import_id, show):
                if reading is None or reading.done():
                    if reading is not None:
                        reading.result()  # what went wrong while reading is told, not tried for ever
                    reading = pool.submit(process, import_id, now=clock.now, should_stop=stop.is_set)
                time.sleep(LOOK_SECONDS)
        except KeyboardInterrupt:
            stop.set()
            raise
        finally:
            if reading is not None and stop.is_set():
                try:
                    reading.result()
                except Interrupted:
                    print(f"Import {import_id} goes on as soon as a worker runs.", file=sys.stderr)  # noqa: T201


@contextmanager
def progress(label: str = "Reading") -> Iterator[Callable[[int, int], None]]:
    """A bar on a terminal's standard error; it is told how many of its things are done, of how many."""
    columns = (TextColumn(label), BarColumn(), MofNCompleteColumn())
    shown = Progress(*columns, console=Console(file=sys.stderr), disable=not sys.stderr.isatty())
    with shown:
        bar = shown.add_task(label)
        yield lambda done, total: shown.update(bar, completed=done, total=total)


def _is_finished(import_id: int, show: Callable[[int, int], None]) -> bool:
    with database.transaction() as session:
        counts = queries.count_files(session, [import_id])[import_id]
        show(counts.done, counts.total)
        return queries.get_import(session, import_id, OPERATOR).status in queries.FINISHED


def _report(import_id: int, refused: list[FileReport]) -> ImportReport:
    with database.transaction() as session:
        report = import_report(session, queries.get_import(session, import_id, OPERATOR))
    count = len(refused)
    return report.model_copy(
        update={
            "total": report.total + count,
            "done": report.done + count,
            "failed": report.failed + count,
            "files": [*report.files, *refused],
        }
    )


def drawn(report: ImportReport) -> str:
    """The report as people see it."""
    rows = [
        {"file": file.name, "result": file.status, "document": file.document_id, "why": file.reason}
        for file in report.files
    ]
    counts = f"{report.created} new, {report.duplicates} here already, {report.failed} failed"
    return "\n".join(([columns(rows)] if rows else []) + report.notes + [counts])
