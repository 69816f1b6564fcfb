"""Who may hold, write and decide, and how a sample goes on: refused by the database too (I2, I6, I7, I10)."""

import pytest
from sqlalchemy import Connection, text

from app.samples.workflow import Status
from tests.guards.conftest import Ids, Refused, copy_of_revision

# The statuses that each can go to, written from the drawing of a sample's life and not from the code.
LEGAL = {
    Status.DRAFT: {Status.SUBMITTED, Status.SKIPPED},
    Status.SUBMITTED: {Status.DRAFT, Status.CHANGES_REQUESTED, Status.APPROVED, Status.REJECTED},
    Status.CHANGES_REQUESTED: {Status.SUBMITTED, Status.SKIPPED},
    Status.APPROVED: {Status.SUBMITTED, Status.CHANGES_REQUESTED},
    Status.REJECTED: {Status.SUBMITTED, Status.CHANGES_REQUESTED},
    Status.SKIPPED: {Status.DRAFT},
}
ILLEGAL = [(one, other) for one in Status for other in Status if one != other and other not in LEGAL[one]]

DECIDE = """INSERT INTO reviews (revision_id, reviewer_id, action)
    SELECT id, :{who}, 'approve' FROM revisions WHERE sample_id = :{sample} AND number = {number}"""
HOLD = """INSERT INTO slots (task_id, user_id, state, lease_expires_at)
    SELECT task_id, :{who}, {state} FROM samples WHERE id = :{sample}"""
WRITING = "'writing', now() + interval '1 hour'"

