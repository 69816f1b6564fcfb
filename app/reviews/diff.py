"""What changed between two texts, word by word. Pure."""

import re
from dataclasses import dataclass
from typing import Literal

from rapidfuzz.distance import Levenshtein

# A word with the white space before it, so that the pieces put together are the text again.
_TOKEN = re.compile(r"\s*\S+|\s+$")
_SPACE = re.compile(r"\s*")


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of words that stayed, came or went."""

    kind: Literal["same", "added", "removed"]
    text: str


def word_diff(before: str, after: str) -> list[Piece]:
    """The pieces that lead from `before` to `after`, in reading order; removed before added.

    Without the removed pieces they are `after` to the character; without the added ones they have the words
    of `before`. The edit script is Levenshtein's over words, by rapidfuzz: O(n·m) bit-parallel.
    """
    old, new = _TOKEN.findall(before), _TOKEN.findall(after)
    pieces: list[Piece] = []
    for step in Levenshtein.opcodes(old, new):
        gone = "".join(old[step.src_start : step.src_end])
        come = "".join(new[step.dest_start : step.dest_end])
        if step.tag == "equal":
            _append(pieces, "same", come)
            continue
        # The space before a new word is no change that a reader wants to see marked.
        space = _SPACE.match(come)
        lead = space[0] if space else ""
        _append(pieces, "same", lead)
        _append(pieces, "removed", gone.lstrip() if lead else gone)
        _append(pieces, "added", come[len(lead) :])
    return pieces


def _append(pieces: list[Piece], kind: Literal["same", "added", "removed"], text: str) -> None:
    if not text:
        return
    if pieces and pieces[-1].kind == kind:
        pieces[-1] = Piece(kind, pieces[-1].text + text)
    else:
        pieces.append(Piece(kind, text))
