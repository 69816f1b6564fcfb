"""The history: one row for every act, added in the act's own transaction and never touched again."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, func
from sqlalchemy.orm import Mapped, mapped_column

from app.database import Base


class Event(Base):
    """One act. `actor_id` is None for the operator at the command line and for the system."""

    __tablename__ = "events"
    __table_args__ = (
        # A subject's history, and a project's activity: of everybody, and of one person.
        Index("ix_events_subject", "subject_type", "subject_id", "id"),
        Index("ix_events_project", "project_id", "id"),
        Index("ix_events_actor", "project_id", "actor_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(server_default=func.now())
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    actor_name: Mapped[str]  # as it was then; "operator" or "system" where there is no user
    verb: Mapped[str]
    project_id: Mapped[int | None] = mapped_column(ForeignKey("projects.id"))
    subject_type: Mapped[str]
    subject_id: Mapped[int]
    before: Mapped[str | None]
    after: Mapped[str | None]
    comment: Mapped[str] = mapped_column(server_default="")
    details: Mapped[dict[str, object]] = mapped_column(server_default="{}")
