"""Where a contract is likely to speak of a clause: passages ranked by the clause's cues and by signs. Pure.

A passage is a block, or a part of one that is long. A clause's own cues count where its section's heading
holds a heading cue, and for each phrase cue in its words the more, the rarer that is in this contract. A
clause of the library has learned weights besides, for words, pairs of words, words of the heading and of the
beginning, and the place. All is adding up, so that a person can see why a passage ranks where it does.
"""

import heapq
import math
import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import accumulate, pairwise
from typing import Any

from app.documents.extraction import Block, BlockKind
from app.documents.outline import anchor_of

MAX_CHARACTERS = 1_200
_LEAST_CUT = 300  # a part shorter than this is cut at a space rather than at the end of a sentence
_HEADING = 1.0  # what a heading cue counts, and a phrase cue by its rarity, where nothing was learned
_PHRASE = 1 / 3
_HALF = 40  # signs: a passage with many is as likely to have some by chance
_LONG, _SHORT = 600, 150  # characters
_BEGINNING = 6  # words, with which a passage often names what it speaks of
_STEM = 6  # letters, by which "assignment", "assigned" and "assigns" are alike
_REASONS = 3
_SENTENCE_END = re.compile(r"[.;:]\s+(?=[A-Z(\"“])")
_TOKEN = re.compile(
    r"\$\s?\d[\d,.]*|\d[\d,.]*\s?%|\d[\d,.]*|\[?\*[*\s]*\*\]?|[^\W\d_]+(?:['’][^\W\d_]+)?|[\"“”]"
)


@dataclass(frozen=True, slots=True, eq=False)  # each is itself: what is made of some is kept for them
class Cues:
    """What gives a clause away: its own cues, and what was learned: signs with their weights.

    `bias` is taken off every score, so that a likely place is one with more than nought.
    """

    headings: tuple[str, ...]
    phrases: tuple[str, ...]
    heading_weight: float = _HEADING
    phrase_weight: float = _PHRASE
    signs: Mapping[str, float] = field(default_factory=dict)
    bias: float = 0.0


@dataclass(frozen=True, slots=True)
class Part:
    """A passage as it is scored: its block, where it stands, and its words and its heading's."""

    index: int
    start: int
    end: int
    number: str
    tokens: tuple[str, ...]
    heading: tuple[str, ...]
    is_heading: bool


@dataclass(frozen=True, slots=True)
class Passage:
    """A place: its block, the number that the contract gives it or its heading, how likely it is, and why."""

    block: int
    number: str
    start: int
    end: int
    score: float
    reasons: tuple[str, ...]

    @property
    def anchor(self) -> str:
        """Where the page has its block."""
        return anchor_of(self.block)

    @property
    def is_likely(self) -> bool:
        """Whether more speaks for it than against it; else it is only the best that the contract has."""
        return self.score > 0

    def to_json(self) -> list[object]:
        """As the database keeps it."""
        return [self.block, self.number, self.start, self.end, round(self.score, 3), list(self.reasons)]

    @classmethod
    def from_json(cls, row: Sequence[Any]) -> "Passage":
        """The passage that `to_json` gave."""
        block, number, start, end, score, reasons = row
        return cls(block, number, start, end, score, tuple(reasons))


def likely_passages(
    text: str, blocks: Sequence[Block], cues: Sequence[Cues], *, most: int = 5
) -> list[list[Passage]]:
    """For each clause's cues the passages that probably speak of it, the best first, at most `most`.

    Where none is likely, the best one alone, if anything speaks for or against it. One pass over the
    contract, whatever the number of clauses.
    """
    parts = parts_of(text, blocks)
    by_sign = _by_sign(tuple(cues))
    scores = [
        [each.heading_weight * heading + each.phrase_weight * phrases for heading, phrases in found]
        for each, found in zip(cues, own_cues(parts, cues), strict=True)
    ]
    if by_sign:
        for place, part in enumerate(parts):
            signs = signs_of(part, place, len(parts))
            share = 1 / evenness(len(signs))
            for sign in signs & by_sign.keys():
                for clause, weight in by_sign[sign]:
                    scores[clause][place] += weight * share
    return [
        [_passage(parts, place, score - each.bias, each) for score, place in _best(found, most, each.bias)]
        for each, found in zip(cues, scores, strict=True)
    ]


@lru_cache(maxsize=1)  # of many contracts one after the other, which takes longer than one of them
def _by_sign(cues: tuple[Cues, ...]) -> dict[str, list[tuple[int, float]]]:
    """For each sign the clauses for which it counts, by their place, and how much."""
    found: dict[str, list[tuple[int, float]]] = {}
    for clause, each in enumerate(cues):
        for sign, weight in each.signs.items():
            found.setdefault(sign, []).append((clause, weight))
    return found


def parts_of(text: str, blocks: Sequence[Block]) -> list[Part]:
    """A contract's passages: its blocks without page numbers, long ones cut at ends of sentences."""
    parts = []
    heading: tuple[str, ...] = ()
    heading_number = ""
    for index, block in enumerate(blocks):
        if block.kind is BlockKind.PAGE:
            continue
        is_heading = block.kind is BlockKind.HEADING
        if is_heading:
            heading_number = block.number
            heading = tokens_of(text[block.body : block.end]) or tokens_of(block.number)
        number = block.number or heading_number
        for start, end in _cut(text, block.body, block.end):
            parts.append(Part(index, start, end, number, tokens_of(text[start:end]), heading, is_heading))
    return parts


def tokens_of(text: str) -> tuple[str, ...]:
    """The words in small letters; numbers, amounts, percentages and redactions as what they are."""
    return tuple(map(_token, _TOKEN.findall(text.lower())))


