"""guards: what may never happen is refused by the database too, whoever asks

The statements I2, I3, I6, I7 and I9 of docs/reliability.md. Python decides first and explains better;
these are for the day when Python is wrong.
"""

from alembic import op

from app.migrating import lock_tables

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

INSERT_ONLY = ("events", "revisions", "guidelines", "draft_saves", "attestations", "document_texts")

FUNCTIONS = {
    "refuse_change": """
        BEGIN
            RAISE EXCEPTION '% is insert-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
        END
    """,
    # A wording never changes; it only goes out of use.
    "guard_phrasing": """
        BEGIN
            IF TG_OP = 'DELETE' OR NEW.text <> OLD.text OR NEW.instruction_id <> OLD.instruction_id
            THEN
                RAISE EXCEPTION 'phrasings are immutable' USING ERRCODE = 'integrity_constraint_violation';
            END IF;
            RETURN NEW;
        END
    """,
    # A decision stands, or is undone once.
    "guard_review_change": """
        BEGIN
            IF TG_OP = 'DELETE' OR OLD.undone_at IS NOT NULL OR NEW.undone_at IS NULL
                OR (to_jsonb(NEW) - 'undone_at') <> (to_jsonb(OLD) - 'undone_at')
            THEN
                RAISE EXCEPTION 'reviews are immutable' USING ERRCODE = 'integrity_constraint_violation';
            END IF;
            RETURN NEW;
        END
    """,
    # I2: nobody decides on what they wrote or edited, nor on a task that they hold or held a slot of;
    # and a decision is about the words as they stand.
    "guard_review": """
        DECLARE subject record;
        BEGIN
            SELECT s.id, s.task_id, s.annotator_id, s.status, s.revision_count, r.number INTO subject
                FROM revisions r JOIN samples s ON s.id = r.sample_id WHERE r.id = NEW.revision_id;
            IF subject.annotator_id = NEW.reviewer_id
                OR EXISTS (SELECT FROM revisions WHERE sample_id = subject.id AND author_id = NEW.reviewer_id)
                OR EXISTS (SELECT FROM slots WHERE task_id = subject.task_id AND user_id = NEW.reviewer_id)
            THEN
                RAISE EXCEPTION 'user % may not review their own work', NEW.reviewer_id
                    USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'own_work';
            END IF;
            IF subject.status <> 'submitted' OR subject.number <> subject.revision_count THEN
                RAISE EXCEPTION 'revision % is not waiting for a decision', NEW.revision_id
                    USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'current_revision';
            END IF;
            RETURN NEW;
        END
    """,
    # I7: revisions count 1, 2, 3; the unique key settles who of two comes first.
    "guard_revision": """
        BEGIN
            IF NEW.number <> (SELECT count(*) + 1 FROM revisions WHERE sample_id = NEW.sample_id) THEN
                RAISE EXCEPTION 'revision % of sample % leaves a gap', NEW.number, NEW.sample_id
                    USING ERRCODE = 'integrity_constraint_violation';
            END IF;
            RETURN NEW;
        END
    """,
    # I7: legal steps only. I3: approved means that enough people approved these very words.
    "guard_status": """
        BEGIN
            IF (OLD.status, NEW.status) NOT IN (
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
            IF NEW.status = 'approved' AND (
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
    # I3: an approval that is undone takes the sample's status with it, by the end of the transaction.
    "guard_approvals": """
        BEGIN
            IF EXISTS (
                SELECT FROM samples s JOIN revisions r ON r.sample_id = s.id AND r.number = s.revision_count
                WHERE s.id = (SELECT sample_id FROM revisions WHERE id = NEW.revision_id)
                    AND s.status = 'approved'
                    AND NOT EXISTS (SELECT FROM reviews v WHERE v.revision_id = r.id
                        AND v.action = 'approve' AND v.undone_at IS NULL)
            ) THEN
                RAISE EXCEPTION 'an approved sample keeps an approval'
                    USING ERRCODE = 'integrity_constraint_violation';
            END IF;
            RETURN NULL;
        END
    """,
    # I7: every sample begins as a draft.
    "guard_beginning": """
        BEGIN
            RAISE EXCEPTION 'a sample begins as a draft' USING ERRCODE = 'integrity_constraint_violation';
        END
    """,
    # I6: lock the task, then count. A slot that counted before may go on counting without a new count.
    "guard_slot": """
        DECLARE places bigint;
        BEGIN
            IF NEW.state = 'free' OR (TG_OP = 'UPDATE' AND (
                OLD.state = 'held' OR (OLD.state = 'writing' AND OLD.lease_expires_at > clock_timestamp())))
            THEN
                RETURN NEW;
            END IF;
            SELECT p.overlap INTO places FROM tasks t JOIN projects p ON p.id = t.project_id
                WHERE t.id = NEW.task_id FOR UPDATE OF t;
            IF (SELECT count(*) FROM slots WHERE task_id = NEW.task_id AND user_id <> NEW.user_id
                AND (state = 'held' OR (state = 'writing' AND lease_expires_at > clock_timestamp()))) >= places
            THEN
                RAISE EXCEPTION 'task % has no free slot', NEW.task_id
                    USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'overlap';
            END IF;
            RETURN NEW;
        END
    """,
}

TRIGGERS = [
    *((table, "insert_only", "BEFORE UPDATE OR DELETE", "refuse_change") for table in INSERT_ONLY),
    ("phrasings", "immutable", "BEFORE UPDATE OR DELETE", "guard_phrasing"),
    ("reviews", "immutable", "BEFORE UPDATE OR DELETE", "guard_review_change"),
    ("reviews", "not_own_work", "BEFORE INSERT", "guard_review"),
    ("revisions", "no_gap", "BEFORE INSERT", "guard_revision"),
    ("slots", "overlap", "BEFORE INSERT OR UPDATE", "guard_slot"),
]


def upgrade() -> None:
    lock_tables(op.get_bind(), *INSERT_ONLY, "phrasings", "reviews", "slots", "samples")
    for name, body in FUNCTIONS.items():
        op.execute(f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $${body}$$")
    for table, name, when, function in TRIGGERS:
        op.execute(f"CREATE TRIGGER {name} {when} ON {table} FOR EACH ROW EXECUTE FUNCTION {function}()")
    op.execute(
        "CREATE TRIGGER legal_step BEFORE UPDATE OF status ON samples FOR EACH ROW "
        "WHEN (OLD.status IS DISTINCT FROM NEW.status) EXECUTE FUNCTION guard_status()"
    )
    op.execute(
        "CREATE TRIGGER begins_as_draft BEFORE INSERT ON samples FOR EACH ROW "
        "WHEN (NEW.status <> 'draft') EXECUTE FUNCTION guard_beginning()"
    )
    op.execute(
        "CREATE CONSTRAINT TRIGGER keeps_an_approval AFTER UPDATE OF undone_at ON reviews "
        "DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION guard_approvals()"
    )
    for table in (*INSERT_ONLY, "phrasings", "reviews"):
        op.execute(
            f"CREATE TRIGGER no_truncate BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )


def downgrade() -> None:
    for name in FUNCTIONS:
        op.execute(f"DROP FUNCTION {name}() CASCADE")
