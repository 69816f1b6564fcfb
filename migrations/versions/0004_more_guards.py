"""more guards: what belongs together stays together, and a change brings its event and its revision along

The statements I1, I2, I3, I6, I7, I8, I9 and I10 of docs/reliability.md, beyond what 0003 holds. Whatever a guard
reads to decide it locks first, so that of two who go around the Python code at once the second one is judged
by what the first one did. Deferred ones look at the end of the transaction, when all rows of an act are there.
"""

from alembic import op

from app.migrating import lock_tables

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

# What a row is about is settled when it is made.
BELONGS = {
    "documents": ("project_id", "text_sha256"),
    "instructions": ("project_id", "key"),
    "tasks": ("project_id", "document_id", "instruction_id"),
    "slots": ("task_id", "user_id"),
    "samples": ("project_id", "task_id", "slot_id", "annotator_id"),
}

# Rows that other rows' meaning hangs on. People are disabled and documents withdrawn; nothing of them goes.
KEPT = ("documents", "drafts", "instructions", "projects", "review_leases", "samples", "slots", "tasks", "users")

NEW_FUNCTIONS = {
    "refuse_loss": """
        BEGIN
            RAISE EXCEPTION 'rows of % are never deleted', TG_TABLE_NAME
                USING ERRCODE = 'integrity_constraint_violation';
        END
    """,
    "refuse_move": """
        BEGIN
            RAISE EXCEPTION 'what a row of % belongs to never changes', TG_TABLE_NAME
                USING ERRCODE = 'integrity_constraint_violation';
        END
    """,
    # I3: what a sample was written about stays what it was written about.
    "guard_task_text": """
        BEGIN
            IF EXISTS (SELECT FROM samples WHERE task_id = NEW.id) THEN
                RAISE EXCEPTION 'task % has been begun', NEW.id USING ERRCODE = 'integrity_constraint_violation';
            END IF;
            RETURN NEW;
        END
    """,
    # I10: nothing of two projects, contracts or people meets in one row.
    "guard_task": """
        BEGIN
            IF NOT EXISTS (
                SELECT FROM documents d JOIN document_texts x ON x.document_id = d.id
                    JOIN instructions i ON i.project_id = d.project_id JOIN phrasings p ON p.instruction_id = i.id
                WHERE d.id = NEW.document_id AND d.project_id = NEW.project_id AND x.id = NEW.text_id
                    AND i.id = NEW.instruction_id AND p.id = NEW.phrasing_id
            ) THEN
                RAISE EXCEPTION 'task % mixes what does not belong together', NEW.id
                    USING ERRCODE = 'integrity_constraint_violation';
            END IF;
            RETURN NEW;
        END
    """,
    "guard_sample": """
        BEGIN
            IF NOT EXISTS (
                SELECT FROM slots l JOIN tasks t ON t.id = l.task_id
                WHERE l.id = NEW.slot_id AND l.user_id = NEW.annotator_id
                    AND t.id = NEW.task_id AND t.project_id = NEW.project_id
            ) THEN
                RAISE EXCEPTION 'sample % mixes what does not belong together', NEW.id
                    USING ERRCODE = 'integrity_constraint_violation';
            END IF;
            RETURN NEW;
        END
    """,
    # I1 and I10: each save counts on from the one that it replaces, so no stale page wins; and only the
    # annotator of an unfinished sample writes on it, or a reviewer on one that waits for a decision.
    "guard_draft": """
        DECLARE subject record;
        BEGIN
            IF NEW.sample_id <> OLD.sample_id OR NEW.number NOT IN (OLD.number, OLD.number + 1) THEN
                RAISE EXCEPTION 'draft % does not count on from number %', OLD.sample_id, OLD.number
                    USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'draft_number';
            END IF;
            IF (NEW.output, NEW.evidence, NEW.clauses) IS NOT DISTINCT FROM (OLD.output, OLD.evidence, OLD.clauses)
            THEN
                RETURN NEW;
            END IF;
            IF NEW.number = OLD.number THEN
                RAISE EXCEPTION 'draft % was saved meanwhile', NEW.sample_id
                    USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'draft_number';
            END IF;
            SELECT status, annotator_id INTO subject FROM samples WHERE id = NEW.sample_id
                FOR NO KEY UPDATE;
            IF (subject.status IN ('draft', 'changes_requested') AND NEW.author_id = subject.annotator_id)
                OR (subject.status = 'submitted' AND NEW.author_id <> subject.annotator_id)
            THEN
                RETURN NEW;
            END IF;
            RAISE EXCEPTION 'user % may not write on sample %', NEW.author_id, NEW.sample_id
                USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'draft_author';
        END
    """,
    # I1: a text that another page or person replaces stands among the saves.
    "guard_replaced": """
        BEGIN
            IF NOT EXISTS (
                SELECT FROM draft_saves WHERE sample_id = OLD.sample_id AND number = OLD.number
                    AND output = OLD.output AND evidence = OLD.evidence AND clauses = OLD.clauses
            ) THEN
                RAISE EXCEPTION 'number % of draft % would be lost', OLD.number, OLD.sample_id
                    USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'replaced_save';
            END IF;
            RETURN NULL;
        END
    """,
    # I6: a slot is held exactly while its sample is handed in, sent back or approved.
    "guard_holding": """
        BEGIN
            IF EXISTS (
                SELECT FROM samples s JOIN slots l ON l.id = s.slot_id
                WHERE CASE TG_TABLE_NAME WHEN 'slots' THEN l.id = NEW.id ELSE s.id = NEW.id END
                    AND (l.state = 'held') <> (s.status IN ('submitted', 'changes_requested', 'approved'))
            ) THEN
                RAISE EXCEPTION 'a slot is not held as its sample stands'
                    USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'holding';
            END IF;
            RETURN NULL;
        END
    """,
    # I7: a sample's events go on from where the last one ended …
    "guard_event": """
        DECLARE last text;
        BEGIN
            PERFORM FROM samples WHERE id = NEW.subject_id FOR NO KEY UPDATE;
            SELECT e.after INTO last FROM events e
                WHERE e.subject_type = 'sample' AND e.subject_id = NEW.subject_id AND e.after IS NOT NULL
                ORDER BY e.id DESC LIMIT 1;
            IF NEW.before IS DISTINCT FROM last THEN
                RAISE EXCEPTION 'sample % was not % but %', NEW.subject_id, NEW.before, last
                    USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'event_goes_on';
            END IF;
            RETURN NEW;
        END
    """,
    # … and its status is where they lead. It is asked of the row as it stands when the transaction ends.
    "guard_fold": """
        BEGIN
            IF (SELECT status FROM samples WHERE id = NEW.id) IS DISTINCT FROM (
                SELECT e.after FROM events e
                WHERE e.subject_type = 'sample' AND e.subject_id = NEW.id AND e.after IS NOT NULL
                ORDER BY e.id DESC LIMIT 1
            ) THEN
                RAISE EXCEPTION 'sample % changed without its event', NEW.id
                    USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'status_is_fold';
            END IF;
            RETURN NULL;
        END
    """,
    # I9: a decision has one event, by its reviewer; a revision has one, by its author, and its sample counts it.
    "guard_review_event": """
        BEGIN
            IF 1 <> (
                SELECT count(*) FROM events e JOIN revisions r ON r.id = NEW.revision_id
                WHERE e.subject_type = 'sample' AND e.subject_id = r.sample_id
                    AND e.verb = 'sample.' || NEW.action AND e.actor_id = NEW.reviewer_id
                    AND e.details -> 'review' = to_jsonb(NEW.id)
            ) THEN
                RAISE EXCEPTION 'review % has no event', NEW.id
                    USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'one_event';
            END IF;
            RETURN NULL;
        END
    """,
    "guard_revision_event": """
        BEGIN
            IF 1 <> (
                SELECT count(*) FROM events e
                WHERE e.subject_type = 'sample' AND e.subject_id = NEW.sample_id
                    AND e.verb IN ('sample.submit', 'sample.edit') AND e.actor_id = NEW.author_id
                    AND e.details -> 'revision' = to_jsonb(NEW.number)
            ) OR NEW.number > (SELECT revision_count FROM samples WHERE id = NEW.sample_id) THEN
                RAISE EXCEPTION 'revision % has no event', NEW.id
                    USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'one_event';
            END IF;
            RETURN NULL;
        END
    """,
}

