"""Who looks at a revision, and what they decided."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, func, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import User
from app.database import Base
from app.samples.models import Revision


class ReviewLease(Base):
    """A reviewer has this revision before them. Rows stay: what was looked at is not recalled."""

    __tablename__ = "review_leases"
    __table_args__ = (Index("ix_review_leases_reviewer", "reviewer_id", "expires_at"),)

    revision_id: Mapped[int] = mapped_column(ForeignKey("revisions.id"), primary_key=True)
    reviewer_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)
    granted_at: Mapped[datetime] = mapped_column(server_default=func.now())
    expires_at: Mapped[datetime]


class Review(Base):
    """A decision on one revision. Undoing it sets `undone_at` once; nothing else of it ever changes."""

    __tablename__ = "reviews"
    __table_args__ = (
        CheckConstraint("action IN ('approve', 'request_changes', 'reject')", name="action"),
        CheckConstraint("action = 'approve' OR length(btrim(reason)) > 0", name="reason_given"),
        Index(
            "uq_reviews_standing",
            "revision_id",
            "reviewer_id",
            unique=True,
            postgresql_where=text("undone_at IS NULL"),
        ),
        # What was decided in a range of days.
        Index(
            "ix_reviews_decided",
            "created_at",
            postgresql_include=["revision_id", "reviewer_id", "action"],
            postgresql_where=text("undone_at IS NULL"),
        ),
        Index("ix_reviews_reviewer", "reviewer_id", "created_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    revision_id: Mapped[int] = mapped_column(ForeignKey("revisions.id"))
    reviewer_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    action: Mapped[str]
    reason: Mapped[str] = mapped_column(server_default="")
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    undone_at: Mapped[datetime | None]

    revision: Mapped[Revision] = relationship()
    reviewer: Mapped[User] = relationship()
