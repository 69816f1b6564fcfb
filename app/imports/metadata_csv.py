"""`metadata.csv`: what a lead says of the files that come with it. Pure."""

import csv
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from app.documents.rules import METADATA_KEYS, Metadata, clean_name, read_metadata
from app.errors import Invalid

NAME = "metadata.csv"
_COLUMNS = {"file", "title", *METADATA_KEYS}


@dataclass(frozen=True, slots=True)
class FileMetadata:
    """One row: a title where it is given, and the rest."""

    title: str = ""
    metadata: Metadata = field(default_factory=Metadata)


def read_metadata_csv(content: bytes, *, names: Collection[str]) -> Mapping[str, FileMetadata]:
    """Metadata by file name. `names` are the files of the import, and no row may name another.

    Raises Invalid with one sentence that says what is wrong and where.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Invalid(f"{NAME} is not UTF-8. Save it as “CSV UTF-8” and import it again.") from None
    reader = csv.DictReader(text.splitlines(keepends=True), strict=True)
    found: dict[str, FileMetadata] = {}
    try:
        _check_columns(reader.fieldnames or [])
        for row in reader:
            name, value = _read_row(row, line=reader.line_num)
            if name not in names:
                raise Invalid(f"{NAME}, line {reader.line_num}: no file of this import is called “{name}”.")
            if name in found:
                raise Invalid(f"{NAME}, line {reader.line_num}: “{name}” has a line already.")
            found[name] = value
    except csv.Error as error:
        raise Invalid(f"{NAME}, line {reader.line_num}: {error}.") from None
    return found


def _check_columns(columns: Collection[str]) -> None:
    if "file" not in columns:
        raise Invalid(f"{NAME} has no column “file”; its first line names the columns.")
    unknown = [column for column in columns if column not in _COLUMNS]
    if unknown:
        raise Invalid(f"{NAME} has a column “{unknown[0]}”; known are {', '.join(sorted(_COLUMNS))}.")


def _read_row(row: Mapping[str | None, str | list[str] | None], *, line: int) -> tuple[str, FileMetadata]:
    if None in row or None in row.values():
        raise Invalid(f"{NAME}, line {line}: it has more or fewer values than the first line has columns.")
    values: dict[str, object] = {str(key): value for key, value in row.items()}
    try:
        metadata = read_metadata(values)
    except Invalid as error:
        raise Invalid(f"{NAME}, line {line}: {error.message}") from None
    return clean_name(str(values["file"])), FileMetadata(str(values.get("title", "")), metadata)
