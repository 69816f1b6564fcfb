"""The clock of Engross jumps while it works, and the database's does not: work goes on."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.request import Request, urlopen

import pytest
from sqlalchemy import Engine, text

from app import database, migrating
from app.embedded import EmbeddedPostgres
from app.operation.invariants import find_broken
from tests.faults.conftest import directory_on_disk
from tests.faults.journal import Call, Caller
from tests.faults.load import CLAUSES, SUMMARY
from tests.faults.office import Office, open_office
from tests.servers import ROOT, Server, until

# Every process of the server reads its time through this: `app.clock` is the only reader of the time.
CLOCK = """
from datetime import timedelta
from pathlib import Path

from app import clock

right = clock.now
clock.now = lambda: right() + timedelta(seconds=float(Path({file!r}).read_text()))
"""
# Where the clock is put: as the night in which summer time ends in Berlin, where this server says it is.
END_OF_SUMMER_TIME = datetime(2026, 10, 25, 0, 59, 30, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@dataclass
class Clocked:
    """A server whose clock can be put, on a database whose clock is right."""

    server: Server
    engine: Engine
    office: Office
    file: Path
    newcomers: Iterator[str]

    def put_clock(self, off: timedelta) -> None:
        """Let the server's clock jump, in the middle of whatever it does."""
        temporary = self.file.with_suffix(".new")
        temporary.write_text(str(off.total_seconds()))
        temporary.replace(self.file)

    def caller(self) -> Caller:
        """The program of a writer who has done nothing yet."""
        return Caller(self.server.url, next(self.newcomers))


@pytest.fixture(scope="module")
def clocked() -> Iterator[Clocked]:
    with directory_on_disk() as place, EmbeddedPostgres(place / "database") as postgres:
        engine = database.make_engine(postgres.url)
        migrating.migrate(engine)
        file = place / "clock"
        file.write_text("0")
        (place / "sitecustomize.py").write_text(CLOCK.format(file=str(file)))
        clocked = {"PYTHONPATH": f"{place}:{ROOT}", "TZ": "Europe/Berlin"}
        server = Server(place / "data", DATABASE_URL=postgres.url, LOG_LEVEL="WARNING", **clocked)
        try:
            office = open_office(engine, contracts=40, writers=15, overlap=1)
            yield Clocked(server, engine, office, file, newcomers=iter(office.writers))
        finally:
            server.destroy()
            engine.dispose()


def take(caller: Caller, project: str) -> Call:
    return caller.call("take", "POST", f"/projects/{project}/queue/writing", {})


def lease_seconds(engine: Engine, sample_id: object) -> float:
    """How long the sample's lease has still to go, by the database's clock."""
    query = text(
        "SELECT extract(epoch FROM lease_expires_at - clock_timestamp())"
        " FROM slots l JOIN samples s ON s.slot_id = l.id WHERE s.id = :id"
    )
    with engine.connect() as connection:
        return float(connection.scalar(query, {"id": sample_id}) or 0)


def lapse(engine: Engine, sample_id: object) -> None:
    """Let the sample's lease have ended by the database's clock."""
    query = text(
        "UPDATE slots SET lease_expires_at = clock_timestamp() - interval '1 second'"
        " FROM samples s WHERE s.slot_id = slots.id AND s.id = :id"
    )
    with engine.begin() as connection:
        connection.execute(query, {"id": sample_id})


def import_one_line(clocked: Clocked) -> None:
    """Give the worker something to do, and wait until it has done it."""
    token, project = clocked.office.leads[0], clocked.office.project
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/jsonl"}
    line = json.dumps({"text": f"A contract that came at {datetime.now(UTC)}."}).encode()
    address = f"{clocked.server.url}/api/v1/projects/{project}/imports"
    with urlopen(Request(address, data=line, headers=headers), timeout=60) as answer:  # noqa: S310 -- our own address
        started = json.load(answer)["id"]
    query = text("SELECT status FROM imports WHERE id = :id")

    def is_done() -> bool:
        with clocked.engine.connect() as connection:
            return connection.scalar(query, {"id": started}) == "done"

    until(is_done)


@pytest.mark.parametrize(
    "off",
    [
        HOUR,
        pytest.param(-HOUR, marks=pytest.mark.long),
        pytest.param(DAY, marks=pytest.mark.long),
        -DAY,
        END_OF_SUMMER_TIME,
    ],
    ids=["an-hour-on", "an-hour-back", "a-day-on", "a-day-back", "summer-time-ends"],
)
def test_work_goes_on_when_the_clock_jumps_and_leases_go_by_the_databases_time(
    clocked: Clocked, off: timedelta | datetime
) -> None:
    project = clocked.office.project
    writer, other, third = clocked.caller(), clocked.caller(), clocked.caller()
    mine = take(writer, project)
    sample_id, document = mine.answer["id"], mine.answer["document"]
    off = off if isinstance(off, timedelta) else off - datetime.now(UTC)
    clocked.put_clock(off)

    assert take(other, project).answer["document"] != document  # the lease lives
    body: dict[str, object] = {"output": SUMMARY, "clauses": CLAUSES, "based_on": 0, "editor": "page"}
    saved = writer.call("save", "PUT", f"/samples/{sample_id}/draft", body)
    assert saved.status == 200
    saved_at = datetime.fromisoformat(str(saved.answer["saved_at"]))
    assert abs(saved_at - datetime.now(UTC) - off) < timedelta(minutes=5)  # its clock has jumped indeed
    with clocked.engine.connect() as connection:
        minutes = connection.scalar(
            text("SELECT lease_minutes FROM projects WHERE slug = :s"), {"s": project}
        )
    assert 60 < lease_seconds(clocked.engine, sample_id) <= minutes * 60

    lapse(clocked.engine, sample_id)
    theirs = take(third, project)
    assert theirs.answer["document"] == document  # the lease has ended, whatever Engross's own clock says
    number = theirs.answer["id"]
    assert third.call("save", "PUT", f"/samples/{number}/draft", body).status == 200
    handed_in = {"based_on": 1, "reasons": {}}
    assert third.call("submit", "POST", f"/samples/{number}/submission", handed_in).status == 200
    import_one_line(clocked)
    with clocked.engine.connect() as connection:
        assert find_broken(connection) == []
