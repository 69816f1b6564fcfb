"""Two machines without data of their own behave as one: sessions, leases, jobs, files and limits."""

import json
import os
import re
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from httpx2 import Response
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from app import database, migrating
from app.accounts import passwords, tokens
from app.accounts.models import User
from app.accounts.rules import FREE_FAILURES_OF_ACCOUNT
from app.operation.invariants import find_broken
from app.projects.models import Project
from tests.factories import Factory
from tests.faults.conftest import directory_on_disk
from tests.faults.hosts import Host, allow, network, postgres, two_hosts
from tests.servers import until

pytestmark = pytest.mark.long  # to start two machines takes longer than a page's tests

PASSWORD = "correct horse battery"
FORM_TOKEN = re.compile(r"\b[0-9a-f]{128}\b")
# What every machine defers, minute by minute; jobs that went well are deleted from the queue.
NOTE_JOBS = """
CREATE TABLE deferred (task text, at bigint);
CREATE FUNCTION note_job() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO deferred VALUES (NEW.task_name, (NEW.args->>'timestamp')::bigint);
    RETURN NULL;
END $$;
CREATE TRIGGER note_job AFTER INSERT ON procrastinate_jobs FOR EACH ROW EXECUTE FUNCTION note_job();
"""
WHO_READS = text(
    "SELECT host(client_addr) FROM pg_locks JOIN pg_stat_activity USING (pid)"
    " WHERE locktype = 'advisory' AND granted AND mode = 'ExclusiveLock' AND xact_start IS NULL"
)


@dataclass(frozen=True)
class Place:
    """The two machines, and the database to look into."""

    one: Host
    other: Host
    engine: Engine

    def ask(self, query: str, **values: object) -> list[tuple[object, ...]]:
        with self.engine.connect() as connection:
            return [tuple(row) for row in connection.execute(text(query), values)]


@pytest.fixture(scope="module")
def _place() -> Iterator[Place]:
    with directory_on_disk() as disk, network() as names, postgres(disk) as url:
        engine = database.make_engine(url)
        migrating.migrate(engine)
        with engine.begin() as connection:
            connection.execute(text(NOTE_JOBS))
        with two_hosts(disk, url, names) as (one, other):
            with ThreadPoolExecutor() as pool:
                list(pool.map(Host.serve, (one, other)))
            yield Place(one, other, engine)
        engine.dispose()


@pytest.fixture
def place(_place: Place) -> Iterator[Place]:
    """The machines, whose web processes answer; workers are each test's own affair."""
    yield _place
    allow()


@contextmanager
def working(*hosts: Host) -> Iterator[dict[str, "subprocess.Popen[bytes]"]]:
    """Workers on these machines, by address."""
    started = {host.address: host.work() for host in hosts}
    try:
        yield started
    finally:
        for process in started.values():
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@pytest.fixture
def office(place: Place) -> Iterator[tuple[Project, Callable[[str], User]]]:
    """A project of this test's own, and how to make people in it."""
    with Session(place.engine, expire_on_commit=False) as session:
        make = Factory(session)
        project = make.project()

        def person(kind: str) -> User:
            user: User = getattr(make, kind)(project)
            user.password_hash = passwords.make_hash(PASSWORD)
            session.commit()
            return user

        session.commit()
        yield project, person


def token_of(place: Place, user: User) -> str:
    with Session(place.engine) as session, session.begin():
        now = datetime.now(UTC)
        return tokens.create(session, user=user, name="t", scopes=(), days=1, actor=user, at=now)[1]


def sign_in(host: Host, user: User, password: str = PASSWORD) -> Response:
    return host.browser().post("/sign-in", data={"email": user.email, "password": password})


def lines(count: int, word: str) -> bytes:
    return "".join(
        json.dumps({"text": f"{word} {number} of many."}) + "\n" for number in range(count)
    ).encode()


def begin_import(host: Host, project: Project, token: str, files: list[tuple[str, bytes]]) -> int:
    sent = [("files", file) for file in files]
    answer = host.program(token).post(f"/projects/{project.slug}/imports", files=sent)
    assert answer.status_code == 202, answer.text
    return int(answer.json()["id"])


def report(host: Host, token: str, import_id: int) -> dict[str, object]:
    found: dict[str, object] = host.program(token).get(f"/imports/{import_id}").json()
    return found


def test_whoever_signs_in_on_one_goes_on_at_the_other_and_is_signed_out_of_both_at_once(
    place: Place, office: tuple[Project, Callable[[str], User]]
) -> None:
    _, person = office
    answer = sign_in(place.one, person("lead"))
    assert answer.status_code == 303
    cookies = {"engross": answer.cookies["engross"]}
    one, other = (host.browser(**cookies) for host in (place.one, place.other))
    page = one.get("/account")
    assert page.status_code == other.get("/account").status_code == 200
    found = FORM_TOKEN.search(page.text)
    assert found is not None
    # A form that one has drawn is taken by the other.
    assert other.post("/sign-out", data={"csrf_token": found[0]}).status_code == 303
    for host in (place.one, place.other):
        gone = host.browser(**cookies).get("/account")
        assert gone.headers["Location"].startswith("/sign-in")


