"""Runs of the checks over a project, and what the last one found in each revision."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from app.database import Base


class CheckRun(Base):
    """The checks run once over all that was handed in. It goes on after `after_id` where it was stopped."""

    __tablename__ = "check_runs"
    __table_args__ = (
        # The latest run of a project.
        Index("ix_check_runs_project", "project_id", "id"),
        # One at a time for each project; and what there is to go on with.
        Index(
            "ix_check_runs_unfinished",
            "project_id",
            unique=True,
            postgresql_where=text("finished_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"))
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))  # None: the operator
    begun_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    total: Mapped[int]  # samples there were when it began
    done: Mapped[int] = mapped_column(server_default="0")
    failed: Mapped[int] = mapped_column(server_default="0")  # of those done: at which a check broke
    after_id: Mapped[int] = mapped_column(server_default="0")  # the last sample that is done


class Recheck(Base):
    """What the last run found in a revision, which itself never changes."""

    __tablename__ = "rechecks"

    revision_id: Mapped[int] = mapped_column(ForeignKey("revisions.id"), primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"))
    findings: Mapped[list[dict[str, object]]]
    checked: Mapped[dict[str, Any]]
    checked_at: Mapped[datetime]
