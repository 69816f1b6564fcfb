"""The application on a database of the test's own, and people in it who have passwords."""

from collections.abc import Callable

import pytest
from fastapi import FastAPI
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from app.accounts import passwords
from app.accounts.models import User
from tests.factories import Factory

PASSWORD = "correct horse battery"

Person = Callable[..., User]


@pytest.fixture
def app(application: FastAPI, live_database: Engine) -> FastAPI:
    """The application on a database of this test's own: what it commits stays until the test is over."""
    return application


@pytest.fixture
def person(live_database: Engine) -> Person:
    """Makes a committed person with PASSWORD."""

    def make(*, admin: bool = False, password: str | None = PASSWORD) -> User:
        with Session(live_database, expire_on_commit=False) as session, session.begin():
            user = Factory(session).user(admin=admin)
            user.password_hash = passwords.make_hash(password) if password else None
            return user

    return make
