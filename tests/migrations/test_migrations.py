"""The schema: up from nothing, the same as the models, down and up again with data in it."""

from collections.abc import Iterator
from itertools import count

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, create_engine, inspect, text
from sqlalchemy.orm import Session

from app import database, migrating, schema
from tests.factories import Factory

_names = count(1)


@pytest.fixture
def empty(postgres: str) -> Iterator[Engine]:
    """A database without a table."""
    admin, name = create_engine(postgres, isolation_level="AUTOCOMMIT"), f"emptied_{next(_names)}"
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    admin.dispose()  # it is connected to the template, which nobody could copy meanwhile
    engine = database.make_engine(admin.url.set(database=name).render_as_string(hide_password=False))
    yield engine
    engine.dispose()


def go_to(engine: Engine, revision: str) -> None:
    with engine.connect() as connection:
        config = migrating.config(connection)
        (command.downgrade if revision in {"base", "0002", "0003"} else command.upgrade)(config, revision)
        connection.commit()


def test_the_schema_grows_from_nothing_and_is_what_the_models_say(empty: Engine) -> None:
    assert migrating.migrate(empty) == schema.head()
    with empty.connect() as connection:
        command.check(migrating.config(connection))


def test_the_head_is_what_alembic_calls_so() -> None:
    assert schema.head() == ScriptDirectory.from_config(migrating.config()).get_current_head()


def test_migrating_again_changes_nothing(empty: Engine) -> None:
    migrating.migrate(empty)
    with empty.connect() as connection:
        before = set(inspect(connection).get_table_names())
    assert migrating.migrate(empty) == schema.head()
    with empty.connect() as connection:
        assert set(inspect(connection).get_table_names()) == before


def test_down_to_nothing_leaves_nothing_and_up_again_works(empty: Engine) -> None:
    migrating.migrate(empty)
    go_to(empty, "base")
    with empty.connect() as connection:
        assert set(inspect(connection).get_table_names()) == {"alembic_version"}
        left = connection.scalar(
            text("SELECT count(*) FROM pg_proc WHERE pronamespace = current_schema()::regnamespace")
        )
    assert left == 0
    assert migrating.migrate(empty) == schema.head()


def test_the_guards_go_and_come_back_while_the_data_stays(empty: Engine) -> None:
    migrating.migrate(empty)
    with Session(empty) as session, session.begin():
        make = Factory(session)
        sample_id = make.sample(make.project()).id
    go_to(empty, "0002")
    go_to(empty, "head")
    with empty.connect() as connection:
        found = connection.scalar(text("SELECT count(*) FROM samples WHERE id = :id"), {"id": sample_id})
        guards = connection.scalar(
            text("SELECT count(*) FROM pg_trigger WHERE tgname = 'not_own_work' AND NOT tgisinternal")
        )
    assert (found, guards) == (1, 1)


@pytest.mark.parametrize(
    ("version", "said"), [("9999", "newer than this version"), ("0001", "older than this version")]
)
def test_another_schema_than_the_codes_is_named_in_one_sentence(
    empty: Engine, version: str, said: str
) -> None:
    migrating.migrate(empty)
    with empty.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :version"), {"version": version})
    with empty.connect() as connection, pytest.raises(schema.SchemaError, match=said):
        schema.check(connection)
    if version == "9999":
        with pytest.raises(schema.SchemaNewerError):
            migrating.migrate(empty)
