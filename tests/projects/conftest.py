"""A project on the real application, with one person of each kind."""

from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session
from starlette.testclient import TestClient

from app.accounts.models import User
from tests.factories import Factory
from tests.web.browsers import program


class World:
    """A project, its people and an admin, and clients that carry their tokens."""

    def __init__(self, app: FastAPI, session: Session) -> None:
        make = Factory(session)
        self.session = session
        self.app = app
        self.project = make.project()
        self.lead = make.lead(self.project)
        self.annotator = make.annotator(self.project, attested=False)
        self.reviewer = make.reviewer(self.project)
        self.engineer = make.engineer(self.project)
        self.stranger = make.lead(make.project())
        self.admin = make.user(admin=True)
        session.commit()
        self.path = f"/api/v1/projects/{self.project.slug}"

    def client(self, user: User) -> TestClient:
        return program(self.app, user)

    def count(self, model: type) -> int:
        """The rows that are committed."""
        self.session.rollback()
        return self.session.scalar(select(func.count()).select_from(model)) or 0


@pytest.fixture
def world(application: FastAPI, live_database: Engine) -> Iterator[World]:
    with Session(live_database, expire_on_commit=False) as session:
        yield World(application, session)
