"""One's own account: name, password, other browsers, API tokens."""

import re

from fastapi import FastAPI
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from app.accounts.models import ApiToken, User, UserSession
from app.accounts.rules import FREE_FAILURES_OF_ACCOUNT
from tests.accounts.conftest import PASSWORD, Person
from tests.web.browsers import browser, program

NEW = "a new and longer password"


def test_a_refused_name_is_shown_again_with_its_sentence(app: FastAPI, person: Person) -> None:
    client = browser(app, person())
    name = "<b>Ann</b>" + "x" * 300
    answer = client.post("/account/profile", data={"name": name, "single_keys": "true"})
    assert answer.status_code == 422
    assert "&lt;b&gt;Ann" in answer.text
    assert "<b>Ann" not in answer.text
    assert "A name has 1 to 200 printable characters." in answer.text


def test_name_and_keys_are_saved_and_the_next_page_says_so_once(app: FastAPI, person: Person) -> None:
    client = browser(app, person())
    assert client.post("/account/profile", data={"name": " Ann  Bee "}).status_code == 303
    page = client.get("/account")
    assert "Saved." in page.text
    assert 'value="Ann Bee"' in page.text
    assert 'data-single-keys="off"' in page.text
    assert "Saved." not in client.get("/account").text


def test_changing_the_password_wants_the_old_one_and_ends_other_sessions(
    app: FastAPI, person: Person
) -> None:
    user = person()
    here, elsewhere = browser(app, user), browser(app, user)
    wrong = here.post("/account/password", data={"old_password": NEW, "new_password": NEW})
    assert wrong.status_code == 422
    assert "This is not your password." in wrong.text
    assert elsewhere.get("/account").status_code == 200
    done = here.post("/account/password", data={"old_password": PASSWORD, "new_password": NEW})
    assert done.status_code == 303
    assert here.get("/account").status_code == 200
    assert elsewhere.get("/account").status_code == 303
    assert browser(app).post("/sign-in", data={"email": user.email, "password": NEW}).status_code == 303


def test_guessing_the_old_password_is_slowed_down(app: FastAPI, person: Person) -> None:
    client = browser(app, person())
    guess = {"old_password": "not the password", "new_password": NEW}
    for _ in range(FREE_FAILURES_OF_ACCOUNT):
        assert client.post("/account/password", data=guess).status_code == 422
    right = {"old_password": PASSWORD, "new_password": NEW}
    assert client.post("/account/password", data=right).status_code == 429


def test_one_s_other_browsers_can_be_signed_out_and_nobody_else_s(
    app: FastAPI, person: Person, live_database: Engine
) -> None:
    user, stranger = person(), person()
    here, elsewhere, other = browser(app, user), browser(app, user), browser(app, stranger)
    with Session(live_database) as session:
        ids = session.scalars(select(UserSession.id).order_by(UserSession.id)).all()
    for session_id in ids[1:]:
        here.post(f"/account/sessions/{session_id}/removal")
    assert elsewhere.get("/account").status_code == 303
    assert (here.get("/account").status_code, other.get("/account").status_code) == (200, 200)


def test_a_token_is_shown_once_and_works_until_it_is_revoked(
    app: FastAPI, person: Person, live_database: Engine
) -> None:
    client = browser(app, person())
    made = client.post("/account/tokens", data={"name": "script", "scopes": ["read"], "days": "7"})
    assert made.status_code == 201
    found = re.search(r'id="new-token">(engr_[\w-]{43})<', made.text)
    assert found
    assert "engr_" not in client.get("/account").text.replace("engr_…", "")
    bearer = {"Authorization": f"Bearer {found[1]}"}
    assert browser(app).get("/api/v1/me", headers=bearer).status_code == 200
    with Session(live_database) as session:
        token = session.scalars(select(ApiToken)).one()
    assert token.scopes == ["read"]
    assert client.post(f"/account/tokens/{token.id}/revocation").status_code == 303
    assert browser(app).get("/api/v1/me", headers=bearer).status_code == 401


def test_nobody_revokes_another_s_token(app: FastAPI, person: Person, live_database: Engine) -> None:
    owner = person()
    api = program(app, owner)
    with Session(live_database) as session:
        token_id = session.scalars(select(ApiToken.id)).one()
    theirs = browser(app, person()).post(f"/account/tokens/{token_id}/revocation")
    nobodys = browser(app, owner).post("/account/tokens/999999/revocation")
    assert (theirs.status_code, nobodys.status_code) == (404, 404)
    assert api.get("/api/v1/me").status_code == 200


def test_a_token_never_may_more_than_its_person(app: FastAPI, person: Person) -> None:
    client = browser(app, person())
    refused = client.post("/account/tokens", data={"name": "script", "scopes": ["read", "admin"]})
    assert refused.status_code == 422
    assert "These scopes are not for this person: admin." in refused.text
    for days in ("0", "-1", "99999", "1e3", "soon"):
        wrong = client.post("/account/tokens", data={"name": "script", "days": days})
        assert wrong.status_code == 422
        assert 'id="field-days-error"' in wrong.text


def test_a_nul_in_a_field_is_refused_and_nothing_breaks(app: FastAPI, person: Person) -> None:
    user: User = person()
    answers = [
        browser(app, user).post("/account/profile", data={"name": "a\x00b"}),
        browser(app).post("/sign-in", data={"email": "a\x00b@example.org", "password": PASSWORD}),
        browser(app).get("/links/a%00b"),
    ]
    assert [answer.status_code for answer in answers] == [422, 422, 404]
