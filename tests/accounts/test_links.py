"""One-time links: opening one changes nothing, its button works once, and dead ones look alike."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from fastapi import FastAPI
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from app.accounts import links
from app.accounts.actors import OPERATOR
from app.accounts.models import User
from app.accounts.rules import Purpose
from tests.accounts.conftest import PASSWORD, Person
from tests.web.browsers import browser

MakeLink = Callable[..., str]


@pytest.fixture
def link(live_database: Engine) -> MakeLink:
    """Makes a committed link; gives its path."""

    def make(user: User, purpose: Purpose = Purpose.INVITATION) -> str:
        with Session(live_database) as session, session.begin():
            at = datetime.now(UTC)
            token = links.create(session, user=user, purpose=purpose, days=7, actor=OPERATOR, at=at)
        return f"/links/{token}"

    return make


def test_opening_a_link_does_not_spend_it(app: FastAPI, person: Person, link: MakeLink) -> None:
    path, client = link(person(password=None)), browser(app)
    for _ in range(3):
        assert client.get(path).status_code == 200
    assert client.head(path).status_code in {200, 405}
    assert client.post(path, data={"password": PASSWORD}).status_code == 303


def test_the_button_signs_in_and_sets_the_password(app: FastAPI, person: Person, link: MakeLink) -> None:
    user = person(password=None)
    answer = browser(app).post(link(user), data={"password": PASSWORD})
    client = browser(app)
    client.cookies.update(answer.cookies)
    assert user.name in client.get("/account").text
    signed_in = browser(app).post("/sign-in", data={"email": user.email, "password": PASSWORD})
    assert signed_in.status_code == 303


def test_a_link_works_once(app: FastAPI, person: Person, link: MakeLink) -> None:
    path = link(person())
    assert browser(app).post(path, data={"password": PASSWORD}).status_code == 303
    assert browser(app).post(path, data={"password": "another password"}).status_code == 404
    assert browser(app).get(path).status_code == 404


def test_of_two_who_press_at_once_one_finds_it_spent(app: FastAPI, person: Person, link: MakeLink) -> None:
    path = link(person())
    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(lambda _: browser(app).post(path, data={"password": PASSWORD}), range(4)))
    assert sorted(answer.status_code for answer in answers) == [303, 404, 404, 404]


def test_a_refused_password_leaves_the_link_as_it_was(app: FastAPI, person: Person, link: MakeLink) -> None:
    path = link(person(password=None))
    refused = browser(app).post(path, data={"password": "short"})
    assert refused.status_code == 422
    assert "A password has 8 to 256 characters." in refused.text
    assert browser(app).post(path, data={"password": PASSWORD}).status_code == 303


def test_unknown_spent_outdated_and_disabled_look_alike(
    app: FastAPI, person: Person, link: MakeLink, live_database: Engine
) -> None:
    spent, outdated, disabled = link(person()), link(person()), link(person())
    browser(app).post(spent, data={"password": PASSWORD})
    with Session(live_database) as session, session.begin():
        session.execute(text("UPDATE one_time_links SET expires_at = now() WHERE id = 2"))
        session.execute(
            text(
                "UPDATE users SET disabled_at = now() "
                "WHERE id = (SELECT user_id FROM one_time_links WHERE id = 3)"
            )
        )
    paths = [spent, outdated, disabled, "/links/unknown"]
    pages = {browser(app).get(path).text for path in paths}
    assert len(pages) == 1
    assert "Ask whoever sent it for a new one." in pages.pop()
    assert {browser(app).post(path, data={"password": PASSWORD}).status_code for path in paths} == {404}


def test_a_new_link_replaces_the_older_one(app: FastAPI, person: Person, link: MakeLink) -> None:
    user = person()
    old, new = link(user, Purpose.RESET), link(user, Purpose.RESET)
    assert browser(app).get(old).status_code == 404
    assert browser(app).get(new).status_code == 200


def test_a_reset_ends_all_sessions(app: FastAPI, person: Person, link: MakeLink) -> None:
    user = person()
    elsewhere = browser(app, user)
    browser(app).post(link(user, Purpose.RESET), data={"password": "a new password"})
    assert elsewhere.get("/account").status_code == 303


def test_a_demo_link_signs_in_without_a_password(app: FastAPI, person: Person, link: MakeLink) -> None:
    user = person(password=None)
    path = link(user, Purpose.DEMO)
    assert 'type="password"' not in browser(app).get(path).text
    assert browser(app).post(path).status_code == 303


def test_another_site_cannot_spend_a_link(app: FastAPI, person: Person, link: MakeLink) -> None:
    path, client = link(person()), browser(app)
    client.headers.update({"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"})
    assert client.post(path, data={"password": PASSWORD}).status_code == 403
    assert client.get(path).status_code == 200
