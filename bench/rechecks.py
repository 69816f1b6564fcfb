"""The page of checks of a project with 6,720 samples and all that is found in them; and checking them again.

python -m bench rechecks
"""

import random
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial

from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from app import clock, database
from app.accounts.actors import OPERATOR
from app.accounts.models import User
from app.demo.content import HERE, load_contracts
from app.documents import finding
from app.main import create_app
from app.projects.models import Project
from app.rechecks import service
from bench.filling import scratch_database, tidy
from tests.factories import Factory
from tests.web.browsers import browser

COPIES, WRITERS = 2, 280  # of each of the demo's twelve contracts, and for each copy
CHECKED, FULL_CHECKED = 240, 2_000  # samples
ROUNDS = 9
GUARDED = ("slots", "samples", "revisions")
ALTERED, UNTRUE = (
    12,
    " It costs USD 77,777.",
)  # words of a summary, so that no two are alike; and what none says

# Handed in, with nothing found yet. Takes project, outputs; each writer's slots follow one another.
FILL = """
    INSERT INTO slots (task_id, user_id, state)
    SELECT tasks.id, members.user_id, 'held' FROM tasks JOIN members USING (project_id)
    WHERE project_id = :project AND role = 'annotator' ORDER BY user_id, tasks.id;
    INSERT INTO samples (
        project_id, task_id, slot_id, annotator_id, status, revision_count, submitted_at, created_at,
        updated_at
    )
    SELECT :project, task_id, id, user_id,
        (ARRAY['approved', 'submitted', 'approved', 'changes_requested', 'rejected'])[1 + id % 5],
        1, at, at, at
    FROM slots, LATERAL (SELECT timestamptz '2026-02-01' + id * interval '1 minute') AS times(at) ORDER BY id;
    INSERT INTO revisions (
        sample_id, number, author_id, draft_number, output, evidence, clauses, output_sha256, contract_sha256,
        phrasing_sha256, guidelines_version, clause_set_version, policy_version, attested_at, submitted_at
    )
    SELECT id, 1, annotator_id, 1, (CAST(:outputs AS text[]))[row_number() OVER (ORDER BY id)], '[]', '{}',
        sha256('1'), sha256('2'), sha256('3'), 1, 1, 1, submitted_at, submitted_at
    FROM samples ORDER BY id
"""
# What was found in the samples that were checked, as if all had been handed in with it: half of the warnings
# with a reason.
SPREAD = """
    CREATE TEMP TABLE found AS
    SELECT row_number() OVER (ORDER BY revision_id) - 1 AS n, findings, checked FROM rechecks;
    UPDATE revisions SET findings = found.findings, checked = found.checked,
        reasons = CASE id % 2 WHEN 0 THEN '{}' ELSE (
            SELECT coalesce(jsonb_object_agg(one->>'key', 'The side letter says so.'), '{}')
            FROM jsonb_array_elements(found.findings) one WHERE one->>'severity' = 'warning') END
    FROM found WHERE n = id % (SELECT count(*) FROM found);
    DELETE FROM rechecks;
    UPDATE check_runs SET finished_at = now()
"""
# A run over all of it, which finds one thing more in each tenth.
AGAIN = """
    INSERT INTO rechecks (revision_id, project_id, findings, checked, checked_at)
    SELECT id, :project, CASE id % 10 WHEN 0 THEN findings || jsonb_set(findings->0, '{key}', '"new"')
        ELSE findings END, checked, now() FROM revisions
"""
# The least that has to be read for the page: every finding of every newest revision, counted.
PLAIN = """
    SELECT finding->>'check', finding->>'severity', count(*), count(DISTINCT revisions.id)
    FROM revisions LEFT JOIN rechecks ON revision_id = revisions.id,
        jsonb_array_elements(coalesce(rechecks.findings, revisions.findings)) finding GROUP BY 1, 2
"""


