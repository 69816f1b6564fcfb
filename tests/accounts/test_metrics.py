"""`/metrics`: what it counts, that it names nobody, and who may read it."""

import pytest
from fastapi import FastAPI
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import Engine
from starlette.testclient import TestClient

from app import database
from app.site.routes import metrics
from tests.accounts.conftest import Person
from tests.web.browsers import SITE, browser, program


@pytest.fixture(autouse=True)
def _asked_anew() -> None:
    metrics._standing._asked_at = float("-inf")


def here(app: FastAPI, address: str = "127.0.0.1", base_url: str = SITE) -> TestClient:
    return TestClient(app, base_url=base_url, client=(address, 5000))


def figures(text: str) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def counted(found: dict[tuple[str, tuple[tuple[str, str], ...]], float], route: str, status: str) -> float:
    labels = tuple(sorted({"method": "GET", "route": route, "status": status}.items()))
    return found.get(("engross_request_seconds_count", labels), 0)


def test_requests_are_counted_by_route_and_no_label_holds_what_anybody_sent(
    app: FastAPI,
    person: Person,
) -> None:
    client, admin = here(app), browser(app, person(admin=True))
    before = figures(client.get("/metrics").text)
    for path in ("/admin/users/1", "/admin/users/999999", "/projects/secret-slug", "/no/such-page"):
        admin.get(path, params={"q": "secret-word"})
    admin.request("SECRET-METHOD", "/admin")
    answer = client.get("/metrics")
    after = figures(answer.text)
    route = "/admin/users/{user_id}"
    for status in ("2xx", "4xx"):
        assert counted(after, route, status) == counted(before, route, status) + 1
    assert "secret" not in answer.text.lower()
    assert "/999999" not in answer.text
    labels = {value for name, pairs in after if name.startswith("engross_") for _, value in pairs}
    assert not {one for one in labels if "example.org" in one}


def test_queue_workers_samples_and_connections_are_told(
    app: FastAPI,
    live_database: Engine,
) -> None:
    found = figures(here(app).get("/metrics").text)
    assert found["engross_database_up", ()] == 1
    assert found["engross_jobs", (("state", "todo"),)] == 0
    assert found["engross_oldest_job_seconds", ()] == 0
    assert ("engross_worker_heartbeat_seconds", ()) not in found  # there never was one
    assert found["engross_requests_in_flight", ()] == 1  # this one
    with live_database.connect():
        more = figures(here(app).get("/metrics").text)
    in_use = "engross_database_connections_in_use", ()
    assert more[in_use] == found[in_use] + 1


def test_a_database_that_is_away_is_told_and_hides_nothing_else(
    app: FastAPI,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    nowhere = database.make_engine("postgresql+psycopg://nobody@127.0.0.1:1/none")
    monkeypatch.setattr(database, "get_engine", lambda: nowhere)
    found = figures(here(app).get("/metrics").text)
    assert found["engross_database_up", ()] == 0
    assert any(name == "engross_request_seconds_count" for name, _ in found)


def test_only_this_machine_and_administrators_read_it(app: FastAPI, person: Person) -> None:
    admin, user = person(admin=True), person()
    assert here(app).get("/metrics").status_code == 200
    assert here(app, "::1").get("/metrics").status_code == 200
    assert here(app, "10.0.0.7").get("/metrics").status_code == 401
    assert program(app, admin, "admin").get("/metrics").status_code == 200
    assert program(app, admin, "read", "write").get("/metrics").status_code == 403
    assert program(app, user).get("/metrics").status_code == 403
    refused = TestClient(app, base_url=SITE).get("/metrics", headers={"Authorization": "Bearer engr_wrong"})
    assert refused.status_code == 401
    assert refused.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("header", metrics.FORWARDED)
def test_what_a_proxy_on_this_machine_passes_on_is_not_this_machine(
    app: FastAPI,
    live_database: Engine,
    header: str,
) -> None:
    assert here(app).get("/metrics", headers={header: "for=127.0.0.1"}).status_code == 401
