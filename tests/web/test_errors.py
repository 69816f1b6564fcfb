"""Failures: one form each for pages, fragments and the API; no success that was not committed."""

import io
import json
import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from anyio import CapacityLimiter
from anyio.to_thread import current_default_thread_limiter
from fastapi import FastAPI
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from app import database, logs
from app.settings import Settings
from tests.web.browsers import browser, program
from tests.web.conftest import Person

COMMIT_FAILS = """
    CREATE FUNCTION refuse_at_commit() RETURNS trigger LANGUAGE plpgsql AS
        $$BEGIN RAISE EXCEPTION 'refused at commit' USING ERRCODE = '{state}'; END$$;
    CREATE CONSTRAINT TRIGGER at_commit AFTER INSERT ON sign_in_failures
        DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse_at_commit()
"""


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """What is logged, as JSON lines."""
    stream, root = io.StringIO(), logging.getLogger()
    before, level = root.handlers[:], root.level
    logs.configure(Settings(log_format="json"), stream=stream)
    yield stream
    root.handlers[:] = before
    root.setLevel(level)


def test_a_commit_that_fails_is_answered_500_and_never_200(
    app: FastAPI, person: Person, live_database: Engine
) -> None:
    client = program(app, person())
    headers = {"Idempotency-Key": "k"}
    with Session(live_database) as session, session.begin():
        session.execute(text(COMMIT_FAILS.format(state="internal_error")))
    failed = client.post("/api/v1/odd/rows", json={}, headers=headers)
    assert (failed.status_code, failed.json()["code"]) == (500, "internal_error")
    page = browser(app).post("/sign-in", data={"email": "a@example.org", "password": "p" * 8})
    assert page.status_code == 500
    with Session(live_database) as session, session.begin():
        assert session.scalar(text("SELECT count(*) FROM sign_in_failures")) == 0
        session.execute(text("DROP TRIGGER at_commit ON sign_in_failures"))
    assert client.post("/api/v1/odd/rows", json={}, headers=headers).status_code == 201


def test_a_refusal_by_one_of_the_databases_guards_is_a_conflict_and_changes_nothing(
    app: FastAPI, person: Person, live_database: Engine
) -> None:
    with Session(live_database) as session, session.begin():
        session.execute(text(COMMIT_FAILS.format(state="integrity_constraint_violation")))
    refused = program(app, person()).post("/api/v1/odd/rows", json={})
    assert (refused.status_code, refused.json()["code"]) == (409, "conflict")
    with Session(live_database) as session:
        assert session.scalar(text("SELECT count(*) FROM sign_in_failures")) == 0


