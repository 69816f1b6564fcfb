"""Reading the files of an import, one after the other, until none is queued.

An import is processed by one process at a time, and each file is claimed again when its document is added:
whatever dies, is started twice or loses its lock, no file is taken in twice and none is left out.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from itertools import chain, pairwise
from pathlib import PurePosixPath

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app import database
from app.accounts.actors import SYSTEM
from app.audit import service as audit
from app.documents import finding
from app.documents.service import Contract
from app.documents.storage import originals
from app.errors import Invalid
from app.imports import expanding, queries, reading, service, taking
from app.imports.lines import Line
from app.imports.metadata_csv import NAME as METADATA_CSV
from app.imports.metadata_csv import FileMetadata, Said, is_sheet, read_metadata_csv
from app.imports.models import Import, ImportFile
from app.imports.pairs import Wording
from app.imports.reading import Pair
from app.imports.taking import Interrupted as Interrupted
from app.jobs import locks
from app.jobs.service import defer
from app.projects.models import Instruction, Phrasing

Now = Callable[[], datetime]
_NOTHING = FileMetadata()
ROWS_TOGETHER, BYTES_TOGETHER = 50, 4_000_000  # of a list of contracts, in one transaction
STORED_AT_ONCE = 16
MOST_STARTS = 20  # a file that takes its worker down with it must not do so for ever


def process(import_id: int, *, now: Now, should_stop: Callable[[], bool] = lambda: False) -> bool:
    """Read all files of an import that are still queued, and finish it.

    False where another process is at it. Raises Interrupted between two files once `should_stop` says so.
    """
    with locks.try_only_one(lock_name(import_id)) as held:
        if held and _begin(import_id):
            try:
                _open_archives(import_id, should_stop)
                said = _read_metadata(import_id)
            except Invalid as error:
                _refuse_all(import_id, error.message)
            else:
                _take_files(import_id, said, now, should_stop)
                _take_lines(import_id, said, now, should_stop)
            with database.transaction() as session:
                finish(session, import_id=import_id, at=now())
    return held


def lock_name(import_id: int) -> str:
    """The name of the lock under which an import is processed."""
    return f"import {import_id}"


def _begin(import_id: int) -> bool:
    with database.transaction() as session:
        found = session.get(Import, import_id, with_for_update=True)
        if found is None or found.status in queries.FINISHED:
            return False
        found.status = "running"
        found.start_count += 1
        if not service.may_still_import(session, found):
            refusal = service.NO_LONGER
        elif found.start_count > MOST_STARTS:
            refusal = "Reading this import stopped the worker again and again."
        else:
            return True
    _refuse_all(import_id, refusal)
    return True


def _open_archives(import_id: int, should_stop: Callable[[], bool]) -> None:
    """Give the entries of each zip their rows, before anything is read: a metadata.csv may be among them."""
    last = 0
    while file := _next_file(import_id, after=last):
        last = file.id
        if reading.is_archive(file.sha256):
            with taking.failures_noted(file.id):
                expanding.expand_archive(file, pause=lambda: _pause(should_stop))


def _read_metadata(import_id: int) -> Said:
    """What each metadata.csv says of the files beside and below it, by file name; the nearest one counts."""
    with database.transaction() as session:
        files = session.execute(
            select(ImportFile.id, ImportFile.name, ImportFile.sha256).where(
                ImportFile.import_id == import_id, ImportFile.line.is_(None)
            )
        ).all()
    sheets = sorted(
        (file for file in files if is_sheet(file.name)), key=lambda file: (file.name.count("/"), file.name)
    )
    if not sheets:
        return {}
    # A zip that was taken apart is the folder of its entries now.
    folders = {str(folder) for file in files for folder in PurePosixPath(file.name).parents}
    names = {file.name for file in files} - {sheet.name for sheet in sheets} - folders
    if not names:
        raise Invalid(f"This import holds no contract, only {METADATA_CSV}.")
    said: dict[str, FileMetadata] = {}
    for sheet in sheets:
        if [other.name for other in sheets].count(sheet.name) > 1:
            raise Invalid(f"This import has more than one {sheet.name}.")
        if not originals().exists(sheet.sha256):
            raise Invalid(f"{sheet.name} is no longer in storage. Import the files again.")
        with originals().open(sheet.sha256) as stream:
            said |= read_metadata_csv(stream.read(), names=names, sheet=sheet.name)
    with database.transaction() as session:
        ids = [sheet.id for sheet in sheets]
        session.execute(update(ImportFile).where(ImportFile.id.in_(ids)).values(status="expanded"))
    return said


def _take_files(import_id: int, said: Said, now: Now, should_stop: Callable[[], bool]) -> None:
    last = 0
    while file := _next_file(import_id, after=last):
        _pause(should_stop)
        last = file.id
        with taking.failures_noted(file.id):
            if reading.holds_lines(file.sha256):
                expanding.expand_lines(file)
                continue
            contract = reading.read_file(
                name=file.name,
                sha256=file.sha256,
                byte_count=file.byte_count,
                said=said.get(file.name, _NOTHING),
            )
            taking.take_in(file.id, contract, at=now())


def _take_lines(import_id: int, said: Said, now: Now, should_stop: Callable[[], bool]) -> None:
    """Each list is read through once, and its queued rows are taken in together, some at a time.

    Their originals are stored at once, since a disk secures many in the time that one takes; and while some
    rows are taken in, the next ones are read.
    """
    wordings, system_prompt = _wordings(import_id)

    def read(name: str, line: Line) -> Contract | Pair:
        source = said.get(name.rpartition(":")[0], _NOTHING)
        return reading.read_line(
            name=name, line=line, said=source, wordings=wordings, system_prompt=system_prompt
        )

    with ThreadPoolExecutor(STORED_AT_ONCE) as pool:
        for sha256, waiting in _queued_lines(import_id).items():
            if not originals().exists(sha256):
                _refuse_all(import_id, "A file is no longer in storage. Import it again.", sha256=sha256)
                continue
            being_read = (
                [(file_id, pool.submit(read, name, line)) for file_id, name, line in rows]
                for rows in _together(reading.lines_of(sha256), waiting)
            )
            for rows, _ahead in pairwise(chain(being_read, [[]])):
                _pause(should_stop)
                contracts = {}
                for file_id, row_read in rows:
                    with taking.failures_noted(file_id):
                        row = row_read.result()
                        if isinstance(row, Contract):
                            contracts[file_id] = row
                        else:
                            taking.take_in(file_id, row, at=now())
                taking.take_in_together(contracts, at=now())


def _together(
    lines: Iterable[Line], waiting: Mapping[int, Sequence[tuple[int, str]]]
) -> Iterator[list[tuple[int, str, Line]]]:
    """The queued rows, with their ids and names, as many at a time as one transaction takes in."""
    rows: list[tuple[int, str, Line]] = []
    size = 0
    for line in lines:
        for file_id, name in waiting.get(line.number, ()):
            rows.append((file_id, name, line))
            size += line.byte_count
            if len(rows) == ROWS_TOGETHER or size > BYTES_TOGETHER:
                yield rows
                rows, size = [], 0
    if rows:
        yield rows


def _wordings(import_id: int) -> tuple[list[Wording], str]:
    """The phrasings that the import's project gives or gave out, and its system prompt."""
    with database.transaction() as session:
        project = session.get_one(Import, import_id).project
        rows = session.execute(
            select(Phrasing.id, Phrasing.text)
            .join(Instruction, Instruction.id == Phrasing.instruction_id)
            .where(Instruction.project_id == project.id, ~Phrasing.imported)
            .order_by(Phrasing.retired_at.desc().nulls_first(), Phrasing.id)
        )
        return [Wording(phrasing_id, text) for phrasing_id, text in rows], project.system_prompt


