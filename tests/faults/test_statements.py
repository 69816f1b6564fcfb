"""Every statement of what people do most may fail: nothing is half done, and the repetition does it once."""

from collections.abc import Callable
from itertools import count, cycle, islice
from uuid import uuid4

import pytest
from fastapi import FastAPI
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from app import clock
from app.accounts.models import User
from app.documents.models import Document
from app.imports import processing
from app.imports.models import Import
from app.imports.service import start_import
from app.main import create_app
from app.operation.invariants import find_broken
from app.samples import submission
from app.samples.models import Sample
from tests.factories import NOON, SUMMARY, Factory
from tests.faults.injection import FAILURES, added, failing_at, fingerprint
from tests.imports.conftest import data_dir, live, make_live, stored  # noqa: F401 -- fixtures
from tests.servers import until
from tests.web.browsers import browser, program

Send = Callable[[], tuple[int, str | None]]
Act = tuple[User, str, str, dict[str, object]]  # who, the method, the address, what is sent
Prepare = Callable[[Factory], Act]


def submitted(make: Factory) -> Sample:
    sample = make.sample(make.project())
    return submission.submit(
        make.session, sample_id=sample.id, based_on=1, reasons={}, actor=sample.annotator, at=clock.now()
    )


def prepare_save(make: Factory) -> Act:
    sample = make.sample(make.project())
    body: dict[str, object] = {"output": SUMMARY + " More.", "based_on": 1, "editor": "page-2"}
    return sample.annotator, "PUT", f"/api/v1/samples/{sample.id}/draft", body


def prepare_submit(make: Factory) -> Act:
    sample = make.sample(make.project())
    body: dict[str, object] = {"based_on": 1, "reasons": {}}
    return sample.annotator, "POST", f"/api/v1/samples/{sample.id}/submission", body


def prepare_decide(make: Factory) -> Act:
    sample = submitted(make)
    reviewer = make.reviewer(sample.task.document.project)
    body: dict[str, object] = {"action": "reject", "revision": 1, "comment": "No."}
    return reviewer, "POST", f"/api/v1/samples/{sample.id}/reviews", body


def prepare_take(make: Factory) -> Act:
    project = make.project()
    make.task(project)
    return make.annotator(project), "POST", f"/api/v1/projects/{project.slug}/queue/writing", {}


def prepare_open(make: Factory) -> Act:
    project = submitted(make).task.document.project
    return make.reviewer(project), "POST", f"/api/v1/projects/{project.slug}/queue/reviewing", {}


def prepare_submit_by_form(make: Factory) -> Act:
    sample = make.sample(make.project())
    form: dict[str, object] = {
        "output": SUMMARY + " More.",
        "based_on": 1,
        "editor": "page-2",
        "clause.term": "covered",
        "clause.governing_law": "covered",
    }
    return sample.annotator, "POST", f"/samples/{sample.id}/submission", form


def prepare(case: Prepare, app: FastAPI, engine: Engine) -> Send:
    """Rows for one act, and the act as its person's program or browser sends it, each time the same."""
    with Session(engine, expire_on_commit=False) as session, session.begin():
        person, method, address, body = case(Factory(session))
    by_program = address.startswith("/api/")
    client = program(app, person) if by_program else browser(app, person)
    if by_program and method == "POST":
        client.headers["Idempotency-Key"] = str(uuid4())

    def send() -> tuple[int, str | None]:
        sent = {"json" if by_program else "data": body}
        answer = client.request(method, address, **sent)
        return answer.status_code, answer.headers.get("Retry-After")

    return send


# One round lets each statement fail in one way, six let each fail in every way.
ROUNDS = [pytest.param(1, id="each"), pytest.param(6, id="each-in-every-way", marks=pytest.mark.long)]


@pytest.fixture(scope="module")
def app() -> FastAPI:
    return create_app()


@pytest.mark.parametrize("rounds", ROUNDS)
@pytest.mark.parametrize(
    "case",
    [
        prepare_save,
        prepare_submit,
        prepare_decide,
        pytest.param(prepare_take, marks=pytest.mark.long),
        pytest.param(prepare_open, marks=pytest.mark.long),
        pytest.param(prepare_submit_by_form, marks=pytest.mark.long),
    ],
    ids=lambda case: case.__name__.removeprefix("prepare_"),
)
def test_a_statement_that_fails_is_answered_503_and_its_repetition_is_done_once(
    live_database: Engine, app: FastAPI, case: Prepare, rounds: int
) -> None:
    send = prepare(case, app, live_database)
    before = fingerprint(live_database)
    usual, _ = send()
    expected = added(before, fingerprint(live_database))
    assert usual in {200, 201, 303}
    for shift in range(rounds):
        failures = islice(cycle(FAILURES), shift, None)
        for number, failure in zip(count(1), failures, strict=False):
            send = prepare(case, app, live_database)
            before = fingerprint(live_database)
            with failing_at(live_database, number, failure) as injected:
                status, retry_after = send()
            if not injected.statement:
                assert status == usual
                break
            where = (failure, number, injected.statement)
            assert (status, retry_after) == (503, "2"), where
            assert fingerprint(live_database) == before, where
            assert send()[0] == usual, where
            assert added(before, fingerprint(live_database)) == expected, where
        assert number > 5
    with live_database.connect() as connection:
        assert find_broken(connection) == []
    assert live_database.pool.checkedout() == 0  # type: ignore[attr-defined]


@pytest.mark.parametrize("rounds", ROUNDS)
def test_an_import_goes_on_after_any_statement_that_failed(
    live: Session,  # noqa: F811 -- a fixture
    make_live: Factory,  # noqa: F811
    live_database: Engine,
    rounds: int,
) -> None:
    project = make_live.project()
    lead = make_live.lead(project)
    for shift in range(rounds):
        failures = islice(cycle(FAILURES), shift, None)
        for number, failure in zip(count(1), failures, strict=False):
            lines = "".join(f'{{"text": "Contract {shift} {number} {line}."}}\n' for line in range(2))
            started = start_import(
                live, project=project, files=[stored("two.jsonl", lines)], actor=lead, at=NOON
            )
            live.commit()
            with failing_at(live_database, number, failure) as injected:
                interrupted = run(started.id)
            if not injected.statement:
                assert not interrupted
                break
            # Its lock lives until Postgres has noticed that the connection is gone.
            until(lambda number=started.id: not run(number))  # type: ignore[misc]
            live.rollback()
            found = live.get_one(Import, started.id, populate_existing=True)
            reasons = [(file.status, file.reason) for file in found.files]
            where = (failure, number, injected.statement, reasons)
            assert found.status == "done", where
            assert sorted(status for status, _ in reasons) == ["created", "created", "expanded"], where
        assert number > 10
    assert live.query(Document).count() >= 2 * number
    assert find_broken(live.connection()) == []
    live.rollback()
    assert live_database.pool.checkedout() == 0  # type: ignore[attr-defined]


def run(import_id: int) -> bool:
    """Read the import as a worker does, which repeats it where it was interrupted; whether it was."""
    try:
        return not processing.process(import_id, now=clock.now)
    except Exception:  # noqa: BLE001 -- whatever it is, the queue repeats the job
        return True
