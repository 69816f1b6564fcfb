"""The command line: exit codes, one sentence for each refusal, one JSON document for each answer."""

import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, text

from app import database
from app.cli import COMMANDS, load, main
from app.cli_output import emit
from app.errors import CannotRun
from app.operation.opening import refuse_unsafe_settings
from app.settings import get_settings
from tests.conftest import _names

Said = tuple[int, str, str]


@pytest.fixture(autouse=True)
def _settings_are_read_anew(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    monkeypatch.chdir(tmp_path)
    get_settings.cache_clear()
    yield
    get_settings.cache_clear()
    database.configure("")


@pytest.fixture
def at_head(live_database: Engine, monkeypatch: pytest.MonkeyPatch) -> Engine:
    """A database at this version's schema that DATABASE_URL names."""
    monkeypatch.setenv("DATABASE_URL", live_database.url.render_as_string(hide_password=False))
    get_settings.cache_clear()
    return live_database


@pytest.fixture
def empty_database(postgres: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A database without a schema, which DATABASE_URL names."""
    admin = create_engine(postgres, isolation_level="AUTOCOMMIT")
    name = f"empty_{next(_names)}_{Path.cwd().name[:20].lower().replace('-', '_')}"
    with admin.connect() as connection:
        connection.execute(text(f'CREATE DATABASE "{name}"'))
    admin.dispose()
    monkeypatch.setenv("DATABASE_URL", admin.url.set(database=name).render_as_string(hide_password=False))


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> Said:
    """Call a command as the program does: its exit code and what it wrote to both outputs."""
    with pytest.raises(SystemExit) as ended:
        main(list(arguments))
    said = capsys.readouterr()
    assert isinstance(ended.value.code, int)
    return ended.value.code, said.out, said.err


def serve(*arguments: str) -> subprocess.CompletedProcess[str]:
    """`engross serve` in a process of its own, where it is expected to refuse."""
    return subprocess.run(
        [sys.executable, "-m", "app.cli", "serve", *arguments], capture_output=True, text=True, check=False
    )


def test_the_version_costs_no_import_of_the_application() -> None:
    program = (
        "import sys\nfrom app.cli import main\n"
        "try: main(['version', '--json'])\n"
        "except SystemExit: print([m for m in ('sqlalchemy', 'fastapi', 'app.settings') if m in sys.modules])"
    )
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert json.loads(said[: said.rindex("}") + 1])["version"] != ""
    assert said.splitlines()[-1] == "[]"


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "--help")
    assert code == 0
    assert all(name in out for name in COMMANDS)


def _leaves(name: str) -> list[tuple[list[str], Any]]:
    command = load(name)
    inner = getattr(command, "commands", None)
    return [([name], command)] if inner is None else [([name, key], leaf) for key, leaf in inner.items()]


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_loads_explains_itself_and_speaks_json(
    capsys: pytest.CaptureFixture[str], name: str
) -> None:
    for words, leaf in _leaves(name):
        assert any("--json" in parameter.opts for parameter in leaf.params), words
        assert run(capsys, *words, "--help")[0] == 0


@pytest.mark.parametrize(
    "arguments",
    [["frobnicate"], ["version", "--nope"], ["user"], ["user", "create"], ["serve", "--port", "x"]],
)
def test_wrong_usage_ends_with_2_and_writes_nothing_to_standard_output(
    capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    code, _, _ = run(capsys, *arguments)
    assert code == 2


def test_a_database_that_is_not_there_is_named_without_its_password(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://me:hunter2@127.0.0.1:1/pairs")
    code, out, err = run(capsys, "user", "list", "--json")
    assert (code, out) == (1, "")
    assert err == (
        "The database pairs at 127.0.0.1:1 cannot be used (Connection refused): see DATABASE_URL.\n"
    )


def test_settings_that_do_not_hold_together_are_one_sentence(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "sqlite:///x")
    code, out, err = run(capsys, "user", "list")
    assert (code, out, len(err.splitlines())) == (1, "", 1)
    assert "DATABASE_URL must begin with" in err


def test_a_data_directory_that_cannot_be_one_is_one_sentence(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "file" / "data"))
    code, _, err = run(capsys, "user", "list")
    assert (code, len(err.splitlines())) == (1, 1)
    assert "a directory is needed there: set DATA_DIR" in err


@pytest.mark.usefixtures("empty_database")
def test_a_database_of_the_operator_migrates_when_they_say_so(capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = run(capsys, "user", "list")
    assert code == 1
    assert "run `engross migrate`" in err

    code, out, _ = run(capsys, "migrate", "--json")
    assert code == 0
    assert json.loads(out)["before"] is None
    assert run(capsys, "migrate")[1].endswith("already.\n")
    assert run(capsys, "user", "list", "--json")[:2] == (0, "[]\n")


def test_a_newer_schema_is_left_alone(capsys: pytest.CaptureFixture[str], at_head: Engine) -> None:
    with at_head.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    for command in (["migrate"], ["user", "list"]):
        code, _, err = run(capsys, *command)
        assert code == 1
        assert "newer than this version of Engross" in err


def test_a_person_is_added_once(capsys: pytest.CaptureFixture[str], at_head: Engine) -> None:
    words = ["user", "create", "--email", "ann@example.org", "--name", "Ann", "--json"]
    code, out, _ = run(capsys, *words)
    assert code == 0
    assert json.loads(out)["email"] == "ann@example.org"

    code, out, err = run(capsys, *words)
    assert (code, out) == (1, "")
    assert err == "Somebody with this address is there already.\n"


def test_the_doctor_does_not_trust_a_database_that_forgets(
    capsys: pytest.CaptureFixture[str], at_head: Engine, tmp_path: Path
) -> None:
    code, out, _ = run(capsys, "doctor", "--json")  # the tests' Postgres is fast because it is unsafe
    report = json.loads(out)
    found = {finding["name"]: finding for finding in report["findings"]}
    assert code == 1
    assert report["healthy"] is False
    assert found["durability"]["said"] == "off: fsync, full_page_writes, synchronous_commit"
    assert found["schema"]["ok"]
    assert found["I2"]["ok"]
    assert report["settings"]["SECRET_KEY"] == "set"
    assert report["counts"]["users"] == 0


def test_a_database_that_forgets_is_refused_by_the_names_of_what_is_off(engine: Engine) -> None:
    with pytest.raises(CannotRun, match="fsync, full_page_writes, synchronous_commit off"):
        refuse_unsafe_settings(engine)


def test_a_database_that_forgets_is_not_served(at_head: Engine) -> None:
    said = serve("--port", "0")
    assert said.returncode == 1
    assert said.stderr.splitlines()[-1].startswith("The database has fsync, full_page_writes,")


def test_a_port_that_is_taken_is_one_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        said = serve("--port", port)
    assert said.returncode == 1
    assert len(said.stderr.splitlines()) == 1
    assert said.stderr.startswith(f"Port {port} is taken, perhaps by another Engross")


def test_a_data_directory_that_cannot_be_one_is_not_served(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "file"))
    said = serve("--port", "0")
    assert said.returncode == 1
    assert len(said.stderr.splitlines()) == 1
    assert "cannot be used (File exists)" in said.stderr


def test_an_unprotected_site_is_not_served_to_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SECRET_KEY", raising=False)
    said = serve("--host", "0.0.0.0")  # noqa: S104 -- which is refused
    assert (said.returncode, said.stdout) == (1, "")
    assert said.stderr.startswith("Listening on 0.0.0.0 needs SECRET_KEY")


def test_rows_are_shown_below_each_other(capsys: pytest.CaptureFixture[str]) -> None:
    emit([{"slug": "nda", "open_tasks": 3}, {"slug": "leases", "open_tasks": None}], as_json=False)
    assert capsys.readouterr().out == "slug    open tasks\nnda     3\nleases  –\n"


def test_what_a_terminal_would_obey_is_shown_in_words(capsys: pytest.CaptureFixture[str]) -> None:
    hostile = "\x1b]0;a\x07 \x9b2J \u202e"
    said = "[U+001B]]0;a[U+0007] [U+009B]2J [U+202E]"
    emit({"message": f"{hostile}\nNext."}, as_json=False)
    assert capsys.readouterr().out == f"message: {said}\nNext.\n"
    emit([{"message": f"{hostile}\nNext.", "key": 1}], as_json=False)
    assert capsys.readouterr().out.splitlines()[1] == f"{said} Next.  1"
