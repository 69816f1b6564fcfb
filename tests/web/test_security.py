"""What every request has to pass and every answer carries."""

from collections.abc import Iterator
from itertools import product

import pytest
from fastapi import FastAPI
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session
from starlette.testclient import TestClient

from app.main import create_app
from app.settings import Settings
from app.web.security import CONTENT_SECURITY_POLICY
from tests.web.browsers import SITE, browser, program
from tests.web.conftest import Person


@pytest.mark.parametrize("path", ["/absent", "/healthz", "/version", "/api/v1/docs", "/api/v1/absent"])
def test_every_answer_carries_the_headers(built: FastAPI, path: str) -> None:
    headers = browser(built).get(path).headers
    assert headers["Content-Security-Policy"] == CONTENT_SECURITY_POLICY
    assert "unsafe" not in CONTENT_SECURITY_POLICY
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "camera=()" in headers["Permissions-Policy"]
    assert headers["Cache-Control"] == "no-store"
    assert "Strict-Transport-Security" not in headers


def test_static_files_may_be_kept(app: FastAPI) -> None:
    client = browser(app)
    page = client.get("/sign-in").text
    url = page.split('href="/static/', 1)[1].split('"', 1)[0]
    assert "immutable" in client.get(f"/static/{url}").headers["Cache-Control"]


def test_pages_hold_no_inline_script_or_style(app: FastAPI, person: Person) -> None:
    client = browser(app, person(admin=True))
    for path in ("/sign-in", "/account", "/admin", "/admin/workers", "/api/v1/docs"):
        page = client.get(path).text
        assert "<script>" not in page
        assert " style=" not in page
        assert "<style" not in page


FOREIGN: list[dict[str, str]] = [
    {},
    {"Origin": "null"},
    {"Origin": "https://evil.example"},
    {"Origin": "https://127.0.0.1:8000"},
    {"Origin": "http://127.0.0.1:8001"},
    {"Origin": SITE, "Sec-Fetch-Site": "cross-site"},
    {"Origin": SITE, "Sec-Fetch-Site": "same-site"},
    {"Origin": "null", "Sec-Fetch-Site": "same-origin"},
    {"Sec-Fetch-Site": "cross-site"},
]


def test_a_change_that_another_site_asks_for_is_refused(app: FastAPI, person: Person) -> None:
    client = browser(app, person())
    for name in ("Origin", "Sec-Fetch-Site"):
        del client.headers[name]
    for headers, method in product(FOREIGN, ("POST", "PUT", "DELETE", "PATCH")):
        assert client.request(method, "/sign-out", headers=headers).status_code == 403
    assert client.get("/account").status_code == 200


@pytest.mark.parametrize("headers", [{"Origin": SITE}, {"Sec-Fetch-Site": "same-origin"}])
def test_one_sign_of_our_own_page_is_enough(app: FastAPI, person: Person, headers: dict[str, str]) -> None:
    client = browser(app, person())
    for name in ("Origin", "Sec-Fetch-Site"):
        del client.headers[name]
    assert client.post("/sign-out", headers=headers).status_code == 303


def test_a_change_without_the_session_s_own_form_token_is_refused(app: FastAPI, person: Person) -> None:
    client = browser(app, person())
    del client.headers["X-CSRF-Token"]
    for data in ({}, {"csrf_token": ""}, {"csrf_token": "x" * 64}, {"csrf_token": "é"}):
        assert client.post("/sign-out", data=data).status_code == 403
    assert client.get("/account").status_code == 200


def test_another_session_s_form_token_is_refused(app: FastAPI, person: Person) -> None:
    user = person()
    client, other = browser(app, user), browser(app, user)
    client.headers["X-CSRF-Token"] = other.headers["X-CSRF-Token"]
    assert client.post("/sign-out").status_code == 403


def test_the_token_that_a_page_shows_is_the_one_its_form_needs(app: FastAPI, person: Person) -> None:
    client = browser(app, person())
    del client.headers["X-CSRF-Token"]
    tokens = [
        client.get("/account").text.split('name="csrf_token" value="', 1)[1].split('"', 1)[0] for _ in "ab"
    ]
    # Pages are compressed: a token that stood in all of them could be guessed by the length of the answers.
    assert len({token[start : start + 64] for token in tokens for start in (0, 64)}) == 4
    for token in (*tokens[:1], tokens[1].upper()):
        assert client.post("/account/sessions/1/removal", data={"csrf_token": token}).status_code == 303


