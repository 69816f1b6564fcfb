"""A project with one sample in each place of its life, and a browser and a token for everybody around it."""

import pickle
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from app import database
from app.accounts.models import User
from app.projects.models import Project
from app.reviews import service as reviews
from app.samples import submission
from app.samples.models import Sample
from app.samples.workflow import Action
from tests.conftest import on_a_database_of_its_own
from tests.factories import Factory
from tests.web.browsers import browser, program


@dataclass
class World:
    """The people by what they are to the project, and the samples by status."""

    app: FastAPI
    project: Project
    people: dict[str, User]
    samples: dict[str, int]

    def browser(self, name: str) -> TestClient:
        """A signed-in browser of that person; "anonymous" is nobody."""
        return browser(self.app, self.people.get(name))

    def program(self, name: str, *scopes: str) -> TestClient:
        """A client of the JSON API with that person's token."""
        return program(self.app, self.people[name], *scopes)


@pytest.fixture(scope="session")
def built(postgres: str, template: str, application: FastAPI) -> tuple[str, FastAPI, bytes]:
    """The name of a database with the world in it, the application, and the people and samples, pickled."""
    with on_a_database_of_its_own(postgres, template) as engine:
        world = build_world(application)
        made = pickle.dumps((world.project, world.people, world.samples))
    return str(engine.url.database), world.app, made


@pytest.fixture
def world(postgres: str, built: tuple[str, FastAPI, bytes]) -> Iterator[World]:
    name, app, made = built
    with on_a_database_of_its_own(postgres, name):
        yield World(app, *pickle.loads(made))  # noqa: S301 -- our own


def build_world(app: FastAPI) -> World:
    """The world, in the database that this process works on."""
    now = datetime.now(UTC)
    with database.transaction() as session:
        make = Factory(session)
        project = make.project()
        people = {
            "owner": make.annotator(project),
            "colleague": make.annotator(project),
            "reviewer": make.reviewer(project),
            "second reviewer": make.reviewer(project),
            "lead": make.lead(project),
            "engineer": make.engineer(project),
            "stranger": make.lead(make.project()),
        }

        def handed_in() -> Sample:
            sample = make.sample(project, annotator=people["owner"])
            return submission.submit(
                session, sample_id=sample.id, based_on=1, reasons={}, actor=people["owner"], at=now
            )

        samples = {"submitted": handed_in().id}
        for status, action in (
            ("approved", Action.APPROVE),
            ("rejected", Action.REJECT),
            ("changes_requested", Action.REQUEST_CHANGES),
        ):
            sample = handed_in()
            reviews.decide(
                session,
                sample_id=sample.id,
                revision_number=1,
                action=action,
                comment="Look at 7.2 again.",
                actor=people["reviewer"],
                at=now,
            )
            samples[status] = sample.id
        samples["draft"] = make.sample(project, annotator=people["owner"]).id
        make.task(project)
    return World(app, project, people, samples)
