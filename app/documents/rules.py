"""What may be said of a document beside its text, and how names are made fit to be shown. Pure."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from datetime import date

from app.errors import Invalid

LONGEST_NAME = 300
LONGEST_TITLE = 500
LONGEST_VALUE = 200
LARGEST_PRIORITY = 1_000_000
# Controls, formats (bidi overrides, tags, zero width), halves of pairs, private use, separators of lines.
_UNSHOWN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


@dataclass(frozen=True, slots=True)
class Metadata:
    """What an import may say of a document and of the work on it. Everything may be absent."""

    client: str | None = None
    matter: str | None = None
    contract_type: str | None = None
    language: str | None = None
    jurisdiction: str | None = None
    rights_basis: str | None = None
    rights_expire_on: date | None = None
    priority: int | None = None  # of its tasks: the smallest comes first
    due_on: date | None = None  # of its tasks

    def columns(self) -> dict[str, object]:
        """The columns of the document: what is said of its tasks is not among them."""
        return {key: value for key, value in asdict(self).items() if key not in _OF_TASKS}

    def over(self, other: "Metadata") -> "Metadata":
        """These values, and those of `other` where this has none."""
        return replace(other, **{key: value for key, value in asdict(self).items() if value is not None})


METADATA_KEYS = tuple(field.name for field in fields(Metadata))
_OF_TASKS = ("priority", "due_on")
_DATES = ("rights_expire_on", "due_on")


def read_metadata(values: Mapping[str, object]) -> Metadata:
    """Metadata out of a row of JSONL, JSON or CSV; unknown keys are passed over.

    Raises Invalid with a sentence that names the key.
    """
    said = {key: values[key] for key in METADATA_KEYS if values.get(key) not in (None, "")}
    return Metadata(**{key: _read_value(key, value) for key, value in said.items()})  # type: ignore[arg-type]


def _read_value(key: str, value: object) -> str | int | date | None:
    if key == "priority":
        return _read_priority(value)
    if not isinstance(value, str):
        raise Invalid(f"Its “{key}” has to be text.")
    shown = clean_line(value)
    if len(shown) > LONGEST_VALUE:
        raise Invalid(f"Its “{key}” is longer than {LONGEST_VALUE} characters.")
    return _read_date(key, shown) if shown and key in _DATES else shown or None


def clean_line(value: str) -> str:
    """One line that can be shown anywhere: no controls, no text direction tricks, single spaces, NFC."""
    kept = "".join(
        " " if character.isspace() else character
        for character in value
        if character.isspace() or unicodedata.category(character) not in _UNSHOWN
    )
    return unicodedata.normalize("NFC", " ".join(kept.split()))


def clean_name(name: str) -> str:
    """A file's name for the screen: without its folders, at most 300 characters, its ending kept."""
    shown = clean_line(name.replace("\\", "/").rstrip("/").rpartition("/")[2])
    if shown in {"", ".", ".."}:
        return "unnamed"
    if len(shown) <= LONGEST_NAME:
        return shown
    stem, dot, ending = shown.rpartition(".")
    if not stem or len(ending) > 20:
        return shown[: LONGEST_NAME - 1] + "…"
    return f"{stem[: LONGEST_NAME - len(ending) - 2]}…{dot}{ending}"


def clean_path(name: str) -> str:
    """A file's name with the folders that it was chosen in, as `contracts/2026/lease.docx`.

    A path from the root, one that climbs and one that is too long are told by their last part alone.
    """
    parts = [clean_line(part) for part in name.replace("\\", "/").split("/")]
    shown = "/".join(part for part in parts if part not in {"", "."})
    from_root = not parts[0] or parts[0].endswith(":")
    is_odd = not shown or from_root or ".." in parts or len(shown) > LONGEST_NAME
    return clean_name(name) if is_odd else shown


def is_hidden(path: str) -> bool:
    """Whether a file in a folder or archive is the system's own, and no document of anybody's."""
    parts = path.replace("\\", "/").rstrip("/").split("/")
    return (
        "__MACOSX" in parts
        or parts[-1].lower() in {"thumbs.db", "desktop.ini"}
        or any(part.startswith(".") and part not in {".", ".."} for part in parts)
    )


def passed_over(count: int) -> str:
    """The sentence that a report has for hidden files."""
    return f"{count:,} hidden file{'s were' if count > 1 else ' was'} passed over."


def title_from(*candidates: str) -> str:
    """The first candidate that says something, as a title of at most 500 characters."""
    for candidate in candidates:
        shown = clean_line(candidate)
        if shown:
            return shown if len(shown) <= LONGEST_TITLE else shown[: LONGEST_TITLE - 1] + "…"
    return "Untitled"


def title_from_name(name: str) -> str:
    """A title out of a file's name: no ending, and spaces where people write underscores."""
    stem, dot, ending = clean_name(name).rpartition(".")
    return (stem if dot and stem and len(ending) <= 5 else clean_name(name)).replace("_", " ")


def _read_priority(value: object) -> int:
    """A whole number, or the digits of one as a sheet holds them."""
    digits = str(value).strip() if isinstance(value, (int, str)) and not isinstance(value, bool) else ""
    number = int(digits) if re.fullmatch(r"[+-]?[0-9]{1,9}", digits) else None
    if number is None or abs(number) > LARGEST_PRIORITY:
        raise Invalid(
            f"Its “priority” has to be a whole number of at most {LARGEST_PRIORITY:,}, such as 10; "
            "the smallest comes first."
        )
    return number


def _read_date(key: str, value: str) -> date:
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise Invalid(f"Its “{key}” has to be a date such as 2027-12-31.") from None
