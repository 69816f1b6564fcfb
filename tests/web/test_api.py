"""The API's plumbing: tokens, scopes, problems, POSTs that are sent twice."""

import base64
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute, iter_route_contexts
from sqlalchemy import Engine, select, text
from sqlalchemy.orm import Session
from starlette.testclient import TestClient

from app import paging
from app.accounts import housekeeping
from app.accounts.dependencies import ScopeCheck
from app.accounts.models import IdempotencyKey
from tests.factories import Factory
from tests.web.browsers import SITE, program
from tests.web.conftest import CHANGES, Person

KEY = {"Idempotency-Key": "once"}


def rows(engine: Engine) -> int:
    with Session(engine) as session:
        return session.execute(text("SELECT count(*) FROM sign_in_failures")).scalar_one()


def test_me_names_the_person_behind_the_token(app: FastAPI, person: Person, live_database: Engine) -> None:
    with Session(live_database, expire_on_commit=False) as session, session.begin():
        make = Factory(session)
        project = make.project()
        user = make.member(project, "reviewer", "lead")
        make.project()
    answer = program(app, user).get("/api/v1/me")
    assert answer.status_code == 200
    assert answer.json() == {
        "email": user.email,
        "name": user.name,
        "admin": False,
        "memberships": [{"project": project.slug, "roles": ["lead", "reviewer"]}],
    }


def test_without_a_good_token_the_answer_says_what_is_wanted(app: FastAPI) -> None:
    client = TestClient(app, base_url=SITE)
    for header in ("", "Bearer", "Bearer engr_unknown", "Basic YTpi", "Bearer é", "Bearer " + "x" * 5000):
        answer = client.get("/api/v1/me", headers={"Authorization": header.encode()} if header else {})
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"] == "Bearer"
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert answer.json() == {
            "type": "urn:engross:problem:invalid_token",
            "title": "Please sign in",
            "status": 401,
            "detail": "This needs a valid token: Authorization: Bearer engr_….",
            "code": "invalid_token",
        }


def test_a_session_s_cookie_is_no_token(app: FastAPI, person: Person) -> None:
    client = program(app, person())
    del client.headers["Authorization"]
    client.cookies.set("engross", "anything")
    assert client.get("/api/v1/me").status_code == 401


def test_an_ended_token_is_refused(app: FastAPI, person: Person, live_database: Engine) -> None:
    client = program(app, person())
    assert client.get("/api/v1/me").status_code == 200
    with Session(live_database) as session, session.begin():
        session.execute(text("UPDATE api_tokens SET expires_at = now()"))
    assert client.get("/api/v1/me").status_code == 401


def test_a_scope_that_the_token_lacks_is_named(app: FastAPI, person: Person, live_database: Engine) -> None:
    answer = program(app, person(), "read").post("/api/v1/odd/rows", json={})
    assert (answer.status_code, answer.json()["code"]) == (403, "scope_missing")
    assert "“write”" in answer.json()["detail"]
    assert rows(live_database) == 0


def test_every_call_of_the_api_names_its_scope(app: FastAPI) -> None:
    without = [
        context.path
        for context in iter_route_contexts(app.routes)
        if isinstance(context.original_route, APIRoute)
        and context.path.startswith("/api/v1")
        and context.original_route.include_in_schema
        and not any(isinstance(depends.dependency, ScopeCheck) for depends in context.dependencies)
    ]
    assert without == []


@pytest.mark.parametrize("method", CHANGES)
def test_a_repeated_change_is_done_once_and_answered_alike(
    app: FastAPI, person: Person, live_database: Engine, method: str
) -> None:
    client = program(app, person())
    first, again = (
        client.request(method, "/api/v1/odd/rows", json={"say": "ü"}, headers=KEY) for _ in range(2)
    )
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.content == again.content
    assert first.headers["Content-Type"] == again.headers["Content-Type"]
    assert "Idempotent-Replayed" not in first.headers
    assert again.headers["Idempotent-Replayed"] == "true"
    assert rows(live_database) == 1


def test_a_key_belongs_to_one_request(app: FastAPI, person: Person, live_database: Engine) -> None:
    client = program(app, person())
    client.post("/api/v1/odd/rows", json={"say": "a"}, headers=KEY)
    other = client.post("/api/v1/odd/rows", json={"say": "b"}, headers=KEY)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    other = client.put("/api/v1/odd/rows", json={"say": "a"}, headers=KEY)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    assert rows(live_database) == 1


def test_a_reading_pays_no_heed_to_a_key(app: FastAPI, person: Person) -> None:
    client = program(app, person())
    for _ in range(2):
        assert "Idempotent-Replayed" not in client.get("/api/v1/me", headers=KEY).headers
    assert client.post("/api/v1/odd/rows", json={}, headers=KEY).status_code == 201


def test_a_key_belongs_to_one_person(app: FastAPI, person: Person, live_database: Engine) -> None:
    for user in (person(), person()):
        answer = program(app, user).post("/api/v1/odd/rows", json={}, headers=KEY)
        assert "Idempotent-Replayed" not in answer.headers
    assert rows(live_database) == 2


