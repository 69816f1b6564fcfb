"""Acts on many rows: what was chosen, and what became of it."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.database import Base


class BulkAct(Base):
    """One act on rows that were fixed when its preview was made. What undoing it needs is in the events."""

    __tablename__ = "bulk_acts"
    __table_args__ = (
        CheckConstraint("undone_at IS NULL OR done_at IS NOT NULL", name="undone_after_done"),
        # A person's own previews, of which old ones are thrown away.
        Index("ix_bulk_acts_actor", "actor_id", "created_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"))
    actor_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    kind: Mapped[str]
    values: Mapped[dict[str, object]]
    rows: Mapped[list[Any]] = mapped_column(JSONB)  # each [id, how it stood when it was shown]
    refusals: Mapped[list[Any]] = mapped_column(
        JSONB, server_default="[]"
    )  # each [id, title, reason], once done
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    done_at: Mapped[datetime | None]
    changed_count: Mapped[int] = mapped_column(server_default="0")
    undone_at: Mapped[datetime | None]

    @property
    def states(self) -> dict[int, list[object] | None]:
        """How each row stood when it was shown; None for one that was not there."""
        return dict(self.rows)
