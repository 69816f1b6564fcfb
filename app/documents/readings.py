"""A document's original is read again: a lead asks for it, a job does it, and the history tells how it went.

What is read anew is a text of its own, beside the ones before it. Where a reading stands is what the last of
its two events says, so a reading that was asked for is never forgotten and never told twice.
"""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Literal

import structlog
from sqlalchemy.orm import Session

from app.accounts.actors import SYSTEM, Actor
from app.audit.models import Event
from app.audit.queries import last_events
from app.documents import extraction, queries, service
from app.documents.extraction import Extracted, blocks_to_json
from app.documents.models import Document, DocumentText, SourceFile
from app.documents.storage import originals
from app.errors import AppError, Conflict, NotFound, StorageAway
from app.jobs.service import defer
from app.logs import places
from app.settings import get_settings

TASK = "imports.read_again"
_STARTED, _FINISHED = "document.start_reading", "document.finish_reading"
_WAITING = "waiting"
_A_ROW = re.compile(r":[0-9]+$")  # as the report of an import calls it: contracts.csv:17

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a reading."""

    status: Literal["same", "new", "failed"]
    reason: str = ""  # why it failed
    text: DocumentText | None = None  # the new one
    counts: Mapping[str, int] = field(default_factory=dict)


def refusal(document: Document) -> str:
    """Why there is nothing to read again, whatever is done; "" where the original can be read."""
    if not document.files or _A_ROW.search(document.files[0].name):
        return (
            "It was taken from a row of a list, or came without a file, so there is no original to read "
            "again. Import a corrected text, and withdraw this document."
        )
    return ""


def start(session: Session, *, document_id: int, actor: Actor, at: datetime) -> Event:
    """Have a document's original read again. A lead's act; the event says where the reading stands.

    While one waits this adds nothing to it, and makes sure that there is a job for it: the one before may
    have been given up. Raises NotFound, NotAllowed, and Conflict (`withdrawn`, `no_original`).
    """
    document = service.get_for_change(session, document_id, actor)
    if document.withdrawn_at is not None:
        raise Conflict("This document is withdrawn. Restore it first.", code="withdrawn")
    if reason := refusal(document):
        raise Conflict(reason, code="no_original")
    if not is_waiting(session, document.id):
        service.record(session, _STARTED, document, actor, at, after=_WAITING)
        session.flush()
    defer(session, TASK, queueing_lock=f"{TASK} {document.id}", document_id=document.id)
    return get(session, document.id)


def find(session: Session, document_id: int) -> Event | None:
    """Where the latest reading stands; None where none was asked for."""
    return last_events(session, "document", [document_id], [_STARTED, _FINISHED]).get(document_id)


def get(session: Session, document_id: int) -> Event:
    """Where the latest reading stands. Raises NotFound where none was asked for."""
    last = find(session, document_id)
    if last is None:
        raise NotFound("Nobody has had this document read again.")
    return last


def is_waiting(session: Session, document_id: int) -> bool:
    """Whether a reading was asked for of which nothing is told yet."""
    last = find(session, document_id)
    return last is not None and last.after == _WAITING


def extract_original(*, name: str, sha256: str) -> Extracted:
    """What a stored file says. Raises Unreadable with the sentence for people, and FileNotFoundError."""
    settings = get_settings()
    return extraction.extract(
        originals().path(sha256),
        name=name,
        seconds=settings.engross_extraction_seconds,
        megabytes=settings.engross_extraction_mb,
        max_characters=settings.engross_contract_characters,
    )


def read(file: SourceFile) -> Extracted | str:
    """What the original says now, or the sentence why it cannot be read.

    That the store is away says nothing of the file, and is raised.
    """
    try:
        return extract_original(name=file.name, sha256=file.sha256)
    except extraction.Unreadable as error:
        log.info("original_unreadable", document_id=file.document_id, detail=error.detail)
        return error.reason
    except FileNotFoundError:
        return "The file is no longer in storage."
    except StorageAway:
        raise
    except AppError as error:
        return error.message
    except Exception as error:  # noqa: BLE001 -- whoever asked for it is to be told
        said = {"kind": type(error).__name__, "places": places(error)}
        log.error("original_failed", document_id=file.document_id, **said)  # noqa: TRY400 -- an exception's own words may quote the contract
        return "Engross itself failed on this file. The server's log says where."


def take(session: Session, document: Document, found: Extracted | str, *, at: datetime) -> Outcome:
    """Add what was read as a new text of a document that is locked, unless its latest text is the same."""
    if document.withdrawn_at is not None:
        return Outcome("failed", "The document was withdrawn meanwhile.")
    if isinstance(found, str):
        return Outcome("failed", found)
    before = queries.get_text(session, document.id)
    known = (before.text, before.blocks, before.page_count)
    if known == (found.text, blocks_to_json(found.blocks), found.page_count):
        return Outcome("same")
    digest = sha256(found.text.encode()).digest()
    other = queries.map_by_text(session, document.project_id, [digest]).get(digest, document)
    if other is not document:
        return Outcome("failed", f"It says now what document {other.id}, “{other.title}”, says.")
    text = service.text_of(document, found, at)
    session.add(text)
    session.flush()
    return Outcome("new", text=text, counts=_differences(before.text, found.text))


def _differences(before: str, now: str) -> dict[str, int]:
    old, new = Counter(before.split()), Counter(now.split())
    return {
        "words_before": old.total(),
        "words_now": new.total(),
        "words_gone": (old - new).total(),
        "words_added": (new - old).total(),
    }


def finish(session: Session, document: Document, outcome: Outcome, *, tasks_moved: int, at: datetime) -> None:
    """Tell what came of a reading: it waits no longer."""
    service.record(
        session,
        _FINISHED,
        document,
        SYSTEM,
        at,
        before=_WAITING,
        after=outcome.status,
        comment=outcome.reason,
        details={**outcome.counts, "tasks_moved": tasks_moved} if outcome.text else None,
    )
    session.flush()
