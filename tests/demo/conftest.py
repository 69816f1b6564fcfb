"""The demo is built once for the tests that only look at it: building takes seconds."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from app import database
from app.demo.service import build_demo
from tests.conftest import copy_database
from tests.factories import NOON


@pytest.fixture(scope="module")
def demo_engine(postgres: str, template: str) -> Iterator[Engine]:
    """A database with the demo in it, on which the application in this process works."""
    database.configure(copy_database(postgres, template))
    with database.transaction() as session:
        assert build_demo(session, at=NOON)
    engine = database.get_engine()
    yield engine
    engine.dispose()
    database.configure("")


@pytest.fixture
def demo(demo_engine: Engine) -> Iterator[Session]:
    """A session on the demo's database, whose work is rolled back."""
    with Session(demo_engine, expire_on_commit=False) as session:
        yield session
        session.rollback()