# Functions of 0003 that see more, or lock what they read.
BETTER_FUNCTIONS = {
    # I2, and I10: whoever decides is a reviewer of the project at that moment. The sample is locked before it
    # is judged: a recall, a withdrawal of rights or another decision at the same moment comes before or after.
    "guard_review": """
        DECLARE subject record;
        BEGIN
            SELECT s.id, s.project_id, s.task_id, s.annotator_id, s.status, s.revision_count, r.number INTO subject
                FROM revisions r JOIN samples s ON s.id = r.sample_id WHERE r.id = NEW.revision_id
                FOR NO KEY UPDATE OF s;
            IF subject.annotator_id = NEW.reviewer_id
                OR EXISTS (SELECT FROM revisions WHERE sample_id = subject.id AND author_id = NEW.reviewer_id)
                OR EXISTS (SELECT FROM slots WHERE task_id = subject.task_id AND user_id = NEW.reviewer_id)
            THEN
                RAISE EXCEPTION 'user % may not review their own work', NEW.reviewer_id
                    USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'own_work';
            END IF;
            IF NOT EXISTS (
                SELECT FROM members m JOIN users u ON u.id = m.user_id
                WHERE m.project_id = subject.project_id AND m.user_id = NEW.reviewer_id
                    AND m.role = 'reviewer' AND u.disabled_at IS NULL
            ) THEN
                RAISE EXCEPTION 'user % is no reviewer here', NEW.reviewer_id
                    USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'reviewer_role';
            END IF;
            IF subject.status <> 'submitted' OR subject.number <> subject.revision_count THEN
                RAISE EXCEPTION 'revision % is not waiting for a decision', NEW.revision_id
                    USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'current_revision';
            END IF;
            RETURN NEW;
        END
    """,
    # I3 and I7: a revision is the draft as it stands, with the true hashes of all that it is about, and the
    # next number. Its annotator has attested; a reviewer's edit carries no attestation of theirs.
    "guard_revision": """
        DECLARE subject record;
        BEGIN
            SELECT s.annotator_id, s.project_id, s.status, d.number, d.output, d.evidence, d.clauses, x.sha256, p.text
                INTO subject
                FROM samples s JOIN drafts d ON d.sample_id = s.id JOIN tasks t ON t.id = s.task_id
                    JOIN document_texts x ON x.id = t.text_id JOIN phrasings p ON p.id = t.phrasing_id
                WHERE s.id = NEW.sample_id FOR NO KEY UPDATE OF s, d;
            IF NEW.number <> (SELECT count(*) + 1 FROM revisions WHERE sample_id = NEW.sample_id) THEN
                RAISE EXCEPTION 'revision % of sample % leaves a gap', NEW.number, NEW.sample_id
                    USING ERRCODE = 'integrity_constraint_violation';
            END IF;
            IF subject.status NOT IN ('draft', 'changes_requested', 'submitted')
                OR (subject.status = 'submitted') = (NEW.author_id = subject.annotator_id)
            THEN
                RAISE EXCEPTION 'sample % takes no revision now', NEW.sample_id
                    USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'revision_status';
            END IF;
            IF (NEW.draft_number, NEW.output, NEW.evidence, NEW.clauses)
                    IS DISTINCT FROM (subject.number, subject.output, subject.evidence, subject.clauses)
                OR NEW.output_sha256 <> sha256(convert_to(NEW.output, 'UTF8'))
                OR NEW.contract_sha256 <> subject.sha256
                OR NEW.phrasing_sha256 <> sha256(convert_to(subject.text, 'UTF8'))
            THEN
                RAISE EXCEPTION 'revision % of sample % is not its draft', NEW.number, NEW.sample_id
                    USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'revision_is_draft';
            END IF;
            IF (NEW.author_id = subject.annotator_id) <> (NEW.attested_at IS NOT NULL)
                OR (NEW.attested_at IS NOT NULL AND NOT EXISTS (
                    SELECT FROM attestations WHERE project_id = subject.project_id AND user_id = NEW.author_id
                        AND guidelines_version = NEW.guidelines_version))
            THEN
                RAISE EXCEPTION 'revision % of sample % is not attested', NEW.number, NEW.sample_id
                    USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'attested';
            END IF;
            RETURN NEW;
        END
    """,
    # I7: legal steps only, and whatever is handed in is a revision more; an undone request for changes is none.
    # I3: approved means that enough people approved these very words.
    "guard_status": """
        BEGIN
            IF OLD.status <> NEW.status AND (OLD.status, NEW.status) NOT IN (
                ('draft', 'submitted'), ('draft', 'skipped'),
                ('submitted', 'approved'), ('submitted', 'rejected'),
                ('submitted', 'changes_requested'), ('submitted', 'draft'),
                ('changes_requested', 'submitted'), ('changes_requested', 'skipped'),
                ('approved', 'submitted'), ('approved', 'changes_requested'),
                ('rejected', 'submitted'), ('rejected', 'changes_requested'),
                ('skipped', 'draft')
            ) THEN
                RAISE EXCEPTION 'sample % cannot go from % to %', NEW.id, OLD.status, NEW.status
                    USING ERRCODE = 'integrity_constraint_violation';
            END IF;
            IF NEW.revision_count <> (SELECT count(*) FROM revisions WHERE sample_id = NEW.id)
                OR (NEW.revision_count <> OLD.revision_count AND NEW.status <> 'submitted')
                OR (NEW.revision_count = OLD.revision_count AND NEW.status = 'submitted' AND (
                    OLD.status = 'draft' OR (OLD.status = 'changes_requested' AND NOT EXISTS (
                        SELECT FROM reviews v JOIN revisions r ON r.id = v.revision_id
                        WHERE r.sample_id = NEW.id AND r.number = NEW.revision_count
                            AND v.action = 'request_changes' AND v.undone_at IS NOT NULL))))
            THEN
                RAISE EXCEPTION 'sample % is handed in without its revision', NEW.id
                    USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'one_revision';
            END IF;
            IF OLD.status <> 'approved' AND NEW.status = 'approved' AND (
                SELECT count(*) FROM reviews v JOIN revisions r ON r.id = v.revision_id
                WHERE r.sample_id = NEW.id AND r.number = NEW.revision_count
                    AND v.action = 'approve' AND v.undone_at IS NULL
            ) < (SELECT approvals FROM projects WHERE id = NEW.project_id) THEN
                RAISE EXCEPTION 'sample % has too few approvals', NEW.id
                    USING ERRCODE = 'integrity_constraint_violation';
            END IF;
            RETURN NEW;
        END
    """,
    # I3: a decision that is undone takes the sample's status with it, by the end of the transaction.
    "guard_approvals": """
        BEGIN
            IF EXISTS (
                SELECT FROM samples s JOIN revisions r ON r.sample_id = s.id
                WHERE r.id = NEW.revision_id AND s.status <> 'submitted'
            ) THEN
                RAISE EXCEPTION 'a decision is undone and its sample stays decided'
                    USING ERRCODE = 'integrity_constraint_violation';
            END IF;
            RETURN NULL;
        END
    """,
    # I6: lock the task, then count. A slot that counts goes on counting without a new count; but that it does is
    # judged under the lock too, since its lease may end while its renewal waits or is not yet committed.
    # I10: whoever begins to write, or takes a place back, is an annotator of the project at that moment.
    "guard_slot": """
        DECLARE place record;
        BEGIN
            IF NEW.state = 'free' OR (NEW.state = 'writing' AND NEW.lease_expires_at <= clock_timestamp()) THEN
                RETURN NEW;
            END IF;
            PERFORM FROM tasks WHERE id = NEW.task_id FOR UPDATE;
            IF TG_OP = 'UPDATE' AND (
                OLD.state = 'held' OR (OLD.state = 'writing' AND OLD.lease_expires_at > clock_timestamp()))
            THEN
                RETURN NEW;
            END IF;
            -- In a statement of its own: the policy as it is now, not as it was before the wait for the lock.
            SELECT p.id, p.overlap INTO place FROM tasks t JOIN projects p ON p.id = t.project_id
                WHERE t.id = NEW.task_id;
            IF (SELECT count(*) FROM slots WHERE task_id = NEW.task_id AND user_id <> NEW.user_id
                AND (state = 'held' OR (state = 'writing' AND lease_expires_at > clock_timestamp()))) >= place.overlap
            THEN
                RAISE EXCEPTION 'task % has no free slot', NEW.task_id
                    USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'overlap';
            END IF;
            IF NEW.state = 'writing' AND NOT EXISTS (
                SELECT FROM members m JOIN users u ON u.id = m.user_id
                WHERE m.project_id = place.id AND m.user_id = NEW.user_id
                    AND m.role = 'annotator' AND u.disabled_at IS NULL
            ) THEN
                RAISE EXCEPTION 'user % is no annotator here', NEW.user_id
                    USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'annotator_role';
            END IF;
            RETURN NEW;
        END
    """,
    # A decision stands, or is undone once; its sample is locked first, so that nobody counts it meanwhile.
    "guard_review_change": """
        BEGIN
            IF TG_OP = 'DELETE' OR OLD.undone_at IS NOT NULL OR NEW.undone_at IS NULL
                OR (to_jsonb(NEW) - 'undone_at') <> (to_jsonb(OLD) - 'undone_at')
            THEN
                RAISE EXCEPTION 'reviews are immutable' USING ERRCODE = 'integrity_constraint_violation';
            END IF;
            PERFORM FROM samples s JOIN revisions r ON r.sample_id = s.id WHERE r.id = NEW.revision_id
                FOR NO KEY UPDATE OF s;
            RETURN NEW;
        END
    """,
}