def test_an_unexpected_failure_shows_its_number_and_logs_no_words(
    app: FastAPI, person: Person, lines: io.StringIO
) -> None:
    answer = program(app, person()).post("/api/v1/odd/broken", json={"say": "confidential"})
    number = answer.json()["request_id"]
    assert answer.headers["X-Request-ID"] == number
    assert number in answer.json()["detail"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    logged = [json.loads(line) for line in lines.getvalue().splitlines()]
    (error,) = [line for line in logged if line["event"] == "unexpected_error"]
    assert error["request_id"] == number
    assert error["kind"] == "RuntimeError"
    assert error["places"][-1].endswith("break_route")
    assert "confidential" not in lines.getvalue() + answer.text


def test_a_request_s_line_names_the_route_and_nothing_of_its_values(
    app: FastAPI, person: Person, lines: io.StringIO
) -> None:
    user = person()
    client = browser(app, user)
    client.get("/links/s3cr3t-token?q=s3cr3t")
    client.get("/account", headers={"User-Agent": "s3cr3t"})
    client.post("/account/password", data={"old_password": "s3cr3t", "new_password": "s3cr3t"})
    client.get("/s3cr3t")
    logged = [json.loads(line) for line in lines.getvalue().splitlines()]
    requests = [line for line in logged if line["event"] == "request"]
    shown = [(line["method"], line["path"], line["status"], line["user_id"]) for line in requests]
    assert shown == [
        ("GET", "/links/{token}", 404, None),
        ("GET", "/account", 200, user.id),
        ("POST", "/account/password", 422, user.id),
        ("GET", "(no route)", 404, None),
    ]
    assert "s3cr3t" not in json.dumps([line for line in logged if line["logger"] != "httpx2"])


def test_what_is_not_there_is_a_page_that_says_so(app: FastAPI) -> None:
    for path in ("/absent", "/odd/number/x", "/odd/number/1%00", "/odd/number/1.5"):
        answer = browser(app).get(path)
        assert answer.status_code == 404
        assert "There is nothing here" in answer.text
        assert "There is no such page." in answer.text


def test_a_number_that_the_database_cannot_hold_breaks_nothing(app: FastAPI) -> None:
    for number in (2**63, -(2**63) - 1, 10**30):
        assert browser(app).get(f"/odd/number/{number}").status_code == 422
    assert browser(app).get(f"/odd/number/{2**63 - 1}").text == str(2**63 - 1)


def test_a_fragment_of_a_failure_is_no_whole_page(app: FastAPI) -> None:
    answer = browser(app).get("/absent", headers={"HX-Request": "true"})
    assert answer.status_code == 404
    assert answer.text.startswith('<div class="form-errors"')


def test_a_method_that_a_page_does_not_take_is_refused_with_those_that_it_takes(app: FastAPI) -> None:
    answer = browser(app).delete("/sign-in")
    assert answer.status_code == 405
    assert answer.headers["Allow"]


def test_a_database_that_is_away_is_answered_with_when_to_try_again(
    app: FastAPI, live_database: Engine
) -> None:
    database.configure("postgresql+psycopg://nobody@127.0.0.1:9/nothing")
    page, call = browser(app).post("/sign-in", data={"email": "a"}), browser(app).get("/readyz")
    assert page.status_code == 503
    assert page.headers["Retry-After"] == "2"
    assert "Not available right now" in page.text
    assert "Nothing was changed" not in page.text  # nobody knows, where a commit's answer was lost
    assert (call.status_code, call.json()["ready"]) == (503, False)
    assert browser(app).get("/healthz").status_code == 200


def test_an_exhausted_pool_is_answered_503_while_health_stays_fast(
    app: FastAPI, live_database: Engine, person: Person
) -> None:
    client = program(app, person())
    pool = live_database.pool.size()  # type: ignore[attr-defined]
    held = [live_database.connect() for _ in range(pool)]
    answer, health = client.get("/api/v1/me"), client.get("/healthz")
    for connection in held:
        connection.close()
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
    assert health.elapsed.total_seconds() < 0.5
    assert client.get("/api/v1/me").status_code == 200


def test_health_answers_while_every_thread_is_waiting_for_something(app: FastAPI) -> None:
    async def take_all_threads() -> CapacityLimiter:
        limiter = current_default_thread_limiter()
        for number in range(int(limiter.total_tokens)):
            limiter.acquire_on_behalf_of_nowait(number)
        return limiter

    async def give_them_back(limiter: CapacityLimiter) -> None:
        for number in range(int(limiter.total_tokens)):
            limiter.release_on_behalf_of(number)

    with browser(app) as client, ThreadPoolExecutor(1) as asking:
        assert client.portal is not None
        limiter = client.portal.call(take_all_threads)
        answer = asking.submit(client.get, "/healthz")
        try:
            assert answer.result(timeout=30).text == "ok\n"
        finally:
            client.portal.call(give_them_back, limiter)


@pytest.mark.parametrize("state", ["40P01", "40001", "55P03", "53100", "57P01", "08006"])
def test_what_may_be_tried_again_is_answered_503(
    app: FastAPI, person: Person, live_database: Engine, state: str
) -> None:
    client = program(app, person())
    with Session(live_database) as session, session.begin():
        session.execute(
            text(
                "CREATE FUNCTION busy() RETURNS trigger LANGUAGE plpgsql AS "
                f"$$BEGIN RAISE EXCEPTION 'busy' USING ERRCODE = '{state}'; END$$;"
                "CREATE TRIGGER busy BEFORE INSERT ON sign_in_failures "
                "FOR EACH ROW EXECUTE FUNCTION busy()"
            )
        )
    answer = client.post("/api/v1/odd/rows", json={})
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")


def test_readiness_names_what_is_missing(app: FastAPI, live_database: Engine) -> None:
    client = browser(app)
    ready = client.get("/readyz")
    assert ready.status_code == 200
    assert ready.json() == {"ready": True, "database": "ok", "schema": "ok", "worker_seconds": None}
    with Session(live_database) as session, session.begin():
        session.execute(
            text("INSERT INTO worker_heartbeats (name, seen_at) VALUES ('w', now() - interval '1 min')")
        )
        session.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    behind = client.get("/readyz")
    assert behind.status_code == 503
    assert "engross migrate" in behind.json()["schema"]
    with Session(live_database) as session, session.begin():
        session.execute(text("UPDATE alembic_version SET version_num = 'ffff'"))
    assert "newer" in client.get("/readyz").json()["schema"]


def test_the_version_is_told(app: FastAPI) -> None:
    assert set(browser(app).get("/version").json()) == {"version", "schema"}


@pytest.mark.parametrize("address", ["http://[", "//[x", "http://\u2100.example/"])
def test_an_address_that_is_none_breaks_nothing(app: FastAPI, address: str) -> None:
    client = browser(app)
    assert client.get("/sign-in", params={"next": address}).status_code == 200
    answer = client.post("/sign-out", headers={"Referer": address.encode()})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/sign-in?next=/")
