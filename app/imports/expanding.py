"""Files that hold several contracts: each becomes its own rows in the report, all at once or not at all."""

from collections.abc import Callable

from sqlalchemy import insert
from sqlalchemy.orm import Session

from app import database
from app.documents.storage import originals
from app.errors import Invalid
from app.imports import archives, reading, taking
from app.imports.models import Import, ImportFile
from app.settings import get_settings

_BATCH = 1000


def expand_lines(file: ImportFile) -> None:
    """Give each row of a JSONL, JSON or CSV file its own row in the report."""
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
            name = f"{file.name}:{line.number}"
            rows.append(_row(file, name, file.sha256, line.byte_count) | {"line": line.number})
            if len(rows) >= _BATCH:
                session.execute(insert(ImportFile), rows)
                rows = []
        if rows:
            session.execute(insert(ImportFile), rows)
        if not count:
            raise Invalid("There is no line with a contract in this file.")
        parent.status = "expanded"


def expand_archive(file: ImportFile, *, pause: Callable[[], None]) -> None:
    """Put the entries of a zip into storage, then give each its own row in the report.

    Nobody holds a transaction while a zip is unpacked; what was stored before a kill is found again by its
    hash, or swept.
    """
    path = originals().path(file.sha256)
    unpacked = archives.unpack(path, name=file.name, sha256=file.sha256, pause=pause)
    with database.transaction() as session:
        parent = taking.claim(session, file.id)
        if parent is None:
            return
        session.execute(
            insert(ImportFile),
            [
                _row(file, entry.name, entry.sha256, entry.byte_count)
                | {"status": "failed" if entry.reason else "queued", "reason": entry.reason}
                for entry in unpacked.entries
            ],
        )
        parent.status = "expanded"
        _note(session, parent.import_, unpacked.note)


def _row(file: ImportFile, name: str, sha256: str, byte_count: int) -> dict[str, object]:
    return {
        "import_id": file.import_id,
        "name": name,
        "sha256": sha256,
        "byte_count": byte_count,
        "status": "queued",
    }


def _note(session: Session, import_: Import, sentence: str) -> None:
    if sentence:
        session.refresh(import_, with_for_update=True)
        import_.notes = [*import_.notes, sentence]
