"""A project's insights over 100,000 samples: how long the page and the API's answer take on the server.

python -m bench.insights
"""

import statistics
import time
from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine, text
from sqlalchemy.orm import Session
from starlette.testclient import TestClient

from app.accounts.models import User
from app.main import create_app
from app.projects.models import Project
from bench.filling import scratch_database, tidy
from tests.factories import Factory
from tests.faults.office import CONTRACTS
from tests.web.browsers import browser, program

SAMPLES = 100_000
WRITERS, REVIEWERS = 12, 4
ROUNDS = 15
GUARDED = ("slots", "samples", "drafts", "revisions", "reviews")

# A year's work as the use cases would leave it: of 20 samples 14 are approved (each third of them after it
# was sent back once), the others stand in every other status; 2 of 100 contracts are withdrawn. There are no
# events, which nothing here reads; and the guards sleep meanwhile.
PLAN = """
    CREATE TEMP TABLE plan AS
    SELECT task_id, slots.id AS slot_id, slots.user_id AS writer,
        (CAST(:reviewers AS bigint[]))[1 + n % cardinality(CAST(:reviewers AS bigint[]))] AS reviewer,
        now() - interval '365 days' * (1 - n / CAST(:count AS float)) - interval '5 days' AS began,
        (ARRAY['draft', 'skipped', 'submitted', 'submitted', 'changes_requested', 'rejected'])[1 + n % 20]
            AS other,
        CASE WHEN n % 20 IN (0, 1) THEN 0 WHEN n % 3 = 0 AND n % 20 > 5 THEN 2 ELSE 1 END AS rounds, n
    FROM (SELECT *, row_number() OVER (ORDER BY task_id) AS n FROM slots) slots
"""
FILL = (
    """
    INSERT INTO slots (task_id, user_id, state)
    SELECT id, (CAST(:writers AS bigint[]))[1 + id % cardinality(CAST(:writers AS bigint[]))], 'free'
    FROM tasks WHERE project_id = :project
    """,
    PLAN,
    """
    INSERT INTO samples (
        project_id, task_id, slot_id, annotator_id, status, revision_count, submitted_at, created_at,
        updated_at
    )
    SELECT :project, task_id, slot_id, writer, coalesce(other, 'approved'), rounds,
        CASE WHEN rounds > 0 THEN began + interval '30 hours' * rounds END, began,
        began + interval '30 hours' * rounds + interval '10 hours'
    FROM plan ORDER BY n
    """,
    """
    INSERT INTO revisions (
        sample_id, number, author_id, draft_number, output, evidence, clauses, output_sha256, contract_sha256,
        phrasing_sha256, guidelines_version, clause_set_version, policy_version, attested_at, submitted_at
    )
    SELECT s.id, number, writer, number, repeat('An agreed word', 10 + CAST(random() * 40 AS int)),
        '[{"clause": "term", "document": {"start": 0, "end": 9, "quote": "The term is three (3) years."}}]',
        '{"term": "covered"}', sha256('1'), sha256('2'), sha256('3'), 1, 1, 1, now(),
        began + interval '1 hour' * (n % 29) + interval '30 hours' * (number - 1)
    FROM plan JOIN samples s ON s.slot_id = plan.slot_id, generate_series(1, rounds) number ORDER BY n, number
    """,
    """
    INSERT INTO reviews (revision_id, reviewer_id, action, reason, created_at)
    SELECT r.id, reviewer,
        CASE WHEN number < rounds OR other = 'changes_requested' THEN 'request_changes'
            WHEN other = 'rejected' THEN 'reject' ELSE 'approve' END,
        'The liability cap is in clause 7.2: say its amount.', r.submitted_at + interval '1 hour' * (n % 17)
    FROM plan JOIN samples s ON s.slot_id = plan.slot_id JOIN revisions r ON r.sample_id = s.id
    WHERE number < rounds OR other IS DISTINCT FROM 'submitted' ORDER BY n, number
    """,
    "UPDATE documents SET withdrawn_at = now() WHERE id % 50 = 0",
)


def _fill(engine: Engine) -> tuple[Project, User]:
    with Session(engine, expire_on_commit=False) as session, session.begin():
        make = Factory(session)
        project = make.project()
        instruction = project.instructions[0]
        values = {
            "project": project.id,
            "count": SAMPLES,
            "instruction": instruction.id,
            "phrasing": instruction.phrasings[0].id,
            "writers": [make.annotator(project).id for _ in range(WRITERS)],
            "reviewers": [make.reviewer(project).id for _ in range(REVIEWERS)],
        }
        lead = make.lead(project)
        session.execute(CONTRACTS, values)
        for statement in (
            *(f"ALTER TABLE {table} DISABLE TRIGGER USER" for table in GUARDED),
            *FILL,
            *(f"ALTER TABLE {table} ENABLE TRIGGER USER" for table in GUARDED),
        ):
            session.execute(text(statement), values)
    return project, lead


def _median(client: TestClient, path: str) -> float:
    """Milliseconds of an answer at half of several times, the first one left out."""
    times = []
    for _ in range(ROUNDS + 1):
        began = time.perf_counter()
        answer = client.get(path)
        times.append((time.perf_counter() - began) * 1000)
        assert answer.status_code == 200, answer.text[:500]
    return round(statistics.median(times[1:]), 1)


def run(*, full: bool = False) -> dict[str, str]:  # noqa: ARG001 -- it has one size
    """Milliseconds, each the median of several requests to the application in this process."""
    with scratch_database() as engine:
        project, lead = _fill(engine)
        tidy(engine)
        app = create_app()
        page, api = browser(app, lead), program(app, lead)
        path = f"/projects/{project.slug}/insights"
        whole = f"?since={(datetime.now(UTC) - timedelta(days=375)).date()}&by=week"
        with page, api:
            measured = {
                "page, 12 weeks": _median(page, path),
                "call, 12 weeks": _median(api, f"/api/v1{path}"),
                "page, a year": _median(page, path + whole),
                "call, a year": _median(api, f"/api/v1{path}{whole}"),
            }
    return {f"{SAMPLES:,} samples: {what}, p50": f"{time:.0f} ms" for what, time in measured.items()}
