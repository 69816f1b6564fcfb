"""SELECTs on documents. Lists never read contract text; whoever wants it asks for it by name."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import ColumnElement, Select, exists, func, or_, select, tuple_
from sqlalchemy.orm import Session, selectinload, undefer

from app.accounts.actors import Actor, SystemActor
from app.documents.models import Document, DocumentText, SourceFile, TextReport
from app.errors import NotFound
from app.projects.models import Member
from app.projects.rules import RIGHTS, Right

State = Literal["active", "withdrawn"]
_READERS = tuple(str(role) for role, rights in RIGHTS.items() if Right.READ_DOCUMENTS in rights)


def visible_to(actor: Actor) -> Select[Document]:
    """The documents of projects in which the actor may read all of them.

    What annotators may read besides depends on slots, which a higher package knows: routes pass
    `app.tasks.queries.documents_held_by` to `get_document` as well.
    """
    if isinstance(actor, SystemActor):
        return select(Document)
    return select(Document).where(
        exists().where(
            Member.project_id == Document.project_id,
            Member.user_id == actor.id,
            Member.role.in_(_READERS),
        )
    )


def get_document(
    session: Session, document_id: int, *readable: Select[Document], for_change: bool = False
) -> Document:
    """The document, where one of the `readable` selections holds it. Raises NotFound where none does."""
    statement = select(Document).where(
        Document.id == document_id,
        or_(*(Document.id.in_(selection.with_only_columns(Document.id)) for selection in readable)),
    )
    if for_change:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    document = session.scalar(statement.options(selectinload(Document.files), selectinload(Document.project)))
    if document is None:
        raise NotFound("There is no such document.")
    return document


def get_text(session: Session, document_id: int) -> DocumentText:
    """The latest text of a document, with its words and blocks."""
    return session.scalars(
        select(DocumentText)
        .where(DocumentText.document_id == document_id)
        .options(undefer(DocumentText.text), undefer(DocumentText.blocks))
        .order_by(DocumentText.id.desc())
        .limit(1),
        execution_options={"populate_existing": True},
    ).one()


def get_first_text(session: Session, document_id: int) -> DocumentText:
    """The text by which duplicates of a document are told, without its words."""
    return session.scalars(
        select(DocumentText).where(DocumentText.document_id == document_id).order_by(DocumentText.id).limit(1)
    ).one()


def map_text_ids(session: Session, document_ids: Collection[int]) -> dict[int, int]:
    """The id of each document's latest text."""
    statement = select(DocumentText.document_id, func.max(DocumentText.id))
    rows = session.execute(
        statement.where(DocumentText.document_id.in_(document_ids)).group_by(DocumentText.document_id)
    )
    return dict(rows.all())


def map_by_text(session: Session, project_id: int, digests: Collection[bytes]) -> dict[bytes, Document]:
    """The documents of this project that have exactly these texts, by the SHA-256 of the text."""
    found = session.scalars(
        select(Document).where(Document.project_id == project_id, Document.text_sha256.in_(digests))
    )
    return {document.text_sha256: document for document in found}


@dataclass(frozen=True, slots=True)
class ListedDocument:
    """A document as a list shows it."""

    document: Document
    character_count: int
    word_count: int
    page_count: int | None
    open_reports: int


def list_documents(
    session: Session,
    project_id: int,
    *,
    q: str = "",
    state: State | None = None,
    before: tuple[datetime, int] | None = None,
    limit: int,
) -> Sequence[ListedDocument]:
    """A project's documents, newest first, in one statement.

    `before` is the time and id of the last one on the page before; `q` is looked for in title, client
    and matter as it stands.
    """
    reports = (
        select(func.count())
        .where(TextReport.document_id == Document.id, TextReport.resolved_at.is_(None))
        .correlate(Document)
        .scalar_subquery()
    )
    latest = (
        select(func.max(DocumentText.id))
        .where(DocumentText.document_id == Document.id)
        .correlate(Document)
        .scalar_subquery()
    )
    statement = (
        select(
            Document, DocumentText.character_count, DocumentText.word_count, DocumentText.page_count, reports
        )
        .join(DocumentText, DocumentText.id == latest)
        .where(Document.project_id == project_id, *_filters(q, state))
        .order_by(Document.created_at.desc(), Document.id.desc())
        .limit(limit)
    )
    if before is not None:
        statement = statement.where(tuple_(Document.created_at, Document.id) < before)
    return [ListedDocument(*row) for row in session.execute(statement)]


def count_documents(session: Session, project_id: int, *, q: str = "", state: State | None = None) -> int:
    """How many documents such a list has in all."""
    statement = select(func.count()).select_from(Document)
    return session.scalar(statement.where(Document.project_id == project_id, *_filters(q, state))) or 0


def list_open_reports(session: Session, document_id: int) -> Sequence[TextReport]:
    """What people reported about a document's text and nobody has settled, oldest first."""
    return session.scalars(
        select(TextReport)
        .where(TextReport.document_id == document_id, TextReport.resolved_at.is_(None))
        .order_by(TextReport.id)
    ).all()


def get_report(session: Session, document_id: int, report_id: int) -> TextReport:
    """One report of a document that the caller may change. Raises NotFound."""
    report = session.scalar(
        select(TextReport).where(TextReport.id == report_id, TextReport.document_id == document_id)
    )
    if report is None:
        raise NotFound("There is no such report.")
    return report


def named_originals(session: Session, hashes: Collection[str]) -> set[str]:
    """Those of these files that a document was read from."""
    return set(session.scalars(select(SourceFile.sha256).where(SourceFile.sha256.in_(hashes)).distinct()))


def _filters(q: str, state: State | None) -> list[ColumnElement[bool]]:
    filters: list[ColumnElement[bool]] = []
    if words := q.replace("\0", "").strip():
        columns = (Document.title, Document.client, Document.matter)
        filters.append(or_(*(column.icontains(words, autoescape=True) for column in columns)))
    if state is not None:
        withdrawn = Document.withdrawn_at.is_not(None)
        filters.append(withdrawn if state == "withdrawn" else ~withdrawn)
    return filters