def test_a_made_up_session_is_nobody_s(app: FastAPI) -> None:
    for cookie in ("x", "", "a" * 4000, "%00", '"'):
        client = browser(app)
        client.cookies.set("engross", cookie)
        assert client.get("/account").status_code == 303


def test_another_name_is_not_answered(app: FastAPI) -> None:
    client = browser(app)
    for host in ("evil.example", "127.0.0.1.evil.example", "127.0.0.1@evil.example", ""):
        assert client.get("/sign-in", headers={"Host": host}).status_code == 400
        assert client.get("/healthz", headers={"Host": host}).status_code == 200


def test_loopback_is_answered_by_any_of_its_names(app: FastAPI) -> None:
    for host in ("localhost", "localhost:9", "127.0.0.1", "[::1]:8000", "LOCALHOST:8000"):
        assert browser(app).get("/sign-in", headers={"Host": host}).status_code == 200


def test_forwarded_headers_count_only_from_trusted_proxies(live_database: Engine) -> None:
    def address_seen(**settings: object) -> str:
        client = browser(create_app(Settings(**settings)))  # type: ignore[arg-type]
        forwarded = {"X-Forwarded-For": "192.0.2.7", "X-Forwarded-Host": "evil.example"}
        client.post("/sign-in", data={"email": "a@example.org", "password": "p" * 8}, headers=forwarded)
        with Session(live_database) as session:
            found = session.execute(text("SELECT address FROM sign_in_failures ORDER BY id DESC LIMIT 1"))
            return str(found.scalar_one())

    assert address_seen() == "testclient"
    assert address_seen(trusted_proxies="testclient") == "192.0.2.7"


def chunks(count: int, size: int) -> Iterator[bytes]:
    for _ in range(count):
        yield b"x" * size


def test_a_body_is_counted_while_it_arrives(live_database: Engine, person: Person) -> None:
    client = program(create_app(Settings(engross_request_mb=2)), person())
    json = {"Content-Type": "application/json"}
    answer = client.post("/api/v1/projects", content=chunks(30, 100_000), headers=json)
    assert answer.status_code == 413
    assert answer.json()["detail"] == "One request may have at most 2 MB (ENGROSS_REQUEST_MB)."


def test_a_body_that_says_it_is_too_large_is_not_read(live_database: Engine, person: Person) -> None:
    client = program(create_app(Settings(engross_request_mb=2)), person())
    answer = client.post("/api/v1/projects", content=b"x" * 3_000_000)
    assert (answer.status_code, answer.json()["code"]) == (413, "content_too_large")


def test_json_is_held_in_memory_and_therefore_may_not_be_as_long_as_an_upload(app: FastAPI) -> None:
    client = browser(app)  # a token that is none is found out only when the body was read
    headers = {"Authorization": "Bearer none", "Content-Type": "application/json"}
    answer = client.post("/api/v1/projects", content=chunks(20, 1_000_000), headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (413, "content_too_large")
    assert "16 MB" in answer.json()["detail"]


def test_a_browser_is_told_in_a_page(live_database: Engine, person: Person) -> None:
    client = browser(create_app(Settings(engross_request_mb=2)), person())
    answer = client.post("/account/profile", data={"name": "x" * 3_000_000})
    assert answer.status_code == 413
    assert "One request may have at most 2 MB" in answer.text


def test_nobody_says_much_without_being_signed_in(app: FastAPI) -> None:
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = browser(app).post("/sign-in", content=chunks(12, 100_000), headers=form)
    assert answer.status_code == 413


def test_a_pasted_contract_fits_into_a_form(app: FastAPI, person: Person) -> None:
    client = browser(app, person())
    words = "§" * 1_500_000
    assert client.post("/odd/text", data={"body": words}).text == "1500000"
    assert client.post("/odd/text", data={"body": words}, files={"file": b""}).text == "1500000"


def test_a_form_of_too_many_fields_is_refused(app: FastAPI, person: Person) -> None:
    many = "&".join(f"f{number}=1" for number in range(13_000))
    answer = browser(app, person()).post(
        "/odd/text", content=many, headers={"Content-Type": "application/x-www-form-urlencoded"}
    )
    assert answer.status_code == 400


def test_cookies_of_the_notice_cannot_break_a_page(app: FastAPI) -> None:
    client = TestClient(app, base_url=SITE)
    for value in ("!!!", "PHNjcmlwdD4", "_w", "a" * 4000):
        client.cookies.clear()
        client.cookies.set("engross_notice", value)
        page = client.get("/sign-in")
        assert page.status_code == 200
        assert "<script>" not in page.text
