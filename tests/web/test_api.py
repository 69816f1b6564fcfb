"""The API's plumbing: tokens, scopes, problems, POSTs that are sent twice."""

from fastapi import FastAPI
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from app.accounts.models import User
from tests.factories import Factory
from tests.web.browsers import program


def person(engine: Engine, *, admin: bool = False) -> User:
    """A committed user."""
    with Session(engine, expire_on_commit=False) as session, session.begin():
        return Factory(session).user(admin=admin)


def test_me_names_the_person_behind_the_token(app: FastAPI, live_database: Engine) -> None:
    user = person(live_database)
    answer = program(app, user).get("/api/v1/me")
    assert answer.status_code == 200
    assert answer.json() == {"email": user.email, "name": user.name, "admin": False, "memberships": []}
