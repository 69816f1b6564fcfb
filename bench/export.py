"""How fast approved pairs leave, against COPY of the same rows in the same run, and what memory it takes.

`engross serve` runs as a person would run it, on its own Postgres with fsync and a data directory on disk.
"""

import re
import statistics
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from http.client import HTTPConnection
from pathlib import Path
from subprocess import DEVNULL, Popen
from tempfile import TemporaryDirectory

import psycopg
from sqlalchemy import Engine, make_url
from sqlalchemy.orm import Session

from app.accounts import tokens
from app.accounts.models import User
from app.database import make_engine
from app.projects.models import Project
from tests.factories import Factory
from tests.servers import Server, environment

ROWS, FULL_ROWS = 20_000, 100_000
TIMES = 3  # medians of so many
MEGABYTE = 1_000_000

# As a year of work would leave them, set by set; the guards, which look at single acts, sleep meanwhile.
GUARDED = ("documents", "document_texts", "tasks", "slots", "samples", "revisions", "reviews")
SLEEP = ";".join(f"ALTER TABLE {table} DISABLE TRIGGER USER" for table in GUARDED)
WAKE = SLEEP.replace("DISABLE", "ENABLE")
FILL = """
INSERT INTO documents (project_id, title, text_sha256)
    SELECT {project}, 'Contract ' || n, sha256(('Contract ' || n)::bytea) FROM generate_series(1, {count}) n;
INSERT INTO document_texts (
        document_id, extractor, extractor_version, sha256, character_count, word_count, text, blocks
    )
    SELECT d.id, 'plain', '1', d.text_sha256, 8000, 1250, left(string_agg(
        format(E'%s.%s Liability – the Supplier’s “Cap”\\n\\nSubject to Section %s, the aggregate liability '
            'of either party under this Agreement (reference %s) shall not exceed USD %s in a Contract Year.',
            n / 9, n % 9, n + 2, md5(d.id * 100 + n || ''), d.id * n * 7919 % 9000000),
        E'\\n\\n'), 8000), '[]'
    FROM documents d, generate_series(9, 48) n WHERE d.project_id = {project} GROUP BY d.id;
INSERT INTO tasks (project_id, document_id, text_id, instruction_id, phrasing_id)
    SELECT {project}, t.document_id, t.id, i.id, p.id
    FROM document_texts t JOIN documents d ON d.id = t.document_id AND d.project_id = {project},
        instructions i JOIN phrasings p ON p.instruction_id = i.id WHERE i.project_id = {project};
INSERT INTO slots (task_id, user_id, state)
    SELECT id, {annotator}, 'held' FROM tasks WHERE project_id = {project};
INSERT INTO samples (project_id, task_id, slot_id, annotator_id, status, revision_count, submitted_at)
    SELECT {project}, s.task_id, s.id, {annotator}, 'approved', 1, now()
    FROM slots s JOIN tasks t ON t.id = s.task_id WHERE t.project_id = {project};
INSERT INTO revisions (
        sample_id, number, author_id, draft_number, output, evidence, clauses, output_sha256,
        contract_sha256, phrasing_sha256, guidelines_version, clause_set_version, policy_version
    )
    SELECT s.id, 1, {annotator}, 1, left(t.text, 800), '[]',
        '{{"term": "covered", "governing_law": "absent"}}', t.sha256, t.sha256, t.sha256, 1, 1, 1
    FROM samples s JOIN tasks k ON k.id = s.task_id JOIN document_texts t ON t.id = k.text_id
    WHERE s.project_id = {project};
INSERT INTO reviews (revision_id, reviewer_id, action)
    SELECT r.id, {reviewer}, 'approve'
    FROM revisions r JOIN samples s ON s.id = r.sample_id WHERE s.project_id = {project};
"""

# What an export has to carry at the least: the wording, the contract and the output of each approved sample.
COPY = """
COPY (
    SELECT p.text, t.text, r.output FROM samples s
    JOIN revisions r ON r.sample_id = s.id AND r.number = s.revision_count
    JOIN tasks k ON k.id = s.task_id
    JOIN document_texts t ON t.id = k.text_id
    JOIN phrasings p ON p.id = k.phrasing_id
    WHERE s.project_id = {project} AND s.status = 'approved'
    ORDER BY k.document_id, s.id
) TO STDOUT
"""


def run(*, full: bool) -> dict[str, str]:
    """Figures by name. Raises FileNotFoundError where there is no /proc: memory is read from there."""
    figures = {}
    with TemporaryDirectory(prefix="engross-bench-") as name:
        Path(name).chmod(0o711)  # root's Postgres runs as somebody else
        server = Server(Path(name) / "data")
        try:
            for rows in (ROWS, FULL_ROWS) if full else (ROWS,):
                figures |= {f"{rows:,} rows: {what}": said for what, said in _measure(server, rows).items()}
        finally:
            server.destroy()
    return figures


