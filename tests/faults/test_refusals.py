"""Bad configuration: Engross refuses to start, in exactly one line that names no secret."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import URL, Engine, text

from app import database, migrating, schema
from app.cli import main
from app.embedded import EmbeddedPostgres
from app.embedded.cluster import SUPERUSER, connect
from app.settings import Settings, get_settings
from tests.faults.conftest import directory_on_disk
from tests.servers import environment, until

Refused = Callable[[URL], str]

KEY = "k3y-" * 10
PASSWORD = "hunter2"
EVERYWHERE = ("--host", "0.0.0.0")  # noqa: S104 -- which is refused
HTTP = {"SECRET_KEY": KEY, "BASE_URL": "http://engross.example.org"}


def refusal(place: Path, *arguments: str, **added: str) -> str:
    """The one line in which the command refuses."""
    said = subprocess.run(
        [sys.executable, "-m", "app.cli", *arguments],
        cwd=place,
        env=environment(place / "data", **added),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (said.returncode, said.stdout) == (1, ""), said.stderr
    assert said.stderr.endswith("\n")
    (line,) = said.stderr.splitlines()
    assert PASSWORD not in line
    assert KEY not in line
    return line


@pytest.mark.parametrize(
    ("arguments", "setting", "said"),
    [
        ((), {"SECRET_KEY": PASSWORD}, "SECRET_KEY must have at least 32 characters"),
        ((), {"SECRET_KEY_FILE": "/absent"}, "SECRET_KEY_FILE cannot be read"),
        (EVERYWHERE, {"SECRET_KEY": KEY}, "needs BASE_URL"),
        (EVERYWHERE, HTTP, "over plain http passwords can be read on the way"),
        ((), {"PORT": "http"}, "PORT: "),
        ((), {"PORT": "70000"}, "PORT: "),
        ((), {"LOG_LEVEL": "LOUD"}, "LOG_LEVEL: "),
        ((), {"ENGROSS_POOL_SIZE": "0"}, "ENGROSS_POOL_SIZE: "),
        ((), {"ENGROSS_PG_BIN": "/absent"}, "ENGROSS_PG_BIN"),
        ((), {"DATA_DIR": "/proc/engross"}, "The data directory /proc/engross cannot be used"),
        ((), {"DATABASE_URL": f"mysql://me:{PASSWORD}@db/pairs"}, "DATABASE_URL must begin with postgresql"),
        ((), {"DATABASE_URL": f"postgresql://me:{PASSWORD}/x@db/pairs"}, "DATABASE_URL must read"),
        (
            (),
            {"DATABASE_URL": f"postgresql://me:{PASSWORD}@127.0.0.1:1/pairs"},
            "The database pairs at 127.0.0.1:1 cannot be used (Connection refused): see DATABASE_URL",
        ),
        (
            (),
            {"DATABASE_URL": f"postgresql://me:{PASSWORD}@db.invalid/pairs"},
            "The database pairs at db.invalid:5432 cannot be used",
        ),
        (
            (),
            {"DATABASE_URL": f"postgresql://me:{PASSWORD}@127.0.0.1:1/pairs?frobnicate=1"},
            "see DATABASE_URL",
        ),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, dict) else "",
)
def test_a_setting_that_cannot_work_is_refused_in_one_line(
    tmp_path: Path, arguments: tuple[str, ...], setting: dict[str, str], said: str
) -> None:
    assert said in refusal(tmp_path, "serve", *arguments, **({"PORT": "0"} | setting))


@pytest.fixture(scope="module")
def durable() -> Iterator[Engine]:
    """A Postgres at head whose settings are its file's, so that one can be switched off at a time."""
    with directory_on_disk() as place:
        postgres = EmbeddedPostgres(place / "data", durable=False)
        for name in ("fsync", "full_page_writes", "synchronous_commit"):
            del postgres._settings[name]
        with postgres:
            engine = database.make_engine(postgres.url)
            migrating.migrate(engine)
            yield engine
            engine.dispose()


@pytest.fixture
def refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> Refused:
    """Serves a database in this process, where that costs little, and gives the one line of its refusal."""

    def serve(url: URL) -> str:
        monkeypatch.chdir(tmp_path)
        for name in Settings.model_fields:
            monkeypatch.delenv(name.upper(), raising=False)
        monkeypatch.setenv("DATABASE_URL", url.render_as_string(hide_password=False))
        monkeypatch.setenv("DATA_DIR", str(tmp_path / "data"))
        get_settings.cache_clear()
        with pytest.raises(SystemExit) as ended:
            main(["serve", "--port", "0"])
        get_settings.cache_clear()
        database.configure("")
        said = capfd.readouterr()
        (line,) = said.err.splitlines()
        assert (ended.value.code, said.out) == (1, "")
        return line

    return serve


@pytest.mark.parametrize("name", ["fsync", "full_page_writes", "synchronous_commit"])
def test_a_database_that_may_forget_is_refused_whatever_makes_it_so(
    durable: Engine, refused: Refused, name: str
) -> None:
    switched_off = text("SELECT setting FROM pg_settings WHERE name = :name")
    with connect(Path(str(durable.url.query["host"])), user=SUPERUSER) as connection:
        for command, state in ((f"SET {name} = off", "off"), ("RESET ALL", "on")):
            connection.execute(f"ALTER SYSTEM {command}")  # type: ignore[arg-type]
            connection.execute("SELECT pg_reload_conf()")
            with durable.connect() as other:
                until(lambda state=state, other=other: other.scalar(switched_off, {"name": name}) == state)  # type: ignore[misc]
            if state == "off":
                line = refused(durable.url)
    assert line.startswith(f"The database has {name} off and could lose saved work in a crash")


@pytest.mark.parametrize(
    ("version", "said"),
    [
        ("0001", "(0001) is older than this version of Engross"),
        ("9999", "(9999) is newer than this version of Engross"),
    ],
)
def test_another_schema_than_the_codes_is_refused(
    durable: Engine, refused: Refused, version: str, said: str
) -> None:
    stand_at = text("UPDATE alembic_version SET version_num = :version")
    with durable.begin() as connection:
        connection.execute(stand_at, {"version": version})
    line = refused(durable.url)
    with durable.begin() as connection:
        connection.execute(stand_at, {"version": schema.head()})
    assert said in line


@pytest.mark.parametrize(
    ("part", "said"),
    [
        ({"database": "absent"}, 'database "absent" does not exist'),
        ({"username": "nobody"}, 'role "nobody" does not exist'),
    ],
)
def test_a_database_or_a_role_that_is_not_there_is_named(
    durable: Engine, refused: Refused, part: dict[str, str], said: str
) -> None:
    assert said in refused(durable.url.set(**part))
