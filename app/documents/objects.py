"""Originals in an S3-compatible store, which web processes and workers on several machines share.

An object appears as a whole or not at all, also where it is sent in parts, and its key is the SHA-256 of its
bytes: whoever puts the same file again, from wherever, puts the same object.

What is read is fetched first, into a copy on this machine that is checked against its hash: the reader of
contracts is a process that needs a file, and lists of contracts are read several times.
"""

import hashlib
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO, Any, BinaryIO
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import obstore
import structlog
from obstore.exceptions import BaseError, PermissionDeniedError, UnauthenticatedError
from obstore.store import S3Store

from app.documents.storage import CHUNK, Stored, checked_hash, copy_limited, told_when_full
from app.errors import CannotRun, StorageAway
from app.settings import Settings

log = structlog.get_logger(__name__)

PART = 8 << 20  # bytes; a larger file is sent in parts of this size
PARTS_AT_ONCE = 2
PAGE = 1000  # objects of one list
COPIES_KEPT = 3600.0  # seconds after their last use
PLACE, SWEPT = "originals", "swept"


def open_store(settings: Settings) -> "Objects":
    """The store that the settings name; nothing is asked of it yet."""
    parts = urlsplit(settings.engross_storage_url)
    options: dict[str, Any] = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    secrets = {
        "access_key_id": settings.aws_access_key_id,
        "secret_access_key": settings.aws_secret_access_key,
    }
    # What is not given here, obstore takes from the environment or the machine's role, as AWS's tools do.
    given: dict[str, Any] = {name: key.get_secret_value() for name, key in secrets.items() if key is not None}
    store = S3Store(
        parts.netloc,
        prefix=parts.path.strip("/") or None,
        disable_bulk_delete=True,  # not every store that calls itself compatible knows it
        **options,
        **given,
        client_options={
            "allow_http": options.get("endpoint", "").startswith("http://"),
            "connect_timeout": "5s",
            "read_timeout": "30s",  # of one read; the whole of a large file on a slow line takes longer
            "timeout": "15m",
        },
        retry_config={"max_retries": 4, "retry_timeout": timedelta(seconds=20)},
    )
    return Objects(store, bucket=parts.netloc, copies=settings.data_dir / "copies")


class Objects:
    """The objects of one bucket, below `originals/`. See Originals for what each method promises."""

    def __init__(self, store: S3Store, *, bucket: str, copies: Path) -> None:
        self._store = store
        self._bucket = bucket
        self._copies = copies

    def put(self, stream: BinaryIO, *, limit: int) -> Stored:
        """See Originals. The hash is the name, so the stream goes through a file of this machine first."""
        with told_when_full(), tempfile.TemporaryFile() as spool:
            stored = copy_limited(stream, spool, limit)
            spool.seek(0)
            with _answering():
                self._send(f"{PLACE}/{stored.sha256}", spool)
        return stored

    def path(self, sha256: str) -> Path:
        """See Originals. The copy stays for an hour after it was last asked for."""
        copy = self._copies / checked_hash(sha256)
        with suppress(FileNotFoundError):
            os.utime(copy)
            return copy
        with told_when_full():
            self._copies.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._forget_old_copies()
            with tempfile.NamedTemporaryFile(dir=self._copies, delete=False) as file:
                try:
                    self._fetch(sha256, file)
                    file.flush()
                    Path(file.name).replace(copy)
                except BaseException:
                    Path(file.name).unlink(missing_ok=True)
                    raise
        return copy

    def open(self, sha256: str) -> BinaryIO:
        """See Originals."""
        return self.path(sha256).open("rb")

    def exists(self, sha256: str) -> bool:
        """See Originals."""
        return any(self._has(f"{place}/{checked_hash(sha256)}") for place in (PLACE, SWEPT))

    def sweep(self, *, named: Callable[[list[str]], set[str]], before: datetime) -> int:
        """See Originals. What is swept lies aside until the next sweep finds it old, and can be read there.

        No lock reaches over machines: the same file may be put again between the look at its age and its
        removal. Its row is committed by the next sweep, which then leaves what lies aside where it is.
        """
        with _answering():
            for key in list(self._unnamed(SWEPT, named, before)):
                obstore.delete(self._store, key)
            unnamed = list(self._unnamed(PLACE, named, before))
            for key in unnamed:
                obstore.copy(self._store, key, f"{SWEPT}/{key.rpartition('/')[2]}")
                obstore.delete(self._store, key)
        return len(unnamed)

    def probe(self) -> str:
        """See Originals."""
        key, content = f"probe/{uuid4().hex}", b"Engross can write here."
        try:
            obstore.put(self._store, key, content)
            found = obstore.get(self._store, key).bytes()
            obstore.delete(self._store, key)
            list(obstore.list(self._store, "probe"))
        except FileNotFoundError as error:
            raise CannotRun(
                f"There is no bucket {self._bucket}: make it, or name another one in ENGROSS_STORAGE_URL."
            ) from error
        except (PermissionDeniedError, UnauthenticatedError) as error:
            raise CannotRun(
                f"The bucket {self._bucket} may not be used: the key in AWS_ACCESS_KEY_ID and "
                "AWS_SECRET_ACCESS_KEY has to be good for listing it, and for its objects to be got, put and "
                "deleted."
            ) from error
        except BaseError as error:
            raise CannotRun(
                f"The store of the bucket {self._bucket} does not answer: see ENGROSS_STORAGE_URL and "
                "AWS_ACCESS_KEY_ID."
            ) from error
        if bytes(found) != content:
            raise CannotRun(f"The bucket {self._bucket} gives back other bytes than were put into it.")
        return f"the bucket {self._bucket} can be written, read and listed"

    def _send(self, key: str, file: IO[bytes]) -> None:
        try:
            obstore.put(self._store, key, file, chunk_size=PART, max_concurrency=PARTS_AT_ONCE)
        except FileNotFoundError as error:  # the bucket itself
            raise StorageAway from error

    def _has(self, key: str) -> bool:
        with _answering():
            try:
                obstore.head(self._store, key)
            except FileNotFoundError:
                return False
        return True

    def _fetch(self, sha256: str, file: IO[bytes]) -> None:
        digest = hashlib.sha256()
        with _answering():
            try:
                found = obstore.get(self._store, f"{PLACE}/{sha256}")
            except FileNotFoundError:
                found = obstore.get(self._store, f"{SWEPT}/{sha256}")
            for chunk in found.stream(min_chunk_size=CHUNK):
                digest.update(chunk)
                file.write(chunk)
        if digest.hexdigest() != sha256:
            raise RuntimeError(f"The object {sha256} does not hold what was put there.")

    def _forget_old_copies(self) -> None:
        """Contracts are not left lying about on every machine that once read them."""
        oldest = time.time() - COPIES_KEPT
        for copy in self._copies.iterdir():
            with suppress(FileNotFoundError):
                if copy.stat().st_mtime < oldest:
                    copy.unlink()

    def _unnamed(self, place: str, named: Callable[[list[str]], set[str]], before: datetime) -> Iterator[str]:
        for page in obstore.list(self._store, place, chunk_size=PAGE):
            old = [item["path"].rpartition("/")[2] for item in page if item["last_modified"] < before]
            kept = named(old)
            yield from (f"{place}/{sha256}" for sha256 in old if sha256 not in kept)


@contextmanager
def _answering() -> Iterator[None]:
    """A store that does not answer, or refuses, during the block is told as StorageAway."""
    try:
        yield
    except BaseError as error:
        log.warning("storage_unavailable", kind=type(error).__name__)
        raise StorageAway from error
