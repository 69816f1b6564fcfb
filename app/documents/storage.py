"""Where the bytes of imported files lie: once each, under their SHA-256.

Below the data directory, or in an S3-compatible store that several machines share (`app.documents.objects`).
Either way a file is complete or absent. A row that names it is committed later, so a crash between the two
leaves a file without a row, which the sweep takes away.
"""

import fcntl
import hashlib
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from typing import IO, BinaryIO, Protocol, cast

from app.errors import CannotRun, Invalid, StorageFull
from app.settings import Settings, get_settings

CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Stored:
    """A file that is on the disk."""

    sha256: str  # 64 hexadecimal digits
    byte_count: int


class Originals(Protocol):
    """What imports and downloads ask of storage. Raises StorageAway where it does not answer."""

    def put(self, stream: BinaryIO, *, limit: int) -> Stored:
        """Copy a stream into storage and return its SHA-256 and size once it is safe there.

        Raises Invalid where the stream is longer than `limit` bytes, StorageFull where a disk is.
        """

    def path(self, sha256: str) -> Path:
        """A path on this machine where the file can be read now; it is not to be kept.

        Raises FileNotFoundError, or leaves that to who opens it, where there is no such file.
        """

    def open(self, sha256: str) -> BinaryIO:
        """The file, open for reading. Raises FileNotFoundError."""

    def exists(self, sha256: str) -> bool:
        """Whether the file is there."""

    def sweep(self, *, named: Callable[[list[str]], set[str]], before: datetime) -> int:
        """Remove files that no row names and that were last put before a time; return how many.

        `named` is given hashes and returns those that a row names. The time has to be far enough back
        that every import which put a file has long been committed.
        """

    def probe(self) -> str:
        """Write, read and remove a little, and say where that was. Raises CannotRun with what is wrong."""


class Directory:
    """The files below one directory, as `ab/abcd…`, each written beside its place, synced, then moved."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def put(self, stream: BinaryIO, *, limit: int) -> Stored:
        """See Originals."""
        incoming = self.root / "incoming"
        with told_when_full():
            incoming.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=incoming, delete=False) as file:
                temporary = Path(file.name)
                try:
                    stored = copy_limited(stream, file, limit)
                    file.flush()
                    os.fsync(file.fileno())
                    self._move_into_place(temporary, stored.sha256)
                except BaseException:
                    temporary.unlink(missing_ok=True)
                    raise
        return stored

    def path(self, sha256: str) -> Path:
        """Where the file lies, whether it is there or not."""
        return self.root / sha256[:2] / checked_hash(sha256)

    def open(self, sha256: str) -> BinaryIO:
        """See Originals."""
        return self.path(sha256).open("rb")

    def exists(self, sha256: str) -> bool:
        """See Originals."""
        return self.path(sha256).is_file()

    def sweep(self, *, named: Callable[[list[str]], set[str]], before: datetime) -> int:
        """See Originals."""
        removed = 0
        for directory in sorted(self.root.glob("*")):
            old = [path for path in directory.glob("*") if path.stat().st_mtime < before.timestamp()]
            kept = set() if directory.name == "incoming" else named([path.name for path in old])
            for path in old:
                if path.name not in kept:
                    removed += self._remove(path, before)
        return removed

    def probe(self) -> str:
        """See Originals."""
        where = self.root.parent
        try:
            with tempfile.TemporaryFile(dir=where) as file:
                file.write(b"\0" * 4096)
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise CannotRun(f"{where} cannot be written: {error.strerror}") from error
        return f"{where} can be written"

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
    """The originals of this installation. Raises CannotRun where they need what is not installed."""
    settings = get_settings()
    if settings.engross_storage_url:
        return _remote(settings)
    return Directory(settings.data_dir / "originals")


@lru_cache(maxsize=1)
def _remote(settings: Settings) -> Originals:
    """The store with its connections, which are worth keeping."""
    try:
        module = import_module("app.documents.objects")  # needs an extra that most installations lack
    except ModuleNotFoundError as error:
        raise CannotRun(
            "ENGROSS_STORAGE_URL needs the extra `objects`, which is not installed: make setup-objects, or "
            "leave the setting empty."
        ) from error
    return cast(Originals, module.open_store(settings))


def file_limit() -> int:
    """The most bytes that one file may have."""
    return get_settings().engross_file_mb * 1_000_000


def checked_hash(sha256: str) -> str:
    """The same; raises ValueError where it is no hash and might name something else."""
    if len(sha256) != 64 or not set(sha256) <= set("0123456789abcdef"):
        raise ValueError("This is not a SHA-256 in lower-case hexadecimal digits.")
    return sha256


def copy_limited(stream: BinaryIO, file: IO[bytes], limit: int) -> Stored:
    """Copy a stream into a file, a piece at a time. Raises Invalid where it is longer than `limit` bytes."""
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
    return Stored(digest.hexdigest(), size)


@contextmanager
def told_when_full() -> Iterator[None]:
    """A disk that is full during the block is told as StorageFull."""
    try:
        yield
    except OSError as error:
        if full := StorageFull.of(error):
            raise full from error
        raise


def _sync_directory(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