def test_wrong_passwords_are_counted_over_both(
    place: Place, office: tuple[Project, Callable[[str], User]]
) -> None:
    _, person = office
    user = person("lead")
    hosts = [place.one, place.other]
    tried = [
        sign_in(hosts[number % 2], user, "a wrong password") for number in range(FREE_FAILURES_OF_ACCOUNT)
    ]
    assert {answer.status_code for answer in tried} == {422}
    assert [sign_in(host, user).status_code for host in hosts] == [429, 429]


def test_a_lease_taken_on_one_counts_on_the_other(
    place: Place, office: tuple[Project, Callable[[str], User]]
) -> None:
    project, person = office
    with Session(place.engine) as session, session.begin():
        Factory(session).task(session.merge(project))
    first, second = (token_of(place, person("annotator")) for _ in range(2))
    queue = f"/projects/{project.slug}/queue/writing"
    taken = place.one.program(first).post(queue)
    assert taken.status_code == 200
    assert place.other.program(second).post(queue).status_code == 204
    sample = taken.json()
    saved = place.other.program(first).put(
        f"/samples/{sample['id']}/draft",
        json={"output": "A summary.", "based_on": sample["draft"]["number"], "editor": "here"},
    )
    assert saved.status_code == 200, saved.text
    seen = place.one.program(first).get(f"/samples/{sample['id']}").json()
    assert seen["draft"]["output"] == "A summary."
    assert place.one.program(second).get(f"/samples/{sample['id']}").status_code == 404


def test_a_file_sent_to_one_is_read_by_the_other_and_given_back_by_the_first(
    place: Place, office: tuple[Project, Callable[[str], User]]
) -> None:
    project, person = office
    lead = person("lead")
    token = token_of(place, lead)
    content = b"Lease\r\n\r\n1. Term. It runs for a year.\r\n"
    import_id = begin_import(
        place.one, project, token, [("lease.txt", content), ("all.jsonl", lines(3, "Row"))]
    )
    with working(place.other):
        until(lambda: report(place.one, token, import_id)["status"] == "done")
    assert (place.other.data_dir / "copies").is_dir(), "the other has read it"
    assert not (place.one.data_dir / "copies").exists()
    files = report(place.other, token, import_id)["files"]
    assert isinstance(files, list)
    by_name = {file["name"]: file["document_id"] for file in files}
    cookies = {"engross": sign_in(place.one, lead).cookies["engross"]}
    for host in (place.one, place.other):
        answer = host.browser(**cookies).get(f"/documents/{by_name['lease.txt']}/original")
        assert (answer.status_code, answer.content) == (200, content)
    line = place.one.browser(**cookies).get(f"/documents/{by_name['all.jsonl:2']}/original")
    assert line.content == lines(3, "Row").splitlines(keepends=True)[1]
    assert not any(Path(host.data_dir, "originals").exists() for host in (place.one, place.other))


def test_a_worker_that_is_killed_in_the_middle_leaves_its_import_to_the_other_machine(
    place: Place, office: tuple[Project, Callable[[str], User]]
) -> None:
    project, person = office
    token = token_of(place, person("lead"))
    count = "SELECT count(*) FROM documents WHERE project_id = :project"

    def documents() -> int:
        return int(str(place.ask(count, project=project.id)[0][0]))

    with working(place.one, place.other) as workers:
        import_id = begin_import(place.one, project, token, [("all.jsonl", lines(600, "Line"))])
        until(lambda: documents() > 20)
        with place.engine.connect() as connection:
            (reader,) = set(connection.scalars(WHO_READS))
        os.killpg(workers[reader].pid, signal.SIGKILL)
        assert documents() < 600
        until(lambda: report(place.one, token, import_id)["status"] == "done", patience=300)
    assert documents() == 600
    with place.engine.connect() as connection:
        assert find_broken(connection) == []


def test_what_is_due_each_minute_is_done_once_and_not_by_each_machine(place: Place) -> None:
    with working(place.one, place.other):
        until(lambda: place.ask("SELECT count(*) FROM worker_heartbeats")[0][0] >= 2)  # type: ignore[operator]
        began = time.time()
        time.sleep(125)  # two whole minutes at least begin
        deferred = place.ask(
            "SELECT task, at, count(*) FROM deferred WHERE at >= :began AND at % 60 = 0 GROUP BY task, at",
            began=int(began),
        )
    assert len(deferred) >= 2
    assert {count for *_, count in deferred} == {1}
