"""What may be said of a document beside its text, and how names are made fit to be shown. Pure."""

import unicodedata
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from datetime import date

from app.errors import Invalid

LONGEST_NAME = 300
LONGEST_TITLE = 500
LONGEST_VALUE = 200
# Controls, formats (bidi overrides, tags, zero width), halves of pairs, private use, separators of lines.
_UNSHOWN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


@dataclass(frozen=True, slots=True)
class Metadata:
    """What an import may say of a document. Everything may be absent."""

    client: str | None = None
    matter: str | None = None
    contract_type: str | None = None
    language: str | None = None
    jurisdiction: str | None = None
    rights_basis: str | None = None
    rights_expire_on: date | None = None

    def values(self) -> dict[str, str | date | None]:
        """The columns of the document."""
        return asdict(self)

    def over(self, other: "Metadata") -> "Metadata":
        """These values, and those of `other` where this has none."""
        mine = {key: value for key, value in self.values().items() if value is not None}
        return replace(other, **mine)  # type: ignore[arg-type]  # the values are this class's own


METADATA_KEYS = tuple(field.name for field in fields(Metadata))


def read_metadata(values: Mapping[str, object]) -> Metadata:
    """Metadata out of a line of JSONL or CSV; unknown keys are passed over.

    Raises Invalid with a sentence that names the key.
    """
    found: dict[str, str] = {}
    for key in METADATA_KEYS:
        value = values.get(key)
        if value is None or value == "":
            continue
        if not isinstance(value, str):
            raise Invalid(f"Its “{key}” has to be text.")
        shown = clean_line(value)
        if len(shown) > LONGEST_VALUE:
            raise Invalid(f"Its “{key}” is longer than {LONGEST_VALUE} characters.")
        if shown:
            found[key] = shown
    expires = found.pop("rights_expire_on", None)
    return Metadata(**found, rights_expire_on=_read_date(expires) if expires else None)


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


def _read_date(value: str) -> date:
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise Invalid("Its “rights_expire_on” has to be a date such as 2027-12-31.") from None
