"""What a start makes, as whom, where, how fast, and with which of Postgres's versions."""

import os
import pwd
import stat
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url, text

from app.embedded import EmbeddedError, EmbeddedPostgres, find_binaries
from app.embedded import account as account_module
from app.embedded.places import SOCKET_NAME
from tests.embedded.conftest import Program, postmaster_pid, query

Run = Callable[..., Program]
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")


def _programs(major: int) -> Path:
    try:
        return find_binaries(configured=None, major=major).directory
    except EmbeddedError as error:
        pytest.skip(str(error))


@pytest.mark.parametrize("major", [15, 18])
def test_each_supported_version_gives_a_durable_utf8_database_in_byte_order(
    data_dir: Path, major: int
) -> None:
    with EmbeddedPostgres(data_dir, pg_bin=_programs(major)) as postgres:
        engine = create_engine(postgres.url)
        with engine.connect() as connection:
            shown = [
                connection.scalar(text(f"SHOW {name}"))
                for name in ("server_encoding", "fsync", "full_page_writes", "synchronous_commit")
            ]
            ordered = connection.scalars(text("SELECT w FROM unnest(ARRAY['b','B','é','a']) w ORDER BY w"))
            assert list(ordered) == ["B", "a", "b", "é"]
            assert connection.scalar(text("SELECT upper('é')")) == "É"
            assert (
                connection.scalar(text("SELECT current_setting('server_version_num')::int / 10000")) == major
            )
            assert (
                connection.scalar(text("SELECT usesuper FROM pg_user WHERE usename = current_user")) is False
            )
        engine.dispose()
    assert shown == ["UTF8", "on", "on", "on"]


def test_the_server_listens_on_no_network(made_dir: Path) -> None:
    with EmbeddedPostgres(made_dir, durable=False) as postgres:
        assert query(postgres.url, "SHOW listen_addresses") == [("",)]


def test_a_second_start_takes_less_than_a_second_and_a_half(made_dir: Path) -> None:
    with EmbeddedPostgres(made_dir):
        pass
    begun = time.monotonic()
    with EmbeddedPostgres(made_dir):
        assert time.monotonic() - begun < 1.5


def test_an_existing_cluster_is_opened_by_programs_of_its_own_version(data_dir: Path) -> None:
    with EmbeddedPostgres(data_dir, pg_bin=_programs(15), durable=False) as postgres:
        query(postgres.url, "CREATE TABLE kept AS SELECT 42 AS number")
    with EmbeddedPostgres(data_dir, pg_bin=_programs(18), durable=False) as postgres:
        assert query(postgres.url, "SELECT number FROM kept") == [(42,)]
        assert str(query(postgres.url, "SHOW server_version")[0][0]).startswith("15")


def test_nobody_else_may_enter_the_directories(data_dir: Path) -> None:
    with EmbeddedPostgres(data_dir, durable=False):
        home = data_dir / "postgres"
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (home, *home.iterdir())}
        assert modes == {"postgres": 0o700, "cluster": 0o700, "socket": 0o700}
        assert stat.S_IMODE((data_dir / "postgres.log").stat().st_mode) == 0o600


def test_values_that_a_statement_fails_on_are_not_in_the_log(made_dir: Path) -> None:
    with EmbeddedPostgres(made_dir, durable=False) as postgres:
        query(postgres.url, "CREATE TABLE texts (words text CHECK (words = ''))")
        with pytest.raises(Exception, match="texts_words_check"):
            query(postgres.url, "INSERT INTO texts VALUES ('the parties agree')")
    assert "the parties agree" not in (made_dir / "postgres.log").read_text()


def test_a_long_path_gets_its_socket_in_a_private_temporary_directory(data_dir: Path) -> None:
    deep = data_dir / ("a" * 60) / ("b" * 60)
    (data_dir / ("a" * 60)).mkdir(parents=True)
    for parent in (data_dir, data_dir / ("a" * 60)):
        parent.chmod(0o711)
    with EmbeddedPostgres(deep, durable=False) as postgres:
        directory = Path(str(make_url(postgres.url).query["host"]))
        assert len(os.fsencode(directory / SOCKET_NAME)) <= 100
        assert stat.S_IMODE(directory.stat().st_mode) == 0o700
    directory.rmdir()


def test_a_path_with_spaces_and_commas_works(data_dir: Path) -> None:
    with EmbeddedPostgres(data_dir / "a, b: 'c' é", durable=False) as postgres:
        engine = create_engine(postgres.url)
        with engine.connect() as connection:
            assert connection.scalar(text("SELECT 1")) == 1
        engine.dispose()
        directory = Path(str(make_url(postgres.url).query["host"]))
    directory.rmdir()


@as_root
def test_root_steps_down_and_changes_no_parent_directory(data_dir: Path) -> None:
    data_dir.mkdir(mode=0o751)
    before = [(path.stat().st_mode, path.stat().st_uid) for path in (data_dir, data_dir.parent)]
    with EmbeddedPostgres(data_dir, durable=False):
        process = Path(f"/proc/{postmaster_pid(data_dir)}")
        assert process.stat().st_uid != 0
        assert (data_dir / "postgres" / "cluster").stat().st_uid == process.stat().st_uid
    assert [(path.stat().st_mode, path.stat().st_uid) for path in (data_dir, data_dir.parent)] == before


@as_root
def test_an_ordinary_user_runs_postgres_as_themselves(data_dir: Path, run: Run) -> None:
    user = pwd.getpwnam("nobody")
    data_dir.mkdir(mode=0o700)
    os.chown(data_dir, user.pw_uid, user.pw_gid)
    program = run(data_dir, "--user", "nobody")
    assert query(program.read()["url"], "SELECT 1") == [(1,)]
    assert Path(f"/proc/{postmaster_pid(data_dir)}").stat().st_uid == user.pw_uid
    assert program.ask("leave") == {"stopped": True}


@as_root
def test_root_opens_what_an_ordinary_user_made_and_leaves_it_theirs(data_dir: Path, run: Run) -> None:
    user = pwd.getpwnam("nobody")
    data_dir.mkdir(mode=0o700)
    os.chown(data_dir, user.pw_uid, user.pw_gid)
    program = run(data_dir, "--user", "nobody")
    program.read()
    program.ask("leave")
    with EmbeddedPostgres(data_dir, durable=False) as postgres:
        assert query(postgres.url, "SELECT 1") == [(1,)]
        assert (data_dir / "postgres" / "cluster" / "PG_VERSION").stat().st_uid == user.pw_uid


@as_root
def test_root_keeps_the_data_elsewhere_where_an_ordinary_user_could_not_reach_it(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(account_module, "SHARED_ROOT", data_dir.parent / "shared")
    data_dir.mkdir(mode=0o700)
    with EmbeddedPostgres(data_dir, durable=False) as postgres:
        query(postgres.url, "CREATE TABLE kept AS SELECT 42 AS number")
    assert (data_dir / "postgres").readlink().parent == data_dir.parent / "shared"
    with EmbeddedPostgres(data_dir, durable=False) as postgres:
        assert query(postgres.url, "SELECT number FROM kept") == [(42,)]
