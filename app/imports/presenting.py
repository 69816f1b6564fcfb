"""An import as the JSON API and `--json` give it: the report."""

from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel
from sqlalchemy.orm import Session

from app.clock import JsonTime
from app.imports import queries
from app.imports.models import Import


class FileReport(BaseModel):
    """What became of a file, of a row ("all.jsonl:17") or of an entry ("archive.zip/2026/lease.docx")."""

    name: str
    status: str  # queued, created, duplicate, failed
    document_id: int | None
    sample_id: int | None  # of a pair
    reason: str


class ImportSummary(BaseModel):
    """How far an import is."""

    id: int
    project: str
    status: str  # queued, running, done, failed
    reason: str
    notes: list[str]
    created_at: JsonTime
    finished_at: JsonTime | None
    total: int
    done: int
    created: int
    duplicates: int
    failed: int


class ImportReport(ImportSummary):
    """How far an import is, and what became of each file."""

    files: list[FileReport]


def import_summaries(session: Session, imports: Sequence[Import], slug: str) -> list[ImportSummary]:
    """Imports of one project without their files, which may be ten thousand."""
    counts = queries.count_files(session, [found.id for found in imports])
    return [ImportSummary(**_summary(found, counts[found.id], slug)) for found in imports]


def _summary(import_: Import, counts: queries.Counts, slug: str) -> dict[str, Any]:
    return {
        "id": import_.id,
        "project": slug,
        "status": import_.status,
        "reason": import_.reason,
        "notes": import_.notes,
        "created_at": import_.created_at,
        "finished_at": import_.finished_at,
        "total": counts.total,
        "done": counts.done,
        "created": counts.created,
        "duplicates": counts.duplicate,
        "failed": counts.failed,
    }


def import_report(session: Session, import_: Import) -> ImportReport:
    """The whole report."""
    counts = queries.count_files(session, [import_.id])[import_.id]
    return ImportReport(
        **_summary(import_, counts, import_.project.slug),
        files=[
            FileReport(
                name=file.name,
                status=file.status,
                document_id=file.document_id,
                sample_id=file.sample_id,
                reason=file.reason,
            )
            for file in queries.list_files(session, import_.id)
        ],
    )