# table, name, when, function
TRIGGERS = [
    ("tasks", "same_text", "BEFORE UPDATE OF text_id, phrasing_id", "guard_task_text"),
    ("tasks", "belongs_together", "BEFORE INSERT OR UPDATE OF text_id, phrasing_id", "guard_task"),
    ("samples", "belongs_together", "BEFORE INSERT", "guard_sample"),
    ("drafts", "counts_on", "BEFORE UPDATE", "guard_draft"),
]
# table, name, when, condition, function: looked at when the transaction ends
DEFERRED = [
    (
        "drafts",
        "keeps_what_it_replaces",
        "AFTER UPDATE",
        # A page counts its saves behind its name, as in "f3a1.7".
        "OLD.number > 0 AND (regexp_replace(OLD.editor, '[.][0-9]+$', ''), OLD.author_id) "
        "IS DISTINCT FROM (regexp_replace(NEW.editor, '[.][0-9]+$', ''), NEW.author_id) AND "
        "(OLD.output, OLD.evidence, OLD.clauses) IS DISTINCT FROM (NEW.output, NEW.evidence, NEW.clauses)",
        "guard_replaced",
    ),
    ("samples", "held_slot", "AFTER UPDATE OF status", "OLD.status <> NEW.status", "guard_holding"),
    ("slots", "held_slot", "AFTER UPDATE OF state", "OLD.state <> NEW.state", "guard_holding"),
    ("samples", "has_event", "AFTER INSERT OR UPDATE OF status", "true", "guard_fold"),
    ("reviews", "has_event", "AFTER INSERT", "true", "guard_review_event"),
    ("revisions", "has_event", "AFTER INSERT", "true", "guard_revision_event"),
]


