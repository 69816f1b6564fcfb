"""A file is complete or absent, whatever happens while it is copied."""

import hashlib
import os
import time
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from app.documents.storage import Originals
from app.errors import Invalid, StorageFull

SWEEP_BEFORE = timedelta(days=1)


class FailingStream(BytesIO):
    """Gives some bytes and then fails, as a connection or a disk does."""

    def __init__(self, error: Exception) -> None:
        super().__init__(b"x" * 10)
        self.error = error

    def read(self, size: int | None = -1) -> bytes:
        if self.tell() == 10:
            raise self.error
        return super().read(size)


def files(store: Originals) -> list[Path]:
    return [path for path in store.root.rglob("*") if path.is_file()]


def test_a_file_lies_under_its_hash_once(tmp_path: Path) -> None:
    store = Originals(tmp_path / "originals")
    kept = [store.put(BytesIO(b"contract"), limit=100) for _ in range(2)]
    assert kept[0] == kept[1]
    assert kept[0].sha256 == hashlib.sha256(b"contract").hexdigest()
    assert kept[0].byte_count == 8
    assert files(store) == [store.path(kept[0].sha256)]
    with store.open(kept[0].sha256) as stream:
        assert stream.read() == b"contract"


@pytest.mark.parametrize("error", [OSError(5, "Input/output error"), ConnectionError()])
def test_what_fails_on_the_way_leaves_nothing(tmp_path: Path, error: Exception) -> None:
    store = Originals(tmp_path / "originals")
    with pytest.raises(type(error)):
        store.put(FailingStream(error), limit=100)
    assert files(store) == []


def test_a_full_disk_is_told_in_a_sentence(tmp_path: Path) -> None:
    store = Originals(tmp_path / "originals")
    with pytest.raises(StorageFull, match="disk is full"):
        store.put(FailingStream(OSError(28, "No space left on device")), limit=100)
    assert files(store) == []


def test_the_limit_is_counted_while_copying(tmp_path: Path) -> None:
    store = Originals(tmp_path / "originals")
    assert store.put(BytesIO(b"x" * 100), limit=100).byte_count == 100
    with pytest.raises(Invalid) as refused:
        store.put(BytesIO(b"x" * 101), limit=100)
    assert refused.value.code == "file_too_large"
    assert len(files(store)) == 1


@pytest.mark.parametrize("name", ["../../etc/passwd", "A" * 64, "", "0" * 63, "0" * 63 + "/"])
def test_only_a_hash_names_a_file(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="SHA-256"):
        Originals(tmp_path).path(name)


def test_the_sweep_takes_old_files_that_no_row_names_and_nothing_else(tmp_path: Path) -> None:
    store = Originals(tmp_path / "originals")
    named, unnamed, young, again = (
        store.put(BytesIO(content), limit=100).sha256
        for content in (b"named", b"unnamed", b"young", b"again")
    )
    unfinished = store.root / "incoming" / "half"
    unfinished.write_bytes(b"half of it")
    long_ago = time.time() - 2 * 24 * 3600
    for path in (store.path(named), store.path(unnamed), store.path(again), unfinished):
        os.utime(path, (long_ago, long_ago))
    store.put(BytesIO(b"again"), limit=100)  # an import that is just beginning relies on it
    asked: list[Any] = []

    def is_named(hashes: list[str]) -> set[str]:
        asked.extend(hashes)
        return {named}

    assert store.sweep(named=is_named, before=datetime.now(UTC) - SWEEP_BEFORE) == 2
    assert set(files(store)) == {store.path(named), store.path(young), store.path(again)}
    assert set(asked) == {named, unnamed}
