"""What changed between two texts, word by word. Pure."""

import re
from dataclasses import dataclass
from typing import Literal

from rapidfuzz.distance import Levenshtein

# A word with the white space behind it, so that the pieces put together are the text again.
_TOKEN = re.compile(r"\s*\S+|\s+$")


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of words that stayed, came or went."""

    kind: Literal["same", "added", "removed"]
    text: str


def word_diff(before: str, after: str) -> list[Piece]:
    """The pieces that lead from `before` to `after`, in reading order; removed before added.

    The edit script is Levenshtein's over words, by rapidfuzz: O(n·m) bit-parallel, fast for any summary.
    """
    old, new = _TOKEN.findall(before), _TOKEN.findall(after)
    pieces: list[Piece] = []
    for step in Levenshtein.opcodes(old, new):
        gone = "".join(old[step.src_start : step.src_end])
        come = "".join(new[step.dest_start : step.dest_end])
        if step.tag == "equal":
            _append(pieces, "same", come)
        else:
            _append(pieces, "removed", gone)
            _append(pieces, "added", come)
    return pieces


def _append(pieces: list[Piece], kind: Literal["same", "added", "removed"], text: str) -> None:
    if not text:
        return
    if pieces and pieces[-1].kind == kind:
        pieces[-1] = Piece(kind, pieces[-1].text + text)
    else:
        pieces.append(Piece(kind, text))
