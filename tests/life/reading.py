"""What stands in the database, in the form that the oracle has it in; and a checksum of all rows."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Row, text

from app.database import Base
from tests.life.state import CLAUSES, Content
from tests.life.world import World

POLICY = ("overlap", "approvals", "reviewer_edits", "lease_minutes", "policy_version")
LEASES = (
    30,
    60,
    240,
)  # minutes that a policy of these tests says; which of them is told apart for many minutes
_LEFT = "extract(epoch FROM {} - clock_timestamp()) / 60"

Found = dict[str, Any]


@dataclass
class Names:
    """The oracle's names of rows that came since."""

    documents: dict[str, int] = field(default_factory=dict)
    samples: dict[str, int] = field(default_factory=dict)
    reviews: dict[str, list[int]] = field(default_factory=dict)  # of a sample, in their order


def content(output: str, clauses: dict[str, str]) -> Content:
    """A text with the name of its set of clauses."""
    return Content(output, next(name for name, states in CLAUSES.items() if states == clauses))


def lease(minutes: object) -> int | None:
    """The policy's length that a live lease was given; None where it has ended."""
    left = float(str(minutes)) if minutes is not None else 0.0
    return min(LEASES, key=lambda length: abs(length - left)) if left > 0 else None


def read(connection: Connection, world: World) -> tuple[Found, Names]:
    """Everything that the oracle speaks of, and the ids of rows by its names."""
    people = {user_id: who for who, user_id in world.users.items()}
    projects = {project_id: name for name, project_id in world.projects.items()}
    names = Names()
    found: Found = {
        name: _project(connection, project_id, people) for name, project_id in world.projects.items()
    }
    numbers: Counter[str] = Counter()
    withdrawn = "SELECT id, project_id, withdrawn_at IS NOT NULL AS withdrawn FROM documents ORDER BY id"
    for row in connection.execute(text(withdrawn)):
        name = projects[row.project_id]
        numbers[name] += 1
        names.documents[f"{name}{numbers[name]}"] = row.id
        found[name]["documents"][f"{name}{numbers[name]}"] = row.withdrawn
    disabled = connection.scalars(text("SELECT id FROM users WHERE disabled_at IS NOT NULL")).all()
    found["disabled"] = {people[user_id] for user_id in disabled}
    found["site"] = {}
    _samples(connection, people, names, found)
    _events(connection, people, projects, names, found)
    return found, names


def _project(connection: Connection, project_id: int, people: dict[int, str]) -> Found:
    def rows(sql: str) -> Sequence[Row[Any]]:
        return connection.execute(text(sql), {"id": project_id}).all()

    roles: dict[str, set[str]] = {}
    for user_id, role in rows("SELECT user_id, role FROM members WHERE project_id = :id"):
        roles.setdefault(people[user_id], set()).add(role)
    given = rows("SELECT user_id, guidelines_version FROM attestations WHERE project_id = :id")
    return {
        "policy": tuple(rows(f"SELECT {', '.join(POLICY)} FROM projects WHERE id = :id")[0]),  # noqa: S608
        "guidelines": rows("SELECT max(version) FROM guidelines WHERE project_id = :id")[0][0],
        "attested": {(people[user_id], version) for user_id, version in given},
        "roles": {who: frozenset(held) for who, held in roles.items()},
        "documents": {},
        "events": {},
    }


def _samples(connection: Connection, people: dict[int, str], names: Names, found: Found) -> None:
    documents = {document_id: name for name, document_id in names.documents.items()}
    left = _LEFT.format("l.lease_expires_at")
    for row in connection.execute(
        text(f"""
        SELECT s.id, s.annotator_id, t.document_id, s.status, l.state, {left} AS minutes,
            s.review_began_at IS NOT NULL AS began, d.number, d.output, d.clauses, d.author_id
        FROM samples s JOIN tasks t ON t.id = s.task_id JOIN slots l ON l.id = s.slot_id
        JOIN drafts d ON d.sample_id = s.id ORDER BY s.id
        """)  # noqa: S608
    ):
        key = f"{documents[row.document_id]}/{people[row.annotator_id]}"
        names.samples[key] = row.id
        author = people[row.author_id] if row.author_id else ""
        found[key] = {
            "status": row.status,
            "place": "held" if row.state == "held" else lease(row.minutes),
            "draft": (row.number, content(row.output, row.clauses), author),
            "kept": Counter(),
            "revisions": [],
            "leases": [],
            "reviews": [],
            "began": row.began,
            "events": [],
        }
    keys = {sample_id: key for key, sample_id in names.samples.items()}
    for row in connection.execute(
        text("SELECT sample_id, number, author_id, output, clauses FROM draft_saves")
    ):
        kept = people[row.author_id], content(row.output, row.clauses), row.number
        found[keys[row.sample_id]]["kept"][kept] += 1
    _revisions(connection, people, keys, names, found)


def _revisions(
    connection: Connection, people: dict[int, str], keys: dict[int, str], names: Names, found: Found
) -> None:
    at: dict[int, tuple[str, int]] = {}  # revision's id → (sample, place in its lists)
    for row in connection.execute(text("SELECT * FROM revisions ORDER BY sample_id, number")):
        sample = found[keys[row.sample_id]]
        at[row.id] = keys[row.sample_id], len(sample["revisions"])
        words = content(row.output, row.clauses)
        sample["revisions"].append(
            (people[row.author_id], words, row.draft_number, row.guidelines_version, row.policy_version)
        )
        sample["leases"].append({})
        sample["reviews"].append([])
    left = _LEFT.format("expires_at")
    leases = f"SELECT revision_id, reviewer_id, {left} AS minutes FROM review_leases"  # noqa: S608
    for row in connection.execute(text(leases)):
        if minutes := lease(row.minutes):
            key, index = at[row.revision_id]
            found[key]["leases"][index][people[row.reviewer_id]] = minutes
    for row in connection.execute(text("SELECT * FROM reviews ORDER BY revision_id, id")):
        key, index = at[row.revision_id]
        found[key]["reviews"][index].append((people[row.reviewer_id], row.action, row.undone_at is not None))
        names.reviews.setdefault(key, []).append(row.id)


def _events(
    connection: Connection, people: dict[int, str], projects: dict[int, str], names: Names, found: Found
) -> None:
    keys = {sample_id: key for key, sample_id in names.samples.items()}
    for row in connection.execute(text("SELECT * FROM events WHERE verb <> 'token.create' ORDER BY id")):
        who = people[row.actor_id] if row.actor_id else row.actor_name
        if row.subject_type == "sample":
            found[keys[row.subject_id]]["events"].append((row.verb, who))
            continue
        counted = found[projects[row.project_id]]["events"] if row.project_id else found["site"]
        counted[row.verb, who] = counted.get((row.verb, who), 0) + 1


# When a token was last used is noted with refused calls too.
_TABLES = sorted(set(Base.metadata.tables) - {"api_tokens"})
_CHECKSUMS = text(
    " UNION ALL ".join(
        f"SELECT '{name}', count(*), coalesce(sum(hashtextextended(row::text, 0)), 0) FROM {name} row"  # noqa: S608
        for name in _TABLES
    )
)


def checksums(connection: Connection) -> dict[str, tuple[int, int]]:
    """The count and the sum of the hashes of each table's rows."""
    return {name: (rows, total) for name, rows, total in connection.execute(_CHECKSUMS)}