def run(*, full: bool = False) -> dict[str, str]:
    """Samples a second of checking again; milliseconds of the page, and their ratio to SQL that counts."""
    with scratch_database() as engine:
        project, lead = _fill(engine)
        figures = dict(_check_again(project, FULL_CHECKED if full else CHECKED))
        _execute(engine, SPREAD)
        figures |= _pages(engine, project, lead, "as handed in")
        _execute(engine, AGAIN, project=project.id)
        return figures | dict(_pages(engine, project, lead, "checked again"))


def _fill(engine: Engine) -> tuple[Project, User]:
    with Session(engine, expire_on_commit=False) as session, session.begin():
        make = Factory(session)
        project = make.project(severities={})
        lead = make.lead(project)
        contracts = load_contracts().values()
        for copy in range(COPIES):
            for contract in contracts:
                words = (HERE / "contracts" / contract.file).read_text()
                document = make.document(project, text=f"{words}\n\nCopy {copy}.", title=contract.title)
                make.task(project, document=document)
        for _ in range(WRITERS):
            make.annotator(project)
        summaries = [contract.summaries for contract in contracts] * COPIES * WRITERS
        outputs = list(_altered([choices[n % len(choices)].output for n, choices in enumerate(summaries)]))
    _execute(engine, FILL, project=project.id, outputs=outputs)
    finding.catch_up()
    tidy(engine)
    return project, lead


def _altered(outputs: list[str]) -> Iterator[str]:
    """Each with some of its words replaced by words of all of them; the same at each run."""
    drawn, known = random.Random(7), sorted({word for output in outputs for word in output.split()})  # noqa: S311
    for output in outputs:
        words = output.split()
        for _ in range(ALTERED):
            words[drawn.randrange(len(words))] = drawn.choice(known)
        yield " ".join(words) + UNTRUE


def _execute(engine: Engine, statements: str, **values: object) -> None:
    """Run these as nobody who works here could: the guards, which look at single acts, sleep meanwhile."""
    with Session(engine) as session, session.begin():
        for statement in (
            *(f"ALTER TABLE {table} DISABLE TRIGGER USER" for table in GUARDED),
            *statements.split(";"),
            *(f"ALTER TABLE {table} ENABLE TRIGGER USER" for table in GUARDED),
        ):
            used = {name: value for name, value in values.items() if f":{name}" in statement}
            session.execute(text(statement), used)


def _check_again(project: Project, count: int) -> Iterator[tuple[str, str]]:
    with database.transaction() as session:
        run_id = service.start(session, project_slug=project.slug, actor=OPERATOR, at=clock.now()).id
    done, began = 0, time.perf_counter()
    while done < count:
        with database.transaction() as session:
            done = service.check_next(session, run_id, at=clock.now()).done
    yield f"{done:,} samples checked again", f"{done / (time.perf_counter() - began):.1f} samples/s"


def _pages(engine: Engine, project: Project, lead: User, when: str) -> Iterator[tuple[str, str]]:
    tidy(engine)
    path = f"/projects/{project.slug}/checks"
    asked = ("", "?check=facts", "?state=open", "?state=open&check=facts", "?state=new")
    with engine.connect() as connection, browser(create_app(), lead) as client:
        assert all(client.get(path + query).status_code == 200 for query in asked)
        found = sum(row[2] for row in connection.execute(text(PLAIN)))
        plain, *pages = _fastest(
            [
                lambda: connection.execute(text(PLAIN)).all(),
                *(partial(client.get, path + query) for query in asked),
            ]
        )
    yield f"{when}: {found:,} findings, counted by plain SQL", f"{plain:.0f} ms"
    for query, took in zip(asked, pages, strict=True):
        yield f"{when}: page {query}".rstrip(), f"{took:.0f} ms, {took / plain:.2f} of that"


def _fastest(acts: Sequence[Callable[[], object]]) -> list[float]:
    """Milliseconds of each at its fastest, in turns: what else a machine does makes the others longer."""
    times: list[list[float]] = [[] for _ in acts]
    for _ in range(ROUNDS):
        for act, taken in zip(acts, times, strict=True):
            began = time.perf_counter()
            act()
            taken.append((time.perf_counter() - began) * 1000)
    return [min(taken) for taken in times]
