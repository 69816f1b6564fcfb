"""A database that all tests of one module commit to; each makes a project of its own."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from app import database
from tests.conftest import copy_database


@pytest.fixture(scope="module")
def site(postgres: str, template: str) -> Iterator[Engine]:
    """The database on which the application in this process works, with connections for many threads."""
    database.configure(copy_database(postgres, template))
    engine = database.get_engine()
    yield engine
    engine.dispose()
    database.configure("")
