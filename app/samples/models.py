"""Samples: the draft that grows, and the revisions that never change."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Computed, ForeignKey, Index, UniqueConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import User
from app.database import Base
from app.tasks.models import Slot, Task

IMPORTED = "Imported"
# What `app.checks.length.count_words` counts. White space is said in full: locales differ about it.
_WORD = r"[^\u0009-\u000D\u001C-\u0020\u0085\u00A0\u1680\u2000-\u200A\u2028\u2029\u202F\u205F\u3000]+"


class Sample(Base):
    """One pair on its way to training data: an annotator's, who holds a slot for it, or an imported one.

    What was imported has no annotator and no slot. It begins as submitted.
    """

    __tablename__ = "samples"
    __table_args__ = (
        CheckConstraint(
            "status IN ('draft', 'submitted', 'changes_requested', 'approved', 'rejected', 'skipped')",
            name="status",
        ),
        UniqueConstraint("task_id", "annotator_id"),
        CheckConstraint(
            "(annotator_id IS NULL) = (import_id IS NOT NULL) "
            "AND (slot_id IS NULL) = (import_id IS NOT NULL) "
            "AND (importer_id IS NULL OR import_id IS NOT NULL)",
            name="provenance",
        ),
        # The reviewing queue looks for the oldest submission.
        Index(
            "ix_samples_waiting",
            "project_id",
            "submitted_at",
            "id",
            postgresql_where=text("status = 'submitted'"),
        ),
        # Lists by status, and "My work".
        Index("ix_samples_project_status", "project_id", "status", "id"),
        Index("ix_samples_annotator", "annotator_id", "project_id", "status"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"))
    task_id: Mapped[int] = mapped_column(ForeignKey("tasks.id"))
    slot_id: Mapped[int | None] = mapped_column(ForeignKey("slots.id"), unique=True)
    annotator_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    import_id: Mapped[int | None] = mapped_column(ForeignKey("imports.id"))
    importer_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))  # None: the operator
    status: Mapped[str] = mapped_column(server_default="draft")
    revision_count: Mapped[int] = mapped_column(server_default="0")
    submitted_at: Mapped[datetime | None]
    review_began_at: Mapped[datetime | None]  # a reviewer was given the current revision
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    # The last save or act. Nothing touches an approved sample: of such a one it is the time of its approval.
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now())

    task: Mapped[Task] = relationship()
    slot: Mapped[Slot | None] = relationship()
    annotator: Mapped[User | None] = relationship(foreign_keys=annotator_id)
    draft: Mapped["Draft"] = relationship(back_populates="sample")
    revisions: Mapped[list["Revision"]] = relationship(back_populates="sample", order_by="Revision.number")

    @property
    def writer_slot(self) -> Slot:
        """The slot of the annotator; ValueError for an imported pair, which nobody writes on."""
        if self.slot is None:
            raise ValueError("An imported pair has no slot.")
        return self.slot

    @property
    def writer_name(self) -> str:
        """Whose pair it is, for a screen."""
        return self.annotator.name if self.annotator else IMPORTED


class Draft(Base):
    """The text as last saved; one per sample. `number` grows with every save."""

    __tablename__ = "drafts"

    sample_id: Mapped[int] = mapped_column(ForeignKey("samples.id"), primary_key=True)
    number: Mapped[int] = mapped_column(server_default="0")
    output: Mapped[str] = mapped_column(server_default="")
    evidence: Mapped[list[dict[str, object]]] = mapped_column(server_default="[]")
    clauses: Mapped[dict[str, str]] = mapped_column(server_default="{}")
    editor: Mapped[str] = mapped_column(server_default="")  # the open page that saved last
    author_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))  # None: not saved yet, or imported
    saved_at: Mapped[datetime | None]

    sample: Mapped[Sample] = relationship(back_populates="draft")


class DraftSave(Base):
    """What was overwritten by another editor, or lost a conflict: nothing typed is thrown away."""

    __tablename__ = "draft_saves"
    # Each number of a draft is replaced once; texts that lost a conflict have none.
    __table_args__ = (UniqueConstraint("sample_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    sample_id: Mapped[int] = mapped_column(ForeignKey("samples.id"))
    number: Mapped[int | None]  # of the draft that it was; None for a text that lost a conflict
    based_on: Mapped[int | None]
    editor: Mapped[str]
    author_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))  # None: it was imported
    output: Mapped[str]
    evidence: Mapped[list[dict[str, object]]]
    clauses: Mapped[dict[str, str]]
    saved_at: Mapped[datetime] = mapped_column(server_default=func.now())


class LikenessBand(Base):
    """A band of a sample's newest output: two outputs that share one may be nearly the same."""

    __tablename__ = "likeness_bands"
    __table_args__ = (
        # What a sample had before.
        Index("ix_likeness_bands_sample", "sample_id"),
    )

    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"), primary_key=True)
    band: Mapped[int] = mapped_column(primary_key=True)
    sample_id: Mapped[int] = mapped_column(ForeignKey("samples.id"), primary_key=True)


class Revision(Base):
    """What was submitted, with all that the submitting page showed; insert-only."""

    __tablename__ = "revisions"
    __table_args__ = (
        UniqueConstraint("sample_id", "number"),
        CheckConstraint("number >= 1", name="number"),
        CheckConstraint("length(output) >= 1", name="output"),
        # What is counted of every revision without a look at its text (app/insights).
        Index(
            "ix_revisions_first",
            "submitted_at",
            postgresql_include=["sample_id"],
            postgresql_where=text("number = 1"),
        ),
        Index(
            "ix_revisions_counted",
            "sample_id",
            "number",
            postgresql_include=["id", "submitted_at", "word_count"],
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    sample_id: Mapped[int] = mapped_column(ForeignKey("samples.id"))
    number: Mapped[int]
    author_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))  # None: it was imported
    draft_number: Mapped[int]
    output: Mapped[str]
    evidence: Mapped[list[dict[str, object]]]
    clauses: Mapped[dict[str, str]]
    findings: Mapped[list[dict[str, object]]] = mapped_column(server_default="[]")
    reasons: Mapped[dict[str, str]] = mapped_column(server_default="{}")
    # {"versions": of the checks, "facts": how many there are and are borne out}; empty where it was made
    # before these were kept.
    checked: Mapped[dict[str, Any]] = mapped_column(server_default="{}")
    # Counted by the database, also for what an older version of the program writes.
    word_count: Mapped[int] = mapped_column(Computed(f"regexp_count(output, '{_WORD}')", persisted=True))
    output_sha256: Mapped[bytes]
    contract_sha256: Mapped[bytes]
    phrasing_sha256: Mapped[bytes]
    guidelines_version: Mapped[int]
    clause_set_version: Mapped[int]
    policy_version: Mapped[int]
    attested_at: Mapped[datetime | None]  # None: imported, or a reviewer's edit
    submitted_at: Mapped[datetime] = mapped_column(server_default=func.now())

    sample: Mapped[Sample] = relationship(back_populates="revisions")
    author: Mapped[User | None] = relationship()

    @property
    def author_name(self) -> str:
        """Who wrote it, for a screen."""
        return self.author.name if self.author else IMPORTED
