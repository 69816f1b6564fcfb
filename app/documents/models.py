"""Contracts and their texts. A text never changes; what was read again is another text."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Computed, ForeignKey, Index, UniqueConstraint, func
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import JSONB, TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.database import Base
from app.projects.models import Project

# Signs between words, of which Postgres' parser would make parts of numbers, addresses and names of files.
BETWEEN_WORDS = "&+-./:<=>?@_~–—…“”„‘’«»"
_NAMES = "title || ' ' || coalesce(client, '') || ' ' || coalesce(matter, '')"
SEARCH_WORDS = (
    f"to_tsvector('simple', translate({_NAMES}, '{BETWEEN_WORDS}', repeat(' ', {len(BETWEEN_WORDS)})))"
)


class Document(Base):
    """An imported contract. `withdrawn_at` is a predicate, not a status: undoing it restores everything."""

    __tablename__ = "documents"
    __table_args__ = (
        # An exact duplicate is recognised within its project only.
        UniqueConstraint("project_id", "text_sha256"),
        # The list of a project's documents, newest first.
        Index("ix_documents_project_created", "project_id", "created_at", "id"),
        # … by title, of one kind of contract, and by the words of title, client and matter.
        Index("ix_documents_title", "project_id", "title", "id"),
        Index("ix_documents_contract_type", "project_id", "contract_type", "created_at", "id"),
        Index("ix_documents_search", "search_words", postgresql_using="gin"),
        # What the numbers over a project leave out.
        Index("ix_documents_withdrawn", "project_id", "id", postgresql_where=sql("withdrawn_at IS NOT NULL")),
        CheckConstraint("length(btrim(title)) BETWEEN 1 AND 500", name="title_shape"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"))
    title: Mapped[str]
    text_sha256: Mapped[bytes]  # of the first text: what makes a duplicate
    client: Mapped[str | None]
    matter: Mapped[str | None]
    contract_type: Mapped[str | None]
    language: Mapped[str | None]
    jurisdiction: Mapped[str | None]
    rights_basis: Mapped[str | None]
    rights_expire_on: Mapped[date | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    withdrawn_at: Mapped[datetime | None]
    withdrawn_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    withdrawn_reason: Mapped[str] = mapped_column(server_default="")
    # What a search looks through, made by the database: the words of title, client and matter.
    search_words: Mapped[str] = mapped_column(
        TSVECTOR, Computed(SEARCH_WORDS, persisted=True), deferred=True, deferred_raiseload=True
    )

    project: Mapped[Project] = relationship()
    texts: Mapped[list["DocumentText"]] = relationship(order_by="DocumentText.id", back_populates="document")
    files: Mapped[list["SourceFile"]] = relationship(order_by="SourceFile.position")


class DocumentText(Base):
    """What was read out of a document's files: immutable, and what every offset points into."""

    __tablename__ = "document_texts"

    id: Mapped[int] = mapped_column(primary_key=True)
    document_id: Mapped[int] = mapped_column(ForeignKey("documents.id"), index=True)
    extractor: Mapped[str]
    extractor_version: Mapped[str]
    sha256: Mapped[bytes]
    character_count: Mapped[int]
    word_count: Mapped[int]
    page_count: Mapped[int | None]
    notes: Mapped[list[str]] = mapped_column(server_default="[]")
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    # Deferred: a list must never read contract text, and a query that wants it says so.
    text: Mapped[str] = mapped_column(deferred=True, deferred_raiseload=True)
    blocks: Mapped[list[list[object]]] = mapped_column(JSONB, deferred=True, deferred_raiseload=True)

    document: Mapped[Document] = relationship(back_populates="texts")


class TextPassages(Base):
    """Where a text is likely to speak of its project's clauses, and its facts. The database makes the row.

    Made anew by the background job where the finder or the project's clauses have moved on since.
    """

    __tablename__ = "passages"
    __table_args__ = (
        # What the job looks for: the texts of a project whose row is older than finder and clauses.
        Index("ix_passages_behind", "project_id", "finder_version", "clause_set_version", "text_id"),
    )

    text_id: Mapped[int] = mapped_column(ForeignKey("document_texts.id"), primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"))
    finder_version: Mapped[int] = mapped_column(server_default="0")  # 0: nothing was looked for yet
    clause_set_version: Mapped[int] = mapped_column(server_default="0")
    # Clause row's id -> its passages, the best first. Such a row is replaced when its cues change: what was
    # found for one that is still in use holds.
    found: Mapped[dict[str, list[list[object]]]] = mapped_column(JSONB, server_default="{}")
    # What the checks read out of the text: `app.checks.contract`. None where nothing was read yet.
    contract: Mapped[dict[str, object] | None] = mapped_column(JSONB)


class SourceFile(Base):
    """One of the files that a document was read from; the bytes lie in storage under their SHA-256."""

    __tablename__ = "source_files"
    __table_args__ = (
        UniqueConstraint("document_id", "position"),
        # The sweep of originals that no row names asks by hash.
        Index("ix_source_files_sha256", "sha256"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    document_id: Mapped[int] = mapped_column(ForeignKey("documents.id"))
    position: Mapped[int]
    name: Mapped[str]
    media_type: Mapped[str]
    sha256: Mapped[str]
    byte_count: Mapped[int]


class TextReport(Base):
    """ "This text is wrong": a passage that somebody reported to the lead."""

    __tablename__ = "text_reports"
    __table_args__ = (
        # The lead's list of what is still open.
        Index("ix_text_reports_open", "document_id", postgresql_where=sql("resolved_at IS NULL")),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    document_id: Mapped[int] = mapped_column(ForeignKey("documents.id"))
    reporter_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    passage: Mapped[str]
    message: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    resolved_at: Mapped[datetime | None]
