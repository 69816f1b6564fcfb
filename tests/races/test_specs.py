"""Postgres's own isolation tester puts the product's statements through every order of two sessions.

Each file of `specs/` says in its head what sample it begins with, and names guards (a lock, a trigger, a
constraint): the ones without which the others are `enough`, and the ones without which the invariant is
`lost`. What the tester prints with all guards is checked in; ENGROSS_WRITE_EXPECTED=1 writes it anew.
"""

import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from app import database
from app.embedded import binaries
from tests.conftest import on_a_database_of_its_own
from tests.factories import Factory
from tests.races.twins import make_twin

SPECS = Path(__file__).parent / "specs"
NAMES = sorted(path.stem for path in SPECS.glob("*.spec"))
LOCK = "FOR UPDATE"


def find_tester() -> Path | None:
    """The tester beside any of Postgres's programs here; it speaks with servers of other versions too."""
    configured = os.environ.get("ENGROSS_TEST_PG_BIN")
    found = binaries.list_binaries(configured=Path(configured) if configured else None)
    for programs in found:
        root = programs.directory.parent
        for tester in sorted(root.glob("lib/**/pgxs/src/test/isolation/isolationtester")):
            return tester
    return None


TESTER = find_tester()
pytestmark = pytest.mark.skipif(TESTER is None, reason="isolationtester comes with Postgres's server headers")


def heads(name: str, word: str) -> list[str]:
    """What stands after this word in the head of a spec."""
    return re.findall(rf"^# {word}: (.+)$", (SPECS / f"{name}.spec").read_text(), re.MULTILINE)


def begin(name: str) -> None:
    (situation,) = heads(name, "situation")
    twin = make_twin(situation, approvals=2 if situation == "half approved" else 1)
    with database.transaction() as session:
        twin.people["another"] = Factory(session).annotator(session.merge(twin.project, load=False))
        people = ", ".join(f"('{name}', {user.id}::bigint)" for name, user in twin.people.items())
        cast = (SPECS / "cast.sql").read_text().replace(":people", people)
        # Through the driver: the script holds percent signs that are no parameters.
        session.connection().connection.cursor().execute(cast.replace(":sample", str(twin.sample_id)))


@pytest.fixture
def site(request: pytest.FixtureRequest, postgres: str, template: str) -> Iterator[Engine]:
    """A database of this spec's own, in which it begins."""
    with on_a_database_of_its_own(postgres, template) as engine:
        begin(request.getfixturevalue("name"))
        yield engine


def take_out(engine: Engine, guards: str) -> None:
    """Remove triggers and constraints, each named by its table; what this schema has not is passed over."""
    with engine.begin() as connection:
        for table, name in re.findall(r"(\w+)\.(\w+)", guards):
            is_trigger = text(
                "SELECT count(*) FROM pg_trigger WHERE tgrelid = to_regclass(:table) AND tgname = :name"
            )
            if connection.scalar(is_trigger, {"table": table, "name": name}):
                connection.execute(text(f"DROP TRIGGER {name} ON {table}"))
            connection.execute(text(f"ALTER TABLE {table} DROP CONSTRAINT IF EXISTS {name}"))


def run(engine: Engine, name: str, *, without: str = "") -> str:
    """What the tester prints for all permutations of a spec."""
    take_out(engine, without)
    spec = (SPECS / f"{name}.spec").read_text()
    if LOCK in without:
        assert LOCK in spec.split("setup", 1)[1]
        spec = spec.replace(LOCK, "").replace("# unlocked: ", "")
    url = engine.url.set(drivername="postgresql", query=dict(engine.url.query))
    answer = subprocess.run(
        [str(TESTER), url.render_as_string(hide_password=False)],
        input=spec,
        capture_output=True,
        text=True,
        timeout=300,
        env=os.environ | {"PGISOLATIONTIMEOUT": "60"},
        check=False,
    )
    assert answer.returncode == 0, answer.stdout[-2000:] + answer.stderr
    return answer.stdout


def verdicts(output: str) -> list[str]:
    found = re.findall(r"^(holds|BROKEN) *$", output, re.MULTILINE)
    assert len(found) == output.count("starting permutation:")
    return found


@pytest.mark.parametrize("name", NAMES)
def test_with_its_guards_every_order_ends_as_expected(site: Engine, name: str) -> None:
    output = run(site, name)
    expected = SPECS / f"{name}.out"
    if os.environ.get("ENGROSS_WRITE_EXPECTED"):
        expected.write_text(output)
    assert set(verdicts(output)) == {"holds"}
    assert output == expected.read_text()


@pytest.mark.parametrize("name", [name for name in NAMES if heads(name, "enough")])
def test_the_database_alone_is_enough(site: Engine, name: str) -> None:
    (guards,) = heads(name, "enough")
    assert set(verdicts(run(site, name, without=guards))) == {"holds"}


@pytest.mark.parametrize("name", NAMES)
def test_without_its_guards_the_invariant_is_lost(site: Engine, name: str) -> None:
    (guards,) = heads(name, "lost")
    assert "BROKEN" in verdicts(run(site, name, without=guards))
