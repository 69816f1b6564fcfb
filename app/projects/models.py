"""A project, and all that a lead sets up in it."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, false, func, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import User
from app.database import Base


class Project(Base):
    """A body of work. The policy's values are columns, so that the database checks them."""

    __tablename__ = "projects"
    __table_args__ = (
        CheckConstraint("slug ~ '^[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?$'", name="slug_shape"),
        CheckConstraint("length(btrim(name)) BETWEEN 1 AND 200", name="name_shape"),
        CheckConstraint("min_words BETWEEN 0 AND max_words AND max_words <= 5000", name="words"),
        CheckConstraint("overlap BETWEEN 1 AND 10", name="overlap"),
        CheckConstraint("approvals BETWEEN 1 AND 5", name="approvals"),
        CheckConstraint("lease_minutes BETWEEN 1 AND 1440", name="lease_minutes"),
        CheckConstraint("date_order IN ('mdy', 'dmy')", name="date_order"),
        CheckConstraint("jsonb_typeof(severities) = 'object'", name="severities"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    system_prompt: Mapped[str] = mapped_column(server_default="")
    min_words: Mapped[int] = mapped_column(server_default="60")
    max_words: Mapped[int] = mapped_column(server_default="160")
    overlap: Mapped[int] = mapped_column(server_default="1")
    approvals: Mapped[int] = mapped_column(server_default="1")
    reviewer_edits: Mapped[bool] = mapped_column(server_default=text("true"))
    lease_minutes: Mapped[int] = mapped_column(server_default="60")
    date_order: Mapped[str] = mapped_column(server_default="mdy")
    # Of findings, by kind: "error", "warning", "note" or "off", only where it is not the default.
    severities: Mapped[dict[str, str]] = mapped_column(server_default="{}")
    policy_version: Mapped[int] = mapped_column(server_default="1")
    clause_set_version: Mapped[int] = mapped_column(server_default="1")
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())

    instructions: Mapped[list["Instruction"]] = relationship(
        order_by="Instruction.id", back_populates="project"
    )
    clauses: Mapped[list["Clause"]] = relationship(
        order_by="Clause.position",
        primaryjoin="and_(Clause.project_id == Project.id, Clause.retired_at.is_(None))",
        viewonly=True,
    )


class Instruction(Base):
    """What the model is asked to do with a document."""

    __tablename__ = "instructions"
    __table_args__ = (
        UniqueConstraint("project_id", "key"),
        CheckConstraint("key ~ '^[a-z0-9][a-z0-9_-]{0,62}$'", name="key_shape"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"))
    key: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())

    project: Mapped[Project] = relationship(back_populates="instructions")
    phrasings: Mapped[list["Phrasing"]] = relationship(
        order_by="Phrasing.position",
        primaryjoin="and_(Phrasing.instruction_id == Instruction.id, Phrasing.retired_at.is_(None))",
        viewonly=True,
    )


class Phrasing(Base):
    """One wording of an instruction. Its text never changes; a new wording is a new row."""

    __tablename__ = "phrasings"
    __table_args__ = (
        CheckConstraint("length(btrim(text)) BETWEEN 1 AND 20000", name="text_shape"),
        CheckConstraint("NOT imported OR retired_at IS NOT NULL", name="imported"),
        # A wording that comes with a pair is looked for by its text.
        Index("ix_phrasings_imported", "text", postgresql_using="hash", postgresql_where=text("imported")),
        # The wordings in use, in their order.
        Index(
            "ix_phrasings_current", "instruction_id", "position", postgresql_where=text("retired_at IS NULL")
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    instruction_id: Mapped[int] = mapped_column(ForeignKey("instructions.id"))
    position: Mapped[int]
    text: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    retired_at: Mapped[datetime | None]
    # It came with a pair, and is given to no document.
    imported: Mapped[bool] = mapped_column(server_default=false())


class Clause(Base):
    """Something that an output must speak of or declare absent."""

    __tablename__ = "clauses"
    __table_args__ = (
        Index(
            "uq_clauses_current_key",
            "project_id",
            "key",
            unique=True,
            postgresql_where=text("retired_at IS NULL"),
        ),
        CheckConstraint("key ~ '^[a-z0-9][a-z0-9_]{0,62}$'", name="key_shape"),
        CheckConstraint("length(btrim(name)) BETWEEN 1 AND 200", name="name_shape"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"))
    position: Mapped[int]
    key: Mapped[str]
    name: Mapped[str]
    required: Mapped[bool]
    heading_cues: Mapped[list[str]] = mapped_column(server_default="[]")
    phrase_cues: Mapped[list[str]] = mapped_column(server_default="[]")
    retired_at: Mapped[datetime | None]


class Guidelines(Base):
    """One version of a project's guidelines; insert-only."""

    __tablename__ = "guidelines"
    __table_args__ = (UniqueConstraint("project_id", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"))
    version: Mapped[int]
    markdown: Mapped[str]
    author_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class Member(Base):
    """One role of one person in one project; a person may hold several."""

    __tablename__ = "members"
    __table_args__ = (
        CheckConstraint("role IN ('annotator', 'reviewer', 'lead', 'engineer')", name="role"),
        # A person's projects, for the navigation and for every visibility rule.
        Index("ix_members_user_id", "user_id", "project_id", "role"),
    )

    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)
    role: Mapped[str] = mapped_column(primary_key=True)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())

    user: Mapped[User] = relationship()
    project: Mapped[Project] = relationship()


class Attestation(Base):
    """ "I write these summaries myself, without generative AI": once per person and guidelines version."""

    __tablename__ = "attestations"

    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)
    guidelines_version: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(server_default=func.now())
