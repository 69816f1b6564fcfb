"""Administration: what ends at once, what nobody may do to themselves, who must not be here at all."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from fastapi import FastAPI
from sqlalchemy import Engine, select, update
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.audit.models import Event
from tests.accounts.conftest import PASSWORD, Person
from tests.web.browsers import browser, program

PAGES = [
    *("/admin", "/admin/users/1", "/admin/invitation", "/admin/invitations", "/admin/sessions"),
    *("/admin/tokens", "/admin/workers", "/admin/storage", "/admin/activity"),
]


def test_disabling_ends_sessions_and_tokens_at_the_next_request(app: FastAPI, person: Person) -> None:
    admin, user = person(admin=True), person()
    page, api = browser(app, user), program(app, user)
    assert (page.get("/account").status_code, api.get("/api/v1/me").status_code) == (200, 200)
    answer = browser(app, admin).post(f"/admin/users/{user.id}/access", data={"access": "disabled"})
    assert answer.status_code == 303
    assert (page.get("/account").status_code, api.get("/api/v1/me").status_code) == (303, 401)


def test_enabling_brings_back_neither_sessions_nor_tokens(app: FastAPI, person: Person) -> None:
    admin, user = browser(app, person(admin=True)), person()
    page, api = browser(app, user), program(app, user)
    for access in ("disabled", "enabled"):
        admin.post(f"/admin/users/{user.id}/access", data={"access": access})
    assert (page.get("/account").status_code, api.get("/api/v1/me").status_code) == (303, 401)
    signed_in = browser(app).post("/sign-in", data={"email": user.email, "password": PASSWORD})
    assert signed_in.status_code == 303


def test_a_disabled_row_alone_keeps_the_person_out(
    app: FastAPI, person: Person, live_database: Engine
) -> None:
    user = person()
    page, api = browser(app, user), program(app, user)
    with Session(live_database) as session, session.begin():
        session.execute(update(User).values(disabled_at=datetime.now(UTC)))
    assert (page.get("/account").status_code, api.get("/api/v1/me").status_code) == (303, 401)


def test_nobody_disables_or_unmakes_themselves(app: FastAPI, person: Person) -> None:
    admin = person(admin=True)
    person(admin=True)
    client = browser(app, admin)
    access = client.post(f"/admin/users/{admin.id}/access", data={"access": "disabled"})
    role = client.post(f"/admin/users/{admin.id}/site-role", data={"site_role": "none"})
    assert (access.status_code, role.status_code) == (403, 403)
    assert client.get("/admin").status_code == 200


def test_two_administrators_who_unmake_each_other_leave_one(
    app: FastAPI, person: Person, live_database: Engine
) -> None:
    for _ in range(3):
        one, two = person(admin=True), person(admin=True)
        with Session(live_database) as session, session.begin():
            others = User.id.not_in([one.id, two.id])
            session.execute(update(User).where(others).values(is_admin=False))
        acts = [
            (browser(app, one), f"/admin/users/{two.id}/site-role", {"site_role": "none"}),
            (browser(app, two), f"/admin/users/{one.id}/access", {"access": "disabled"}),
        ]
        with ThreadPoolExecutor(2) as threads:
            list(threads.map(lambda act: act[0].post(act[1], data=act[2]), acts))
        with Session(live_database) as session:
            left = select(User.id).where(User.is_admin, User.disabled_at.is_(None))
            assert len(session.scalars(left).all()) == 1


@pytest.mark.parametrize("path", PAGES)
def test_only_administrators_see_administration(app: FastAPI, person: Person, path: str) -> None:
    assert browser(app, person(admin=True)).get(path).status_code == 200
    assert browser(app, person()).get(path).status_code == 403
    assert browser(app).get(path).status_code == 303


@pytest.mark.parametrize(
    ("path", "data"),
    [
        ("/admin/users", {"email": "new@example.org", "name": "New", "is_admin": "true"}),
        ("/admin/users/{id}/link", {}),
        ("/admin/users/{id}/access", {"access": "disabled"}),
        ("/admin/users/{id}/site-role", {"site_role": "admin"}),
    ],
)
def test_nobody_else_administers(
    app: FastAPI, person: Person, live_database: Engine, path: str, data: dict[str, str]
) -> None:
    user = person()

    def everybody() -> list[tuple[object, ...]]:
        with Session(live_database) as session:
            rows = session.execute(select(User.id, User.is_admin, User.disabled_at, User.password_hash))
            return sorted(map(tuple, rows), key=str)

    before = everybody()
    path = path.format(id=user.id)
    assert browser(app, user).post(path, data=data).status_code == 403
    assert browser(app).post(path, data=data).status_code == 303
    assert everybody() == before


def test_an_invitation_shows_a_link_that_works(app: FastAPI, person: Person) -> None:
    answer = browser(app, person(admin=True)).post(
        "/admin/users", data={"email": " new@example.org ", "name": "New  Person"}
    )
    assert answer.status_code == 201
    found = re.search(r"http://127\.0\.0\.1:8000(/links/[\w-]+)", answer.text)
    assert found
    assert browser(app).post(found[1], data={"password": PASSWORD}).status_code == 303


def test_an_address_is_taken_whatever_its_capitals(app: FastAPI, person: Person) -> None:
    admin = browser(app, person(admin=True))
    taken = person().email
    answer = admin.post("/admin/users", data={"email": taken.upper(), "name": "Kept as typed"})
    assert answer.status_code == 422
    assert "Somebody with this address is there already." in answer.text
    assert 'value="Kept as typed"' in answer.text


def test_a_form_with_a_field_of_its_own_making_is_refused(app: FastAPI, person: Person) -> None:
    answer = browser(app, person()).post("/account/profile", data={"name": "Me", "is_admin": "true"})
    assert answer.status_code == 422


def test_people_are_found_by_part_of_a_name_and_page_by_page(
    app: FastAPI, person: Person, live_database: Engine
) -> None:
    admin = person(admin=True)
    with Session(live_database) as session, session.begin():
        session.add_all(User(email=f"p{n}@example.org", name=f"Pager {n:03} %_\\") for n in range(60))
    client = browser(app, admin)
    first = client.get("/admin", params={"q": "pager"})
    names = re.findall(r"Pager \d{3}", first.text)
    following = re.search(r'href="(/admin\?[^"]*cursor=[^"]*)"', first.text)
    assert following
    second = client.get(following[1].replace("&amp;", "&"))
    names += re.findall(r"Pager \d{3}", second.text)
    assert sorted(set(names)) == [f"Pager {n:03}" for n in range(60)]
    assert "Pager" in client.get("/admin", params={"q": "%_\\"}).text
    assert "Nobody fits." in client.get("/admin", params={"q": "%%"}).text


def test_every_act_leaves_one_event(app: FastAPI, person: Person, live_database: Engine) -> None:
    admin, user = person(admin=True), person()
    client = browser(app, admin)
    client.post(f"/admin/users/{user.id}/site-role", data={"site_role": "admin"})
    client.post(f"/admin/users/{user.id}/site-role", data={"site_role": "none"})
    client.post(f"/admin/users/{user.id}/link")
    for access in ("disabled", "disabled", "enabled"):
        client.post(f"/admin/users/{user.id}/access", data={"access": access})
    with Session(live_database) as session:
        events = session.scalars(select(Event).order_by(Event.id)).all()
    assert [event.verb for event in events] == [
        "user.make_admin",
        "user.unmake_admin",
        "user.link_reset",
        "user.disable",
        "user.enable",
    ]
    assert {(event.actor_id, event.subject_id) for event in events} == {(admin.id, user.id)}
    assert "disabled a person" in client.get("/admin/activity").text


def test_programs_administer_under_the_same_rules(app: FastAPI, person: Person) -> None:
    admin, user = person(admin=True), person()
    api, path = program(app, admin), f"/api/v1/users/{user.email.upper()}"
    first = api.get("/api/v1/users", params={"limit": 1})
    rest = api.get(first.headers["Link"].split(">")[0].lstrip("<"))
    names = {item["email"] for page in (first, rest) for item in page.json()["items"]}
    assert names == {admin.email, user.email}
    assert api.patch(path, json={"admin": True}).json()["admin"] is True
    assert api.patch(path, json={"disabled": True}).json()["disabled_at"] is not None
    assert api.patch(path, json={"password": "x"}).status_code == 422
    assert api.patch(f"/api/v1/users/{admin.email}", json={"admin": False}).status_code == 403
    assert api.patch("/api/v1/users/nobody@example.org", json={}).status_code == 404
    narrow = program(app, admin, "read", "write")
    assert narrow.get("/api/v1/users").json()["code"] == "scope_missing"


def test_a_program_of_somebody_else_administers_nothing(app: FastAPI, person: Person) -> None:
    admin, other = person(admin=True), person(admin=True)
    api = program(app, other)
    browser(app, admin).post(f"/admin/users/{other.id}/site-role", data={"site_role": "none"})
    assert api.get("/api/v1/users").status_code == 403
    assert api.patch(f"/api/v1/users/{admin.email}", json={"disabled": True}).status_code == 403


def test_a_program_may_give_its_own_token_back(app: FastAPI, person: Person) -> None:
    api, stranger = program(app, person()), program(app, person())
    (token,) = api.get("/api/v1/tokens").json()
    assert set(token) == {"id", "name", "scopes", "created_at", "expires_at", "last_used_at"}
    assert stranger.delete(f"/api/v1/tokens/{token['id']}").status_code == 404
    assert api.delete(f"/api/v1/tokens/{token['id']}").status_code == 204
    assert api.get("/api/v1/me").status_code == 401
