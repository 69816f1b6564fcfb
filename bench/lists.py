"""How long lists take at 100,000 rows: each sort from the first page and from the middle, each filter.

python -m bench lists
"""

import statistics
import time
from typing import Any

from sqlalchemy import Select, select, text
from sqlalchemy.orm import Session
from starlette.testclient import TestClient

from app import paging
from app.accounts.models import User
from app.audit.models import Event
from app.documents import queries as documents
from app.documents.models import Document
from app.main import create_app
from app.projects.models import Member, Project
from app.samples import queries as samples
from app.samples.models import Sample
from app.tasks import queries as tasks
from app.tasks.models import Task
from app.work import queries as activity
from bench.filling import scratch_database, tidy
from tests.factories import Factory
from tests.web.browsers import browser

ROWS = 100_000
ROUNDS = 7

# As a long life of the project would leave it. Triggers are off meanwhile: they are not what is timed.
FILL = """
ALTER TABLE tasks DISABLE TRIGGER USER;
ALTER TABLE slots DISABLE TRIGGER USER;
ALTER TABLE samples DISABLE TRIGGER USER;
ALTER TABLE events DISABLE TRIGGER USER;
INSERT INTO documents (
    project_id, title, text_sha256, client, matter, contract_type, created_at, withdrawn_at)
SELECT :project, 'Master services agreement no. ' || n || ' between Harbour plc and Supplier ' || n % 997,
    sha256(convert_to(n::text, 'UTF8')), 'Client ' || n % 500, 'M-' || n % 5000,
    (ARRAY['Services', 'Lease', 'Licence', 'Loan'])[1 + n % 4],
    timestamptz '2026-01-01' + n * interval '1 minute',
    CASE WHEN n % 1000 = 0 THEN timestamptz '2026-06-01' END
FROM generate_series(1, :rows) n;
INSERT INTO document_texts (
    document_id, extractor, extractor_version, sha256, character_count, word_count, text, blocks)
SELECT id, 'plain', '1', text_sha256, 3000, 500, repeat(title || ' ', 40), '[]' FROM documents
WHERE project_id = :project;
INSERT INTO tasks (
    project_id, document_id, text_id, instruction_id, phrasing_id, priority, due_on, assignee_id)
SELECT :project, d.id, x.id, :instruction, :phrasing, d.id % 3,
    CASE WHEN d.id % 2 = 0 THEN date '2026-06-01' + (d.id % 300)::int END,
    CASE WHEN d.id % 10 = 0 THEN (:people)[1 + d.id % 20] END
FROM documents d JOIN document_texts x ON x.document_id = d.id WHERE d.project_id = :project ORDER BY d.id;
INSERT INTO slots (task_id, user_id, state)
SELECT t.id, (:people)[1 + (t.id + place * 7) % 20],
    (ARRAY['held', 'held', 'held', 'free', 'held'])[1 + (t.id / 10) % 5]
FROM tasks t CROSS JOIN generate_series(0, 1) place
WHERE t.project_id = :project AND CASE place WHEN 0 THEN t.id % 5 < 4 ELSE t.id % 5 = 0 END;
INSERT INTO samples (
    project_id, task_id, slot_id, annotator_id, status, revision_count, submitted_at, created_at, updated_at)
SELECT :project, task_id, slots.id, user_id,
    (ARRAY['approved', 'submitted', 'changes_requested', 'rejected', 'approved'])[1 + (task_id / 10) % 5], 1,
    timestamptz '2026-02-01' + slots.id * interval '1 minute',
    timestamptz '2026-02-01' + slots.id * interval '1 minute',
    timestamptz '2026-03-01' + (slots.id * 7919 % :rows) * interval '1 minute'
FROM slots JOIN tasks ON tasks.id = task_id WHERE tasks.project_id = :project ORDER BY slots.id;
INSERT INTO events (at, actor_id, actor_name, verb, project_id, subject_type, subject_id, before, after)
SELECT submitted_at, annotator_id, 'Somebody', 'sample.submit', project_id, 'sample', id, 'draft', 'submitted'
FROM samples WHERE project_id = :project ORDER BY id;
INSERT INTO events (at, actor_id, actor_name, verb, project_id, subject_type, subject_id)
SELECT timestamptz '2026-02-01', (:people)[1], 'Somebody', 'guidelines.publish', :project, 'guidelines', n
FROM generate_series(1, 20) n;
ALTER TABLE tasks ENABLE TRIGGER USER;
ALTER TABLE slots ENABLE TRIGGER USER;
ALTER TABLE samples ENABLE TRIGGER USER;
ALTER TABLE events ENABLE TRIGGER USER;
"""


def fill(session: Session, rows: int = ROWS) -> tuple[Project, User, list[str]]:
    """A project with so many rows of each kind; its lead, and its annotators' addresses."""
    make = Factory(session)
    project = make.project(overlap=2)
    instruction = project.instructions[0]
    people = [make.annotator(project) for _ in range(20)]
    lead = make.lead(project)
    session.add(Member(project_id=project.id, user_id=lead.id, role="annotator"))
    session.flush()
    values = {
        "project": project.id,
        "instruction": instruction.id,
        "phrasing": instruction.phrasings[0].id,
        "people": [person.id for person in people],
        "rows": rows,
    }
    for statement in filter(str.strip, FILL.split(";\n")):
        used = {name: value for name, value in values.items() if f":{name}" in statement}
        session.execute(text(statement), used)
    return project, lead, [person.email for person in people]


