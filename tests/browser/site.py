"""The real program with its demo, in processes and a data directory of its own; and ways to prepare work."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from app import database
from app.accounts import sessions
from app.accounts.models import User
from app.embedded import EmbeddedPostgres
from app.settings import get_settings
from tests.factories import Factory
from tests.scratch import scratch_root

STOP_SECONDS = 30
# What a developer has set for their own server is not the tests' affair.
_OWN_SETTINGS = frozenset({"BASE_URL", "DATABASE_URL", "HOST", "PORT", "TRUSTED_PROXIES"})


@dataclass(frozen=True)
class Site:
    """A running server: `links` are its one-time links by the person's name."""

    url: str
    links: dict[str, str]
    engine: Engine
    pid: int

    @contextmanager
    def preparing(self) -> Iterator[Factory]:
        """Make rows in the server's database; they are there for it when the block ends."""
        with Session(self.engine, expire_on_commit=False) as session, session.begin():
            yield Factory(session)

    @contextmanager
    def looking(self) -> Iterator[Session]:
        """Read what the server has written."""
        with Session(self.engine) as session:
            yield session

    def person(self, name: str) -> User:
        """One of the demo's people."""
        with self.looking() as session:
            return session.scalars(select(User).where(User.name == name)).one()

    def session_cookie(self, user: User) -> dict[str, str]:
        """The cookie of a browser in which this person has just signed in."""
        with self.preparing() as make:
            token = sessions.start(make.session, user=user, user_agent="test", days=1, at=datetime.now(UTC))
        return {"name": sessions.cookie_name(get_settings()), "value": token, "url": self.url}


@contextmanager
def demo_site() -> Iterator[Site]:
    """`engross demo` on a free port of this machine, until the block ends."""
    with TemporaryDirectory(prefix="engross-browser-", dir=scratch_root()) as name:
        # Root's Postgres runs as somebody else, who has to be able to enter.
        Path(name).chmod(0o711)
        data_dir = Path(name, "data")
        process = _start(data_dir, log=Path(name, "log"))
        try:
            said = _read_greeting(process, log=Path(name, "log"))
            with EmbeddedPostgres(data_dir) as postgres:
                engine = database.make_engine(postgres.url)
                links = {link["name"]: link["url"] for link in said["links"]}
                yield Site(url=said["url"], links=links, engine=engine, pid=process.pid)
                engine.dispose()
        finally:
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=STOP_SECONDS)


def _start(data_dir: Path, *, log: Path) -> subprocess.Popen[str]:
    environment = {name: value for name, value in os.environ.items() if name not in _OWN_SETTINGS}
    with log.open("w") as errors:
        return subprocess.Popen(
            [sys.executable, "-P", "-m", "app.cli", "demo", "--port", "0", "--json"],
            cwd=data_dir.parent,  # where no .env of a developer lies
            env=environment | {"DATA_DIR": str(data_dir), "LOG_LEVEL": "WARNING"},
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )


def _read_greeting(process: subprocess.Popen[str], *, log: Path) -> dict[str, object]:
    """The JSON document that the program prints when it is ready."""
    assert process.stdout is not None
    written = ""
    for line in process.stdout:
        written += line
        if line == "}\n":
            said: dict[str, object] = json.loads(written)
            return said
    pytest.fail(f"The server did not start: {log.read_text()}")