def upgrade() -> None:
    lock_tables(op.get_bind(), *KEPT, "draft_saves", "revisions", "reviews", "events")
    _write(NEW_FUNCTIONS | BETTER_FUNCTIONS)
    for table, name, when, function in TRIGGERS:
        op.execute(f"CREATE TRIGGER {name} {when} ON {table} FOR EACH ROW EXECUTE FUNCTION {function}()")
    for table, name, when, condition, function in DEFERRED:
        op.execute(
            f"CREATE CONSTRAINT TRIGGER {name} {when} ON {table} DEFERRABLE INITIALLY DEFERRED "
            f"FOR EACH ROW WHEN ({condition}) EXECUTE FUNCTION {function}()"
        )
    for table, columns in BELONGS.items():
        old, new = (", ".join(f"{row}.{column}" for column in columns) for row in ("OLD", "NEW"))
        op.execute(
            f"CREATE TRIGGER stays BEFORE UPDATE OF {', '.join(columns)} ON {table} FOR EACH ROW "
            f"WHEN (({old}) IS DISTINCT FROM ({new})) EXECUTE FUNCTION refuse_move()"
        )
    for table in KEPT:
        for name, when in (("is_kept", "BEFORE DELETE"), ("are_kept", "BEFORE TRUNCATE")):
            op.execute(
                f"CREATE TRIGGER {name} {when} ON {table} FOR EACH STATEMENT EXECUTE FUNCTION refuse_loss()"
            )
    op.execute(
        "CREATE TRIGGER goes_on BEFORE INSERT ON events FOR EACH ROW "
        "WHEN (NEW.subject_type = 'sample' AND NEW.after IS NOT NULL) EXECUTE FUNCTION guard_event()"
    )
    _replace_legal_step("status, revision_count", "(OLD.status, OLD.revision_count)", "(NEW.status, NEW.revision_count)")
    # Each number of a draft is replaced once.
    op.drop_index("ix_draft_saves_sample_id", "draft_saves")
    op.create_unique_constraint("uq_draft_saves_sample_id_number", "draft_saves", ["sample_id", "number"])


def downgrade() -> None:
    op.create_index("ix_draft_saves_sample_id", "draft_saves", ["sample_id"])
    op.drop_constraint("uq_draft_saves_sample_id_number", "draft_saves")
    _replace_legal_step("status", "OLD.status", "NEW.status")
    op.execute("DROP TRIGGER goes_on ON events")
    for name in NEW_FUNCTIONS:
        op.execute(f"DROP FUNCTION {name}() CASCADE")
    before = op.get_context().script.get_revision(down_revision).module.FUNCTIONS
    _write({name: before[name] for name in BETTER_FUNCTIONS})


def _write(functions: dict[str, str]) -> None:
    for name, body in functions.items():
        op.execute(f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $${body}$$")


def _replace_legal_step(columns: str, old: str, new: str) -> None:
    op.execute("DROP TRIGGER legal_step ON samples")
    op.execute(
        f"CREATE TRIGGER legal_step BEFORE UPDATE OF {columns} ON samples FOR EACH ROW "
        f"WHEN ({old} IS DISTINCT FROM {new}) EXECUTE FUNCTION guard_status()"
    )
