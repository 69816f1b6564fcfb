"""A migration while people work: nobody is refused, and one that was killed is done again.

The next version of Engross is made here: a copy of this one with one migration more, of tables that everybody
at work reads and writes. Those who work are served by this version all the while.
"""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import Engine, make_url, text

from app import database, migrating, schema
from app.embedded import EmbeddedPostgres
from app.embedded.cluster import SUPERUSER, connect
from tests.faults.checker import find_wrong
from tests.faults.conftest import directory_on_disk
from tests.faults.injection import fingerprint
from tests.faults.journal import Call
from tests.faults.load import under_load
from tests.faults.office import Office, open_office
from tests.faults.test_kills import work_on
from tests.servers import ROOT, Server, environment, until

GATE = 4711
# Lets a migration come to a certain command and wait there, as one that takes long.
GATED = f"""
    CREATE SEQUENCE commands_seen;
    CREATE FUNCTION wait_at_the_gate() RETURNS event_trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF nextval('commands_seen') = current_setting('engross.gate', true)::int THEN
                PERFORM pg_advisory_xact_lock_shared({GATE});
            END IF;
        END
    $$;
    GRANT ALL ON SEQUENCE commands_seen TO engross;
    CREATE EVENT TRIGGER gate ON ddl_command_end EXECUTE FUNCTION wait_at_the_gate()
"""


NEXT = "9999"
NEXT_MIGRATION = f"""
from alembic import op

from app.migrating import lock_tables

revision = "{NEXT}"
down_revision = "{schema.head()}"


def upgrade():
    lock_tables(op.get_bind(), "samples", "slots", "tasks", "drafts", "revisions", "reviews", "events")
    op.execute("CREATE FUNCTION pass() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RETURN NEW; END$$")
    for table in ("samples", "slots", "drafts", "events"):
        op.execute(f"CREATE TRIGGER passes BEFORE UPDATE ON {{table}} FOR EACH ROW EXECUTE FUNCTION pass()")
    op.drop_constraint("uq_draft_saves_sample_id_number", "draft_saves")
    op.create_unique_constraint("uq_draft_saves_sample_id_number", "draft_saves", ["sample_id", "number"])


def downgrade():
    op.execute("DROP FUNCTION pass() CASCADE")
"""


@dataclass
class Migrated:
    """A server of this version, on a database that the next version's migration is tried on."""

    server: Server
    engine: Engine
    office: Office
    place: Path  # of the next version

    def go_back(self) -> None:
        """Undo the next version's migration, the data staying."""
        config = migrating.config()
        config.set_main_option("script_location", str(self.place / "migrations"))
        with self.engine.connect() as connection:
            config.attributes["connection"] = connection
            command.downgrade(config, schema.head())
            connection.commit()
        assert self.version() == schema.head()

    def version(self) -> str | None:
        """Where the schema stands."""
        with self.engine.connect() as connection:
            return schema.current(connection)

    def migrate(self) -> subprocess.Popen[str]:
        """`engross migrate` of the next version, as an operator calls it."""
        url = self.engine.url.render_as_string(hide_password=False)
        return subprocess.Popen(
            [sys.executable, "-m", "app.cli", "migrate", "--json"],
            cwd=self.place,
            env=environment(self.place / "data", DATABASE_URL=url, PYTHONPATH=str(self.place)),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )


def put_next_version(place: Path) -> Path:
    for part in ("app", "migrations"):
        shutil.copytree(ROOT / part, place / part, ignore=shutil.ignore_patterns("__pycache__"))
    (place / "migrations" / "versions" / f"{NEXT}_next.py").write_text(NEXT_MIGRATION)
    return place


@pytest.fixture(scope="module")
def migrated() -> Iterator[Migrated]:
    with directory_on_disk() as place, EmbeddedPostgres(place / "database") as postgres:
        engine = database.make_engine(postgres.url)
        migrating.migrate(engine)
        options = {"DATABASE_URL": postgres.url, "LOG_LEVEL": "WARNING"}
        server = Server(place / "data", "--workers", "2", "--no-worker", **options)
        try:
            office = open_office(engine, contracts=1500)
            yield Migrated(server, engine, office, put_next_version(place / "next"))
        finally:
            server.destroy()
            engine.dispose()


