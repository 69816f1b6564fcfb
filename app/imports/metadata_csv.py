"""`metadata.csv`: what a lead says of the files that come with it. Pure."""

import csv
import io
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from app.documents.extraction import delimiter_of
from app.documents.rules import METADATA_KEYS, Metadata, clean_path, read_metadata
from app.errors import Invalid

NAME = "metadata.csv"
_COLUMNS = {"file", "title", *METADATA_KEYS}


@dataclass(frozen=True, slots=True)
class FileMetadata:
    """One row: a title where it is given, and the rest."""

    title: str = ""
    metadata: Metadata = field(default_factory=Metadata)


Said = Mapping[str, FileMetadata]


def is_sheet(name: str) -> bool:
    """Whether a file is a metadata.csv, in whatever folder or zip."""
    return name.rpartition("/")[2].lower() == NAME


def read_metadata_csv(content: bytes, *, names: Collection[str], sheet: str = NAME) -> Said:
    """Metadata by file name, for the files beside the sheet and below it.

    `names` are the files of the import, and no row may name another. A row names a file by its path from the
    sheet on, or by its last part alone where that is no other file's. Raises Invalid with one sentence that
    says what is wrong and where.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Invalid(f"{sheet} is not UTF-8. Save it as “CSV UTF-8” and import it again.") from None
    delimiter = delimiter_of(text.partition("\n")[0].encode(), columns={"file"}) or ","
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    files = _Files(names, sheet)
    found: dict[str, FileMetadata] = {}
    try:
        reader.fieldnames = [column.strip().lower() for column in reader.fieldnames or []]
        _check_columns(reader.fieldnames, sheet)
        for row in reader:
            where = f"{sheet}, line {reader.line_num}"
            name, value = _read_row(row, files, where)
            if name in found:
                raise Invalid(f"{where}: “{name}” has a line already.")
            found[name] = value
    except csv.Error as error:
        raise Invalid(f"{sheet}, line {reader.line_num}: {error}.") from None
    return found


def _check_columns(columns: Collection[str], sheet: str) -> None:
    if "file" not in columns:
        raise Invalid(f"{sheet} has no column “file”; its first line names the columns.")
    unknown = [column for column in columns if column not in _COLUMNS]
    if unknown:
        raise Invalid(f"{sheet} has a column “{unknown[0]}”; known are {', '.join(sorted(_COLUMNS))}.")


class _Files:
    """The files that a sheet may speak of, by path and by name."""

    def __init__(self, names: Collection[str], sheet: str) -> None:
        folder = sheet[: sheet.rfind("/") + 1]
        self._by_path = {name[len(folder) :]: name for name in names if name.startswith(folder)}
        self._by_name = defaultdict(set)
        for name in self._by_path.values():
            self._by_name[name.rpartition("/")[2]].add(name)

    def find(self, path: str, where: str) -> str:
        if path in self._by_path:
            return self._by_path[path]
        named = self._by_name.get(path, set())
        if len(named) > 1:
            raise Invalid(f"{where}: several files are called “{path}”. Write the path of each.")
        if not named:
            raise Invalid(f"{where}: no file of this import is called “{path}”.")
        return next(iter(named))


def _read_row(
    row: Mapping[str | None, str | list[str] | None], files: _Files, where: str
) -> tuple[str, FileMetadata]:
    if None in row or None in row.values():
        raise Invalid(f"{where}: it has more or fewer values than the first line has columns.")
    values: dict[str, object] = {str(key): value for key, value in row.items()}
    try:
        metadata = read_metadata(values)
    except Invalid as error:
        raise Invalid(f"{where}: {error.message}") from None
    name = files.find(clean_path(str(values["file"])), where)
    return name, FileMetadata(str(values.get("title", "")), metadata)
