"""Who starts, keeps and stops Postgres when several processes use one data directory and some of them die."""

import os
import signal
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from app.embedded import EmbeddedPostgres
from tests.embedded.conftest import Program, postmaster_pid, query, wait_until

Run = Callable[..., Program]


def test_a_second_process_uses_the_server_of_the_first(data_dir: Path, run: Run) -> None:
    first = run(data_dir).read()
    query(first["url"], "CREATE TABLE kept AS SELECT 42 AS number")
    second = run(data_dir).read()
    assert (first["is_owner"], second["is_owner"]) == (True, False)
    assert query(second["url"], "SELECT number FROM kept") == [(42,)]


def test_of_processes_that_start_at_once_one_owns_and_all_are_served(data_dir: Path, run: Run) -> None:
    said = [program.read() for program in [run(data_dir) for _ in range(4)]]
    assert sorted(bool(answer["is_owner"]) for answer in said) == [False, False, False, True]
    assert len({answer["url"] for answer in said}) == 1
    assert all(query(answer["url"], "SELECT 1") == [(1,)] for answer in said)


def test_an_owner_that_leaves_first_does_not_pull_the_server_from_under_others(
    made_dir: Path, run: Run
) -> None:
    owner, user = run(made_dir), None
    url = owner.read()["url"]
    user = run(made_dir)
    user.read()
    before = postmaster_pid(made_dir)
    assert owner.ask("leave") == {"stopped": True}
    assert postmaster_pid(made_dir) == before
    assert query(url, "SELECT 1") == [(1,)]
    wait_until(lambda: user.ask("owner?") == {"is_owner": True}, seconds=3)
    assert user.ask("leave") == {"stopped": True}
    assert postmaster_pid(made_dir) is None


def test_the_last_of_several_that_leave_at_once_stops_the_server(made_dir: Path, run: Run) -> None:
    programs = [run(made_dir) for _ in range(4)]
    for program in programs:
        program.read()
    with ThreadPoolExecutor(len(programs)) as threads:
        assert list(threads.map(lambda program: program.ask("leave"), programs)) == [{"stopped": True}] * 4
    assert postmaster_pid(made_dir) is None


def test_a_killed_postgres_is_back_within_three_seconds_with_its_data(made_dir: Path) -> None:
    with EmbeddedPostgres(made_dir, durable=True) as postgres:
        url = postgres.url
        query(url, "CREATE TABLE kept AS SELECT 42 AS number")
        for _ in range(2):
            killed = postmaster_pid(made_dir)
            assert killed is not None
            os.kill(killed, signal.SIGKILL)
            wait_until(lambda: query(url, "SELECT number FROM kept") == [(42,)], seconds=3)
            assert postmaster_pid(made_dir) != killed
        assert postgres.url == url


def test_a_postgres_that_is_killed_again_as_soon_as_it_answers_is_back_as_fast(made_dir: Path) -> None:
    with EmbeddedPostgres(made_dir, durable=False) as postgres:
        for _ in range(3):
            killed = postmaster_pid(made_dir)
            assert killed is not None
            os.kill(killed, signal.SIGKILL)
            wait_until(lambda: query(postgres.url, "SELECT 1") == [(1,)], seconds=1.9)


def test_a_user_starts_postgres_again_when_owner_and_postgres_are_both_killed(
    made_dir: Path, run: Run
) -> None:
    owner, user = run(made_dir, "--durable"), run(made_dir, "--durable")
    said = [(program, program.read()) for program in (owner, user)]
    owner, user = (program for program, _ in sorted(said, key=lambda pair: not pair[1]["is_owner"]))
    url = said[0][1]["url"]
    query(url, "CREATE TABLE kept AS SELECT 42 AS number")
    killed = postmaster_pid(made_dir)
    assert killed is not None
    owner.kill()
    os.kill(killed, signal.SIGKILL)
    wait_until(lambda: query(url, "SELECT number FROM kept") == [(42,)], seconds=5)
    assert user.ask("owner?") == {"is_owner": True}


def test_the_server_of_a_killed_owner_is_taken_over_and_stopped_by_the_next(made_dir: Path, run: Run) -> None:
    first = run(made_dir)
    query(first.read()["url"], "CREATE TABLE kept AS SELECT 42 AS number")
    left = postmaster_pid(made_dir)
    first.kill()
    with EmbeddedPostgres(made_dir, durable=False) as postgres:
        assert postgres.is_owner
        assert postmaster_pid(made_dir) == left
        assert query(postgres.url, "SELECT number FROM kept") == [(42,)]
    assert postmaster_pid(made_dir) is None


def test_a_server_that_was_taken_over_is_started_again_when_it_is_killed(made_dir: Path, run: Run) -> None:
    first = run(made_dir)
    first.read()
    left = postmaster_pid(made_dir)
    assert left is not None
    first.kill()
    with EmbeddedPostgres(made_dir, durable=False) as postgres:
        os.kill(left, signal.SIGKILL)
        wait_until(
            lambda: query(postgres.url, "SELECT 1") == [(1,)] and postmaster_pid(made_dir) != left, seconds=3
        )


def test_a_start_after_everything_was_killed_works(made_dir: Path, run: Run) -> None:
    first = run(made_dir, "--durable")
    query(first.read()["url"], "CREATE TABLE kept AS SELECT 42 AS number")
    left = postmaster_pid(made_dir)
    assert left is not None
    first.kill()
    os.kill(left, signal.SIGKILL)
    with EmbeddedPostgres(made_dir) as postgres:
        assert query(postgres.url, "SELECT number FROM kept") == [(42,)]


def test_a_pid_file_that_names_another_living_process_does_not_hinder_a_start(made_dir: Path) -> None:
    with EmbeddedPostgres(made_dir, durable=False):
        pass
    cluster = made_dir / "postgres" / "cluster"
    (cluster / "postmaster.pid").write_text(f"{os.getpid()}\n{cluster}\n1\n5432\n/nowhere\n")
    with EmbeddedPostgres(made_dir, durable=False) as postgres:
        assert query(postgres.url, "SELECT 1") == [(1,)]
