"""likely passages of each text, found in the background and stored

The row of a text comes with it, by a trigger: also from a version of the program that knows nothing of this table.
What is behind is found by an index, and nothing has to ask which texts have no row.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from app.migrating import lock_tables

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

ADDED = """
    BEGIN
        INSERT INTO passages (text_id, project_id)
            SELECT t.id, d.project_id FROM added t JOIN documents d ON d.id = t.document_id;
        RETURN NULL;
    END
"""


def upgrade() -> None:
    lock_tables(op.get_bind(), "projects", "documents", "document_texts")
    op.create_table(
        "passages",
        sa.Column("text_id", sa.BigInteger(), nullable=False),
        sa.Column("project_id", sa.BigInteger(), nullable=False),
        sa.Column("finder_version", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("clause_set_version", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("found", JSONB(), server_default="{}", nullable=False),
        sa.ForeignKeyConstraint(["text_id"], ["document_texts.id"], name="fk_passages_text_id"),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name="fk_passages_project_id"),
        sa.PrimaryKeyConstraint("text_id", name="pk_passages"),
    )
    op.execute(
        "INSERT INTO passages (text_id, project_id)"
        " SELECT t.id, d.project_id FROM document_texts t JOIN documents d ON d.id = t.document_id"
    )
    op.create_index(
        "ix_passages_behind", "passages", ["project_id", "finder_version", "clause_set_version", "text_id"]
    )
    op.execute(f"CREATE FUNCTION add_passages() RETURNS trigger LANGUAGE plpgsql AS $${ADDED}$$")
    op.execute(
        "CREATE TRIGGER has_passages AFTER INSERT ON document_texts REFERENCING NEW TABLE AS added"
        " FOR EACH STATEMENT EXECUTE FUNCTION add_passages()"
    )


def downgrade() -> None:
    op.execute("DROP FUNCTION add_passages() CASCADE")
    op.drop_table("passages")
