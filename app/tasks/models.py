"""Tasks, and the slots by which people hold them."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Computed, ForeignKey, Index, UniqueConstraint, false, func, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import User
from app.database import Base
from app.documents.models import Document, DocumentText
from app.projects.models import Instruction, Phrasing


class Task(Base):
    """One document with one instruction, waiting for `overlap` annotators."""

    __tablename__ = "tasks"
    __table_args__ = (
        # One for each instruction, and one for each other wording in which a pair was imported.
        UniqueConstraint("document_id", "phrasing_id"),
        # Next work is taken by priority, then by due date, then by document; the list of tasks begins so too.
        Index("ix_tasks_queue", "project_id", "priority", "due_key", "document_id", "id"),
        Index("ix_tasks_due", "project_id", "due_key", "id"),
        # What is open and kept for nobody, in that order.
        Index(
            "ix_tasks_open",
            "project_id",
            "priority",
            "due_key",
            "document_id",
            "id",
            postgresql_where=text("NOT is_full AND assignee_id IS NULL"),
        ),
        Index("ix_tasks_assignee_id", "assignee_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"))
    document_id: Mapped[int] = mapped_column(ForeignKey("documents.id"))
    text_id: Mapped[int] = mapped_column(ForeignKey("document_texts.id"))
    instruction_id: Mapped[int] = mapped_column(ForeignKey("instructions.id"))
    phrasing_id: Mapped[int] = mapped_column(ForeignKey("phrasings.id"))
    priority: Mapped[int] = mapped_column(server_default="0")  # smaller comes first
    due_on: Mapped[date | None]
    # What is sorted by: a task that is due on no day comes last.
    due_key: Mapped[date] = mapped_column(Computed("COALESCE(due_on, '9999-12-31'::date)", persisted=True))
    imported_count: Mapped[int] = mapped_column(server_default="0")  # pairs that take a place, without a slot
    # Held slots and imported pairs take all places. Kept by the database: the queue passes such tasks over.
    is_full: Mapped[bool] = mapped_column(server_default=false())
    # Whom it is kept for until somebody begins it.
    assignee_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())

    document: Mapped[Document] = relationship()
    text: Mapped[DocumentText] = relationship()
    instruction: Mapped[Instruction] = relationship()
    phrasing: Mapped[Phrasing] = relationship()
    assignee: Mapped[User | None] = relationship()
    slots: Mapped[list["Slot"]] = relationship(back_populates="task", order_by="Slot.id")


class Slot(Base):
    """Who holds a task.

    A slot counts against the task's overlap while it is `writing` under a live lease, or `held` by a sample
    that is submitted, sent back or approved. A `free` slot only remembers that the person had it.
    """

    __tablename__ = "slots"
    __table_args__ = (
        UniqueConstraint("task_id", "user_id"),
        CheckConstraint("state IN ('writing', 'held', 'free')", name="state"),
        CheckConstraint("(state = 'writing') = (lease_expires_at IS NOT NULL)", name="lease_while_writing"),
        Index("ix_slots_user_id", "user_id", "state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    task_id: Mapped[int] = mapped_column(ForeignKey("tasks.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    state: Mapped[str]
    lease_expires_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())

    task: Mapped[Task] = relationship(back_populates="slots")
    user: Mapped[User] = relationship()
