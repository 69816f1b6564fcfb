"""pairs that are imported: samples that no annotator of the project wrote and that hold no slot

They begin as submitted, with a first revision that has no author; whoever imported them never decides on them.
While one waits for review or is approved it takes a place of its task without a slot (`tasks.imported_count`).
Its wording of the instruction is a phrasing that is given to no document (`phrasings.imported`), so one document
may have several tasks of one instruction, each in another wording. The code before this migration does not know
of that and must not run beside it.
"""

import sqlalchemy as sa
from alembic import op

from app.migrating import lock_tables

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

# function, what stands in it since 0004, what takes its place
CHANGES = [
    # I2: whoever brought a pair in does not decide on it.
    ("guard_review", "s.annotator_id, s.status,", "s.annotator_id, s.importer_id, s.status,"),
    (
        "guard_review",
        "subject.annotator_id = NEW.reviewer_id",
        "NEW.reviewer_id IN (subject.annotator_id, subject.importer_id)",
    ),
    # I7: the first revision of an imported pair has no author, and every later one is a reviewer's.
    (
        "guard_revision",
        "OR (subject.status = 'submitted') = (NEW.author_id = subject.annotator_id)",
        """OR (subject.annotator_id IS NOT NULL AND (NEW.author_id IS NULL
                    OR (subject.status = 'submitted') = (NEW.author_id = subject.annotator_id)))
                OR (subject.annotator_id IS NULL AND (subject.status <> 'submitted'
                    OR (NEW.number = 1) <> (NEW.author_id IS NULL)))""",
    ),
    (
        "guard_revision",
        "(NEW.author_id = subject.annotator_id) <> (NEW.attested_at",
        "coalesce(NEW.author_id = subject.annotator_id, false) <> (NEW.attested_at",
    ),
    ("guard_draft", "NEW.author_id <> subject.annotator_id", "NEW.author_id IS DISTINCT FROM subject.annotator_id"),
    (
        "guard_revision_event",
        "e.verb IN ('sample.submit', 'sample.edit') AND e.actor_id = NEW.author_id",
        """(e.verb IN ('sample.submit', 'sample.edit') AND e.actor_id = NEW.author_id
                        OR e.verb = 'sample.import' AND NEW.author_id IS NULL)""",
    ),
    # I6: what pairs take is not free.
    ("guard_slot", "SELECT p.id, p.overlap INTO place", "SELECT p.id, p.overlap - t.imported_count AS free INTO place"),
    ("guard_slot", ">= place.overlap", ">= place.free"),
    # I10
    (
        "guard_sample",
        "IF NOT EXISTS (",
        """IF NEW.import_id IS NOT NULL THEN
                IF EXISTS (
                    SELECT FROM tasks t JOIN imports i ON i.id = NEW.import_id
                    WHERE t.id = NEW.task_id AND t.project_id = NEW.project_id AND i.project_id = NEW.project_id
                        AND i.created_by_id IS NOT DISTINCT FROM NEW.importer_id
                ) THEN
                    RETURN NEW;
                END IF;
            END IF;
            IF NOT EXISTS (""",
    ),
]
NEW_FUNCTIONS = {
    # I6: a task counts the pairs that take a place of it.
    "guard_imported_count": """
        DECLARE subject bigint := CASE TG_TABLE_NAME WHEN 'tasks' THEN to_jsonb(NEW) ->> 'id'
            ELSE to_jsonb(NEW) ->> 'task_id' END;
        BEGIN
            IF (SELECT imported_count FROM tasks WHERE id = subject) <> (
                SELECT count(*) FROM samples
                WHERE task_id = subject AND import_id IS NOT NULL AND status IN ('submitted', 'approved')
            ) THEN
                RAISE EXCEPTION 'task % does not count its imported pairs', subject
                    USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'imported_count';
            END IF;
            RETURN NULL;
        END
    """,
}
COUNTED = [
    ("samples", "AFTER INSERT OR UPDATE OF status", "NEW.import_id IS NOT NULL"),
    ("tasks", "AFTER INSERT OR UPDATE OF imported_count", "true"),
]
PROVENANCE = (
    "(annotator_id IS NULL) = (import_id IS NOT NULL) AND (slot_id IS NULL) = (import_id IS NOT NULL) "
    "AND (importer_id IS NULL OR import_id IS NOT NULL)"
)