def _measure(server: Server, rows: int) -> dict[str, str]:
    engine = make_engine(server.database_url)
    project, token = _fill(engine, rows)
    copied = _median(lambda: _copy(engine, project))
    figures = {"COPY": f"{copied:.0f} MB/s"}
    for what, export in {
        "HTTP, instruction": lambda: _download(server, project, token, "format=instruction"),
        "HTTP, messages with metadata": lambda: _download(
            server, project, token, "format=messages&with_metadata=true"
        ),
        "command, instruction, after its start": lambda: _command(server, project),
    }.items():
        growths: list[float] = []
        speed = _median(export, growths)
        figures[what] = f"{speed:.0f} MB/s, ratio {speed / copied:.2f}, memory +{max(growths):.0f} MB"
    engine.dispose()
    return figures


def _fill(engine: Engine, rows: int) -> tuple[Project, str]:
    """A project of its own with so many approved samples, and the token of its engineer."""
    with Session(engine, expire_on_commit=False) as session, session.begin():
        make = Factory(session)
        project = make.project(system_prompt="You write summaries of contracts.")
        people = {"annotator": make.annotator(project).id, "reviewer": make.reviewer(project).id}
        driver = session.connection().connection.driver_connection
        assert isinstance(driver, psycopg.Connection)
        for statements in (SLEEP, FILL.format(project=project.id, count=rows, **people), WAKE):
            driver.execute(statements)
        engineer: User = make.engineer(project)
        token = tokens.create(
            session, user=engineer, name="bench", scopes=(), days=1, actor=engineer, at=datetime.now(UTC)
        )[1]
    with psycopg.connect(_dsn(engine), autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")
    return project, token


def _dsn(engine: Engine) -> str:
    return make_url(engine.url).set(drivername="postgresql").render_as_string(hide_password=False)


Measured = tuple[int, float, float]  # bytes, seconds, growth of memory in bytes


def _median(measure: Callable[[], Measured], growths: list[float] | None = None) -> float:
    """Megabytes a second, the median of some runs; each run's growth of memory is added to `growths`."""
    speeds = []
    for _ in range(TIMES):
        size, seconds, growth = measure()
        speeds.append(size / seconds / MEGABYTE)
        if growths is not None:
            growths.append(growth / MEGABYTE)
    return statistics.median(speeds)


def _copy(engine: Engine, project: Project) -> Measured:
    with psycopg.connect(_dsn(engine)) as connection, connection.cursor() as cursor:
        began = time.perf_counter()
        with cursor.copy(COPY.format(project=project.id)) as rows:
            size = sum(len(piece) for piece in rows)
        return size, time.perf_counter() - began, 0


def _download(server: Server, project: Project, token: str, query: str) -> Measured:
    (web,) = [pid for pid, said in server.processes().items() if "web_process" in said]
    before = _memory(web, "VmRSS")
    _forget_peak(web)
    connection = HTTPConnection("127.0.0.1", int(server.port))
    began = time.perf_counter()
    path = f"/api/v1/projects/{project.slug}/export?{query}"
    connection.request("GET", path, headers={"Authorization": f"Bearer {token}"})
    answer, size = connection.getresponse(), 0
    assert answer.status == 200, answer.read()
    while piece := answer.read(256 * 1024):
        size += len(piece)
    seconds = time.perf_counter() - began
    connection.close()
    return size, seconds, _memory(web, "VmHWM") - before


def _command(server: Server, project: Project) -> Measured:
    """`engross export` to a file, from the moment in which it opens that: what comes before is its start."""
    out = server.data_dir.parent / "out.jsonl"
    arguments = [sys.executable, "-m", "app.cli", "export", project.slug, "--output", str(out)]
    settings = environment(server.data_dir, DATABASE_URL=server.database_url)
    process = Popen(arguments, env=settings, stdout=DEVNULL)
    began, before, peak = 0.0, 0, 0
    while process.poll() is None:
        peak = max(peak, _memory(process.pid, "VmHWM"))
        if not began and list(out.parent.glob(f".{out.name}.*")):
            began, before = time.perf_counter(), peak
        time.sleep(0.01)
    seconds, size = time.perf_counter() - began, out.stat().st_size
    out.unlink()
    return size, seconds, peak - before


def _memory(pid: int, what: str) -> int:
    """Bytes, from /proc: VmRSS is what a process holds now, VmHWM the most that it held."""
    found = re.search(rf"{what}:\s*(\d+) kB", Path(f"/proc/{pid}/status").read_text(encoding="ascii"))
    return int(found[1]) * 1024 if found else 0  # a process that has just ended holds nothing


def _forget_peak(pid: int) -> None:
    Path(f"/proc/{pid}/clear_refs").write_text("5", encoding="ascii")
