"""The clause library: the 41 categories of CUAD with their questions, cues and learned weights.

`clauses.toml` is written by hand, `weights.toml` by `python -m bench clauses --full` from annotated
contracts. Both are plain lists that one can read. A project's clause whose key stands here is found by its
own cues and by these weights together; any other clause by its own cues alone.
"""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Weights:
    """What counts for a passage or against it: the clause's own cues, and signs.

    A passage that scores more than `bias` is likely to be of the clause; one below it hardly ever was.
    """

    bias: float
    heading: float
    phrases: float
    signs: dict[str, float]


@dataclass(frozen=True, slots=True)
class LibraryClause:
    """A clause that many contracts have."""

    key: str
    name: str
    group: str
    question: str
    headings: tuple[str, ...]
    phrases: tuple[str, ...]


@cache
def clauses() -> dict[str, LibraryClause]:
    """The library's clauses by key, in its order."""
    return {
        key: LibraryClause(
            key,
            found["name"],
            found["group"],
            found["question"],
            tuple(found["headings"]),
            tuple(found["phrases"]),
        )
        for key, found in _read("clauses.toml").items()
    }


@cache
def weights() -> dict[str, Weights]:
    """What was learned for a clause, by its key."""
    return {
        key: Weights(
            found["bias"],
            found["heading"],
            found["phrases"],
            {sign: float(weight) for weight, signs in found["signs"].items() for sign in signs},
        )
        for key, found in _read("weights.toml").items()
    }


def _read(name: str) -> dict[str, dict[str, Any]]:
    return tomllib.loads((HERE / name).read_text(encoding="utf-8"))
