"""Every knob of the application, read once from the environment and `.env`."""

import os
import secrets
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import parse_qs, unquote, urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from app.errors import CannotRun

LOOPBACK_HOSTS = frozenset({"127.0.0.1", "::1", "localhost"})
SECRETS = (
    "database_url",
    "secret_key",
    "engross_smtp_url",
    "aws_access_key_id",
    "aws_secret_access_key",
)  # each may also come from a file that <NAME>_FILE names

METRICS_DIRECTORY = "PROMETHEUS_MULTIPROC_DIR"  # named by the library that reads it
MAIL_PORTS = {"smtp": 587, "smtps": 465, "smtp+plain": 25}


@dataclass(frozen=True, slots=True)
class MailServer:
    """The server that takes mail, and how it is spoken to."""

    scheme: str  # "smtp": STARTTLS, "smtps": TLS from the first byte, "smtp+plain": no TLS
    host: str
    port: int
    user: str
    password: str
    sender: Address


class Settings(BaseSettings):
    """All settings; names in the environment are these in capitals.

    Secrets may also be read from a file named by `<NAME>_FILE`, as container platforms mount them.
    """

    model_config = SettingsConfigDict(
        env_file=".env",
        env_ignore_empty=True,  # `SECRET_KEY=` in a file that somebody has yet to fill in means: not set
        frozen=True,
        extra="ignore",
        hide_input_in_errors=True,  # an input that is wrong may be a password all the same
    )

    database_url: SecretStr | None = None  # None: the embedded Postgres under data_dir
    database_url_file: Path | None = None
    secret_key: SecretStr | None = None  # None: made on the first start and kept in data_dir
    secret_key_file: Path | None = None
    base_url: str = ""  # empty: made of host and port
    host: str = "127.0.0.1"
    port: int = Field(8000, ge=0, le=65535)
    data_dir: Path = Path(".engross")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    log_format: Literal["auto", "console", "json"] = "auto"
    trusted_proxies: Annotated[tuple[str, ...], NoDecode] = ()

    engross_storage_url: str = ""  # empty: imported files lie below data_dir
    aws_access_key_id: SecretStr | None = None  # None: as the machine's role, or its environment, says
    aws_access_key_id_file: Path | None = None
    aws_secret_access_key: SecretStr | None = None
    aws_secret_access_key_file: Path | None = None

    engross_pg_bin: Path | None = None  # where Postgres's own programs are, for the embedded one
    engross_pool_size: int = Field(20, ge=2, le=200)  # database connections of one web process
    engross_session_days: int = Field(14, ge=1, le=365)
    engross_link_days: int = Field(7, ge=1, le=30)  # how long invitations and resets are good for
    engross_smtp_url: SecretStr | None = None  # None: links are shown to copy, and nothing is mailed
    engross_smtp_url_file: Path | None = None
    engross_mail_from: str = ""  # who account mails come from
    engross_contract_characters: int = Field(5_000_000, ge=1_000)
    engross_output_characters: int = Field(20_000, ge=100)
    engross_comment_characters: int = Field(5_000, ge=100)
    engross_guidelines_characters: int = Field(200_000, ge=1_000)
    engross_file_mb: int = Field(100, ge=1)
    engross_request_mb: int = Field(512, ge=1)
    engross_import_lines: int = Field(100_000, ge=1)  # rows of one JSONL, JSON or CSV file
    engross_bulk_ids: int = Field(10_000, ge=1)  # rows that one act may change
    engross_zip_entries: int = Field(10_000, ge=1)
    engross_zip_mb: int = Field(2_000, ge=1)  # of all that one archive unpacks to
    engross_extraction_seconds: int = Field(60, ge=1)
    engross_extraction_mb: int = Field(1024, ge=128)

    @field_validator("trusted_proxies", mode="before")
    @classmethod
    def _split_proxies(cls, value: object) -> object:
        return tuple(filter(None, map(str.strip, value.split(",")))) if isinstance(value, str) else value

    @field_validator("base_url")
    @classmethod
    def _plain_base_url(cls, value: str) -> str:
        parts = urlsplit(value)
        if value and (parts.scheme not in {"http", "https"} or not parts.hostname):
            raise ValueError("BASE_URL must be an address such as https://engross.example.org")
        return value.rstrip("/")

    @field_validator("secret_key")
    @classmethod
    def _long_enough(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and len(value.get_secret_value()) < 32:
            raise ValueError("SECRET_KEY must have at least 32 characters")
        return value

    @field_validator("engross_storage_url")
    @classmethod
    def _names_a_bucket(cls, value: str) -> str:
        parts = urlsplit(value)
        plain = parts.netloc and not {"@", ":"} & set(parts.netloc) and not parts.fragment
        known = parse_qs(parts.query).keys() <= {"endpoint", "region"}
        if value and not (parts.scheme == "s3" and plain and known):
            raise ValueError(
                "ENGROSS_STORAGE_URL must read s3://bucket/prefix?endpoint=https://host&region=name; "
                "prefix, endpoint and region may be left out, and the key does not stand in it"
            )
        return value

    @field_validator("database_url")
    @classmethod
    def _for_sqlalchemy(cls, value: SecretStr | None) -> SecretStr | None:
        if value is None:
            return None
        scheme, _, rest = value.get_secret_value().partition("://")
        if scheme not in {"postgres", "postgresql", "postgresql+psycopg"} or not rest:
            raise ValueError("DATABASE_URL must begin with postgresql:// — Engross runs on Postgres only")
        try:
            urlsplit(value.get_secret_value()).port  # noqa: B018 -- reading it is what checks it
        except ValueError:  # its words would quote what may be a piece of the password
            raise ValueError(
                "DATABASE_URL must read postgresql://user:password@host:5432/database, "
                "with / : @ # in the password written as %2F %3A %40 %23"
            ) from None
        return SecretStr(f"postgresql+psycopg://{rest}")

    @field_validator("engross_smtp_url")
    @classmethod
    def _known_mail_server(cls, value: SecretStr | None) -> SecretStr | None:
        if value is None:
            return None
        try:
            parts = urlsplit(value.get_secret_value())
            known = parts.scheme in MAIL_PORTS and parts.hostname and parts.port != 0
        except ValueError:  # its words would quote what may be a piece of the password
            known = False
        if not known:
            raise ValueError(
                "ENGROSS_SMTP_URL must read smtp://user:password@host:587 (STARTTLS), smtps://… (TLS) or "
                "smtp+plain://… (no TLS), with / : @ # in the password written as %2F %3A %40 %23"
            ) from None
        if parts.scheme == "smtp+plain" and parts.password and parts.hostname not in LOOPBACK_HOSTS:
            raise ValueError(
                "ENGROSS_SMTP_URL: a password goes over smtp:// or smtps://, never smtp+plain://"
            )
        return value

    @model_validator(mode="before")
    @classmethod
    def _read_secret_files(cls, values: dict[str, object]) -> dict[str, object]:
        for name in SECRETS:
            path = values.get(f"{name}_file")
            if path and name not in values:
                try:
                    values[name] = Path(str(path)).read_text(encoding="utf-8").strip()
                except OSError as error:
                    raise ValueError(f"{name.upper()}_FILE cannot be read: {error.strerror}") from None
        return values

    @model_validator(mode="after")
    def _own_address(self) -> Self:
        if not self.base_url:
            host = f"[{self.host}]" if ":" in self.host else self.host
            object.__setattr__(self, "base_url", f"http://{host}:{self.port}")
        return self

    @model_validator(mode="after")
    def _one_key_for_all_machines(self) -> Self:
        if self.engross_storage_url and self.secret_key is None:
            raise ValueError(
                "ENGROSS_STORAGE_URL needs SECRET_KEY: whatever shares a store has to share one key as well"
            )
        return self

    @model_validator(mode="after")
    def _mail_has_a_sender(self) -> Self:
        if self.engross_smtp_url is not None:
            _sender(self.engross_mail_from)
        return self

    @property
    def mail_server(self) -> MailServer | None:
        """Where account mails go; None where none are sent."""
        if self.engross_smtp_url is None:
            return None
        parts = urlsplit(self.engross_smtp_url.get_secret_value())
        return MailServer(
            scheme=parts.scheme,
            host=parts.hostname or "",
            port=parts.port or MAIL_PORTS[parts.scheme],
            user=unquote(parts.username or ""),
            password=unquote(parts.password or ""),
            sender=_sender(self.engross_mail_from),
        )

    @property
    def secure_cookies(self) -> bool:
        """Cookies are marked Secure exactly where people reach the site by https."""
        return self.base_url.startswith("https://")

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine can reach the server."""
        return self.host in LOOPBACK_HOSTS

    def signing_key(self) -> bytes:
        """The key for form tokens and phrasing choice: SECRET_KEY, or one made once and kept in data_dir."""
        if self.secret_key is not None:
            return self.secret_key.get_secret_value().encode()
        path = self.data_dir / "secret_key"
        if not path.exists():
            self.data_dir.mkdir(parents=True, exist_ok=True)
            temporary = path.with_suffix(f".{os.getpid()}")
            temporary.touch(mode=0o600)
            temporary.write_text(secrets.token_urlsafe(48), encoding="ascii")
            with suppress(FileExistsError):
                os.link(temporary, path)  # the first of two processes wins; both then read the same key
            temporary.unlink()
        return path.read_text(encoding="ascii").strip().encode()


def _sender(value: str) -> Address:
    """The one address that mails come from. Raises ValueError."""
    message = EmailMessage(policy=SMTP)
    try:
        message["From"] = value
    except ValueError:  # a line's end
        addresses: tuple[Address, ...] = ()
    else:
        addresses = () if message["From"].defects else message["From"].addresses
    if len(addresses) != 1 or not (addresses[0].username and addresses[0].domain):
        raise ValueError(
            "ENGROSS_MAIL_FROM must be the one address that mails come from: Engross <engross@example.org>"
        )
    return addresses[0]


def read_settings(**overrides: object) -> Settings:
    """The settings from the environment and `.env`; `overrides`, by field name, come before both.

    Raises CannotRun, in one sentence that names the settings and none of their values.
    """
    try:
        return Settings(**overrides)  # type: ignore[arg-type]
    except ValidationError as error:
        raise CannotRun("; ".join(map(_explain, error.errors(include_url=False)))) from None


def _explain(problem: Mapping[str, Any]) -> str:
    """One problem; the sentences of our own checks name their setting themselves."""
    own = problem.get("ctx", {}).get("error")
    if isinstance(own, ValueError):
        return str(own)
    return f"{'.'.join(map(str, problem['loc'])).upper()}: {problem['msg'].lower()}"


def child_environment(settings: Settings, **added: str) -> dict[str, str]:
    """The environment in which a process that we start reads these same settings; with `added` variables."""
    own = {"HOST": settings.host, "PORT": str(settings.port), "BASE_URL": settings.base_url}
    return os.environ | own | added


def metrics_directory() -> Path | None:
    """Where the web processes of this server count together; None where each counts for itself."""
    directory = os.environ.get(METRICS_DIRECTORY)
    return Path(directory) if directory else None


@cache
def get_settings() -> Settings:
    """The settings of this process. Raises CannotRun."""
    return read_settings()
