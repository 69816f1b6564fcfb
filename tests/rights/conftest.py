"""One database for each module of these tests, with the world that everybody is tried in."""

from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from sqlalchemy import Engine

from app import database
from tests.conftest import on_a_database_of_its_own
from tests.rights.building import Builder
from tests.rights.world import World


@pytest.fixture(scope="package")
def engine_of_module(postgres: str, template: str) -> Iterator[Engine]:
    """A database of this module's own, which the application works on and commits to."""
    with on_a_database_of_its_own(postgres, template) as engine:
        yield engine


@pytest.fixture(scope="package")
def world(engine_of_module: Engine, application: FastAPI) -> Iterator[World]:
    """Everybody, signed in. Tests leave it as it is: what is done in it is undone."""
    with database.transaction() as session:
        builder = Builder(session)
        builder.build()
        values, elsewhere = builder.values(), builder.other_project()
    world = World(
        application,
        engine_of_module,
        builder.project,
        builder.people,
        builder.samples,
        builder.documents,
        values,
        elsewhere,
    )
    world.meet()
    yield world
    world.part()
