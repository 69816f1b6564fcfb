"""Zips, taken apart within limits: their entries go into storage one after the other, never all into memory.

An entry's name decides nothing but what the report calls it: files lie in storage by their hash.
"""

import io
import stat
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

from app.documents import extraction
from app.documents.extraction import ZIP, Unreadable
from app.documents.rules import LONGEST_NAME, clean_path, is_hidden, passed_over
from app.documents.storage import file_limit, originals
from app.errors import Invalid, StorageFull
from app.settings import get_settings

_LONGEST_LIST = 10_000_000  # bytes of the list of entries, which zipfile reads at once
_PACKED = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # others unpack a whole chunk at once, whatever its size
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, RuntimeError, NotImplementedError)
_DAMAGED = "This zip is cut off or damaged. Make it anew, and import that."


@dataclass(frozen=True, slots=True)
class Entry:
    """One file of an archive: in storage, or with the reason why it is not."""

    name: str
    byte_count: int
    sha256: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Unpacked:
    """What an archive held, and in a sentence what of it is nobody's document."""

    entries: list[Entry]
    note: str


class _Archive(io.FileIO):
    """The file, of which nothing is read that is larger than a list of entries may be."""

    def read(self, size: int | None = -1, /) -> bytes:
        if size is not None and size > _LONGEST_LIST:
            raise Invalid(_too_many())
        return super().read(size) or b""


def unpack(path: Path, *, name: str, sha256: str, pause: Callable[[], None]) -> Unpacked:
    """Put all files of the zip at `path` into storage; `pause` is called before each.

    Raises Invalid where the zip as a whole cannot be taken apart. Nothing is written but to storage, so
    whatever ends this can begin it again.
    """
    try:
        with _Archive(path) as file, zipfile.ZipFile(cast("BinaryIO", file)) as archive:
            files = [entry for entry in archive.infolist() if not entry.is_dir()]
            _check_size(archive)
            shown = [entry for entry in files if not is_hidden(entry.filename)]
            if not shown:
                raise Invalid("There is no file in this zip that could be a contract.")
            entries = list(_kept(archive, shown, name, sha256, pause))
    except _BROKEN as error:
        raise Invalid(_DAMAGED) from error
    hidden = len(files) - len(shown)
    return Unpacked(entries, f"{name}: {passed_over(hidden)}" if hidden else "")


def _check_size(archive: zipfile.ZipFile) -> None:
    settings = get_settings()
    if len(archive.infolist()) > settings.engross_zip_entries:
        raise Invalid(_too_many())
    if sum(entry.file_size for entry in archive.infolist()) > settings.engross_zip_mb * 1_000_000:
        raise Invalid(
            f"This zip unpacks to more than {settings.engross_zip_mb:,} MB (ENGROSS_ZIP_MB): "
            "split it into several."
        )


def _too_many() -> str:
    most = get_settings().engross_zip_entries
    return f"This zip has more than {most:,} entries (ENGROSS_ZIP_ENTRIES): split it into several."


def _kept(
    archive: zipfile.ZipFile,
    entries: list[zipfile.ZipInfo],
    name: str,
    sha256: str,
    pause: Callable[[], None],
) -> Iterator[Entry]:
    taken: set[str] = set()
    for entry in entries:
        pause()
        # Both together are longer than one name may be; the entry's own is what tells files apart.
        shown = f"{name[:LONGEST_NAME]}/{clean_path(entry.filename)}"
        try:
            _check(entry, doubled=shown in taken)
            taken.add(shown)
            yield Entry(shown, entry.file_size, _keep(archive, entry))
        except StorageFull:
            raise
        except Invalid as error:
            # The row names a file that is there, as all rows do: the archive.
            yield Entry(shown, entry.file_size, sha256, error.message)


def _check(entry: zipfile.ZipInfo, *, doubled: bool) -> None:
    """Raise Invalid where an entry is not even opened."""
    if doubled:
        raise Invalid("This zip holds two files of this name; the first was taken. Rename one of them.")
    if entry.flag_bits & 0x1:
        raise Invalid("This file is protected by a password. Make the zip without one, and import that.")
    if stat.S_ISLNK(entry.external_attr >> 16):
        raise Invalid("This is a link to another file. Put the file itself into the zip.")
    if entry.compress_type not in _PACKED:
        raise Invalid("This file is packed in a way that is not read. Make a usual zip, and import that.")


def _keep(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> str:
    """The hash of an entry that lies in storage. Raises Invalid where it cannot be taken."""
    try:
        with archive.open(entry) as stream:
            stored = originals().put(cast("BinaryIO", stream), limit=file_limit())
    except _BROKEN as error:
        raise Invalid("This file is damaged in the zip. Make the zip anew, and import that.") from error
    with suppress(Unreadable):  # what kind of file it is otherwise is told when it is read
        if extraction.sniff(originals().path(stored.sha256)) == ZIP:
            raise Invalid("This is a zip within a zip. Import it on its own.")
    return stored.sha256
