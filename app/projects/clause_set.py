"""What a project's clauses, their keys and their cues may be. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from app.checks.length import is_blank
from app.errors import Invalid

MAX_CLAUSES = 100
MAX_CUES = 100
MAX_CUE_CHARACTERS = 200
_KEY = re.compile(r"[a-z0-9][a-z0-9_]{0,62}")


@dataclass(frozen=True, slots=True)
class ClauseSpec:
    """A clause as a lead describes it. Cues that are None stay as they were."""

    key: str
    name: str
    required: bool = True
    heading_cues: tuple[str, ...] | None = None
    phrase_cues: tuple[str, ...] | None = None


def key_of(name: str) -> str:
    """A key made of a clause's name: "Limits of liability" gives "limits_of_liability"."""
    return re.sub(r"[^a-z0-9]+", "_", name.casefold()).strip("_")[:63]


def cues(text: str) -> tuple[str, ...]:
    """The cues in a list that a person typed: parted by commas or lines, each once, in their order."""
    found = (re.sub(r"\s+", " ", part).strip() for part in re.split(r"[,\n]", text))
    return tuple(dict.fromkeys(filter(None, found)))


def check(specs: Sequence[ClauseSpec]) -> None:
    """Raise Invalid, naming the first clause that cannot stand, unless all of them can stand together."""
    if len(specs) > MAX_CLAUSES:
        _refuse(f"A project has at most {MAX_CLAUSES} clauses.")
    seen: set[str] = set()
    for spec in specs:
        if not _KEY.fullmatch(spec.key):
            _refuse(f"“{spec.key}” cannot be a clause's key: use small letters, digits and underscores.")
        if spec.key in seen:
            _refuse(f"Two clauses have the key “{spec.key}”.")
        if is_blank(spec.name) or len(spec.name.strip()) > 200:
            _refuse(f"The name of clause “{spec.key}” needs 1 to 200 characters.")
        seen.add(spec.key)
        for cue_list in (spec.heading_cues or (), spec.phrase_cues or ()):
            _check_cues(spec.key, cue_list)


def _check_cues(key: str, cue_list: Sequence[str]) -> None:
    if len(cue_list) > MAX_CUES:
        _refuse(f"Clause “{key}” has more than {MAX_CUES} cues of one kind.")
    for cue in cue_list:
        if is_blank(cue) or len(cue.strip()) > MAX_CUE_CHARACTERS:
            _refuse(f"A cue of clause “{key}” needs 1 to {MAX_CUE_CHARACTERS} characters.")


def _refuse(sentence: str) -> None:
    raise Invalid(sentence, fields={"clauses": sentence})
