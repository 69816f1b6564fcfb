"""Wires that break between the browser, Engross and its database; pools and requests that are held up."""

import signal
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit
from urllib.request import urlopen
from uuid import uuid4

import pytest
from sqlalchemy import Engine, make_url, text

from app import database, migrating
from app.embedded import EmbeddedPostgres
from app.embedded.places import SOCKET_NAME
from tests.faults.checker import find_wrong
from tests.faults.conftest import directory_on_disk
from tests.faults.journal import Call, Caller
from tests.faults.load import CLAUSES, SUMMARY, under_load
from tests.faults.office import Office, open_office
from tests.faults.proxy import Proxy
from tests.servers import Server, until

POOL = 3  # connections of each of the two web processes
PEOPLE = 16


@dataclass
class Wired:
    """A server whose wires to its database and to its people both run through proxies."""

    server: Server
    engine: Engine
    to_database: Proxy
    to_people: Proxy
    office: Office
    callers: list[Caller] = field(default_factory=list)

    def caller(self, token: str) -> Caller:
        """A program of this person."""
        self.callers.append(Caller(f"http://127.0.0.1:{self.to_people.port}", token))
        return self.callers[-1]

    def find_wrong(self) -> list[str]:
        """What contradicts all that was ever asked here."""
        return find_wrong([call for caller in self.callers for call in caller.calls], self.engine)


@pytest.fixture(scope="module")
def wired() -> Iterator[Wired]:
    """Without a worker, whose commits would be taken for those of a request."""
    with directory_on_disk() as place, EmbeddedPostgres(place / "database") as postgres:
        engine = database.make_engine(postgres.url, pool_size=10)
        migrating.migrate(engine)
        socket_path = f"{make_url(postgres.url).query['host']}/{SOCKET_NAME}"
        with Proxy(socket_path) as to_database:
            server = Server(
                place / "data",
                "--workers",
                "2",
                "--no-worker",
                DATABASE_URL=f"postgresql://engross@127.0.0.1:{to_database.port}/engross?sslmode=disable",
                ENGROSS_POOL_SIZE=str(POOL),
                LOG_LEVEL="WARNING",
            )
            try:
                address = urlsplit(server.url)
                with Proxy((address.hostname or "", address.port or 0)) as to_people:
                    office = open_office(engine, contracts=500, writers=PEOPLE + 10)
                    yield Wired(server, engine, to_database, to_people, office)
            finally:
                server.destroy()
                engine.dispose()


def save(caller: Caller, sample_id: int, based_on: int) -> Call:
    body: dict[str, object] = {
        "output": f"{SUMMARY} Text {uuid4()}.",
        "clauses": CLAUSES,
        "based_on": based_on,
        "editor": "page",
    }
    return caller.call("save", "PUT", f"/samples/{sample_id}/draft", body, sample_id=sample_id)


def take(caller: Caller, project: str) -> int:
    taken = caller.call("take", "POST", f"/projects/{project}/queue/writing", {})
    taken.sample_id = int(str(taken.answer["id"]))
    return taken.sample_id


def statuses(call: Call) -> list[int | None]:
    return [attempt.status for attempt in call.attempts]


@pytest.mark.parametrize(
    ("wire", "delivered"),
    [("database", False), ("database", True), ("people", True)],
    ids=["commit-not-sent", "commit-s-answer-lost", "answer-lost"],
)
def test_whoever_repeats_what_was_not_answered_has_it_done_once(
    wired: Wired, wire: str, delivered: bool
) -> None:
    """Also where the commit was done and nobody heard of it: neither Engross nor whoever asked can know."""
    proxy = wired.to_database if wire == "database" else wired.to_people
    # Of a commit, and of the request itself: it is answered when it is committed.
    commit = b"COMMIT\0" if wire == "database" else b"Authorization"
    token = wired.office.writers[PEOPLE + ["database", "people"].index(wire) * 2 + delivered]
    caller, reviewer = wired.caller(token), wired.caller(wired.office.reviewers[0])
    project = wired.office.project

    proxy.cut_at(commit, delivered=delivered)
    sample_id = take(caller, project)
    proxy.cut_at(commit, delivered=delivered)
    save(caller, sample_id, 0)
    proxy.cut_at(commit, delivered=delivered)
    saved = save(caller, sample_id, 1)
    assert saved.answer["number"] == 2
    proxy.cut_at(commit, delivered=delivered)
    caller.call(
        "submit",
        "POST",
        f"/samples/{sample_id}/submission",
        {"based_on": 2, "reasons": {}},
        sample_id=sample_id,
    )
    proxy.cut_at(commit, delivered=delivered)
    opened = reviewer.call("open", "POST", f"/projects/{project}/queue/reviewing", {})
    assert opened.answer["id"] == sample_id
    proxy.cut_at(commit, delivered=delivered)
    body: dict[str, object] = {"action": "approve", "revision": 1}
    reviewer.call("decide", "POST", f"/samples/{sample_id}/reviews", body, sample_id=sample_id)

    failure = 503 if wire == "database" else None
    for call in (*caller.calls, *reviewer.calls):
        assert statuses(call) == [failure, call.status], call.kind
    assert wired.find_wrong() == []


