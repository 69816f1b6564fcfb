"""What is written stays what it was: saves, revisions, decisions, history (I1, I3, I8, I9), by plain SQL."""

import pytest

from tests.guards.conftest import Refused, copy_of_revision

INSERT_ONLY = {
    "attestations": "at = now()",
    "document_texts": "text = 'Other.'",
    "draft_saves": "output = 'Other.'",
    "events": "comment = 'Other.'",
    "guidelines": "markdown = 'Other.'",
    "revisions": "output = 'Other.'",
}
KEPT = (
    "documents",
    "drafts",
    "instructions",
    "projects",
    "review_leases",
    "samples",
    "slots",
    "tasks",
    "users",
)

NEXT = "jsonb_build_object('number', r.number + 1) || "
ANOTHER_SAVE = (
    "UPDATE drafts SET output = 'Other.', number = number + 1, {changes} WHERE sample_id = :{sample}"
)

CASES = {
    # I1: a save counts on from what it replaces, and what another page wrote stands among the saves.
    "a save over one that it has not seen": (
        "UPDATE drafts SET output = 'Other.' WHERE sample_id = :draft",
        "saved meanwhile",
    ),
    "a number that leaps": (
        "UPDATE drafts SET output = 'Other.', number = number + 2 WHERE sample_id = :draft",
        "does not count on",
    ),
    "a number that goes back": (
        "UPDATE drafts SET output = 'Other.', number = number - 1 WHERE sample_id = :draft",
        "does not count on",
    ),
    "another page's text that is not kept": (
        ANOTHER_SAVE.format(sample="draft", changes="editor = 'page-2'"),
        "would be lost",
    ),
    "a number that is kept twice": (
        """INSERT INTO draft_saves (sample_id, number, editor, author_id, output, evidence, clauses)
           SELECT sample_id, number, editor, author_id, 'Other.', '[]', '{}' FROM draft_saves
           WHERE sample_id = :edited""",
        "uq_draft_saves_sample_id_number",
    ),
    "one idempotency key for two requests": (
        """INSERT INTO idempotency_keys (user_id, key, request_sha256)
           VALUES (:owner, 'one', ''), (:owner, 'one', 'x')""",
        "pk_idempotency_keys",
    ),
    "a second draft": ("INSERT INTO drafts (sample_id) VALUES (:draft)", "pk_drafts"),
    # I3: what was handed in and what it stands on.
    "a draft that changes while it waits": (
        ANOTHER_SAVE.format(sample="submitted", changes="editor = editor"),
        "may not write",
    ),
    "a draft that changes after its approval": (
        ANOTHER_SAVE.format(sample="approved", changes="editor = editor"),
        "may not write",
    ),
    "a revision that is not the draft": (
        copy_of_revision("changes_requested", NEXT + "jsonb_build_object('output', 'Other.')"),
        "is not its draft",
    ),
    "a revision of other words than the draft's": (
        copy_of_revision(
            "changes_requested",
            NEXT + "jsonb_build_object('output', 'Other.', 'output_sha256', sha256('Other.'))",
        ),
        "is not its draft",
    ),
    "a revision about another contract": (
        copy_of_revision("changes_requested", NEXT + "jsonb_build_object('contract_sha256', '\\x00'::bytea)"),
        "is not its draft",
    ),
    "a revision that nobody attested": (
        copy_of_revision("changes_requested", NEXT + "jsonb_build_object('guidelines_version', 77)"),
        "is not attested",
    ),
    "a reviewer's edit that claims to be attested": (
        copy_of_revision("submitted", NEXT + "jsonb_build_object('author_id', :reviewer)"),
        "is not attested",
    ),
    "a task that gets another text": (
        """UPDATE tasks SET text_id = t.id FROM document_texts t, samples s
           WHERE s.id = :draft AND tasks.id = s.task_id AND t.id <> tasks.text_id""",
        "does not belong together|has been begun",
    ),
    "a task that gets another wording": (
        """UPDATE tasks SET phrasing_id = phrasing_id FROM samples s
           WHERE s.id = :draft AND tasks.id = s.task_id""",
        "has been begun",
    ),
    "a document that gets another hash": (
        "UPDATE documents SET text_sha256 = '\\x00' WHERE project_id = :project",
        "never changes",
    ),
    "a wording that changes": ("UPDATE phrasings SET text = 'Other.'", "immutable"),
    "a wording that goes": ("DELETE FROM phrasings", "immutable"),
    "wordings that go": ("TRUNCATE phrasings CASCADE", "insert-only|never deleted"),
    "a decision that becomes another": (
        "UPDATE reviews SET action = 'reject', reason = 'x' WHERE id = :approved_review",
        "immutable",
    ),
    "a decision that goes": ("DELETE FROM reviews WHERE id = :approved_review", "immutable"),
    "decisions that go": ("TRUNCATE reviews", "insert-only"),
    "an approval that is undone while the sample stays approved": (
        "UPDATE reviews SET undone_at = now() WHERE id = :approved_review",
        "stays decided",
    ),
    "a rejection that is undone while the sample stays rejected": (
        "UPDATE reviews SET undone_at = now() WHERE id = :rejected_review",
        "stays decided",
    ),
    # I9: an act has its event.
    "a decision without its event": (
        """INSERT INTO reviews (revision_id, reviewer_id, action)
           SELECT id, :reviewer, 'approve' FROM revisions WHERE sample_id = :submitted""",
        "has no event",
    ),
    "a revision without its event": (
        copy_of_revision("changes_requested", NEXT + "'{}'"),
        "has no event",
    ),
    "an event that does not go on from the last": (
        """INSERT INTO events (actor_name, verb, subject_type, subject_id, before, after)
           VALUES ('nobody', 'sample.approve', 'sample', :draft, 'submitted', 'approved')""",
        "was not submitted but draft",
    ),
}


@pytest.mark.parametrize("table", INSERT_ONLY)
def test_history_only_grows(refused: Refused, table: str) -> None:
    refused(f"UPDATE {table} SET {INSERT_ONLY[table]}", "insert-only")
    refused(f"DELETE FROM {table}", "insert-only")
    refused(f"TRUNCATE {table} CASCADE", "insert-only")


@pytest.mark.parametrize("table", KEPT)
def test_what_others_hang_on_is_never_deleted(refused: Refused, table: str) -> None:
    refused(f"DELETE FROM {table}", "never deleted")
    refused(f"TRUNCATE {table} CASCADE", "never deleted|insert-only")


@pytest.mark.parametrize("case", CASES)
def test_the_database_itself_refuses(refused: Refused, case: str) -> None:
    statement, said = CASES[case]
    refused(statement, said)
