"""A database that all tests of one module commit to; each makes a project of its own."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from tests.conftest import on_a_database_of_its_own


@pytest.fixture(scope="module")
def site(postgres: str, template: str) -> Iterator[Engine]:
    """The database on which the application in this process works, with connections for many threads."""
    with on_a_database_of_its_own(postgres, template) as engine:
        yield engine
