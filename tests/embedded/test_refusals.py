"""Each reason why the embedded Postgres cannot run is told in one sentence that says what to do."""

import os
import pwd
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.embedded import EmbeddedError, EmbeddedPostgres, find_binaries
from tests.embedded.conftest import Program, postmaster_pid

Run = Callable[..., Program]
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user or mount")


def _refusal(data_dir: Path, **arguments: object) -> str:
    with pytest.raises(EmbeddedError) as refused:
        EmbeddedPostgres(data_dir, **arguments).start()  # type: ignore[arg-type]
    message = str(refused.value)
    assert "\n" not in message
    return message


def test_a_cluster_of_a_version_that_is_not_installed_names_both(made_dir: Path) -> None:
    with EmbeddedPostgres(made_dir, durable=False):
        installed = find_binaries(configured=None).major
    (made_dir / "postgres" / "cluster" / "PG_VERSION").write_text("99\n")
    message = _refusal(made_dir)
    assert "Postgres 99" in message
    assert str(installed) in message


def test_programs_that_are_not_where_the_setting_says_are_named(data_dir: Path) -> None:
    assert "ENGROSS_PG_BIN" in _refusal(data_dir, pg_bin=data_dir)


def test_a_machine_without_programs_is_told_what_to_install(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.embedded.binaries._WHEEL", "no_such_wheel")
    monkeypatch.setattr("app.embedded.binaries._SYSTEM", data_dir)
    monkeypatch.setenv("PATH", str(data_dir))
    message = _refusal(data_dir)
    assert "install" in message
    assert "DATABASE_URL" in message


def test_a_file_in_the_place_of_the_data_directory_is_named(data_dir: Path) -> None:
    data_dir.write_text("")
    assert f"{data_dir} is in the way" in _refusal(data_dir)


def test_a_directory_that_is_no_cluster_is_not_written_into(data_dir: Path) -> None:
    cluster = data_dir / "postgres" / "cluster"
    cluster.mkdir(parents=True)
    (cluster / "letter.txt").write_text("mine")
    assert "holds no Postgres data" in _refusal(data_dir)
    assert [path.name for path in cluster.iterdir()] == ["letter.txt"]


def test_settings_that_would_make_saving_unsafe_are_refused(made_dir: Path) -> None:
    assert "fsync" in _refusal(made_dir, extra_settings={"fsync": "off"})


def test_settings_that_postgres_refuses_are_told_at_once_and_leave_nothing_running(made_dir: Path) -> None:
    message = _refusal(made_dir, extra_settings={"shared_buffers": "lots"})
    assert "shared_buffers" in message
    assert postmaster_pid(made_dir) is None


def test_a_server_that_runs_without_fsync_is_not_used_for_real_work(made_dir: Path) -> None:
    with EmbeddedPostgres(made_dir, durable=False):
        assert "fsync" in _refusal(made_dir, durable=True)


@as_root
def test_an_unwritable_directory_is_named(data_dir: Path, run: Run) -> None:
    data_dir.mkdir(mode=0o755)
    said = run(data_dir, "--user", "nobody").read()
    assert str(data_dir) in str(said["error"])
    assert "cannot be written" in str(said["error"])


@as_root
def test_the_cluster_of_another_user_is_not_opened(made_dir: Path, run: Run) -> None:
    with EmbeddedPostgres(made_dir, durable=False):
        pass
    user = pwd.getpwnam("nobody")
    for path in (made_dir, *made_dir.glob("*.lock")):
        os.chown(path, user.pw_uid, user.pw_gid)
    if (made_dir / "postgres").stat().st_uid == user.pw_uid:
        pytest.skip("root runs Postgres as this very user here")
    assert "error" in run(made_dir, "--user", "nobody").read()


@pytest.fixture
def small_disk(data_dir: Path) -> Iterator[Path]:
    """A file system with room for less than a cluster."""
    data_dir.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=8m,mode=711", "tmpfs", str(data_dir)]
    mounted = subprocess.run(command, capture_output=True, text=True, check=False)
    if mounted.returncode != 0:
        pytest.skip(f"cannot mount: {mounted.stderr.strip()}")
    yield data_dir
    subprocess.run(["umount", str(data_dir)], check=True)


@as_root
def test_a_full_disk_is_called_so_and_the_next_start_can_work(small_disk: Path) -> None:
    assert "is full" in _refusal(small_disk)
    subprocess.run(["mount", "-o", "remount,size=200m", str(small_disk)], check=True)
    with EmbeddedPostgres(small_disk, durable=False) as postgres:
        assert postgres.is_owner