CASES = {
    # I2: nobody decides on what they wrote, edited or held.
    "an approval of one's own text": (DECIDE.format(who="owner", sample="submitted", number=1), "own work"),
    "an approval of a text that one edited": (
        DECIDE.format(who="editor", sample="edited", number=2),
        "own work",
    ),
    "an approval of a revision that is not the last": (
        DECIDE.format(who="reviewer", sample="edited", number=1),
        "not waiting",
    ),
    "an approval of what is approved": (
        DECIDE.format(who="lead", sample="approved", number=1),
        "no reviewer|not waiting",
    ),
    "an approval of what one imported": (
        DECIDE.format(who="importer", sample="imported", number=1),
        "own work",
    ),
    # I10: roles as they are at that moment.
    "a decision by a lead": (DECIDE.format(who="lead", sample="submitted", number=1), "no reviewer here"),
    "a decision by a stranger": (
        DECIDE.format(who="stranger", sample="submitted", number=1),
        "no reviewer here",
    ),
    "a decision by somebody disabled": (
        DECIDE.format(who="gone", sample="submitted", number=1),
        "no reviewer here",
    ),
    "a place for a stranger": (
        HOLD.format(who="stranger", sample="rejected", state=WRITING),
        "no annotator here",
    ),
    "a text by somebody else": (
        """UPDATE drafts SET output = 'Other.', number = number + 1, author_id = :colleague
           WHERE sample_id = :draft""",
        "may not write",
    ),
    "a sample of another project": (
        """INSERT INTO samples (project_id, task_id, slot_id, annotator_id)
           SELECT :elsewhere, s.task_id, s.slot_id, :colleague FROM samples s WHERE s.id = :draft""",
        "does not belong together",
    ),
    "a sample that moves": (
        "UPDATE samples SET annotator_id = :colleague WHERE id = :draft",
        "never changes",
    ),
    "an imported pair that somebody takes for their own": (
        "UPDATE samples SET annotator_id = :owner WHERE id = :imported",
        "never changes",
    ),
    "an imported pair of another importer": (
        """INSERT INTO samples (project_id, task_id, import_id, importer_id, status)
           SELECT project_id, task_id, import_id, :lead, 'submitted' FROM samples WHERE id = :imported""",
        "does not belong together",
    ),
    "a sample of nobody": (
        """INSERT INTO samples (project_id, task_id, slot_id)
           SELECT project_id, task_id, slot_id FROM samples WHERE id = :draft""",
        "does not belong together",
    ),
    "a slot that moves": ("UPDATE slots SET user_id = :colleague WHERE user_id = :owner", "never changes"),
    "a task that moves": ("UPDATE tasks SET project_id = :elsewhere WHERE id = :free_task", "never changes"),
    "a task of two projects": (
        """INSERT INTO tasks (project_id, document_id, text_id, instruction_id, phrasing_id)
           SELECT :project, t.document_id, t.text_id, i.id, t.phrasing_id FROM tasks t, instructions i
           WHERE t.id = :other_task AND i.project_id = :project""",
        "does not belong together",
    ),
    # I6: no place too many, each person one, and held as the sample stands.
    "a place too many": (HOLD.format(who="colleague", sample="draft", state="'held', NULL"), "no free slot"),
    "a lease too many": (HOLD.format(who="colleague", sample="submitted", state=WRITING), "no free slot"),
    "a place beside an imported pair": (
        HOLD.format(who="colleague", sample="imported", state=WRITING),
        "no free slot",
    ),
    "an imported pair that is not counted": (
        "UPDATE tasks t SET imported_count = 0 FROM samples s WHERE s.id = :imported AND t.id = s.task_id",
        "does not count its imported pairs",
    ),
    "a second place of one person": (
        HOLD.format(who="owner", sample="skipped", state="'free', NULL"),
        "uq_slots",
    ),
    "a freed place of a waiting sample": (
        "UPDATE slots l SET state = 'free' FROM samples s WHERE s.id = :submitted AND l.id = s.slot_id",
        "not held as its sample stands",
    ),
    "a held place of a rejected sample": (
        "UPDATE slots l SET state = 'held' FROM samples s WHERE s.id = :rejected AND l.id = s.slot_id",
        "not held as its sample stands",
    ),
    "a lease without an end": (
        "UPDATE slots SET lease_expires_at = NULL WHERE state = 'writing'",
        "ck_slots_lease_while_writing",
    ),
    # I7: status is where the events lead, and revisions count 1, 2, 3.
    "a sample that begins approved": (
        """INSERT INTO samples SELECT (jsonb_populate_record(s, jsonb_build_object(
           'id', 999999, 'slot_id', 999999, 'annotator_id', 999999))).*
           FROM samples s WHERE id = :approved""",
        "begins as a draft",
    ),
    "an imported pair that begins as a draft": (
        """INSERT INTO samples (project_id, task_id, import_id, importer_id)
           SELECT project_id, task_id, import_id, importer_id FROM samples WHERE id = :imported""",
        "begins as",
    ),
    "a step without its event": (
        "UPDATE samples SET status = 'skipped' WHERE id = :draft",
        "changed without its event",
    ),
    "an approval that nobody gave": (
        "UPDATE samples SET status = 'approved' WHERE id = :submitted",
        "too few approvals",
    ),
    "a submission without its revision": (
        "UPDATE samples SET status = 'submitted' WHERE id = :draft",
        "without its revision",
    ),
    "a revision that is counted and not there": (
        "UPDATE samples SET revision_count = revision_count + 1 WHERE id = :submitted",
        "without its revision",
    ),
    "a revision behind an approval": (
        copy_of_revision("approved", "jsonb_build_object('number', 2)"),
        "takes no revision now",
    ),
    "a second revision of nobody": (
        copy_of_revision("imported", "jsonb_build_object('number', 2)"),
        "takes no revision now",
    ),
    "a revision of nobody on what somebody wrote": (
        copy_of_revision("submitted", "jsonb_build_object('number', 2, 'author_id', NULL)"),
        "takes no revision now",
    ),
    "a revision that leaves a gap": (
        copy_of_revision("submitted", "jsonb_build_object('number', 3)"),
        "leaves a gap",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_the_database_itself_refuses(refused: Refused, case: str) -> None:
    statement, said = CASES[case]
    refused(statement, said)


@pytest.mark.parametrize(("before", "after"), ILLEGAL)
def test_no_sample_takes_a_step_that_is_not_drawn(refused: Refused, before: Status, after: Status) -> None:
    refused(f"UPDATE samples SET status = '{after}' WHERE id = :{before}", "cannot go from")


def test_a_sample_s_first_event_comes_with_it(refused: Refused, connection: Connection, ids: Ids) -> None:
    slot = text(
        "INSERT INTO slots (task_id, user_id, state) VALUES (:free_task, :owner, 'free') RETURNING id"
    )
    ids["slot"] = connection.scalar(slot, {name: ids[name] for name in ("free_task", "owner")}) or 0
    refused(
        """INSERT INTO samples (project_id, task_id, slot_id, annotator_id)
           VALUES (:project, :free_task, :slot, :owner)""",
        "without its event",
    )
