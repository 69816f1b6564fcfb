"""Where the bytes of imported files lie: once each, under their SHA-256, below the data directory.

A file is complete or absent: it is written beside its place, forced to the disk, then moved. A row that names
it is committed later, so a crash between the two leaves a file without a row, which the sweep takes away.
"""

import fcntl
import hashlib
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from app.errors import Invalid, StorageFull
from app.settings import get_settings

CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Stored:
    """A file that is on the disk."""

    sha256: str  # 64 hexadecimal digits
    byte_count: int


class Originals:
    """The files below one directory, as `ab/abcd…`."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def put(self, stream: BinaryIO, *, limit: int) -> Stored:
        """Copy a stream into storage and return its SHA-256 and size once it is safe on the disk.

        Raises Invalid where the stream is longer than `limit` bytes, StorageFull where the disk is.
        """
        incoming = self.root / "incoming"
        try:
            incoming.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=incoming, delete=False) as file:
                temporary = Path(file.name)
                try:
                    stored = _copy(stream, file, limit)
                    self._move_into_place(temporary, stored.sha256)
                except BaseException:
                    temporary.unlink(missing_ok=True)
                    raise
        except OSError as error:
            if full := StorageFull.of(error):
                raise full from error
            raise
        return stored

    def path(self, sha256: str) -> Path:
        """Where the file lies, whether it is there or not."""
        if len(sha256) != 64 or not set(sha256) <= set("0123456789abcdef"):
            raise ValueError("This is not a SHA-256 in lower-case hexadecimal digits.")
        return self.root / sha256[:2] / sha256

    def open(self, sha256: str) -> BinaryIO:
        """The file, open for reading."""
        return self.path(sha256).open("rb")

    def exists(self, sha256: str) -> bool:
        """Whether the file is there."""
        return self.path(sha256).is_file()

    def sweep(self, *, named: Callable[[list[str]], set[str]], before: datetime) -> int:
        """Remove files that no row names and that were last put before a time; return how many.

        `named` is given hashes and returns those that a row names. The time has to be far enough back
        that every import which put a file has long been committed.
        """
        removed = 0
        for directory in sorted(self.root.glob("*")):
            old = [path for path in directory.glob("*") if path.stat().st_mtime < before.timestamp()]
            kept = set() if directory.name == "incoming" else named([path.name for path in old])
            for path in old:
                if path.name not in kept:
                    removed += self._remove(path, before)
        return removed

    def _move_into_place(self, temporary: Path, sha256: str) -> None:
        path = self.path(sha256)
        with self._lock(fcntl.LOCK_SH):
            path.parent.mkdir(exist_ok=True)
            # Also over a file with the same bytes: its time is new then, and the sweep leaves it alone.
            temporary.replace(path)
            _sync_directory(path.parent)
            _sync_directory(self.root)

    def _remove(self, path: Path, before: datetime) -> int:
        with self._lock(fcntl.LOCK_EX):
            if path.exists() and path.stat().st_mtime < before.timestamp():
                path.unlink()
                return 1
        return 0

    @contextmanager
    def _lock(self, kind: int) -> Iterator[None]:
        """Keeps a file that is being put again from being swept at that moment."""
        descriptor = os.open(self.root.parent / "originals.lock", os.O_CREAT | os.O_RDWR, 0o600)
        try:
            fcntl.flock(descriptor, kind)
            yield
        finally:
            os.close(descriptor)


def originals() -> Originals:
    """The originals of this installation."""
    return Originals(get_settings().data_dir / "originals")


def file_limit() -> int:
    """The most bytes that one file may have."""
    return get_settings().engross_file_mb * 1_000_000


def _copy(stream: BinaryIO, file: "tempfile._TemporaryFileWrapper[bytes]", limit: int) -> Stored:
    digest = hashlib.sha256()
    size = 0
    while chunk := stream.read(CHUNK):
        size += len(chunk)
        if size > limit:
            raise Invalid(
                f"This file is larger than {limit / 1_000_000:g} MB, the most that one file may have.",
                code="file_too_large",
            )
        digest.update(chunk)
        file.write(chunk)
    file.flush()
    os.fsync(file.fileno())
    return Stored(digest.hexdigest(), size)


def _sync_directory(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