def waiting_for_locks(engine: Engine) -> int:
    query = text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
    with engine.connect() as connection:
        return int(connection.scalar(query) or 0)


def busy_connections(engine: Engine) -> int:
    query = text(
        "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'engross' AND state <> 'idle'"
        " AND pid <> pg_backend_pid()"
    )
    with engine.connect() as connection:
        return int(connection.scalar(query) or 0)


@contextmanager
def locked(engine: Engine, sample_ids: list[int]) -> Iterator[None]:
    """Somebody holds these samples for the length of the block."""
    with engine.connect() as connection:
        query = text("SELECT id FROM samples WHERE id = ANY(:ids) FOR UPDATE")
        connection.execute(query, {"ids": sample_ids})
        yield
        connection.rollback()


def all_save(
    pool: ThreadPoolExecutor, callers: list[Caller], sample_ids: list[int], based_on: int
) -> list["Future[Call]"]:
    return [
        pool.submit(save, caller, sample_id, based_on)
        for caller, sample_id in zip(callers, sample_ids, strict=True)
    ]


def test_an_exhausted_pool_refuses_says_when_to_come_back_and_is_idle_afterwards(wired: Wired) -> None:
    callers = [wired.caller(token) for token in wired.office.writers[:PEOPLE]]
    samples = [take(caller, wired.office.project) for caller in callers]
    with ThreadPoolExecutor(PEOPLE) as pool:
        with locked(wired.engine, samples):
            saves = all_save(pool, callers, samples, 0)
            until(lambda: sum(bool(caller.calls[-1].attempts) for caller in callers) >= PEOPLE - 2 * POOL)
            until(lambda: waiting_for_locks(wired.engine) >= POOL)
            with urlopen(f"{wired.server.url}/healthz", timeout=10) as health:  # noqa: S310 -- our own
                assert health.read() == b"ok\n"
            # It was asked while nothing went on: a pool is used up whole, and no wire goes round it.
            assert POOL <= waiting_for_locks(wired.engine) <= 2 * POOL
        calls = [saved.result() for saved in saves]
    refused = [attempt for call in calls for attempt in call.attempts if attempt.status != 200]
    assert {(attempt.status, attempt.retry_after) for attempt in refused} == {(503, "2")}
    assert [call.answer["number"] for call in calls] == [1] * PEOPLE
    until(lambda: busy_connections(wired.engine) == 0)
    assert wired.find_wrong() == []


@pytest.mark.long
def test_the_database_s_wires_may_all_break_again_and_again(wired: Wired) -> None:
    office = Office(wired.office.project, wired.office.writers[:6], wired.office.reviewers, ())
    with under_load(wired.server.url, office) as load:
        for submissions in (3, 6, 9):
            until(lambda submissions=submissions: load.count("submit") >= submissions)  # type: ignore[misc]
            wired.to_database.cut_all()
    wired.callers += load.callers
    failed = {
        (attempt.status, attempt.retry_after)
        for call in load.calls
        for attempt in call.attempts
        if attempt.status is None or attempt.status >= 500
    }
    assert failed <= {(503, "2")}
    assert wired.find_wrong() == []


def test_what_was_begun_before_a_sigterm_is_finished_and_the_server_ends_well(wired: Wired) -> None:
    """The last of the module: nobody answers after it."""
    callers = [wired.caller(token) for token in wired.office.writers[-2 * POOL :]]
    samples = [take(caller, wired.office.project) for caller in callers]
    begun = POOL  # all callers may have come to one of the two processes
    with ThreadPoolExecutor(2 * POOL) as pool:
        with locked(wired.engine, samples):
            saves = all_save(pool, callers, samples, 0)
            until(lambda: waiting_for_locks(wired.engine) >= begun)
            wired.server.process.send_signal(signal.SIGTERM)
            until(lambda: not _listens(wired.server))
        for caller in callers:
            caller.stopped.set()
        done = [saved.result() for saved in saves if saved.exception() is None]
    assert wired.server.process.wait(timeout=60) == 0
    assert len(done) >= begun
    assert {tuple(statuses(call)) for call in done} == {(200,)}
    wired.callers = [caller for caller in wired.callers if all(call.status for call in caller.calls)]


def _listens(server: Server) -> bool:
    try:
        urlopen(f"{server.url}/healthz", timeout=5).close()  # noqa: S310 -- our own address
    except OSError:
        return False
    return True
