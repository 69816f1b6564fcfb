"""The demo is built once for the tests that only look at it: building takes seconds."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from app import database
from app.demo.service import build_demo
from tests.conftest import on_a_database_of_its_own
from tests.factories import NOON


@pytest.fixture(scope="module")
def demo_engine(postgres: str, template: str) -> Iterator[Engine]:
    """A database with the demo in it, on which the application in this process works."""
    with on_a_database_of_its_own(postgres, template) as engine:
        with database.transaction() as session:
            assert build_demo(session, at=NOON)
        yield engine


@pytest.fixture
def demo(demo_engine: Engine) -> Iterator[Session]:
    """A session on the demo's database, whose work is rolled back."""
    with Session(demo_engine, expire_on_commit=False) as session:
        yield session
        session.rollback()
