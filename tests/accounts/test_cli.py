"""`engross user` and `engross token`, on a database of the test's own."""

import json
from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session
from typer.testing import CliRunner

from app.accounts.cli import tokens_app, users
from app.audit.models import Event
from app.errors import AppError, Conflict, Invalid, NotFound
from tests.accounts.conftest import PASSWORD, Person
from tests.web.browsers import browser

EMAIL = ["--email", "new@example.org"]
CREATE = ["create", *EMAIL, "--name", "New Person"]


def run(program: Any, *arguments: str, stdin: str = "") -> Any:
    result = CliRunner().invoke(program, [*arguments, "--json"], input=stdin)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_a_new_person_chooses_a_password_by_the_printed_link(app: FastAPI) -> None:
    shown = run(users, *CREATE)
    assert set(shown) == {"id", "email", "link"}
    path = shown["link"].removeprefix("http://127.0.0.1:8000")
    assert browser(app).post(path, data={"password": PASSWORD}).status_code == 303


def test_a_password_comes_by_standard_input(app: FastAPI) -> None:
    shown = run(users, *CREATE, "--admin", "--password-stdin", stdin=f"{PASSWORD}\n")
    assert shown == {"id": shown["id"], "email": "new@example.org"}
    signed_in = browser(app).post("/sign-in", data={"email": "new@example.org", "password": PASSWORD})
    assert signed_in.status_code == 303
    (listed,) = run(users, "list")
    assert (listed["name"], listed["admin"], listed["disabled_at"]) == ("New Person", True, None)


@pytest.mark.parametrize(
    ("arguments", "refusal"),
    [
        ([*CREATE, "--password-stdin"], Invalid),
        (["create", "--email", "nowhere", "--name", "X"], Invalid),
        (["create", *EMAIL, "--name", " "], Invalid),
        (["reset", *EMAIL], NotFound),
        (["disable", *EMAIL], NotFound),
    ],
)
def test_what_cannot_be_done_is_refused_and_changes_nothing(
    live_database: Engine, arguments: list[str], refusal: type[AppError]
) -> None:
    with pytest.raises(refusal):
        run(users, *arguments, stdin="short\n")
    assert run(users, "list") == []


def test_the_last_administrator_stays(live_database: Engine, person: Person) -> None:
    admin = person(admin=True)
    with pytest.raises(Conflict, match="last administrator"):
        run(users, "disable", "--email", admin.email)


def test_a_token_is_printed_once_and_works_until_it_is_revoked(app: FastAPI, person: Person) -> None:
    email = ["--email", person().email]
    made = run(tokens_app, "create", *email, "--scope", "read", "--scope", "export", "--days", "3")
    assert made["scopes"] == ["read", "export"]
    headers = {"Authorization": f"Bearer {made['token']}"}
    assert browser(app).get("/api/v1/me", headers=headers).status_code == 200
    (listed,) = run(tokens_app, "list", *email)
    assert "token" not in listed
    run(tokens_app, "revoke", str(listed["id"]))
    assert browser(app).get("/api/v1/me", headers=headers).status_code == 401


def test_the_operator_stands_in_the_history(live_database: Engine) -> None:
    run(users, *CREATE)
    with Session(live_database) as session:
        events = session.scalars(select(Event).order_by(Event.id)).all()
    assert [(event.verb, event.actor_name, event.actor_id) for event in events] == [
        ("user.create", "operator", None),
        ("user.link_invitation", "operator", None),
    ]
