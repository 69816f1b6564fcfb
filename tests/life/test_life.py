"""The state machine's runs: a small one that is the same every time, and a long one that never is.

HYPOTHESIS_PROFILE=long .venv/bin/python -m pytest -n 0 -s tests/life
"""

import os
from collections.abc import Iterator
from functools import partial

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test
from sqlalchemy import create_engine, text

from app import database
from tests.conftest import copy_database
from tests.life.machine import LifeOfSamples
from tests.life.world import World, build_world

IS_LONG = os.environ.get("HYPOTHESIS_PROFILE") == "long"
SETTINGS = settings(
    max_examples=int(os.environ.get("LIFE_EXAMPLES", "300" if IS_LONG else "10")),
    stateful_step_count=50 if IS_LONG else 30,
    derandomize=not IS_LONG,
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


@pytest.fixture
def world(postgres: str, template: str) -> Iterator[tuple[World, str]]:
    """The world, and the name of the database that holds it and is copied for each example."""
    url = copy_database(postgres, template)
    database.configure(url)
    engine = database.get_engine()
    built = build_world()
    engine.dispose()
    yield built, engine.url.database or ""
    database.configure("")


def drop(url: str) -> None:
    """A copy that served its example."""
    name = create_engine(url).url
    admin = create_engine(name.set(database="postgres"), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f'DROP DATABASE "{name.database}" WITH (FORCE)'))
    admin.dispose()


def test_whatever_happens_in_whatever_order_the_oracle_foretold_it(
    postgres: str, world: tuple[World, str]
) -> None:
    built, source = world
    machine = partial(LifeOfSamples, built, partial(copy_database, postgres, source), drop)
    run_state_machine_as_test(machine, settings=SETTINGS)
