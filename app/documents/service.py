"""Taking a contract in, taking it out of the work and back, reporting that its text is wrong."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from sqlalchemy import Select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.accounts.actors import Actor
from app.accounts.models import User
from app.audit import service as audit
from app.checks.length import is_blank
from app.documents import queries
from app.documents.extraction import Extracted, blocks_to_json
from app.documents.models import Document, DocumentText, SourceFile, TextReport
from app.documents.rules import Metadata, title_from
from app.errors import Conflict, Invalid
from app.projects.models import Project
from app.projects.naming import plain
from app.projects.queries import roles_in
from app.projects.rules import Right, require
from app.settings import get_settings


@dataclass(frozen=True, slots=True)
class Original:
    """A file that lies in storage and from which a document was read."""

    name: str
    sha256: str
    byte_count: int
    media_type: str


@dataclass(frozen=True, slots=True)
class Added:
    """What became of a contract: a new document with its text, or the one that was there already."""

    document: Document
    text: DocumentText | None  # None: an exact duplicate, and nothing was added


@dataclass(frozen=True, slots=True)
class Contract:
    """All that a new document is made of."""

    extracted: Extracted
    original: Original
    title: str
    metadata: Metadata


def add_documents(
    session: Session, contracts: Sequence[Contract], *, project: Project, actor: Actor, at: datetime
) -> list[Added]:
    """Add contracts to a project, but those whose very text is there; what became of each, in their order.

    Of two transactions with the same text one waits for the other and is told of its document. The caller
    makes the tasks: they belong to a higher package. Statements grow with neither contracts nor duplicates.
    """
    digests = [sha256(contract.extracted.text.encode()).digest() for contract in contracts]
    first: dict[bytes, Contract] = {}  # of two with one text the first is meant
    for digest, contract in zip(digests, contracts, strict=True):
        first.setdefault(digest, contract)
    rows = [
        {
            "project_id": project.id,
            "title": title_from(contract.title, contract.extracted.title),
            "text_sha256": digest,
            "created_at": at,
            "created_by_id": actor.id,
            **contract.metadata.columns(),
        }
        for digest, contract in first.items()
    ]
    statement = (
        insert(Document)
        .on_conflict_do_nothing(index_elements=[Document.project_id, Document.text_sha256])
        .returning(Document, sort_by_parameter_order=False)
    )
    new = {document.text_sha256: document for document in session.scalars(statement, rows)}
    texts = [text_of(document, first[digest].extracted, at) for digest, document in new.items()]
    session.add_all(texts)
    session.add_all(_source_of(document, first[digest].original) for digest, document in new.items())
    session.flush()
    for digest, document in new.items():
        extractor = first[digest].extracted.extractor
        details: dict[str, object] = {"text_sha256": digest.hex(), "extractor": extractor}
        record(session, "document.import", document, actor, at, details=details)
    there = queries.map_by_text(session, project.id, first.keys() - new.keys())
    if len(new) + len(there) < len(first):  # documents are never deleted
        raise Conflict("The same contract is being imported right now. Import it again.")
    added = {text.sha256: text for text in texts}
    # A text that comes twice is new the first time.
    return [
        Added(new[digest], added.pop(digest)) if digest in added else Added((new | there)[digest], None)
        for digest in digests
    ]


def withdraw(session: Session, *, document_id: int, reason: str, actor: Actor, at: datetime) -> Document:
    """Take a document out of both queues and every export. Nothing is deleted."""
    document = get_for_change(session, document_id, actor)
    reason = withdrawal_reason(reason)
    if refusal := withdrawal_refusal(document):
        raise Conflict(refusal, code="already_withdrawn")
    take_out(session, document, reason=reason, actor=actor, at=at)
    return document


def withdrawal_reason(reason: str) -> str:
    """The reason without white space around it; raises Invalid where it is missing or too long."""
    return _checked(reason, "reason", "Say why this document is withdrawn.")


def withdrawal_refusal(document: Document) -> str:
    """Why a document cannot be withdrawn; "" where it can."""
    return "This document is withdrawn already." if document.withdrawn_at is not None else ""


def take_out(
    session: Session,
    document: Document,
    *,
    reason: str,
    actor: Actor,
    at: datetime,
    details: Mapping[str, object] | None = None,
) -> None:
    """Withdraw a document that is locked and may be withdrawn, with its event."""
    document.withdrawn_at = at
    document.withdrawn_by_id = actor.id
    document.withdrawn_reason = reason
    record(
        session,
        "document.withdraw",
        document,
        actor,
        at,
        before="active",
        after="withdrawn",
        comment=reason,
        details=details,
    )


def restore(session: Session, *, document_id: int, reason: str = "", actor: Actor, at: datetime) -> Document:
    """Undo a withdrawal: the document is back in the queues and in exports, with all that it had."""
    document = get_for_change(session, document_id, actor)
    if refusal := restoration_refusal(document):
        raise Conflict(refusal, code="not_withdrawn")
    bring_back(session, document, reason=reason, actor=actor, at=at)
    return document


def restoration_refusal(document: Document) -> str:
    """Why a document cannot be restored; "" where it can."""
    return "This document is not withdrawn." if document.withdrawn_at is None else ""


def bring_back(
    session: Session,
    document: Document,
    *,
    reason: str = "",
    actor: Actor,
    at: datetime,
    details: Mapping[str, object] | None = None,
) -> None:
    """Restore a document that is locked and withdrawn, with its event, which keeps why it was withdrawn."""
    kept = {"withdrawn_reason": document.withdrawn_reason}
    document.withdrawn_at = None
    document.withdrawn_by_id = None
    document.withdrawn_reason = ""
    record(
        session,
        "document.restore",
        document,
        actor,
        at,
        before="withdrawn",
        after="active",
        comment=reason,
        details={**kept, **(details or {})},
    )


def report_text(
    session: Session,
    *,
    document_id: int,
    readable: Sequence[Select[Document]],
    passage: str,
    message: str,
    actor: User,
    at: datetime,
) -> TextReport:
    """Tell the lead that a document's text is wrong. Whoever may read the document may do so."""
    document = queries.get_document(session, document_id, *readable)
    report = TextReport(
        document_id=document.id,
        reporter_id=actor.id,
        passage=_checked(passage, "passage", "Copy the passage that is wrong."),
        message=_checked(message, "message", "Say what is wrong with it."),
        created_at=at,
    )
    session.add(report)
    session.flush()  # its id is what a program is told
    record(session, "document.report_text", document, actor, at)
    return report


