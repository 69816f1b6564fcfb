"""Settings: what they accept, what they refuse in one sentence, and that the example file names them all."""

import re
from pathlib import Path

import pytest

from app.errors import CannotRun
from app.operation.serving import refuse_exposure
from app.settings import Settings, child_environment, read_settings

ROOT = Path(__file__).parents[1]
EXAMPLE = re.compile(r"^#([A-Z_]+)=(.*)$", re.MULTILINE)
KEY = "k" * 32
EVERYWHERE = "0.0.0.0"  # noqa: S104 -- read, and never listened on


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.chdir(tmp_path)  # where there is no .env


def test_every_setting_stands_in_the_example_and_nothing_else() -> None:
    shown = [name for name, _ in EXAMPLE.findall((ROOT / ".env.example").read_text())]
    assert sorted(shown) == sorted(name.upper() for name in Settings.model_fields)


def test_the_example_shows_the_defaults() -> None:
    defaults = read_settings().model_dump() | {"base_url": ""}
    for name, value in EXAMPLE.findall((ROOT / ".env.example").read_text()):
        default = defaults[name.lower()]
        assert value == ("" if default in (None, ()) else str(default)), name


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_a_database_is_named_as_platforms_name_it(monkeypatch: pytest.MonkeyPatch, scheme: str) -> None:
    monkeypatch.setenv("DATABASE_URL", f"{scheme}://me:secret@db.example.org:5433/engross?sslmode=require")
    url = read_settings().database_url
    assert url is not None
    assert url.get_secret_value() == (
        "postgresql+psycopg://me:secret@db.example.org:5433/engross?sslmode=require"
    )


@pytest.mark.parametrize(
    "url", ["sqlite:///engross.db", "mysql://me:hunter2@db/engross", "postgresql://", "engross"]
)
def test_another_database_is_refused_by_name(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("DATABASE_URL", url)
    with pytest.raises(CannotRun, match="DATABASE_URL must begin with postgresql://"):
        read_settings()


def test_a_password_that_breaks_the_address_is_not_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://me:hun/ter2@db:5432/engross")
    with pytest.raises(CannotRun, match="%2F") as refused:
        read_settings()
    assert "ter2" not in str(refused.value)
    assert refused.value.__cause__ is None


def test_a_short_secret_is_refused_and_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "hunter2-hunter2")
    with pytest.raises(CannotRun, match="at least 32 characters") as refused:
        read_settings()
    assert "hunter2" not in str(refused.value)


def test_all_that_is_wrong_is_said_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "http")
    monkeypatch.setenv("LOG_LEVEL", "LOUD")
    with pytest.raises(CannotRun, match=r"PORT: .*; LOG_LEVEL: "):
        read_settings()


def test_secrets_come_from_files_too(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "key").write_text(f"{KEY}\n")
    (tmp_path / "url").write_text("postgres://db/engross\n")
    monkeypatch.setenv("SECRET_KEY_FILE", str(tmp_path / "key"))
    (tmp_path / ".env").write_text(f"DATABASE_URL_FILE={tmp_path / 'url'}\n")
    settings = read_settings()
    assert settings.signing_key() == KEY.encode()
    assert settings.database_url is not None
    assert settings.database_url.get_secret_value() == "postgresql+psycopg://db/engross"


def test_a_secret_itself_comes_before_its_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", KEY)
    monkeypatch.setenv("SECRET_KEY_FILE", "/nowhere")
    assert read_settings().signing_key() == KEY.encode()


def test_a_secret_file_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY_FILE", "/nowhere")
    with pytest.raises(CannotRun, match="SECRET_KEY_FILE cannot be read: No such file"):
        read_settings()


def test_an_empty_variable_counts_as_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "")
    monkeypatch.setenv("PORT", "")
    settings = read_settings()
    assert settings.secret_key is None
    assert settings.port == 8000


def test_secrets_do_not_print(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", KEY)
    monkeypatch.setenv("DATABASE_URL", "postgresql://me:hunter2@db/engross")
    assert KEY not in repr(read_settings())
    assert "hunter2" not in repr(read_settings())


@pytest.mark.parametrize(
    ("given", "address"),
    [
        ({}, "http://127.0.0.1:8000"),
        ({"host": "::1", "port": 9000}, "http://[::1]:9000"),
        ({"base_url": "https://engross.example.org/"}, "https://engross.example.org"),
    ],
)
def test_links_are_made_of_the_address_that_people_use(given: dict[str, object], address: str) -> None:
    assert read_settings(**given).base_url == address


def test_a_key_that_was_made_once_stays(tmp_path: Path) -> None:
    settings = read_settings(data_dir=tmp_path / "data")
    assert settings.signing_key() == settings.signing_key()
    assert len(settings.signing_key()) >= 32
    assert (tmp_path / "data" / "secret_key").stat().st_mode & 0o777 == 0o600


def test_a_process_that_we_start_reads_the_same_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    ours = read_settings(host="::1", port=9000)
    for name, value in child_environment(ours).items():
        monkeypatch.setenv(name, value)
    assert read_settings() == ours


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"base_url": "https://engross.example.org"}, "SECRET_KEY"),
        ({"secret_key": KEY}, "needs BASE_URL"),
        ({"secret_key": KEY, "base_url": "http://engross.example.org"}, "--behind-proxy"),
    ],
)
def test_beyond_loopback_nothing_unprotected_is_served(given: dict[str, object], sentence: str) -> None:
    with pytest.raises(CannotRun, match=sentence):
        refuse_exposure(read_settings(host=EVERYWHERE, **given), behind_proxy=False)


def test_a_proxy_may_add_the_https() -> None:
    settings = read_settings(host=EVERYWHERE, secret_key=KEY, base_url="http://engross.example.org")
    refuse_exposure(settings, behind_proxy=True)
    refuse_exposure(read_settings(), behind_proxy=False)
    with pytest.raises(CannotRun, match="BASE_URL"):
        refuse_exposure(read_settings(host=EVERYWHERE, secret_key=KEY), behind_proxy=True)


STORE = {"secret_key": KEY, "engross_storage_url": "s3://bucket/some/prefix?endpoint=https://s3.example.org"}


@pytest.mark.parametrize(
    "url",
    [
        "bucket",
        "https://s3.example.org/bucket",
        "s3://",
        "s3://key:hunter2@bucket",
        "s3://bucket?access_key_id=hunter2",
        "s3://bucket#hunter2",
    ],
)
def test_a_store_is_named_by_its_bucket_and_its_key_stands_elsewhere(url: str) -> None:
    with pytest.raises(CannotRun, match="ENGROSS_STORAGE_URL must read s3://bucket") as refused:
        read_settings(secret_key=KEY, engross_storage_url=url)
    assert "hunter2" not in str(refused.value)


def test_the_key_of_a_store_comes_from_files_and_does_not_print(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("hunter2\n")
    settings = read_settings(**STORE, aws_secret_access_key_file=tmp_path / "secret")
    assert settings.aws_secret_access_key is not None
    assert settings.aws_secret_access_key.get_secret_value() == "hunter2"
    assert "hunter2" not in repr(settings)


def test_machines_that_share_a_store_are_not_let_make_a_key_each() -> None:
    with pytest.raises(CannotRun, match="ENGROSS_STORAGE_URL needs SECRET_KEY"):
        read_settings(engross_storage_url=STORE["engross_storage_url"])
    assert read_settings(**STORE).engross_storage_url == STORE["engross_storage_url"]
