"""Reading the files of an import, one after the other, until none is queued.

An import is processed by one process at a time, and each file is claimed again when its document is added:
whatever dies, is started twice or loses its lock, no file is taken in twice and none is left out.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping
from datetime import datetime

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from app import database
from app.accounts.actors import SYSTEM
from app.audit import service as audit
from app.documents.storage import originals
from app.errors import Invalid
from app.imports import queries, reading, service, taking
from app.imports.metadata_csv import NAME as METADATA_CSV
from app.imports.metadata_csv import FileMetadata, read_metadata_csv
from app.imports.models import Import, ImportFile
from app.imports.pairs import Wording
from app.jobs import locks
from app.projects.models import Instruction, Phrasing
from app.settings import get_settings

Now = Callable[[], datetime]
Said = Mapping[str, FileMetadata]
_NOTHING = FileMetadata()
_BATCH = 1000
MOST_STARTS = 20  # a file that takes its worker down with it must not do so for ever


class Interrupted(Exception):
    """The program is about to stop; what is left of the import stays queued."""


def process(import_id: int, *, now: Now, should_stop: Callable[[], bool] = lambda: False) -> bool:
    """Read all files of an import that are still queued, and finish it.

    False where another process is at it. Raises Interrupted between two files once `should_stop` says so.
    """
    with locks.try_only_one(lock_name(import_id)) as held:
        if held and _begin(import_id):
            try:
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


def _read_metadata(import_id: int) -> Said:
    """What metadata.csv says, where the import has one; by file name."""
    with database.transaction() as session:
        files = session.execute(
            select(ImportFile.id, ImportFile.name, ImportFile.sha256).where(
                ImportFile.import_id == import_id, ImportFile.line.is_(None)
            )
        ).all()
    sheets = [file for file in files if file.name.lower() == METADATA_CSV]
    if not sheets:
        return {}
    if len(sheets) > 1:
        raise Invalid(f"This import has more than one {METADATA_CSV}.")
    if len(files) == 1:
        raise Invalid(f"This import holds no contract, only {METADATA_CSV}.")
    if not originals().exists(sheets[0].sha256):
        raise Invalid(f"{METADATA_CSV} is no longer in storage. Import the files again.")
    with originals().open(sheets[0].sha256) as stream:
        said = read_metadata_csv(stream.read(), names={file.name for file in files})
    with database.transaction() as session:
        session.execute(update(ImportFile).where(ImportFile.id == sheets[0].id).values(status="expanded"))
    return said


def _take_files(import_id: int, said: Said, now: Now, should_stop: Callable[[], bool]) -> None:
    last = 0
    while file := _next_file(import_id, after=last):
        _pause(should_stop)
        last = file.id
        with taking.failures_noted(file.id):
            if reading.holds_lines(file.sha256):
                _expand(file)
                continue
            contract = reading.read_file(
                name=file.name,
                sha256=file.sha256,
                byte_count=file.byte_count,
                said=said.get(file.name, _NOTHING),
            )
            taking.take_in(file.id, contract, at=now())


def _take_lines(import_id: int, said: Said, now: Now, should_stop: Callable[[], bool]) -> None:
    """Each JSONL file is read through once, and its queued lines are taken in as they come by."""
    wordings, system_prompt = _wordings(import_id)
    for sha256, waiting in _queued_lines(import_id).items():
        if not originals().exists(sha256):
            _refuse_all(import_id, "A file is no longer in storage. Import it again.", sha256=sha256)
            continue
        for line in reading.lines_of(sha256):
            for file_id, name in waiting.get(line.number, ()):
                _pause(should_stop)
                source = said.get(name.rpartition(":")[0], _NOTHING)
                with taking.failures_noted(file_id):
                    row = reading.read_line(
                        name=name, line=line, said=source, wordings=wordings, system_prompt=system_prompt
                    )
                    if isinstance(row, reading.Pair):
                        taking.take_pair_in(file_id, row, at=now())
                    else:
                        taking.take_in(file_id, row, at=now())


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


def _expand(file: ImportFile) -> None:
    """Give each line of a JSONL file its own row in the report, all at once or not at all."""
    with database.transaction() as session:
        parent = taking.claim(session, file.id)
        if parent is None:
            return
        rows: list[dict[str, object]] = []
        count, most = 0, get_settings().engross_import_lines
        for line in reading.lines_of(file.sha256):
            count += 1
            if count > most:
                raise Invalid(
                    f"This file has more than {most:,} lines (ENGROSS_IMPORT_LINES): split it into several."
                )
            rows.append(
                {
                    "import_id": file.import_id,
                    "name": f"{file.name}:{line.number}",
                    "sha256": file.sha256,
                    "byte_count": line.byte_count,
                    "line": line.number,
                    "status": "queued",
                }
            )
            if len(rows) >= _BATCH:
                session.execute(insert(ImportFile), rows)
                rows = []
        if rows:
            session.execute(insert(ImportFile), rows)
        if not count:
            raise Invalid("There is no line with a contract in this file.")
        parent.status = "expanded"


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
    """Say how the import went, unless that was said or a file still waits."""
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
