"""with each revision its checks; checking a whole project again; outputs that are nearly the same"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from app.migrating import lock_tables

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    lock_tables(op.get_bind(), "projects", "samples", "revisions")
    op.add_column("revisions", sa.Column("checked", JSONB(), server_default="{}", nullable=False))
    op.create_table(
        "check_runs",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("project_id", sa.BigInteger(), nullable=False),
        sa.Column("actor_id", sa.BigInteger()),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True)),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("done", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("failed", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("after_id", sa.BigInteger(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name="fk_check_runs_project_id"),
        sa.ForeignKeyConstraint(["actor_id"], ["users.id"], name="fk_check_runs_actor_id"),
        sa.PrimaryKeyConstraint("id", name="pk_check_runs"),
    )
    op.create_index("ix_check_runs_project", "check_runs", ["project_id", "id"])
    op.create_index(
        "ix_check_runs_unfinished",
        "check_runs",
        ["project_id"],
        unique=True,
        postgresql_where=sa.text("finished_at IS NULL"),
    )
    op.create_table(
        "rechecks",
        sa.Column("revision_id", sa.BigInteger(), nullable=False),
        sa.Column("project_id", sa.BigInteger(), nullable=False),
        sa.Column("findings", JSONB(), nullable=False),
        sa.Column("checked", JSONB(), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["revision_id"], ["revisions.id"], name="fk_rechecks_revision_id"),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name="fk_rechecks_project_id"),
        sa.PrimaryKeyConstraint("revision_id", name="pk_rechecks"),
    )
    op.create_table(
        "likeness_bands",
        sa.Column("project_id", sa.BigInteger(), nullable=False),
        sa.Column("band", sa.BigInteger(), nullable=False),
        sa.Column("sample_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name="fk_likeness_bands_project_id"),
        sa.ForeignKeyConstraint(["sample_id"], ["samples.id"], name="fk_likeness_bands_sample_id"),
        sa.PrimaryKeyConstraint("project_id", "band", "sample_id", name="pk_likeness_bands"),
    )
    op.create_index("ix_likeness_bands_sample", "likeness_bands", ["sample_id"])


def downgrade() -> None:
    op.drop_table("likeness_bands")
    op.drop_table("rechecks")
    op.drop_table("check_runs")
    op.drop_column("revisions", "checked")
