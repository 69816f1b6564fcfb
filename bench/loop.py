"""The annotators' loop, "next, one save, submit": loops a second, what a call takes, and what a loop costs.

`engross serve` runs as a person would run it, on its own Postgres with fsync and a data directory on disk.
Client, app and Postgres share the machine. Beside it runs the same work in plain SQL, by as many threads.
"""

import json
import os
import statistics
import subprocess
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.client import HTTPConnection
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
from sqlalchemy.orm import Session

from app.accounts import tokens
from app.database import make_engine
from app.embedded.server import find_postmaster
from bench.filling import CONTRACTS, dsn
from tests.factories import SUMMARY, Factory
from tests.servers import Server

TASKS = 20_000
PEOPLE = (1, 8, 32)
SECONDS, WARM_UP = 15.0, 3.0
THINKING = 1.0
CLAUSES = {"term": "covered", "governing_law": "covered"}
TICKS = os.sysconf("SC_CLK_TCK")
Act = Callable[[int], None]  # one loop of the person of this number

# What a loop writes at the least, with the guards of the database at work.
NEXT = """
    SELECT t.id FROM tasks t
    WHERE t.project_id = %(project)s AND NOT EXISTS (SELECT FROM slots l WHERE l.task_id = t.id)
    ORDER BY t.priority, t.document_id, t.id LIMIT 1 FOR UPDATE SKIP LOCKED
"""
# Looked at again under the lock: somebody may have had the task since the statement before began.
CLAIM = """
    WITH slot AS (
        INSERT INTO slots (task_id, user_id, state, lease_expires_at)
        SELECT %(task)s, %(person)s, 'writing', now() + interval '1 hour'
        WHERE NOT EXISTS (SELECT FROM slots WHERE task_id = %(task)s) RETURNING id
    )
    INSERT INTO samples (project_id, task_id, slot_id, annotator_id)
    SELECT %(project)s, %(task)s, id, %(person)s FROM slot RETURNING id, slot_id
"""
BEGIN = """
    WITH draft AS (INSERT INTO drafts (sample_id) VALUES (%(sample)s))
    INSERT INTO events (verb, subject_type, subject_id, project_id, actor_id, actor_name, at, after)
    VALUES ('sample.start', 'sample', %(sample)s, %(project)s, %(person)s, 'Bench', now(), 'draft')
"""
CONTRACT = "SELECT text, blocks FROM document_texts x JOIN tasks t ON t.text_id = x.id WHERE t.id = %(task)s"
SAVE = """
    UPDATE drafts SET output = %(output)s, clauses = %(clauses)s, number = number + 1, editor = 'bench',
        author_id = %(person)s, saved_at = now() WHERE sample_id = %(sample)s
"""
RENEW = "UPDATE slots SET lease_expires_at = now() + interval '1 hour' WHERE id = %(slot)s"
HOLD = "UPDATE slots SET state = 'held', lease_expires_at = NULL WHERE id = %(slot)s"
REVISE = """
    INSERT INTO revisions (sample_id, number, author_id, draft_number, output, evidence, clauses,
        output_sha256, contract_sha256, phrasing_sha256, guidelines_version, clause_set_version,
        policy_version, attested_at)
    SELECT d.sample_id, 1, %(person)s, d.number, d.output, d.evidence, d.clauses,
        sha256(convert_to(d.output, 'UTF8')), x.sha256, sha256(convert_to(p.text, 'UTF8')), 1, 1, 1, now()
    FROM drafts d JOIN samples s ON s.id = d.sample_id JOIN tasks t ON t.id = s.task_id
        JOIN document_texts x ON x.id = t.text_id JOIN phrasings p ON p.id = t.phrasing_id
    WHERE d.sample_id = %(sample)s
"""
SUBMIT = """
    WITH event AS (
        INSERT INTO events (verb, subject_type, subject_id, project_id, actor_id, actor_name, at, before,
            after, details)
        VALUES ('sample.submit', 'sample', %(sample)s, %(project)s, %(person)s, 'Bench', now(), 'draft',
            'submitted', '{"revision": 1}')
    )
    UPDATE samples SET status = 'submitted', revision_count = 1, submitted_at = now() WHERE id = %(sample)s
"""


@dataclass
class Office:
    """A project with contracts that wait, and those who write."""

    project_id: int
    slug: str
    people: list[int]
    tokens: list[str]


@dataclass
class Measured:
    """What a run came to. Times are in seconds."""

    seconds: float
    loops: int = 0
    calls: dict[str, list[float]] = field(default_factory=dict)
    processor: float = 0.0


def run(*, full: bool) -> dict[str, str]:
    """Figures by name. `full` adds people who think for a second between two calls."""
    figures: dict[str, str] = {}
    for people in PEOPLE:
        figures |= _on_a_server_of_its_own(people, think=0.0)
    if full:
        figures |= _on_a_server_of_its_own(32, think=THINKING)
    return figures


