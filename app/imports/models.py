"""An import and its report: a row for each file, each row of a list of contracts, each entry of a zip."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, func
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.database import Base
from app.projects.models import Project


class Import(Base):
    """Files that came in together."""

    __tablename__ = "imports"
    __table_args__ = (
        CheckConstraint("status IN ('queued', 'running', 'done', 'failed')", name="status"),
        Index("ix_imports_project", "project_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"))
    project: Mapped[Project] = relationship()
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    status: Mapped[str] = mapped_column(server_default="queued")
    finished_at: Mapped[datetime | None]
    start_count: Mapped[int] = mapped_column(server_default="0")  # how often a process began to read it
    reason: Mapped[str] = mapped_column(server_default="")  # why the whole of it failed
    notes: Mapped[list[str]] = mapped_column(server_default="[]")  # what was passed over, in sentences

    files: Mapped[list["ImportFile"]] = relationship(order_by="ImportFile.id", back_populates="import_")


class ImportFile(Base):
    """One file, one row of a JSONL, JSON or CSV file, or one entry of a zip, and what became of it."""

    __tablename__ = "import_files"
    __table_args__ = (
        CheckConstraint("status IN ('queued', 'expanded', 'created', 'duplicate', 'failed')", name="status"),
        # The next file to read, and the counts of the report.
        Index("ix_import_files_status", "import_id", "status", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    import_id: Mapped[int] = mapped_column(ForeignKey("imports.id"))
    name: Mapped[str]
    sha256: Mapped[str]
    byte_count: Mapped[int]
    status: Mapped[str] = mapped_column(server_default="queued")
    line: Mapped[int | None]  # of a file that was expanded into one row for each line
    document_id: Mapped[int | None] = mapped_column(ForeignKey("documents.id"))
    sample_id: Mapped[int | None] = mapped_column(ForeignKey("samples.id"))  # of a pair
    reason: Mapped[str] = mapped_column(server_default="")

    import_: Mapped[Import] = relationship(back_populates="files")