def _pause(should_stop: Callable[[], bool]) -> None:
    if should_stop():
        raise Interrupted


def _next_file(import_id: int, *, after: int) -> ImportFile | None:
    with database.transaction() as session:
        return session.scalar(
            select(ImportFile)
            .where(
                ImportFile.import_id == import_id,
                ImportFile.status == "queued",
                ImportFile.line.is_(None),
                ImportFile.id > after,
            )
            .order_by(ImportFile.id)
            .limit(1)
        )


def _queued_lines(import_id: int) -> dict[str, dict[int, list[tuple[int, str]]]]:
    """(id, name) of every queued line, by the file's hash and the line's number."""
    with database.transaction() as session:
        rows = session.execute(
            select(ImportFile.sha256, ImportFile.line, ImportFile.id, ImportFile.name)
            .where(
                ImportFile.import_id == import_id, ImportFile.status == "queued", ImportFile.line.is_not(None)
            )
            .order_by(ImportFile.id)
        ).all()
    found: dict[str, dict[int, list[tuple[int, str]]]] = defaultdict(lambda: defaultdict(list))
    for sha256, line, file_id, name in rows:
        found[sha256][line or 0].append((file_id, name))
    return found


def _refuse_all(import_id: int, reason: str, *, sha256: str | None = None) -> None:
    """Give up all files that wait, or those of one stored file, with the reason on the import as a whole.

    Without its metadata nothing is taken in: a contract that is here could not be imported again with it.
    """
    waiting = [ImportFile.import_id == import_id, ImportFile.status == "queued"]
    if sha256 is not None:
        waiting.append(ImportFile.sha256 == sha256)
    with database.transaction() as session:
        session.execute(update(Import).where(Import.id == import_id).values(reason=reason))
        session.execute(
            update(ImportFile).where(*waiting).values(status="failed", reason=f"Not read. {reason}")
        )


def finish(session: Session, *, import_id: int, at: datetime) -> None:
    """Say how the import went, unless that was said or a file still waits; likely passages are found next."""
    found = session.get_one(Import, import_id, with_for_update=True)
    counts = queries.count_files(session, [import_id])[import_id]
    if found.status in queries.FINISHED or counts.queued:
        return
    before = found.status
    found.status = "done" if counts.created or counts.duplicate else "failed"
    found.finished_at = at
    audit.record(
        session,
        verb="import.finish",
        subject_type="import",
        subject_id=import_id,
        project_id=found.project_id,
        actor=SYSTEM,
        at=at,
        before=before,
        after=found.status,
        details={"created": counts.created, "duplicates": counts.duplicate, "failed": counts.failed},
    )
    defer(session, finding.TASK, queueing_lock=finding.TASK)
