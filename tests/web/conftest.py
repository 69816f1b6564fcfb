"""The application on a database of the test's own."""

import pytest
from fastapi import FastAPI
from sqlalchemy import Engine

from app.main import create_app


@pytest.fixture
def app(live_database: Engine) -> FastAPI:
    """The whole application; what it commits stays until the test is over."""
    return create_app()
