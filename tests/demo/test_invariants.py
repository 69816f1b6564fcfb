"""What `engross doctor` asks: nothing in a worked-on project breaks an invariant, and each query can fail."""

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.operation.invariants import INVARIANTS, find_broken

GUARDED = (
    "document_texts", "drafts", "events", "reviews", "revisions", "samples", "slots", "tasks"
)  # fmt: skip

# What the triggers refuse, done behind their backs: one bad change for each invariant.
BREAKS = {
    "I1": "DELETE FROM events WHERE id = (SELECT min(id) FROM events WHERE verb = 'sample.submit')",
    "I1b": """
        UPDATE drafts SET number = number + 1
        WHERE sample_id = (SELECT min(id) FROM samples WHERE status = 'approved')
    """,
    "I1c": """
        INSERT INTO draft_saves (sample_id, number, editor, author_id, output, evidence, clauses)
        SELECT sample_id, number, editor, author_id, output, evidence, clauses FROM drafts WHERE number > 0
    """,
    "I2": """
        UPDATE reviews v SET reviewer_id = s.annotator_id FROM revisions r, samples s
        WHERE r.id = v.revision_id AND s.id = r.sample_id AND v.id = (SELECT min(id) FROM reviews)
    """,
    "I3a": "UPDATE revisions SET output = output || '.' WHERE id = (SELECT min(id) FROM revisions)",
    "I3b": "UPDATE document_texts SET text = text || '.' WHERE id = (SELECT min(id) FROM document_texts)",
    "I3c": "UPDATE reviews SET undone_at = now() WHERE action = 'approve' AND undone_at IS NULL",
    "I6": """
        INSERT INTO slots (task_id, user_id, state)
        SELECT l.task_id, u.id, 'held' FROM slots l, users u WHERE l.state = 'held' AND u.id <> l.user_id
        ON CONFLICT DO NOTHING
    """,
    "I6b": "UPDATE slots SET state = 'free' WHERE state = 'held'",
    "I6c": """
        UPDATE slots SET state = 'writing', lease_expires_at = now() + interval '1 hour'
        WHERE user_id = (SELECT user_id FROM slots GROUP BY user_id ORDER BY count(*) DESC LIMIT 1)
    """,
    "I6d": "UPDATE tasks SET imported_count = 1 WHERE id = (SELECT min(id) FROM tasks)",
    "I6e": "UPDATE tasks SET is_full = NOT is_full WHERE id = (SELECT min(id) FROM tasks)",
    "I7a": "UPDATE revisions SET number = number + 1 WHERE id = (SELECT min(id) FROM revisions)",
    "I7b": "UPDATE samples SET status = 'rejected' WHERE status = 'approved'",
    "I8": "DELETE FROM tasks WHERE id NOT IN (SELECT task_id FROM slots)",
    "I9": "UPDATE events SET actor_id = NULL WHERE verb = 'sample.approve'",
    "I10": """
        UPDATE slots SET user_id = (SELECT max(id) FROM users)
        WHERE id = (SELECT min(slot_id) FROM samples WHERE annotator_id <> (SELECT max(id) FROM users))
    """,
}


def test_the_demo_breaks_no_invariant(demo: Session) -> None:
    assert find_broken(demo.connection()) == []


def test_every_invariant_is_broken_by_one_of_the_changes_below() -> None:
    assert [invariant.id for invariant in INVARIANTS] == list(BREAKS)


@pytest.mark.parametrize("name", BREAKS)
def test_a_change_behind_the_guards_is_found(demo: Session, name: str) -> None:
    for table in GUARDED:
        demo.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
    changed = demo.execute(text(BREAKS[name]))

    found = {broken.invariant.id: broken for broken in find_broken(demo.connection())}

    assert changed.rowcount > 0  # type: ignore[attr-defined]
    assert found[name].count >= 1
    assert all(row.split()[1].isdigit() for row in found[name].rows)