def signs_of(part: Part, place: int, count: int) -> set[str]:
    """What of a passage may count: words, pairs, stems, its heading, beginning, length and place."""
    signs = _words_and_pairs(part.tokens)
    signs.update(token[:_STEM] + "…" for token in part.tokens if len(token) > _STEM)
    signs.update("heading: " + sign for sign in _words_and_pairs(part.heading))
    signs.update("begins: " + sign for sign in _words_and_pairs(part.tokens[:_BEGINNING]))
    signs.discard('"')
    length = part.end - part.start
    if part.is_heading:
        signs.add("is: heading")
    elif length > _LONG:
        signs.add("is: long")
    elif length < _SHORT:
        signs.add("is: short")
    signs.update(f"place: first {first}" for first in (1, 4, 12) if place < first)
    if place >= count * 0.8:
        signs.add("place: last fifth")
    elif 12 <= place < count * 0.25:
        signs.add("place: first quarter")
    return signs


def _words_and_pairs(tokens: Sequence[str]) -> set[str]:
    return {*tokens, *map(" ".join, pairwise(tokens))}


def evenness(signs: int) -> float:
    """What the sum of a passage's weights is divided by, so that long passages do not win by length."""
    return math.sqrt(signs / _HALF + 1)


def own_cues(parts: Sequence[Part], cues: Sequence[Cues]) -> list[list[tuple[float, float]]]:
    """For each clause and passage what its own cues say: of the heading, 0 to 1, and of the words."""
    words = [_padded(part.tokens) for part in parts]
    starts = [0, *accumulate(len(each) + 1 for each in words)]
    contract = "\n".join(words)
    return [
        list(zip(_heading_scores(parts, each), _phrase_scores(contract, starts, each), strict=True))
        for each in cues
    ]


def _heading_scores(parts: Sequence[Part], cues: Cues) -> Iterator[float]:
    """For each passage the share of its heading that the best of the cues makes up."""
    wanted = [found for cue in cues.headings if (found := _cue(cue))]
    scores: dict[tuple[str, ...], float] = {}
    for part in parts:
        if part.heading not in scores:
            words = _padded(part.heading)
            scores[part.heading] = max(
                (len(cue) / len(part.heading) for cue in wanted if _padded(cue) in words), default=0.0
            )
        yield scores[part.heading]


def _phrase_scores(contract: str, starts: Sequence[int], cues: Cues) -> list[float]:
    """For each passage the rarity of the phrase cues that it has, added up."""
    scores = [0.0] * (len(starts) - 1)
    for cue in cues.phrases:
        places = _places(contract, starts, _padded(_cue(cue)))
        rarity = math.log(len(starts) / (len(places) + 1))
        for place in places:
            scores[place] += rarity
    return scores


def _places(contract: str, starts: Sequence[int], phrase: str) -> list[int]:
    """The passages that have the phrase; searching a whole contract at once is a hundred times as fast."""
    places: list[int] = []
    at = contract.find(phrase) if phrase.strip() else -1
    while at >= 0:
        places.append(bisect_right(starts, at) - 1)
        at = contract.find(phrase, starts[places[-1] + 1])
    return places


def _best(scores: Sequence[float], most: int, bias: float) -> list[tuple[float, int]]:
    """The highest scores with their places; of equal ones the first. The first of all may be unlikely."""
    found = ((score, -place) for place, score in enumerate(scores) if score)
    best = [(score, -place) for score, place in heapq.nlargest(most, found)]
    return [each for rank, each in enumerate(best) if rank == 0 or each[0] > bias]


def _passage(parts: Sequence[Part], place: int, score: float, cues: Cues) -> Passage:
    part = parts[place]
    return Passage(part.index, part.number, part.start, part.end, score, _reasons(parts, place, cues))


def _reasons(parts: Sequence[Part], place: int, cues: Cues) -> tuple[str, ...]:
    """What speaks most for a passage: its clause's own cues as they were typed, then signs."""
    part = parts[place]
    words, heading = _padded(part.tokens), _padded(part.heading)
    own = [
        *(f"heading: {cue}" for cue in cues.headings if _padded(_cue(cue)) in heading),
        *(cue for cue in cues.phrases if _padded(_cue(cue)) in words),
    ]
    found = [(cues.signs[sign], sign) for sign in signs_of(part, place, len(parts)) & cues.signs.keys()]
    learned = [sign for weight, sign in sorted(found, reverse=True) if weight > 0]
    return tuple(dict.fromkeys([*own[:_REASONS], *learned]))[:_REASONS]


def _cut(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """A block's offsets, in parts of at most `MAX_CHARACTERS`, at ends of sentences where there are some."""
    while end - start > MAX_CHARACTERS:
        window = text[start : start + MAX_CHARACTERS]
        at = max((found.end() for found in _SENTENCE_END.finditer(window)), default=0)
        if at < _LEAST_CUT:
            at = window.rfind(" ") + 1 or MAX_CHARACTERS
        yield start, start + at
        start += at
    if start < end:
        yield start, end


def _token(word: str) -> str:
    if word[0] == "$":
        return "$#"
    if word[0].isdigit():
        return "#%" if word[-1] == "%" else "#"
    if word[0] in "*[":
        return "***"
    return '"' if word[0] in "“”" else word


@lru_cache(maxsize=4_096)
def _cue(cue: str) -> tuple[str, ...]:
    """A cue's words: the same cues are looked for in every contract."""
    return tokens_of(cue)


def _padded(tokens: Sequence[str]) -> str:
    return f" {' '.join(tokens)} "
