"""mails with one-time links that were asked for, and the address from which a session was begun"""

import sqlalchemy as sa
from alembic import op

from app.migrating import lock_tables

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    lock_tables(op.get_bind(), "users", "sessions")
    op.add_column("sessions", sa.Column("address", sa.String(), server_default="", nullable=False))
    op.create_table(
        "account_mails",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failure", sa.String(), server_default="", nullable=False),
        sa.CheckConstraint("purpose IN ('invitation', 'reset')", name=op.f("ck_account_mails_purpose")),
        sa.CheckConstraint("sent_at IS NULL OR failed_at IS NULL", name=op.f("ck_account_mails_one_end")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_account_mails_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_mails")),
    )
    op.create_index("ix_account_mails_user", "account_mails", ["user_id", "id"])
    op.create_index(
        "ix_account_mails_failed", "account_mails", ["id"], postgresql_where=sa.text("failed_at IS NOT NULL")
    )


def downgrade() -> None:
    op.drop_table("account_mails")
    op.drop_column("sessions", "address")
