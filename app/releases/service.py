"""Exports: a stream of approved pairs from one consistent snapshot of the database."""

import hashlib
import hmac
from collections.abc import Callable, Generator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any, BinaryIO

from sqlalchemy.orm import Session

from app.accounts.actors import Actor
from app.audit import service as audit
from app.database import get_stream_engine, stream
from app.projects.models import Project
from app.projects.queries import get_project_with_right, roles_in
from app.projects.rules import Right, require
from app.releases import queries
from app.releases.formats import INLINE_METADATA, Format, Pair, encode_line, encode_pair, refused_words
from app.releases.queries import Filter
from app.settings import get_settings

_CHUNK_BYTES = 256 * 1024


@dataclass(frozen=True, slots=True)
class Export:
    """What to write; rights were checked when this was made."""

    project_id: int
    slug: str
    system_prompt: str
    format: Format
    with_metadata: bool
    wanted: Filter
    actor: Actor

    @property
    def file_name(self) -> str:
        """A name for the download; a slug has no character that a header or a file system minds."""
        return f"{self.slug}-{self.format}.jsonl"


_EXAMPLE = Pair(
    phrasing="Summarize the following contract in one paragraph: '{contract}'",
    contract="Services Agreement …",
    output="This Agreement runs for three years …",
)
EXAMPLES = {format: encode_pair(_EXAMPLE, format).decode().strip() for format in Format}


def get_project_to_export(session: Session, project_slug: str, wanted: Filter, actor: Actor) -> Project:
    """The project, if this person may export these rows of it. Raises NotFound, NotAllowed."""
    project = get_project_with_right(session, project_slug, actor, Right.EXPORT)
    if wanted.annotator:
        # Whoever is shown pseudonyms only must not find out by asking whose they are.
        require(roles_in(session, project.id, actor), Right.READ_SAMPLES)
    return project


def begin_export(
    session: Session,
    *,
    project_slug: str,
    format: Format,
    with_metadata: bool,
    wanted: Filter,
    actor: Actor,
    at: datetime,
) -> Export:
    """Check the rights and note in the history that data left. Raises NotFound, NotAllowed."""
    project = get_project_to_export(session, project_slug, wanted, actor)
    audit.record(
        session,
        verb="project.export",
        subject_type="project",
        subject_id=project.id,
        project_id=project.id,
        actor=actor,
        at=at,
        details={"format": format, "with_metadata": with_metadata, "annotator": wanted.annotator},
    )
    return Export(project.id, project.slug, project.system_prompt, format, with_metadata, wanted, actor)


@dataclass(frozen=True, slots=True)
class Line:
    """One row in its format."""

    data: bytes
    metadata: bytes  # the line of a file beside; empty where it stands in the row or nobody asked for it
    refused: list[str]  # words of the prompt at which the format's service fails


@dataclass(frozen=True, slots=True)
class Written:
    """What an export came to."""

    rows: int
    bytes: int
    sha256: str  # hexadecimal, of the data
    refused: list[int]  # numbers of the rows at which the format's service fails, from 1


def export_lines(export: Export) -> Generator[Line]:
    """The rows, as one statement in a REPEATABLE READ snapshot sends them: memory stays flat.

    It holds a connection until it ends or is closed.
    """
    beside = export.with_metadata and export.format not in INLINE_METADATA
    name = cache(pseudonym)  # few people wrote many rows
    connection = get_stream_engine().connect()
    with (
        connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True) as snapshot,
        Session(snapshot) as session,
        session.begin(),
    ):
        project = session.get_one(Project, export.project_id)
        statement = queries.exported(project, export.wanted, export.actor, with_metadata=export.with_metadata)
        for row in stream(snapshot, statement):
            metadata = _metadata(row, name) if export.with_metadata else {}
            pair = Pair(row.phrasing, row.contract, row.output, export.system_prompt, metadata)
            yield Line(
                encode_pair(pair, export.format, with_metadata=export.with_metadata and not beside),
                encode_line(metadata) if beside else b"",
                refused_words(pair, export.format),
            )


def write_export(export: Export, data: BinaryIO, beside: BinaryIO | None = None) -> Written:
    """Write the rows to `data`, and the metadata that does not stand in them to `beside`."""
    digest, rows, size, refused = hashlib.sha256(), 0, 0, []
    for line in export_lines(export):
        data.write(line.data)
        if beside is not None:
            beside.write(line.metadata)
        digest.update(line.data)
        rows += 1
        size += len(line.data)
        if line.refused:
            refused.append(rows)
    return Written(rows, size, digest.hexdigest(), refused)


def export_chunks(export: Export) -> Generator[bytes]:
    """The rows joined to pieces that a socket likes; to be closed where it is not read to its end."""
    pieces: list[bytes] = []
    size = 0
    with closing(export_lines(export)) as lines:
        for line in lines:
            pieces.append(line.data)
            size += len(line.data)
            if size >= _CHUNK_BYTES:
                yield b"".join(pieces)
                pieces, size = [], 0
    if pieces:
        yield b"".join(pieces)


def _metadata(row: Any, name: Callable[[int], str]) -> dict[str, object]:
    """What is known of a row: the same keys and types in every one, and no person's name."""
    return {
        "id": str(row.sample_id),
        "document_sha256": row.contract_sha256.hex(),
        "instruction": row.instruction,
        "annotator": name(row.annotator_id) if row.annotator_id else "",  # empty: it was imported
        "reviewers": sorted(name(person) for person in row.reviewer_ids or []),
        "revision": row.number,
        "guidelines_version": row.guidelines_version,
        "clauses": [{"key": key, "state": state} for key, state in sorted(row.clauses.items())],
        "evidence": [_evidence(entry) for entry in row.evidence],
        "checks": _checks(row),
        # Microseconds and offset: readers that guess types leave such a string alone.
        "submitted_at": row.submitted_at.astimezone(UTC).isoformat(timespec="microseconds"),
    }


def _checks(row: Any) -> dict[str, object]:
    """The checks that the revision was handed in with, and their findings that were kept, with the reason."""
    kept = {found["key"]: found for found in row.findings if found["key"] in row.reasons}
    return {
        "versions": [
            {"check": name, "version": version}
            for name, version in sorted(row.checked.get("versions", {}).items())
        ],
        "overrides": [
            {"check": found["check"], "message": found["message"], "reason": row.reasons[key]}
            for key, found in kept.items()
        ],
    }


def _evidence(entry: dict[str, Any]) -> dict[str, object]:
    output = entry.get("output") or {"start": -1, "end": -1}
    document = entry["document"]
    return {
        "clause": entry.get("clause") or "",
        "output_start": output["start"],
        "output_end": output["end"],
        "document_start": document["start"],
        "document_end": document["end"],
        "quote": document["quote"],
    }


def pseudonym(user_id: int) -> str:
    """A stable name that says nothing: keyed, so that ids cannot be tried out one by one."""
    digest = hmac.new(get_settings().signing_key(), f"person:{user_id}".encode(), hashlib.sha256)
    return f"p-{digest.hexdigest()[:12]}"
