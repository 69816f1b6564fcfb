"""Signing in: refusals look alike, failures slow the next try, cookies are closed to others."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from fastapi import FastAPI
from httpx2 import Response
from sqlalchemy import Engine, select, text, update
from sqlalchemy.orm import Session
from starlette.testclient import TestClient

from app.accounts.models import SignInFailure, User, UserSession
from app.accounts.rules import FREE_FAILURES_OF_ACCOUNT, FREE_FAILURES_OF_ADDRESS
from app.accounts.secrets import digest
from app.main import create_app
from app.settings import Settings, get_settings
from tests.accounts.conftest import PASSWORD, Person
from tests.web.browsers import browser


def sign_in(client: TestClient, email: str, password: str = PASSWORD, **more: str) -> Response:
    return client.post("/sign-in", data={"email": email, "password": password, **more})


def disable(engine: Engine, user: User) -> None:
    with Session(engine) as session, session.begin():
        session.execute(update(User).where(User.id == user.id).values(disabled_at=datetime.now(UTC)))


def test_whoever_knows_the_password_is_signed_in(app: FastAPI, person: Person) -> None:
    client, user = browser(app), person()
    answer = sign_in(client, user.email.upper(), next="/account?tab=1")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/account?tab=1")
    client.cookies.update(answer.cookies)
    assert user.name in client.get("/account").text


def test_unknown_disabled_and_wrong_are_answered_alike(
    app: FastAPI, person: Person, live_database: Engine
) -> None:
    wrong, disabled, invited = person(), person(), person(password=None)
    disable(live_database, disabled)
    answers = [
        sign_in(browser(app), "nobody@example.org"),
        sign_in(browser(app), wrong.email, "not the password"),
        sign_in(browser(app), disabled.email),
        sign_in(browser(app), invited.email),
    ]
    pages = {re.sub(r'value="[^"]*@example.org"', "", answer.text) for answer in answers}
    assert len(pages) == 1
    assert [answer.status_code for answer in answers] == [422] * 4
    assert not any("Set-Cookie" in answer.headers for answer in answers)


def test_an_unknown_address_takes_as_long_as_a_wrong_password(app: FastAPI, person: Person) -> None:
    user = person()
    sign_in(browser(app), "warm-up@example.org")

    def seconds(email: str) -> float:
        return sign_in(browser(app), email, "not the password").elapsed.total_seconds()

    known, unknown = seconds(user.email), seconds("nobody@example.org")
    assert 0.4 < unknown / known < 2.5


def test_a_password_that_is_too_long_is_refused_without_being_hashed(app: FastAPI, person: Person) -> None:
    user = person()
    answer = sign_in(browser(app), user.email, PASSWORD + "x" * 500_000)
    assert answer.status_code == 422


def test_after_some_failures_even_the_right_password_has_to_wait(app: FastAPI, person: Person) -> None:
    user = person()
    for _ in range(FREE_FAILURES_OF_ACCOUNT):
        assert sign_in(browser(app), user.email, "not the password").status_code == 422
    answer = sign_in(browser(app), user.email)
    assert answer.status_code == 429
    assert 1 <= int(answer.headers["Retry-After"]) <= 15
    assert "Too many attempts. Try again in " in answer.text


def test_waiting_is_told_alike_for_addresses_that_nobody_has(app: FastAPI) -> None:
    for _ in range(FREE_FAILURES_OF_ACCOUNT):
        sign_in(browser(app), "nobody@example.org")
    assert sign_in(browser(app), "Nobody@example.org ").status_code == 429


def test_the_wait_doubles_and_ends(app: FastAPI, person: Person, live_database: Engine) -> None:
    user = person()

    def failures(count: int, ago: timedelta) -> None:
        at = datetime.now(UTC) - ago
        with Session(live_database) as session, session.begin():
            session.execute(text("DELETE FROM sign_in_failures"))
            session.add_all(
                SignInFailure(email_sha256=digest(user.email), address="", at=at) for _ in range(count)
            )

    failures(FREE_FAILURES_OF_ACCOUNT + 3, ago=timedelta(seconds=100))
    assert int(sign_in(browser(app), user.email).headers["Retry-After"]) in range(15, 21)
    failures(FREE_FAILURES_OF_ACCOUNT + 3, ago=timedelta(seconds=125))
    assert sign_in(browser(app), user.email).status_code == 303


def test_one_address_cannot_try_many_accounts(app: FastAPI, live_database: Engine, person: Person) -> None:
    user, at = person(), datetime.now(UTC)
    with Session(live_database) as session, session.begin():
        session.add_all(
            SignInFailure(email_sha256=digest(f"{number}"), address="testclient", at=at)
            for number in range(FREE_FAILURES_OF_ADDRESS)
        )
    assert sign_in(browser(app), user.email).status_code == 429


def test_signing_in_forgets_the_account_s_failures(app: FastAPI, person: Person) -> None:
    user = person()
    for _ in range(2):
        for _ in range(FREE_FAILURES_OF_ACCOUNT - 1):
            sign_in(browser(app), user.email, "not the password")
        assert sign_in(browser(app), user.email).status_code == 303


def test_the_cookie_is_closed_to_scripts_and_to_other_sites(app: FastAPI, person: Person) -> None:
    cookie = sign_in(browser(app), person().email).headers["Set-Cookie"]
    assert cookie.startswith("engross=")
    assert {"HttpOnly", "SameSite=lax", "Path=/"} <= set(cookie.split("; "))
    assert "Domain" not in cookie
    assert "Secure" not in cookie


def test_under_https_the_cookie_is_bound_to_the_host(
    live_database: Engine, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BASE_URL", "https://engross.example.org")
    get_settings.cache_clear()
    client = TestClient(
        create_app(Settings()), base_url="https://engross.example.org", follow_redirects=False
    )
    client.headers["Origin"] = "https://engross.example.org"
    answer = sign_in(client, person().email)
    monkeypatch.undo()
    get_settings.cache_clear()
    assert answer.headers["Set-Cookie"].startswith("__Host-engross=")
    assert "Secure" in answer.headers["Set-Cookie"].split("; ")
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"


def test_signing_in_ends_the_session_that_the_browser_had(
    app: FastAPI, person: Person, live_database: Engine
) -> None:
    first, second = person(), person()
    client = browser(app, first)
    before = client.cookies["engross"]
    after = sign_in(client, second.email).cookies["engross"]
    assert before != after
    with Session(live_database) as session:
        assert session.scalars(select(UserSession.user_id)).all() == [second.id]


def test_a_session_ends_by_itself(app: FastAPI, person: Person, live_database: Engine) -> None:
    client = browser(app, person())
    assert client.get("/account").status_code == 200
    with Session(live_database) as session, session.begin():
        session.execute(text("UPDATE sessions SET expires_at = now()"))
    assert client.get("/account").status_code == 303


def test_signing_out_ends_the_session_on_the_server(app: FastAPI, person: Person) -> None:
    client = browser(app, person())
    token = client.cookies["engross"]
    assert client.post("/sign-out").headers["Location"] == "/sign-in"
    client.cookies.set("engross", token)
    assert client.get("/account").status_code == 303


def test_only_the_hash_of_a_session_s_token_is_kept(
    app: FastAPI, person: Person, live_database: Engine
) -> None:
    token = sign_in(browser(app), person().email).cookies["engross"]
    with Session(live_database) as session:
        assert session.scalars(select(UserSession.token_sha256)).all() == [digest(token)]


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "\\/evil.example",
        "javascript:alert(1)",
        "/\tevil",
        "",
        "http:///evil.example",
        "/x\r\nSet-Cookie: a=b",
    ],
)
def test_nobody_is_led_elsewhere_after_signing_in(app: FastAPI, person: Person, target: str) -> None:
    user = person()
    assert sign_in(browser(app), user.email, next=target).headers["Location"] == "/"
    signed_in = browser(app, user).get("/sign-in", params={"next": target})
    assert signed_in.headers["Location"] == "/"


def test_a_page_that_needs_a_person_leads_to_the_form_and_back(app: FastAPI) -> None:
    answer = browser(app).get("/account", params={"a": "b&c"})
    assert answer.status_code == 303
    assert answer.headers["Location"] == "/sign-in?next=/account%3Fa%3Db%2526c"


def test_a_script_is_told_that_the_session_ended(app: FastAPI) -> None:
    answer = browser(app).get("/account", headers={"HX-Request": "true"})
    assert answer.status_code == 401
    assert "not signed in" in answer.text


def test_the_typed_password_is_nowhere_in_the_answer(app: FastAPI, person: Person) -> None:
    answer = sign_in(browser(app), person().email, "se3ret-typed-wrong")
    assert "se3ret-typed-wrong" not in answer.text


def test_a_sign_in_from_another_site_is_refused(app: FastAPI, person: Person) -> None:
    client = browser(app)
    client.headers["Origin"] = "https://evil.example"
    assert sign_in(client, person().email).status_code == 403
