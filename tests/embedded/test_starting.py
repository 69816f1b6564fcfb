"""What a start makes, as whom, where, how fast, and with which of Postgres's versions."""

import os
import pwd
import shutil
import stat
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from sqlalchemy import create_engine, make_url, text

from app.embedded import EmbeddedError, EmbeddedPostgres, find_binaries
from app.embedded import account as account_module
from app.embedded.binaries import wheel_root
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


def test_nobody_else_may_enter_the_directories(made_dir: Path) -> None:
    with EmbeddedPostgres(made_dir, durable=False):
        home = made_dir / "postgres"
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (home, *home.iterdir())}
        assert modes == {"postgres": 0o700, "cluster": 0o700, "socket": 0o700}
        assert stat.S_IMODE((made_dir / "postgres.log").stat().st_mode) == 0o600


def test_values_that_a_statement_fails_on_are_not_in_the_log(made_dir: Path) -> None:
    with EmbeddedPostgres(made_dir, durable=False) as postgres:
        query(postgres.url, "CREATE TABLE texts (words text CHECK (words = ''))")
        with pytest.raises(Exception, match="texts_words_check"):
            query(postgres.url, "INSERT INTO texts VALUES ('the parties agree')")
    assert "the parties agree" not in (made_dir / "postgres.log").read_text()


def test_a_long_path_gets_its_socket_in_a_private_temporary_directory(made_dir: Path) -> None:
    deep = made_dir.with_name("a" * 100)
    made_dir.rename(deep)
    with EmbeddedPostgres(deep, durable=False) as postgres:
        assert query(postgres.url, "SELECT 1") == [(1,)]
        directory = Path(str(make_url(postgres.url).query["host"]))
        assert len(os.fsencode(directory / SOCKET_NAME)) <= 100
        assert stat.S_IMODE(directory.stat().st_mode) == 0o700
    directory.rmdir()


def test_a_path_with_spaces_commas_and_quotes_works(made_dir: Path) -> None:
    odd = made_dir.with_name("a, b: 'c' é")
    made_dir.rename(odd)
    with EmbeddedPostgres(odd, durable=False) as postgres:
        engine = create_engine(postgres.url)
        with engine.connect() as connection:
            assert connection.scalar(text("SELECT 1")) == 1
        engine.dispose()
        directory = Path(str(make_url(postgres.url).query["host"]))
    directory.rmdir()


def test_a_socket_directory_that_somebody_else_put_there_first_is_not_used(made_dir: Path) -> None:
    deep = made_dir.with_name("a" * 100)
    made_dir.rename(deep)
    with EmbeddedPostgres(deep, durable=False) as postgres:
        directory = Path(str(make_url(postgres.url).query["host"]))
    directory.rmdir()
    directory.symlink_to(deep)
    try:
        with pytest.raises(EmbeddedError, match=directory.name):
            EmbeddedPostgres(deep, durable=False).start()
    finally:
        directory.unlink()


@as_root
def test_root_steps_down_and_changes_no_parent_directory(made_dir: Path) -> None:
    made_dir.chmod(0o751)
    before = [(path.stat().st_mode, path.stat().st_uid) for path in (made_dir, made_dir.parent)]
    with EmbeddedPostgres(made_dir, durable=False):
        process = Path(f"/proc/{postmaster_pid(made_dir)}")
        assert process.stat().st_uid != 0
        assert (made_dir / "postgres" / "cluster").stat().st_uid == process.stat().st_uid
    assert [(path.stat().st_mode, path.stat().st_uid) for path in (made_dir, made_dir.parent)] == before


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
def test_root_opens_what_an_ordinary_user_made_and_leaves_it_theirs(made_dir: Path) -> None:
    user = pwd.getpwnam("nobody")
    for path in (made_dir, *made_dir.rglob("*")):
        os.chown(path, user.pw_uid, user.pw_gid)
    with EmbeddedPostgres(made_dir, durable=False) as postgres:
        assert query(postgres.url, "SELECT 1") == [(1,)]
        assert (made_dir / "postgres" / "cluster" / "postmaster.pid").stat().st_uid == user.pw_uid


@as_root
def test_root_opens_what_root_copied(made_dir: Path) -> None:
    for path in (made_dir, *made_dir.rglob("*")):
        os.chown(path, 0, 0)
    with EmbeddedPostgres(made_dir, durable=False) as postgres:
        assert query(postgres.url, "SELECT 1") == [(1,)]


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


@as_root
def test_root_copies_the_wheel_where_an_ordinary_user_could_not_run_its_programs(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    directory = find_binaries(configured=None).directory
    root = wheel_root(directory)
    if root is None:
        pytest.skip("the wheel is not installed")
    libraries = root.with_name(f"{root.name}.libs")
    with TemporaryDirectory() as name:  # not in memory, from where some systems run no programs
        Path(name).chmod(0o711)
        hidden = Path(name, "hidden")
        hidden.mkdir(mode=0o700)
        for source in (directory.parent, *([libraries] if libraries.is_dir() else [])):
            shutil.copytree(source, hidden / source.relative_to(root.parent))
        (hidden / root.name / "__init__.py").touch()
        monkeypatch.syspath_prepend(hidden)
        monkeypatch.setattr(account_module, "SHARED_ROOT", Path(name, "shared"))
        with EmbeddedPostgres(data_dir, durable=False) as postgres:
            assert query(postgres.url, "SELECT 1") == [(1,)]
            program = Path(f"/proc/{postmaster_pid(data_dir)}/exe").readlink()
            assert program.is_relative_to(Path(name, "shared"))