def far_cursor(session: Session, statement: Select[Any], order: paging.Order, sort: str) -> str:
    """A cursor in the middle of a list."""
    columns = [column for column, _ in order]
    directed = [column.desc() if sort.startswith("-") else column for column in columns]
    row = session.execute(
        statement.with_only_columns(*columns, maintain_column_froms=True)
        .order_by(*directed)
        .offset(ROWS // 2)
        .limit(1)
    ).one()
    return paging.encode(sort, *row)


def cases(session: Session, project: Project, people: list[str]) -> list[tuple[str, dict[str, str]]]:
    """Each list with each sort, from the first and from a far page, and with each filter."""
    searches: list[dict[str, str]] = [
        {"q": "77777"},
        {"q": "unheard of"},
        {"q": "harbour"},
        {"q": "agr serv"},
    ]
    lists: list[tuple[str, Select[Any], dict[str, paging.Order], list[dict[str, str]]]] = [
        (
            "documents",
            select(Document).where(Document.project_id == project.id),
            documents.ORDERS,
            [*searches, {"state": "active"}, {"state": "withdrawn"}, {"contract_type": "Lease"},
             {"contract_type": "Nothing"}],
        ),
        (
            "tasks",
            select(Task).join(Task.document).where(Task.project_id == project.id),
            tasks.ORDERS,
            [*searches, *({"state": state} for state in ("untouched", "withdrawn")),
             {"instruction": "summary"}, {"instruction": "none"}, {"assignee": people[0]},
             {"assignee": "nobody"}, {"priority": "2"}, {"priority": "7"}, {"due_before": "2026-06-02"},
             {"due_before": "2020-01-01"}],
        ),
        (
            "samples",
            select(Sample).join(Sample.task).join(Task.document).where(Sample.project_id == project.id),
            samples.ORDERS,
            [*searches, {"status": "approved"}, {"status": "draft"}, {"annotator": people[0]},
             {"annotator": "nobody@example.org"}, {"instruction": "summary"}, {"withdrawn": "true"}],
        ),
        (
            "activity",
            select(Event).where(Event.project_id == project.id),
            activity.ORDERS,
            [{"person": people[0]}, {"family": "guidelines"}, {"family": "release"}, {"day": "2026-02-03"},
             {"day": "2020-01-01"}],
        ),
    ]  # fmt: skip
    found = []
    for name, statement, orders, filters in lists:
        sorts = [sign + key for key in orders for sign in ("", "-")]
        for sort in sorts:
            far = far_cursor(session, statement, orders[sort.removeprefix("-")], sort)
            found += [(name, {"sort": sort}), (name, {"sort": sort, "cursor": far})]
            if sort in {"-created", "queue", "-at"}:  # what a list begins with
                found += [(name, {"sort": sort, **one}) for one in filters]
    return found


def run(*, full: bool = False) -> dict[str, str]:
    """Milliseconds of the whole page, the fastest of several answers: of each list the slowest way to ask for
    it (with `full` every one), and what a page of it takes where the project has little more."""
    with scratch_database() as engine:
        with Session(engine, expire_on_commit=False) as session, session.begin():
            project, lead, people = fill(session)
            small, small_lead, _ = fill(session, 100)
        tidy(engine)
        with Session(engine) as session:
            asked = cases(session, project, people)
        app = create_app()
        with browser(app, small_lead) as client:
            few = measure(client, small.slug, [(name, {}) for name in dict(asked)])
        with browser(app, lead) as client:
            taken = measure(client, project.slug, asked)
    shown = {}
    for listed in dict.fromkeys(name for name, _ in taken):
        times = {words: spent for (name, words), spent in taken.items() if name == listed}
        slowest = max(times, key=lambda words: times[words])
        shown[f"{listed} of a small project"] = f"{few[listed, '']:.0f} ms"
        shown[f"{listed}, half of {len(times)} ways to ask"] = f"{statistics.median(times.values()):.0f} ms"
        shown[f"{listed}, the slowest: {slowest}"] = f"{times[slowest]:.0f} ms"
        if full:
            shown |= {f"{listed}: {words}": f"{spent:.0f} ms" for words, spent in times.items()}
    return shown


def measure(
    client: TestClient, slug: str, asked: list[tuple[str, dict[str, str]]]
) -> dict[tuple[str, str], float]:
    """The fastest of some answers to each, in milliseconds, by list and what was asked.

    What else a machine does makes the others longer: a median would tell of that.
    """
    taken = {}
    for name, query in asked:
        times = []
        for _ in range(ROUNDS):
            began = time.perf_counter()
            answer = client.get(f"/projects/{slug}/{name}", params=query)
            times.append((time.perf_counter() - began) * 1000)
            assert answer.status_code == 200, answer.text[:500]
        words = " ".join(
            "a far page" if key == "cursor" else f"{key}={value}" for key, value in query.items()
        )
        taken[name, words] = min(times)
    return taken