def settle_report(
    session: Session, *, document_id: int, report_id: int, actor: Actor, at: datetime
) -> TextReport:
    """Put a report aside as looked into; it stays in the history. Settling it again changes nothing."""
    document = get_for_change(session, document_id, actor)
    report = queries.get_report(session, document.id, report_id)
    if report.resolved_at is None:
        report.resolved_at = at
        record(session, "document.settle_report", document, actor, at, details={"report_id": report.id})
    return report


def text_of(document: Document, extracted: Extracted, at: datetime) -> DocumentText:
    """The row of what was read out of a document's original, to be added."""
    return DocumentText(
        document_id=document.id,
        extractor=extracted.extractor,
        extractor_version=extracted.extractor_version,
        sha256=sha256(extracted.text.encode()).digest(),
        character_count=len(extracted.text),
        word_count=len(extracted.text.split()),
        page_count=extracted.page_count,
        notes=list(extracted.notes),
        text=extracted.text,
        blocks=blocks_to_json(extracted.blocks),
        created_at=at,
    )


def _source_of(document: Document, file: Original) -> SourceFile:
    return SourceFile(
        document_id=document.id,
        position=1,
        name=file.name,
        media_type=file.media_type,
        sha256=file.sha256,
        byte_count=file.byte_count,
    )


def get_for_change(session: Session, document_id: int, actor: Actor) -> Document:
    """The document, locked, for a lead's act. Raises NotFound and NotAllowed."""
    document = queries.get_document(session, document_id, queries.visible_to(actor), for_change=True)
    require(roles_in(session, document.project_id, actor), Right.MANAGE)
    return document


def _checked(value: str, field: str, when_empty: str) -> str:
    value = plain(value, field=field).strip()
    limit = get_settings().engross_comment_characters
    if is_blank(value):
        raise Invalid(when_empty, fields={field: when_empty})
    if len(value) > limit:
        sentence = f"This is longer than {limit:,} characters."
        raise Invalid(sentence, fields={field: sentence})
    return value


def record(
    session: Session,
    verb: str,
    document: Document,
    actor: Actor,
    at: datetime,
    *,
    before: str | None = None,
    after: str | None = None,
    comment: str = "",
    details: Mapping[str, object] | None = None,
) -> None:
    """Add the event of an act on a document."""
    audit.record(
        session,
        verb=verb,
        subject_type="document",
        subject_id=document.id,
        project_id=document.project_id,
        actor=actor,
        at=at,
        before=before,
        after=after,
        comment=comment,
        details=details,
    )
