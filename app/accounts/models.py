"""People, the browsers they are signed in on, their links and tokens."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, func, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.database import Base


class User(Base):
    """An account of one person. Never deleted: their work keeps its author."""

    __tablename__ = "users"
    __table_args__ = (
        # Sign-in looks an address up whatever its capitals.
        Index("uq_users_email_lower", text("lower(email)"), unique=True),
        CheckConstraint("length(email) BETWEEN 3 AND 254 AND email = btrim(email)", name="email_shape"),
        CheckConstraint("length(btrim(name)) BETWEEN 1 AND 200", name="name_shape"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str]
    name: Mapped[str]
    password_hash: Mapped[str | None]  # None: invited, and no password chosen yet
    is_admin: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    single_keys: Mapped[bool] = mapped_column(default=True, server_default=text("true"))
    disabled_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class UserSession(Base):
    """One browser in which a person is signed in; only the token's SHA-256 is kept."""

    __tablename__ = "sessions"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_sha256: Mapped[bytes] = mapped_column(unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    user: Mapped[User] = relationship()
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    last_seen_at: Mapped[datetime] = mapped_column(server_default=func.now())
    expires_at: Mapped[datetime] = mapped_column(index=True)
    user_agent: Mapped[str] = mapped_column(default="", server_default="")
    address: Mapped[str] = mapped_column(default="", server_default="")  # from which the person signed in


class OneTimeLink(Base):
    """An invitation, a reset or a demo sign-in: a page whose button spends the link."""

    __tablename__ = "one_time_links"
    __table_args__ = (CheckConstraint("purpose IN ('invitation', 'reset', 'demo')", name="purpose"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    token_sha256: Mapped[bytes] = mapped_column(unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    user: Mapped[User] = relationship()
    purpose: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    expires_at: Mapped[datetime]
    spent_at: Mapped[datetime | None]


class AccountMail(Base):
    """A mail with a one-time link that was asked for, and what became of it. Sending makes the link."""

    __tablename__ = "account_mails"
    __table_args__ = (
        CheckConstraint("purpose IN ('invitation', 'reset')", name="purpose"),
        CheckConstraint("sent_at IS NULL OR failed_at IS NULL", name="one_end"),
        # A person's latest mail.
        Index("ix_account_mails_user", "user_id", "id"),
        # The administrators' page, which shows what could not be sent.
        Index("ix_account_mails_failed", "id", postgresql_where=text("failed_at IS NOT NULL")),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    user: Mapped[User] = relationship()
    purpose: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    sent_at: Mapped[datetime | None]
    failed_at: Mapped[datetime | None]  # given up
    failure: Mapped[str] = mapped_column(default="", server_default="")  # of the latest try


class ApiToken(Base):
    """A token for the JSON API. Its scopes narrow what its person may do and never widen it."""

    __tablename__ = "api_tokens"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    user: Mapped[User] = relationship()
    name: Mapped[str]
    token_sha256: Mapped[bytes] = mapped_column(unique=True)
    scopes: Mapped[list[str]]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    expires_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class SignInFailure(Base):
    """A failed sign-in, kept for the minutes in which it slows the next one down."""

    __tablename__ = "sign_in_failures"
    __table_args__ = (
        # Throttling counts the latest failures of one account and of one address.
        Index("ix_sign_in_failures_email_at", "email_sha256", "at"),
        Index("ix_sign_in_failures_address_at", "address", "at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    email_sha256: Mapped[bytes]
    address: Mapped[str]
    at: Mapped[datetime] = mapped_column(server_default=func.now())


class IdempotencyKey(Base):
    """The answer that a change by the API was given, so that its repetition gets the same one."""

    __tablename__ = "idempotency_keys"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    request_sha256: Mapped[bytes]
    status: Mapped[int | None]
    headers: Mapped[dict[str, str] | None]
    body: Mapped[bytes | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now(), index=True)
