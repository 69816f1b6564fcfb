"""Every knob of the application, read once from the environment and `.env`."""

import os
import secrets
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

LOOPBACK_HOSTS = frozenset({"127.0.0.1", "::1", "localhost"})
SECRETS = ("DATABASE_URL", "SECRET_KEY")


class Settings(BaseSettings):
    """All settings; names in the environment are these in capitals.

    Secrets may also be read from a file named by `<NAME>_FILE`, as container platforms mount them.
    """

    model_config = SettingsConfigDict(env_file=".env", frozen=True, extra="ignore")

    database_url: SecretStr | None = None  # None: the embedded Postgres under data_dir
    secret_key: SecretStr | None = None  # None: made on the first start and kept in data_dir
    base_url: str = "http://127.0.0.1:8000"
    host: str = "127.0.0.1"
    port: int = Field(8000, ge=0, le=65535)
    data_dir: Path = Path(".engross")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    log_format: Literal["auto", "console", "json"] = "auto"
    trusted_proxies: Annotated[tuple[str, ...], NoDecode] = ()

    engross_pg_bin: Path | None = None  # where Postgres's own programs are, for the embedded one
    engross_pool_size: int = Field(20, ge=2, le=200)  # database connections of one web process
    engross_session_days: int = Field(14, ge=1, le=365)
    engross_link_days: int = Field(7, ge=1, le=30)  # how long invitations and resets are good for
    engross_contract_characters: int = Field(5_000_000, ge=1_000)
    engross_output_characters: int = Field(20_000, ge=100)
    engross_comment_characters: int = Field(5_000, ge=100)
    engross_guidelines_characters: int = Field(200_000, ge=1_000)
    engross_file_mb: int = Field(100, ge=1)
    engross_request_mb: int = Field(512, ge=1)
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
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ValueError("BASE_URL must be an address such as https://engross.example.org")
        return value.rstrip("/")

    @field_validator("secret_key")
    @classmethod
    def _long_enough(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and len(value.get_secret_value()) < 32:
            raise ValueError("SECRET_KEY must have at least 32 characters")
        return value

    @model_validator(mode="before")
    @classmethod
    def _read_secret_files(cls, values: dict[str, object]) -> dict[str, object]:
        for name in SECRETS:
            path = os.environ.get(f"{name}_FILE")
            if path and name.lower() not in values:
                try:
                    values[name.lower()] = Path(path).read_text(encoding="utf-8").strip()
                except OSError as error:
                    raise ValueError(f"{name}_FILE cannot be read: {error.strerror}") from None
        return values

    @model_validator(mode="after")
    def _sqlalchemy_url(self) -> Self:
        if self.database_url is not None:
            scheme, _, rest = self.database_url.get_secret_value().partition("://")
            if scheme not in {"postgres", "postgresql", "postgresql+psycopg"} or not rest:
                raise ValueError("DATABASE_URL must begin with postgresql:// — Engross runs on Postgres only")
            object.__setattr__(self, "database_url", SecretStr(f"postgresql+psycopg://{rest}"))
        return self

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


@cache
def get_settings() -> Settings:
    """The settings of this process."""
    return Settings()
