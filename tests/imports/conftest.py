"""Imports commit file by file, so their tests work on a database of their own."""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from app.documents.storage import file_limit, originals
from app.imports.service import IncomingFile
from app.settings import get_settings
from tests import stores
from tests.factories import Factory


@pytest.fixture
def data_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A data directory of this test's own."""
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "data"))
    get_settings.cache_clear()
    yield tmp_path / "data"
    get_settings.cache_clear()


@pytest.fixture
def server() -> Iterator[stores.Store]:
    """A store of this test's own."""
    with stores.running() as server:
        yield server


@pytest.fixture
def shared_store(server: stores.Store, data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> stores.Store:
    """The same, in which imported files lie."""
    monkeypatch.setenv("ENGROSS_STORAGE_URL", server.url)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", stores.KEY)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", stores.SECRET)
    get_settings.cache_clear()
    return server


@pytest.fixture
def live(live_database: Engine, data_dir: Path) -> Iterator[Session]:
    """A session on the live database, for looking and for making rows; its user commits."""
    with Session(live_database, expire_on_commit=False) as session:
        yield session


@pytest.fixture
def make_live(live: Session) -> Factory:
    """Makes rows on the live database; the test commits them."""
    return Factory(live)


def stored(name: str, content: str | bytes) -> IncomingFile:
    """A file that lies in storage."""
    content = content.encode() if isinstance(content, str) else content
    kept = originals().put(BytesIO(content), limit=file_limit())
    return IncomingFile(name, kept.sha256, kept.byte_count)
