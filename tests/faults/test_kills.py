"""Kills under load: of the server, of Postgres, of both. What was acknowledged is there afterwards, once."""

import os
import signal
import time
from collections.abc import Callable

import pytest
from sqlalchemy import Engine

from app.operation.web_process import GRACE_SECONDS
from tests.faults.checker import find_wrong
from tests.faults.conftest import Serve
from tests.faults.load import Load, under_load
from tests.faults.office import open_office
from tests.servers import Server, until

Look = Callable[[Server], Engine]
Note = Callable[[str, object], None]

READY_SECONDS = 60.0  # promised are five; a machine that runs other tests too is given more
ANSWER_SECONDS = 10.0  # promised are two


def work_on(load: Load, *, submissions: int) -> None:
    """Wait until so many more submissions were acknowledged."""
    enough = load.count("submit") + submissions
    until(lambda: load.count("submit") >= enough or bool(load.crashed))
    assert not load.crashed


@pytest.mark.parametrize(
    ("kills", "with_postgres"),
    [
        (1, False),
        pytest.param(4, False, marks=pytest.mark.long),
        pytest.param(4, True, marks=pytest.mark.long),
    ],
)
def test_a_server_that_is_killed_loses_nothing_and_does_nothing_twice(
    serve: Serve, look: Look, record_property: Note, kills: int, with_postgres: bool
) -> None:
    server = serve()
    engine = look(server)
    seconds = []
    with under_load(server.url, open_office(engine, contracts=1000)) as load:
        for _ in range(kills):
            work_on(load, submissions=8)
            os.killpg(server.process.pid, signal.SIGKILL)
            if with_postgres:
                server.kill_postgres()
            server.process.wait()
            server = serve("--port", server.port)
            seconds.append(round(server.seconds, 2))
            assert server.ready()["ready"] is True
        work_on(load, submissions=8)
    record_property("seconds_until_ready", seconds)
    record_property("submissions", load.count("submit"))
    assert find_wrong(load.calls, engine) == []
    assert max(seconds) < READY_SECONDS
    unanswered = [attempt for call in load.calls for attempt in call.attempts if attempt.status is None]
    assert unanswered  # else the kills have met nobody, and the trial says nothing


@pytest.mark.parametrize("kills", [1, pytest.param(4, marks=pytest.mark.long)])
def test_a_postgres_that_is_killed_is_waited_for_and_loses_nothing(
    serve: Serve, look: Look, record_property: Note, kills: int
) -> None:
    server = serve()
    engine = look(server)
    away = []
    with under_load(server.url, open_office(engine, contracts=1000)) as load:
        for _ in range(kills):
            work_on(load, submissions=8)
            server.kill_postgres()
            killed_at = time.monotonic()
            work_on(load, submissions=8)
            away.append(round(time.monotonic() - killed_at, 2))
    attempts = [attempt for call in load.calls for attempt in call.attempts]
    failed = [attempt for attempt in attempts if attempt.status is None or attempt.status >= 500]
    record_property("seconds_until_work_went_on", away)
    record_property("slowest_503", round(max(attempt.seconds for attempt in failed), 2))
    assert find_wrong(load.calls, engine) == []
    assert {(attempt.status, attempt.retry_after) for attempt in failed} == {(503, "2")}
    assert max(attempt.seconds for attempt in failed) < ANSWER_SECONDS
    assert server.process.poll() is None


def test_a_sigterm_under_load_fails_nothing_that_was_begun(serve: Serve, look: Look) -> None:
    server = serve()
    engine = look(server)
    with under_load(server.url, open_office(engine, contracts=1000)) as load:
        work_on(load, submissions=8)
        told_at = time.monotonic()
        # Its Postgres ends with it: whoever looks has to let go first.
        engine.dispose()
        assert server.end(signal.SIGTERM) == 0
        server = serve("--port", server.port)
        work_on(load, submissions=8)
    engine = look(server)
    attempts = [attempt for call in load.calls for attempt in call.attempts if attempt.sent_at < told_at]
    # What takes longer than the server waits is cut off; on a machine with time for this, nothing does.
    begun = [attempt for attempt in attempts if attempt.seconds < GRACE_SECONDS]
    assert [attempt for attempt in begun if attempt.status is None or attempt.status >= 500] == []
    assert find_wrong(load.calls, engine) == []
