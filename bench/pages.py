"""What a page takes on the server, and weighs when it is opened for the first time, compressed.

The pages of writers and reviewers, with contracts of 60,000 and 338,000 characters. Lists of 100,000 rows
are measured by `bench.lists`.
"""

import gzip
import os
import re
import statistics
import time
from collections.abc import Iterator

from sqlalchemy.orm import Session
from starlette.testclient import TestClient

from app import clock, database
from app.accounts.models import User
from app.documents.extraction import from_plain_text
from app.documents.rules import Metadata
from app.documents.service import Contract, Original, add_documents
from app.main import create_app
from app.projects.models import Project
from app.samples import submission
from app.samples.models import Sample
from app.tasks.making import ToPut, make_tasks
from bench.filling import long_text, scratch_database
from tests.factories import Factory
from tests.web.browsers import browser

LENGTHS = (60_000, 338_000)
ROUNDS = 15
FILE = re.compile(r'"(/static/[^"]+)"')
IMPORTED = re.compile(r"""(?:from|import)\s*["'](\.{1,2}/[^"']+)["']|url\(["']?([^"')]+)["']?\)""")


def run(*, full: bool = False) -> dict[str, str]:  # noqa: ARG001 -- it has one size
    """Milliseconds at half of several requests, and kilobytes: of all, and besides the contract."""
    with scratch_database():
        return dict(_measured())


def _measured() -> Iterator[tuple[str, str]]:
    app = create_app()
    with Session(database.get_engine(), expire_on_commit=False) as session, session.begin():
        make = Factory(session)
        project = make.project()
        writer, reviewer = make.annotator(project), make.reviewer(project)
        drafts = [add_sample(make, project, writer, length, seed=1) for length in LENGTHS]
        handed_in = [add_sample(make, project, make.annotator(project), length, seed=2) for length in LENGTHS]
        for sample in handed_in:
            submission.submit(
                session,
                sample_id=sample.id,
                based_on=1,
                reasons={},
                actor=session.get_one(User, sample.annotator_id),
                at=clock.now(),
            )
    with browser(app) as visitor:
        yield _page(visitor, "sign-in", "/sign-in")
    with browser(app, writer) as client:
        yield _page(client, "My work", "/")
        for length, sample in zip(LENGTHS, drafts, strict=True):
            yield _page(client, f"writing, {length:,} characters", f"/samples/{sample.id}", length)
    with browser(app, reviewer) as client:
        for length, sample in zip(LENGTHS, handed_in, strict=True):
            yield _page(client, f"reviewing, {length:,} characters", f"/samples/{sample.id}/review", length)


def add_sample(make: Factory, project: Project, writer: User, length: int, *, seed: int) -> Sample:
    """A draft of the writer's for a contract of that many characters, read as an imported one."""
    text = long_text(length, seed)
    contract = Contract(
        from_plain_text(text), Original("a.txt", "0" * 64, len(text), "text/plain"), "A contract", Metadata()
    )
    (added,) = add_documents(make.session, [contract], project=project, actor=writer, at=clock.now())
    assert added.text is not None
    (task,) = make_tasks(make.session, [ToPut(added.document, added.text.id)], at=clock.now())
    return make.sample(project, annotator=writer, task=task)


def _page(client: TestClient, name: str, path: str, characters: int = 0) -> tuple[str, str]:
    times = []
    for _ in range(ROUNDS + 1):
        began = time.perf_counter()
        answer = client.get(path)
        times.append((time.perf_counter() - began) * 1000)
        assert answer.status_code == 200, (path, answer.status_code)
    files: dict[str, int] = {}
    for file in FILE.findall(answer.text):
        _weigh(client, file, files)
    whole = len(gzip.compress(answer.content, 6)) + sum(files.values())
    besides = whole - (len(gzip.compress(long_text(characters).encode(), 6)) if characters else 0)
    weight = f"{whole / 1000:.0f} kB" + (f", {besides / 1000:.0f} besides the contract" if characters else "")
    return name, f"{statistics.median(times[1:]):.0f} ms, {weight} in {len(files) + 1} files"


def _weigh(client: TestClient, path: str, files: dict[str, int]) -> None:
    """Add a file's compressed bytes, and those of what it brings in."""
    if path in files:
        return
    answer = client.get(path)
    assert answer.status_code == 200, path
    content = answer.content
    is_text = answer.headers["content-type"].startswith(("text/", "application/javascript", "image/svg"))
    files[path] = len(gzip.compress(content, 6)) if is_text else len(content)
    if is_text:
        for found in IMPORTED.finditer(answer.text):
            wanted = found[1] or found[2]
            if not wanted.startswith("data:"):
                _weigh(client, os.path.normpath(os.path.join(os.path.dirname(path), wanted)), files)  # noqa: PTH118, PTH120 -- addresses, not files