def test_a_refused_call_keeps_neither_its_row_nor_its_key(
    app: FastAPI, person: Person, live_database: Engine
) -> None:
    client = program(app, person())
    refused = client.post("/api/v1/odd/rows", json={"refuse": "yes"}, headers=KEY)
    assert (refused.status_code, refused.json()["current"]) == (409, 7)
    assert rows(live_database) == 0
    assert client.post("/api/v1/odd/rows", json={}, headers=KEY).status_code == 201


def test_twins_that_arrive_together_are_done_once(
    app: FastAPI, person: Person, live_database: Engine
) -> None:
    client = program(app, person())
    with ThreadPoolExecutor(6) as threads:
        answers = list(
            threads.map(
                lambda _: client.post("/api/v1/odd/rows", json={"sleep": "0.3"}, headers=KEY), range(6)
            )
        )
    assert [answer.status_code for answer in answers] == [201] * 6
    assert sum("Idempotent-Replayed" in answer.headers for answer in answers) == 5
    assert rows(live_database) == 1


def test_a_key_has_a_length(app: FastAPI, person: Person) -> None:
    client = program(app, person())
    for key in ("", "x" * 201):
        answer = client.post("/api/v1/odd/rows", json={}, headers={"Idempotency-Key": key})
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid_idempotency_key")


def test_answers_are_swept_away_after_a_day(app: FastAPI, person: Person, live_database: Engine) -> None:
    program(app, person()).post("/api/v1/odd/rows", json={}, headers=KEY)
    with Session(live_database) as session, session.begin():
        session.execute(text("UPDATE idempotency_keys SET created_at = now() - interval '25 hours'"))
        housekeeping.sweep(session, at=datetime.now(UTC))
        assert session.scalars(select(IdempotencyKey)).all() == []


def test_a_wrong_body_names_its_fields_and_repeats_no_value(app: FastAPI, person: Person) -> None:
    answer = program(app, person()).post("/api/v1/odd/rows", json={"say": {"secret": "s3cr3t"}})
    assert answer.status_code == 422
    assert answer.json()["errors"] == {"say": "This must be text."}
    assert "s3cr3t" not in answer.text


def test_broken_json_is_called_so(app: FastAPI, person: Person) -> None:
    answer = program(app, person()).post(
        "/api/v1/odd/rows", content=b'{"a":', headers={"Content-Type": "application/json"}
    )
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_json")


def test_unknown_calls_and_methods_are_problems_too(app: FastAPI) -> None:
    client = TestClient(app, base_url=SITE)
    absent, wrong = client.get("/api/v1/absent"), client.delete("/api/v1/me")
    assert (absent.status_code, absent.json()["code"]) == (404, "not_found")
    assert (wrong.status_code, wrong.json()["code"]) == (405, "method_not_allowed")
    assert wrong.headers["Allow"] == "GET"


def test_the_reference_is_a_page_without_scripts_of_others(app: FastAPI) -> None:
    client = TestClient(app, base_url=SITE)
    page = client.get("/api/v1/docs")
    assert page.status_code == 200
    assert "GET /api/v1/me" in page.text
    assert "http://" not in page.text.replace(SITE, "").replace("http://www.w3.org", "")
    described = client.get("/api/v1/openapi.json").json()
    assert "/sign-in" not in described["paths"]
    assert described["components"]["securitySchemes"]["HTTPBearer"]["scheme"] == "bearer"


def test_a_cursor_is_read_as_it_was_written() -> None:
    values = ("Zoë, Inc.", 7, datetime(2026, 11, 23, 12, 0, 0, 123456, tzinfo=UTC))
    assert paging.decode(paging.encode(*values), str, int, datetime) == values


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "!",
        "é",
        "a" * 1999,
        paging.encode("x"),
        paging.encode(1, 2),
        base64.urlsafe_b64encode(b'{"0": 1}').decode(),
        base64.urlsafe_b64encode(b"[true]").decode(),
        base64.urlsafe_b64encode(b"[1e3]").decode(),
        base64.urlsafe_b64encode(b"[" + b"9" * 40 + b"]").decode(),
        base64.urlsafe_b64encode(b"[" * 1000).decode(),
    ],
)
def test_a_cursor_of_another_list_is_refused(cursor: str) -> None:
    with pytest.raises(paging.Invalid, match="cursor"):
        paging.decode(cursor, int)


def test_the_description_names_scopes_keys_and_the_form_of_refusals(app: FastAPI) -> None:
    described = TestClient(app, base_url=SITE).get("/api/v1/openapi.json").json()
    calls = described["paths"]["/api/v1/odd/rows"]
    assert all("Idempotency-Key" in str(calls[method.lower()]["parameters"]) for method in CHANGES)
    assert "parameters" not in described["paths"]["/api/v1/me"]["get"]
    call = calls["post"]
    assert call["x-scope"] == "write"
    assert "application/problem+json" in call["responses"]["4XX"]["content"]
    assert "422" not in call["responses"]
    assert "code" in described["components"]["schemas"]["Problem"]["required"]
