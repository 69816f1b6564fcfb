"""What may never happen, each as a query that must return no row: `engross doctor` asks the live database.

The numbers are those of docs/reliability.md. The first column of every query names the row that is wrong; no
query returns anything that a person wrote.
"""

from dataclasses import dataclass

from sqlalchemy import Connection, text


@dataclass(frozen=True, slots=True)
class Invariant:
    """One statement, and the query for its exceptions."""

    id: str
    statement: str
    sql: str


INVARIANTS = (
    Invariant(
        "I1",
        "Each submission is exactly one revision.",
        """
        SELECT 'sample ' || s.id FROM samples s
        WHERE (SELECT count(*) FROM revisions r WHERE r.sample_id = s.id) <> (
            SELECT count(*) FROM events e
            WHERE e.subject_type = 'sample' AND e.subject_id = s.id
                AND e.verb IN ('sample.submit', 'sample.edit', 'sample.import')
        )
        """,
    ),
    Invariant(
        "I1b",
        "What waits for a decision, or has one, is what its annotator or editor saved last.",
        """
        SELECT 'sample ' || s.id FROM samples s JOIN drafts d ON d.sample_id = s.id
        JOIN revisions r ON r.sample_id = s.id AND r.number = s.revision_count
        WHERE s.status IN ('submitted', 'approved', 'rejected') AND (
            d.number <> r.draft_number OR (d.output, d.evidence, d.clauses)
                IS DISTINCT FROM (r.output, r.evidence, r.clauses))
        """,
    ),
    Invariant(
        "I1c",
        "What was kept of a draft is older than the draft.",
        """
        SELECT 'draft_save ' || k.id FROM draft_saves k JOIN drafts d ON d.sample_id = k.sample_id
        WHERE k.number >= d.number
        """,
    ),
    Invariant(
        "I2",
        "Nobody decides on a text that they wrote, edited or imported.",
        """
        SELECT 'review ' || v.id FROM reviews v
        JOIN revisions r ON r.id = v.revision_id JOIN samples s ON s.id = r.sample_id
        WHERE v.reviewer_id IN (s.annotator_id, s.importer_id) OR EXISTS (
            SELECT FROM revisions written
            WHERE written.sample_id = s.id AND written.number <= r.number
                AND written.author_id = v.reviewer_id
        )
        """,
    ),
    Invariant(
        "I3a",
        "What was submitted has not changed since: output, contract and phrasing fit their hashes.",
        """
        SELECT 'revision ' || r.id FROM revisions r
        JOIN samples s ON s.id = r.sample_id JOIN tasks t ON t.id = s.task_id
        JOIN document_texts d ON d.id = t.text_id JOIN phrasings p ON p.id = t.phrasing_id
        WHERE r.output_sha256 <> sha256(convert_to(r.output, 'UTF8'))
            OR r.phrasing_sha256 <> sha256(convert_to(p.text, 'UTF8'))
            OR r.contract_sha256 <> d.sha256
        """,
    ),
    Invariant(
        "I3b",
        "A contract's text fits its hash.",
        """
        SELECT 'document_text ' || d.id FROM document_texts d
        WHERE d.sha256 <> sha256(convert_to(d.text, 'UTF8'))
        """,
    ),
    Invariant(
        "I3c",
        "Whatever is approved has an approval of its current revision that stands.",
        """
        SELECT 'sample ' || s.id FROM samples s
        WHERE s.status = 'approved' AND NOT EXISTS (
            SELECT FROM revisions r JOIN reviews v ON v.revision_id = r.id
            WHERE r.sample_id = s.id AND r.number = s.revision_count
                AND v.action = 'approve' AND v.undone_at IS NULL
        )
        """,
    ),
    # A lead may lower the overlap while people hold slots, which stay theirs: what was allowed once counts.
    Invariant(
        "I6",
        "At most as many slots of a task count as its project allows or ever allowed.",
        """
        SELECT 'task ' || t.id FROM tasks t
        JOIN projects p ON p.id = t.project_id JOIN slots l ON l.task_id = t.id
        WHERE l.state = 'held' OR (l.state = 'writing' AND l.lease_expires_at > clock_timestamp())
        GROUP BY t.id, p.id
        HAVING count(*) > greatest(p.overlap, (
            SELECT max(value::bigint) FROM events e,
                jsonb_array_elements_text(e.details -> 'changed' -> 'overlap')
            WHERE e.verb = 'project.change_policy' AND e.subject_type = 'project' AND e.subject_id = p.id
        ))
        """,
    ),
    Invariant(
        "I6b",
        "A slot is held exactly while its sample is handed in, sent back or approved.",
        """
        SELECT 'sample ' || s.id FROM samples s JOIN slots l ON l.id = s.slot_id
        WHERE (l.state = 'held') <> (s.status IN ('submitted', 'changes_requested', 'approved'))
        """,
    ),
    Invariant(
        "I6c",
        "Nobody holds more than one lease for writing in a project.",
        """
        SELECT 'user ' || l.user_id FROM slots l JOIN tasks t ON t.id = l.task_id
        WHERE l.state = 'writing' AND l.lease_expires_at > clock_timestamp()
        GROUP BY l.user_id, t.project_id HAVING count(*) > 1
        """,
    ),
    Invariant(
        "I6d",
        "A task counts the imported pairs that wait for review or are approved.",
        """
        SELECT 'task ' || t.id FROM tasks t
        LEFT JOIN samples s ON s.task_id = t.id AND s.import_id IS NOT NULL
            AND s.status IN ('submitted', 'approved')
        GROUP BY t.id HAVING count(s.id) <> t.imported_count
        """,
    ),
    Invariant(
        "I6e",
        "The queue passes over exactly the tasks all of whose places are held or taken by imported pairs.",
        """
        SELECT 'task ' || t.id FROM tasks t JOIN projects p ON p.id = t.project_id
        WHERE t.is_full <> (t.imported_count >= p.overlap - (
            SELECT count(*) FROM slots l WHERE l.task_id = t.id AND l.state = 'held'))
        """,
    ),
    Invariant(
        "I7a",
        "Revisions are numbered 1, 2, 3 with no gap.",
        """
        SELECT 'sample ' || s.id FROM samples s LEFT JOIN revisions r ON r.sample_id = s.id
        GROUP BY s.id
        HAVING count(r.id) <> s.revision_count OR coalesce(max(r.number), 0) <> count(r.id)
            OR coalesce(min(r.number), 1) <> 1
        """,
    ),
    Invariant(
        "I7b",
        "A sample's status is where its events lead, each from where the one before it ended.",
        """
        SELECT 'sample ' || s.id FROM samples s
        LEFT JOIN LATERAL (
            SELECT e.after, e.before, lag(e.after) OVER (ORDER BY e.id) AS previous,
                lead(e.id) OVER (ORDER BY e.id) IS NULL AS is_last
            FROM events e WHERE e.subject_type = 'sample' AND e.subject_id = s.id AND e.after IS NOT NULL
        ) step ON true
        WHERE step.before IS DISTINCT FROM step.previous OR (step.is_last AND step.after <> s.status)
            OR step.after IS NULL
        GROUP BY s.id
        """,
    ),
    Invariant(
        "I8",
        "Every document has a text, and a task for each instruction that it was to be put to.",
        """
        SELECT 'document ' || d.id FROM documents d
        WHERE NOT EXISTS (SELECT FROM document_texts x WHERE x.document_id = d.id)
            OR EXISTS (
                SELECT FROM instructions i JOIN phrasings p ON p.instruction_id = i.id
                LEFT JOIN tasks t ON t.document_id = d.id AND t.instruction_id = i.id
                WHERE i.project_id = d.project_id AND i.created_at <= d.created_at
                    AND p.retired_at IS NULL AND t.id IS NULL
            ) AND NOT EXISTS (
                -- What came with a pair has the task of that pair.
                SELECT FROM tasks t JOIN samples s ON s.task_id = t.id
                WHERE t.document_id = d.id AND s.import_id IS NOT NULL
            )
        """,
    ),
    Invariant(
        "I9",
        "Every decision and every revision has exactly one event, by its reviewer or its author.",
        """
        SELECT 'review ' || v.id FROM reviews v JOIN revisions r ON r.id = v.revision_id WHERE 1 <> (
            SELECT count(*) FROM events e
            WHERE e.subject_type = 'sample' AND e.subject_id = r.sample_id
                AND e.verb = 'sample.' || v.action AND e.details -> 'review' = to_jsonb(v.id)
                AND e.actor_id = v.reviewer_id
        )
        UNION ALL
        SELECT 'revision ' || r.id FROM revisions r WHERE 1 <> (
            SELECT count(*) FROM events e
            WHERE e.subject_type = 'sample' AND e.subject_id = r.sample_id
                AND e.details -> 'revision' = to_jsonb(r.number)
                AND (e.verb IN ('sample.submit', 'sample.edit') AND e.actor_id = r.author_id
                    OR e.verb = 'sample.import' AND r.author_id IS NULL)
        )
        """,
    ),
    Invariant(
        "I10",
        "A sample, its task, slot and document are of one project, and slot and sample of one person.",
        """
        SELECT 'sample ' || s.id FROM samples s
        JOIN tasks t ON t.id = s.task_id LEFT JOIN slots l ON l.id = s.slot_id
        JOIN documents d ON d.id = t.document_id JOIN instructions i ON i.id = t.instruction_id
        JOIN document_texts x ON x.id = t.text_id JOIN phrasings p ON p.id = t.phrasing_id
        WHERE s.project_id <> t.project_id OR d.project_id <> t.project_id OR i.project_id <> t.project_id
            OR l.task_id <> s.task_id OR l.user_id <> s.annotator_id
            OR x.document_id <> t.document_id OR p.instruction_id <> t.instruction_id
        """,
    ),
)

SHOWN = 5  # exceptions named of each; all of them are counted


@dataclass(frozen=True, slots=True)
class Broken:
    """An invariant that does not hold: how many rows break it, and the first of them."""

    invariant: Invariant
    count: int
    rows: tuple[str, ...]


def find_broken(connection: Connection) -> list[Broken]:
    """Ask every query; what comes back is what is wrong."""
    found = []
    for invariant in INVARIANTS:
        rows = connection.scalars(text(invariant.sql)).all()
        if rows:
            found.append(Broken(invariant, len(rows), tuple(sorted(rows)[:SHOWN])))
    return found