def _on_a_server_of_its_own(people: int, *, think: float) -> dict[str, str]:
    with TemporaryDirectory(prefix="engross-bench-") as name:
        Path(name).chmod(0o711)  # root's Postgres runs as somebody else
        server = Server(Path(name) / "data", "--workers", "2", "--no-worker", LOG_LEVEL="WARNING")
        try:
            app = _measure(server, people, _through_the_app, think=think)
            plain = None if think else _measure(server, people, _in_plain_sql)
        finally:
            server.destroy()
    called = f"{people} at work" + (f", {think:.0f} s of thought between calls" if think else "")
    figures = {
        f"{called}: loops/s": f"{app.loops / app.seconds:.1f}"
        + (
            f", {app.loops / app.seconds / (plain.loops / plain.seconds):.2f} of plain SQL's" if plain else ""
        ),
        f"{called}: processor time a loop, app and Postgres": f"{app.processor / app.loops * 1000:.1f} ms"
        + (f" (plain SQL {plain.processor / plain.loops * 1000:.1f} ms)" if plain else ""),
    }
    for call, seconds in app.calls.items():
        cut = statistics.quantiles(seconds, n=100)
        figures[f"{called}: {call}, p50 and p99"] = f"{cut[49] * 1000:.1f} and {cut[98] * 1000:.1f} ms"
    return figures


def _measure(
    server: Server, people: int, make: Callable[[Server, Office, Measured], Act], *, think: float = 0.0
) -> Measured:
    office = _open_office(server, people)
    measured = Measured(0.0)
    act = make(server, office, measured)
    running, counting = threading.Event(), threading.Event()
    loops = count()
    running.set()

    def work(number: int) -> None:
        while running.is_set():
            act(number)
            if counting.is_set():
                next(loops)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(people)]
    for thread in threads:
        thread.start()
    time.sleep(WARM_UP + think)
    before, began = _processor_time(server), time.perf_counter()
    measured.calls.clear()
    counting.set()
    time.sleep(SECONDS)
    counting.clear()
    measured.seconds = time.perf_counter() - began
    measured.processor = _processor_time(server) - before
    calls = {call: list(seconds) for call, seconds in measured.calls.items()}
    running.clear()
    for thread in threads:
        thread.join()
    measured.loops, measured.calls = next(loops), calls
    return measured


def _through_the_app(server: Server, office: Office, measured: Measured) -> Act:
    connections = [HTTPConnection("127.0.0.1", int(server.port)) for _ in office.people]

    def call(number: int, name: str, method: str, path: str, body: object) -> dict[str, object]:
        began = time.perf_counter()
        connections[number].request(
            method,
            f"/api/v1{path}",
            json.dumps(body),
            {"Authorization": f"Bearer {office.tokens[number]}", "Content-Type": "application/json"},
        )
        answer = connections[number].getresponse()
        content = answer.read()
        measured.calls.setdefault(name, []).append(time.perf_counter() - began)
        assert answer.status == 200, content[:500]
        found: dict[str, object] = json.loads(content)
        return found

    def act(number: int) -> None:
        sample = call(number, "next", "POST", f"/projects/{office.slug}/queue/writing", {})
        path = f"/samples/{sample['id']}"
        text = {"output": SUMMARY, "clauses": CLAUSES, "based_on": 0, "editor": "bench"}
        call(number, "save", "PUT", f"{path}/draft", text)
        call(number, "submit", "POST", f"{path}/submission", {"based_on": 1, "reasons": {}})

    return act


def _in_plain_sql(server: Server, office: Office, _measured: Measured) -> Act:
    connections = [psycopg.connect(dsn(server.database_url)) for _ in office.people]

    def act(number: int) -> None:
        connection, person = connections[number], office.people[number]
        named: dict[str, object] = {"project": office.project_id, "person": person}
        taken = None
        while taken is None:
            (named["task"],) = connection.execute(NEXT, named).fetchone() or (None,)
            taken = connection.execute(CLAIM, named).fetchone()
        named |= {"sample": taken[0], "slot": taken[1]}
        connection.execute(BEGIN, named)
        connection.execute(CONTRACT, named).fetchone()
        connection.commit()
        connection.execute(SAVE, named | {"output": SUMMARY, "clauses": json.dumps(CLAUSES)})
        connection.execute(RENEW, named)
        connection.commit()
        for statement in (HOLD, REVISE, SUBMIT):
            connection.execute(statement, named)
        connection.commit()

    return act


def _open_office(server: Server, people: int) -> Office:
    engine = make_engine(server.database_url)
    with Session(engine, expire_on_commit=False) as session, session.begin():
        make = Factory(session)
        project = make.project()
        writers = [make.annotator(project) for _ in range(people)]
        made = [
            tokens.create(
                session, user=user, name="bench", scopes=(), days=1, actor=user, at=datetime.now(UTC)
            )[1]
            for user in writers
        ]
        instruction = project.instructions[0]
        wanted = {"project": project.id, "count": TASKS, "instruction": instruction.id}
        wanted["phrasing"] = instruction.phrasings[0].id
        office = Office(project.id, project.slug, [user.id for user in writers], made)
    engine.dispose()
    with psycopg.connect(dsn(server.database_url), autocommit=True) as connection:
        connection.execute(CONTRACTS, wanted)
        connection.execute("VACUUM ANALYZE")
    return office


def postgres_processes(server: Server) -> list[int]:
    """The ids of the server's own Postgres and of all that it runs."""
    postmaster = find_postmaster(server.cluster)
    assert postmaster is not None
    listed = ["ps", "-o", "pid=", "--ppid", str(postmaster.pid)]
    backends = subprocess.run(listed, capture_output=True, text=True, check=True).stdout.split()
    return [postmaster.pid, *map(int, backends)]


def _processor_time(server: Server) -> float:
    """Seconds of processor time that the app's and Postgres's living processes have had so far."""
    web = [pid for pid, arguments in server.processes().items() if "web_process" in arguments]
    spent = 0
    for pid in (*postgres_processes(server), *web):
        with suppress(FileNotFoundError):
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            spent += int(fields[11]) + int(fields[12])
    return spent / TICKS
