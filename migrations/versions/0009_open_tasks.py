"""queues at size: neither taking work nor committing it takes longer the more was done before

`tasks.is_full` says that slots that are held, and imported pairs, take all the places that the policy asks for. Triggers
keep it, and the index of open tasks leaves such tasks out: the queue walked past each of them. `guard_holding`
looked at all samples at each commit, since its condition hid from the planner which row is meant.
"""

import sqlalchemy as sa
from alembic import op

from app.migrating import lock_tables

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

HOLDING_BEFORE = "WHERE CASE TG_TABLE_NAME WHEN 'slots' THEN l.id = NEW.id ELSE s.id = NEW.id END"
HOLDING = "WHERE s.id = subject"
DECLARED = """DECLARE subject bigint := CASE TG_TABLE_NAME
            WHEN 'slots' THEN (SELECT id FROM samples WHERE slot_id = NEW.id) ELSE NEW.id END;
        BEGIN"""
IS_FULL = """imported_count + (SELECT count(*) FROM slots WHERE task_id = t.id AND state = 'held')
    >= (SELECT overlap FROM projects WHERE id = t.project_id)"""

FUNCTIONS = {
    # The project's policy is held before the task is locked, as the code does it. The task is judged in a statement
    # of its own: what others committed while this waited for the locks is seen.
    "note_full_task": f"""
        DECLARE subject bigint := CASE TG_TABLE_NAME WHEN 'tasks' THEN to_jsonb(NEW) ->> 'id'
            ELSE to_jsonb(NEW) ->> 'task_id' END;
        BEGIN
            PERFORM FROM projects WHERE id = (SELECT project_id FROM tasks WHERE id = subject) FOR SHARE;
            PERFORM FROM tasks WHERE id = subject FOR UPDATE;
            UPDATE tasks t SET is_full = {IS_FULL} WHERE id = subject AND is_full <> ({IS_FULL});
            RETURN NULL;
        END
    """,
    "note_full_tasks": f"""
        BEGIN
            UPDATE tasks t SET is_full = {IS_FULL} WHERE project_id = NEW.id AND is_full <> ({IS_FULL});
            RETURN NULL;
        END
    """,
}
TRIGGERS = [
    ("slots", "fills_on_insert", "AFTER INSERT", "NEW.state = 'held'", "note_full_task"),
    ("slots", "fills", "AFTER UPDATE OF state", "(OLD.state = 'held') <> (NEW.state = 'held')", "note_full_task"),
    ("tasks", "fills", "AFTER UPDATE OF imported_count", "OLD.imported_count <> NEW.imported_count", "note_full_task"),
    ("projects", "fills", "AFTER UPDATE OF overlap", "OLD.overlap <> NEW.overlap", "note_full_tasks"),
]


def upgrade() -> None:
    lock_tables(op.get_bind(), "projects", "tasks", "slots", "samples")
    op.add_column("tasks", sa.Column("is_full", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.execute(f"UPDATE tasks t SET is_full = true WHERE {IS_FULL}")
    op.create_index(
        "ix_tasks_open",
        "tasks",
        ["project_id", "priority", "document_id", "id"],
        postgresql_where=sa.text("NOT is_full"),
    )
    for name, body in FUNCTIONS.items():
        op.execute(f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $${body}$$")
    for table, name, when, condition, function in TRIGGERS:
        op.execute(
            f"CREATE TRIGGER {name} {when} ON {table} FOR EACH ROW WHEN ({condition}) EXECUTE FUNCTION {function}()"
        )
    _write_holding(_holding_before().replace("BEGIN", DECLARED, 1).replace(HOLDING_BEFORE, HOLDING))


def downgrade() -> None:
    _write_holding(_holding_before())
    for name in FUNCTIONS:
        op.execute(f"DROP FUNCTION {name}() CASCADE")
    op.drop_index("ix_tasks_open", table_name="tasks")
    op.drop_column("tasks", "is_full")


def _holding_before() -> str:
    module = op.get_context().script.get_revision("0004").module
    body = (module.NEW_FUNCTIONS | module.BETTER_FUNCTIONS)["guard_holding"]
    if body.count(HOLDING_BEFORE) != 1 or body.count("BEGIN") != 1:
        raise RuntimeError("guard_holding is not what it was.")
    return body


def _write_holding(body: str) -> None:
    op.execute(f"CREATE OR REPLACE FUNCTION guard_holding() RETURNS trigger LANGUAGE plpgsql AS $${body}$$")