def gated(migrated: Migrated, number: int) -> None:
    """Let the next migration wait at its command of this number; 0 takes the gate away."""
    socket_directory = Path(str(make_url(migrated.engine.url).query["host"]))
    with connect(socket_directory, user=SUPERUSER) as connection:
        connection.execute("DROP EVENT TRIGGER IF EXISTS gate")
        connection.execute("DROP FUNCTION IF EXISTS wait_at_the_gate")
        connection.execute("DROP SEQUENCE IF EXISTS commands_seen")
        if number:
            connection.execute(GATED)
        connection.execute(f"ALTER DATABASE engross SET engross.gate = {number}")  # type: ignore[arg-type]


def is_waiting_at_the_gate(engine: Engine) -> bool:
    query = text(
        "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = :gate AND NOT granted"
    )
    with engine.connect() as connection:
        return bool(connection.scalar(query, {"gate": GATE}))


@pytest.mark.parametrize(
    "rounds", [pytest.param(1, id="once"), pytest.param(4, id="again-and-again", marks=pytest.mark.long)]
)
def test_a_migration_under_load_refuses_nobody_and_loses_nothing(migrated: Migrated, rounds: int) -> None:
    calls: list[Call] = []
    for _ in range(rounds):
        if migrated.version() == NEXT:
            migrated.go_back()
        with under_load(migrated.server.url, migrated.office) as load:
            work_on(load, submissions=4)
            process = migrated.migrate()
            assert process.wait() == 0, process.communicate()
            work_on(load, submissions=4)
        assert migrated.version() == NEXT
        calls += load.calls
    KEPT.extend(calls)
    attempts = [attempt for call in calls for attempt in call.attempts]
    assert [attempt for attempt in attempts if attempt.status is None or attempt.status >= 500] == []
    assert find_wrong(KEPT, migrated.engine) == []


KEPT: list[Call] = []  # of all that was ever asked of this module's server


def test_a_migration_that_is_killed_in_the_middle_is_done_again_and_changes_no_row(
    migrated: Migrated,
) -> None:
    if migrated.version() == NEXT:
        migrated.go_back()
    before = fingerprint(migrated.engine)
    for number in (1, 2):
        gated(migrated, number)
        with migrated.engine.connect() as gate:
            gate.execute(text("SELECT pg_advisory_xact_lock(:gate)"), {"gate": GATE})
            process = migrated.migrate()
            until(lambda: is_waiting_at_the_gate(migrated.engine))
            process.kill()
            process.communicate()
            gate.rollback()
        gated(migrated, 0)
        assert migrated.version() == schema.head()
        assert fingerprint(migrated.engine) == before
    process = migrated.migrate()
    assert process.wait() == 0, process.communicate()
    assert migrated.version() == NEXT
    assert fingerprint(migrated.engine) == before


def test_a_migration_that_waits_for_one_table_keeps_nobody_from_another(live_database: Engine) -> None:
    """Else whoever holds the one and wants the other would wait with it in a ring, and might be refused."""
    with live_database.connect() as connection:
        command.downgrade(migrating.config(connection), "0003")
        connection.commit()
    waiting = text(
        "SELECT count(*) FROM pg_locks WHERE relation = 'events'::regclass AND NOT granted"
        " AND mode = 'AccessExclusiveLock'"
    )
    with ThreadPoolExecutor(1) as others, live_database.connect() as looking:
        with live_database.connect() as one, live_database.connect() as another:
            one.execute(text("LOCK TABLE events IN ROW EXCLUSIVE MODE"))
            migration = others.submit(migrating.migrate, live_database)
            until(lambda: bool(looking.scalar(waiting)))
            # It has a lock on `samples` by now; who waits for longer than a second may be refused.
            another.execute(text("SET LOCAL lock_timeout = '1s'"))
            another.execute(text("LOCK TABLE samples IN ROW EXCLUSIVE MODE"))
        assert migration.result(timeout=120) == schema.head()
