"""What opens a door: one-time links, tokens of the API, form tokens; used up, ended, another's, odd."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.accounts import links
from app.accounts.models import User
from app.accounts.rules import MAX_PASSWORD, MIN_PASSWORD, Purpose
from tests.bad_input.calls import calls
from tests.bad_input.conftest import Site
from tests.web.browsers import SITE, browser


def link_of(site: Site, person: str, purpose: Purpose = Purpose.RESET) -> str:
    with Session(site.connection, join_transaction_mode="create_savepoint") as session, session.begin():
        user = session.get_one(User, site.world.people[person].id)
        return links.create(session, user=user, purpose=purpose, days=1, actor=user, at=datetime.now(UTC))


@pytest.mark.parametrize("purpose", Purpose)
def test_a_link_that_was_used_has_ended_or_never_was_opens_nothing(site: Site, purpose: Purpose) -> None:
    client = browser(site.app)
    used = link_of(site, "owner", purpose)
    assert client.post(f"/links/{used}", data={"password": "a new password"}).status_code == 303
    replaced = link_of(site, "owner", purpose)
    ended = link_of(site, "owner", purpose)
    # By the database's time, which is that of the shared transaction's beginning.
    ends = "UPDATE one_time_links SET expires_at = now() - interval '1 second' WHERE spent_at IS NULL"
    site.connection.execute(text(ends))
    bodies = set()
    for word in (
        used,
        replaced,
        ended,
        "none",
        " ",
        "%00",
        "%ff",
        used[:-1],
        used + "a",
        used.swapcase(),
        "a" * 5000,
    ):
        for answer in (
            client.get(f"/links/{word}"),
            client.post(f"/links/{word}", data={"password": "q" * 9}),
        ):
            assert answer.status_code == 404, word
            assert "Set-Cookie" not in answer.headers
            bodies.add(answer.text)
    site.undo()
    assert (
        len({body for body in bodies if "one for" not in body}) <= 2
    )  # the link's own sentence, and "no such page"


@pytest.mark.parametrize("password", ["", "short", " " * 3, "x" * (MAX_PASSWORD + 1), "x" * 500_000])
def test_a_password_of_another_length_leaves_the_link_and_says_which_lengths_there_are(
    site: Site, password: str
) -> None:
    client, word = browser(site.app), link_of(site, "owner")
    answer = client.post(f"/links/{word}", data={"password": password})
    assert answer.status_code == 422
    assert f"{MIN_PASSWORD} to {MAX_PASSWORD} characters" in answer.text
    assert client.get(f"/links/{word}").status_code == 200
    site.undo()


def test_a_token_of_the_api_that_is_not_exactly_one_is_none(site: Site) -> None:
    client = site.client("owner", api=True)
    word = client.headers["Authorization"].removeprefix("Bearer ")
    odd = [
        "",
        " ",
        "Bearer",
        "Bearer ",
        f"Basic {word}",
        word,
        f"Bearer {word}x",
        f"Bearer {word[:-1]}",
        f"Bearer {word.upper()}",
        f"Bearer  {word} x",
        "Bearer \x00",
        "Bearer " + "a" * 60_000,
        f"bearer {word[::-1]}",
    ]
    for value in odd:
        answer = client.get("/api/v1/me", headers={"Authorization": value.encode()})
        assert (answer.status_code, answer.json()["code"]) == (401, "invalid_token"), value[:80]
    assert client.get("/api/v1/me").status_code == 200
    site.undo()


FOREIGN = [
    {"Origin": "null"},
    {"Origin": "https://evil.example"},
    {"Origin": SITE + ".evil.example"},
    {"Origin": ""},
    {"Sec-Fetch-Site": "cross-site"},
]


OPEN = {"/sign-in", "/links/{token}", "/forgotten-password"}  # without a session


def test_no_change_of_any_page_goes_with_another_sites_origin_or_a_wrong_form_token(site: Site) -> None:
    other = browser(site.app, site.world.people["lead"]).headers["X-CSRF-Token"]
    failures = []
    for number, call in enumerate(call for call in calls(site.app) if call.is_change and not call.is_api):
        person = "owner" if call.right.person == "anonymous" else call.right.person
        for headers in (FOREIGN[number % len(FOREIGN)], {"X-CSRF-Token": other}, {"X-CSRF-Token": "00"}):
            is_open = call.path in OPEN and "X-CSRF-Token" in headers
            case = site.ask(call, person=person, headers=headers, data=site.filled(call.right.values))
            if case.changed or (case.answer.status_code != 403 and not is_open):
                failures.append((call.method, call.path, headers, case.answer.status_code, case.changed))
    assert failures == []