def upgrade() -> None:
    lock_tables(op.get_bind(), "samples", "slots", "tasks", "revisions", "draft_saves", "phrasings", "import_files")
    op.add_column("samples", sa.Column("import_id", sa.BigInteger(), nullable=True))
    op.add_column("samples", sa.Column("importer_id", sa.BigInteger(), nullable=True))
    op.create_foreign_key("fk_samples_import_id_imports", "samples", "imports", ["import_id"], ["id"])
    op.create_foreign_key("fk_samples_importer_id_users", "samples", "users", ["importer_id"], ["id"])
    op.alter_column("samples", "annotator_id", nullable=True)
    op.alter_column("samples", "slot_id", nullable=True)
    op.create_check_constraint("provenance", "samples", PROVENANCE)
    op.alter_column("revisions", "author_id", nullable=True)
    op.alter_column("draft_saves", "author_id", nullable=True)
    op.add_column("tasks", sa.Column("imported_count", sa.BigInteger(), server_default="0", nullable=False))
    op.drop_constraint("uq_tasks_document_id_instruction_id", "tasks")
    op.create_unique_constraint("uq_tasks_document_id_phrasing_id", "tasks", ["document_id", "phrasing_id"])
    op.add_column("phrasings", sa.Column("imported", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.create_check_constraint("imported", "phrasings", "NOT imported OR retired_at IS NOT NULL")
    op.create_index(
        "ix_phrasings_imported", "phrasings", ["text"], postgresql_using="hash", postgresql_where=sa.text("imported")
    )
    op.add_column("import_files", sa.Column("sample_id", sa.BigInteger(), nullable=True))
    op.create_foreign_key("fk_import_files_sample_id_samples", "import_files", "samples", ["sample_id"], ["id"])
    _write({name: _changed(name) for name, _, _ in CHANGES} | NEW_FUNCTIONS)
    for table, when, condition in COUNTED:
        op.execute(
            f"CREATE CONSTRAINT TRIGGER counts_imported {when} ON {table} DEFERRABLE INITIALLY DEFERRED "
            f"FOR EACH ROW WHEN ({condition}) EXECUTE FUNCTION guard_imported_count()"
        )
    _replace_beginning("CASE WHEN NEW.import_id IS NULL THEN 'draft' ELSE 'submitted' END")
    _replace_stays(("project_id", "task_id", "slot_id", "annotator_id", "import_id", "importer_id"))


def downgrade() -> None:
    # Imported pairs cannot be told in the schema before: they have to be gone, and nothing of them may be deleted.
    if op.get_bind().execute(sa.text("SELECT EXISTS (SELECT FROM samples WHERE import_id IS NOT NULL)")).scalar():
        raise RuntimeError("There are imported pairs: restore the backup from before them instead.")
    _replace_stays(("project_id", "task_id", "slot_id", "annotator_id"))
    _replace_beginning("'draft'")
    for name in NEW_FUNCTIONS:
        op.execute(f"DROP FUNCTION {name}() CASCADE")
    _write({name: _before(name) for name, _, _ in CHANGES})
    op.drop_column("import_files", "sample_id")
    op.drop_index("ix_phrasings_imported", "phrasings")
    op.drop_constraint("ck_phrasings_imported", "phrasings")
    op.drop_column("phrasings", "imported")
    op.drop_constraint("uq_tasks_document_id_phrasing_id", "tasks")
    op.create_unique_constraint("uq_tasks_document_id_instruction_id", "tasks", ["document_id", "instruction_id"])
    op.drop_column("tasks", "imported_count")
    op.alter_column("draft_saves", "author_id", nullable=False)
    op.alter_column("revisions", "author_id", nullable=False)
    op.drop_constraint("ck_samples_provenance", "samples")
    op.alter_column("samples", "slot_id", nullable=False)
    op.alter_column("samples", "annotator_id", nullable=False)
    op.drop_column("samples", "importer_id")
    op.drop_column("samples", "import_id")


def _before(name: str) -> str:
    module = op.get_context().script.get_revision(down_revision).module
    return (module.NEW_FUNCTIONS | module.BETTER_FUNCTIONS)[name]


def _changed(name: str) -> str:
    body = _before(name)
    for changed, old, new in CHANGES:
        if changed == name:
            if body.count(old) != 1:
                raise RuntimeError(f"{name} does not say {old!r} once.")
            body = body.replace(old, new)
    return body


def _write(functions: dict[str, str]) -> None:
    for name, body in functions.items():
        op.execute(f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $${body}$$")


def _replace_beginning(status: str) -> None:
    op.execute("DROP TRIGGER begins_as_draft ON samples")
    op.execute(
        "CREATE TRIGGER begins_as_draft BEFORE INSERT ON samples FOR EACH ROW "
        f"WHEN (NEW.status <> {status}) EXECUTE FUNCTION guard_beginning()"
    )


def _replace_stays(columns: tuple[str, ...]) -> None:
    old, new = (", ".join(f"{row}.{column}" for column in columns) for row in ("OLD", "NEW"))
    op.execute("DROP TRIGGER stays ON samples")
    op.execute(
        f"CREATE TRIGGER stays BEFORE UPDATE OF {', '.join(columns)} ON samples FOR EACH ROW "
        f"WHEN (({old}) IS DISTINCT FROM ({new})) EXECUTE FUNCTION refuse_move()"
    )
