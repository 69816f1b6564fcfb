"""what lists sort and search by, and acts on many rows with their preview and undo

Nothing here is indexed that an autosave changes: its rows are written again in place.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from app.migrating import lock_tables

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

BETWEEN_WORDS = "&+-./:<=>?@_~–—…“”„‘’«»"
SEARCH_WORDS = (
    "to_tsvector('simple', translate(title || ' ' || coalesce(client, '') || ' ' || coalesce(matter, ''), "
    f"'{BETWEEN_WORDS}', repeat(' ', {len(BETWEEN_WORDS)})))"
)


def upgrade() -> None:
    lock_tables(op.get_bind(), "documents", "tasks", "events")
    op.execute(
        f"ALTER TABLE documents ADD COLUMN search_words tsvector NOT NULL GENERATED ALWAYS AS ({SEARCH_WORDS}) STORED"
    )
    op.create_index("ix_documents_search", "documents", ["search_words"], postgresql_using="gin")
    op.create_index("ix_documents_title", "documents", ["project_id", "title", "id"])
    op.create_index(
        "ix_documents_contract_type", "documents", ["project_id", "contract_type", "created_at", "id"]
    )
    op.execute(
        "ALTER TABLE tasks ADD COLUMN due_key date NOT NULL "
        "GENERATED ALWAYS AS (coalesce(due_on, '9999-12-31'::date)) STORED"
    )
    op.drop_index("ix_tasks_queue", "tasks")
    op.create_index("ix_tasks_queue", "tasks", ["project_id", "priority", "due_key", "document_id", "id"])
    op.create_index("ix_tasks_due", "tasks", ["project_id", "due_key", "id"])
    _replace_open("NOT is_full AND assignee_id IS NULL", "project_id", "priority", "due_key", "document_id", "id")
    op.create_index("ix_events_actor", "events", ["project_id", "actor_id", "id"])
    op.create_table(
        "bulk_acts",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("project_id", sa.BigInteger(), nullable=False),
        sa.Column("actor_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("values", JSONB(), nullable=False),
        sa.Column("rows", JSONB(), nullable=False),
        sa.Column("refusals", JSONB(), server_default="[]", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("changed_count", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name="fk_bulk_acts_project_id"),
        sa.ForeignKeyConstraint(["actor_id"], ["users.id"], name="fk_bulk_acts_actor_id"),
        sa.PrimaryKeyConstraint("id", name="pk_bulk_acts"),
        sa.CheckConstraint("undone_at IS NULL OR done_at IS NOT NULL", name="ck_bulk_acts_undone_after_done"),
    )
    op.create_index("ix_bulk_acts_actor", "bulk_acts", ["actor_id", "created_at"])


def downgrade() -> None:
    op.drop_table("bulk_acts")
    op.drop_index("ix_events_actor", "events")
    op.drop_index("ix_tasks_due", "tasks")
    _replace_open("NOT is_full", "project_id", "priority", "document_id", "id")
    op.drop_index("ix_tasks_queue", "tasks")
    op.create_index("ix_tasks_queue", "tasks", ["project_id", "priority", "document_id", "id"])
    op.drop_column("tasks", "due_key")
    for name in ("ix_documents_contract_type", "ix_documents_title", "ix_documents_search"):
        op.drop_index(name, "documents")
    op.drop_column("documents", "search_words")


def _replace_open(where: str, *columns: str) -> None:
    op.drop_index("ix_tasks_open", "tasks")
    op.create_index("ix_tasks_open", "tasks", columns, postgresql_where=sa.text(where))
