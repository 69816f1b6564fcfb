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
from tests.factories import Factory


@pytest.fixture
def data_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A data directory of this test's own."""
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "data"))
    get_settings.cache_clear()
    yield tmp_path / "data"
    get_settings.cache_clear()


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
