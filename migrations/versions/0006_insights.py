"""insights: how many words an output has, and what the numbers over a project's history are read from

The words are a generated column: the database counts them itself, also for what an older version of the program
writes, and the rows that are there are filled without an UPDATE, which `insert_only` refuses. What counts as white
space is said in full, so that no locale has another opinion than `app.checks.length.count_words`.
"""

import sqlalchemy as sa
from alembic import op

from app.migrating import lock_tables

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

WORD = (
    r"[^\u0009-\u000D\u001C-\u0020\u0085\u00A0\u1680\u2000-\u200A\u2028\u2029\u202F\u205F\u3000]+"
)


WITHDRAWN, FIRST, STANDING = map(sa.text, ("withdrawn_at IS NOT NULL", "number = 1", "undone_at IS NULL"))


def upgrade() -> None:
    lock_tables(op.get_bind(), "documents", "revisions", "reviews")
    words = sa.Computed(f"regexp_count(output, '{WORD}')", persisted=True)
    op.add_column("revisions", sa.Column("word_count", sa.BigInteger(), words, nullable=False))
    # What is counted of every revision, without a look at its text.
    op.create_index(
        "ix_revisions_counted",
        "revisions",
        ["sample_id", "number"],
        postgresql_include=["id", "submitted_at", "word_count"],
    )
    op.create_index(
        "ix_revisions_first",
        "revisions",
        ["submitted_at"],
        postgresql_include=["sample_id"],
        postgresql_where=FIRST,
    )
    op.create_index(
        "ix_reviews_decided",
        "reviews",
        ["created_at"],
        postgresql_include=["revision_id", "reviewer_id", "action"],
        postgresql_where=STANDING,
    )
    op.create_index("ix_documents_withdrawn", "documents", ["project_id", "id"], postgresql_where=WITHDRAWN)


def downgrade() -> None:
    op.drop_index("ix_documents_withdrawn", table_name="documents", postgresql_where=WITHDRAWN)
    op.drop_index("ix_reviews_decided", table_name="reviews", postgresql_where=STANDING)
    op.drop_index("ix_revisions_first", table_name="revisions", postgresql_where=FIRST)
    op.drop_index("ix_revisions_counted", table_name="revisions")
    op.drop_column("revisions", "word_count")
