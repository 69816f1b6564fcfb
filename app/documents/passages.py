"""Where a contract is likely to speak of a clause: its blocks ranked by the clause's own cues. Pure.

A block scores where its section's heading holds one of the heading cues, and for each phrase cue in its own
words. Plain counting, so that a person can see why a passage ranks where it does.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from app.documents.extraction import Block, BlockKind
from app.documents.outline import anchor_of

HEADING_SCORE = 3
PHRASE_SCORE = 2
_READ = frozenset({BlockKind.PARAGRAPH, BlockKind.ITEM, BlockKind.ROW})
_SPACES = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Cues:
    """What gives a clause away: words of headings, and phrases of the text; compared without capitals."""

    headings: tuple[str, ...]
    phrases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Passage:
    """One block, with the number that the contract gives it or, where it has none, its heading."""

    anchor: str
    number: str
    score: int


def likely_passages(
    text: str, blocks: Sequence[Block], cues: Sequence[Cues], *, most: int = 5
) -> list[list[Passage]]:
    """For each clause's cues the blocks that probably speak of it, the best first, at most `most`.

    One pass over the contract, whatever the number of clauses.
    """
    wanted = [(tuple(map(_plain, each.headings)), tuple(map(_plain, each.phrases))) for each in cues]
    found: list[list[tuple[int, int]]] = [[] for _ in cues]
    heading, heading_number = "", ""
    numbers: dict[int, str] = {}
    for index, block in enumerate(blocks):
        words = _plain(text[block.body : block.end])
        if block.kind is BlockKind.HEADING:
            heading, heading_number = words, block.number
        if block.kind not in _READ:
            continue
        for place, (headings, phrases) in enumerate(wanted):
            score = HEADING_SCORE * any(cue in heading for cue in headings)
            score += PHRASE_SCORE * sum(cue in words for cue in phrases)
            if score:
                found[place].append((-score, index))
                numbers[index] = block.number or heading_number
    return [
        [Passage(anchor_of(index), numbers[index], -score) for score, index in sorted(ranked)[:most]]
        for ranked in found
    ]


def _plain(text: str) -> str:
    return _SPACES.sub(" ", text).strip().casefold()
