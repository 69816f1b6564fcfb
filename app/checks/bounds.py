"""Bounds: the numbers of a text, and which of them are a least or a most: "at least 30 days". Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from app.checks.spans import Span
from app.checks.words import FOLLOWING, one_of, said


class Bound(StrEnum):
    """What a number is of what it bounds."""

    LEAST = "at least"
    MOST = "at most"

    @property
    def opposite(self) -> "Bound":
        """The other one."""
        return Bound.MOST if self is Bound.LEAST else Bound.LEAST


@dataclass(frozen=True, slots=True)
class Number:
    """A number with its unit, "30 day"; what it bounds, where it bounds anything; the span has both.

    Where what is bounded is no number, the value is the words that follow, by their stems.
    """

    value: str
    bound: Bound | None
    span: Span


_UNITS = """
zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen
seventeen eighteen nineteen
"""
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_SCALES = {"hundred": 100, "thousand": 1_000, "million": 1_000_000, "billion": 1_000_000_000}
_WORDS = (
    {word: value for value, word in enumerate(_UNITS.split())}
    | {word: value * 10 for value, word in enumerate(_TENS, start=2)}
    | _SCALES
)
_WORD = one_of(*sorted(_WORDS, key=len, reverse=True))
_WRITTEN = rf"{_WORD}(?:[ -](?:and )?{_WORD}){{0,8}}"
_FIGURES = r"\d[\d,]{0,17}(?:\.\d{1,4})?"
_NUMBER = re.compile(
    rf"(?:\b(?P<words>{_WRITTEN})\b(?: ?\([^()\d]{{0,6}}(?P<bracketed>{_FIGURES})[^()\d]{{0,9}}\))?"
    rf"|(?<![\w.,])(?P<digits>{_FIGURES})(?: ?\({_WRITTEN}\))?)"
    r"(?: ?(?P<scale>thousand|million|billion)\b)?"
    r"(?:[ -](?:calendar |business |working |consecutive |full |additional )?"
    r"(?P<unit>hour|day|week|month|quarter|year|percent|per cent)s?\b| ?(?P<percent>%))?",
    re.IGNORECASE,
)
_LEAST = ("at (?:the very )?least", "a minimum", "the minimum", "minimum (?:of|period of)")
_MOST = (
    "at (?:the very )?most",
    "a maximum",
    "the maximum",
    "maximum (?:of|period of)",
    "up to",
    "within",
    "capped at",
    "limited to",
)
# Comparisons, which a "no" or "not" before them turns round.
_MORE = (
    "(?:more|greater|later|longer|higher|larger) than",
    "exceed(?:s|ed|ing)?",
    "in excess of",
    "after",
    "over",
)
_LESS = ("(?:less|fewer|earlier|sooner|shorter|lower|smaller) than", "before", "under", "below")
_PHRASE = re.compile(
    rf"\b(?:(?P<least>{one_of(*_LEAST)})|(?P<most>{one_of(*_MOST)})"
    rf"|(?P<more>{one_of(*_MORE)})|(?P<less>{one_of(*_LESS)}))\b",
    re.IGNORECASE,
)
_WEAK = frozenset(
    ("after", "before", "over", "under", "below")
)  # bounds only where turned round: "not after"
_NOT = re.compile(r"\b(?:no|not|never|neither|nor|cannot)\b|n[’']t\b", re.IGNORECASE)
_BEHIND = re.compile(
    r"\W{0,3}(?:or|and) (?:(?P<least>more|longer|greater|higher|above|over|later)"
    r"|(?P<most>less|fewer|shorter|lower|below|under))\b",
    re.IGNORECASE,
)
_BEFORE = 90  # characters before a number in which its bound stands
_NUMBERED = 40  # characters behind a bound in which its number stands
_REPEATED = 25  # characters between a number and itself: "five million U.S. dollars (US$5,000,000)"
_GAP = 5  # words between the two, at most
_GAP_WORD = re.compile(r"\w+")
_LATER = re.compile(r"\b(?:later|earlier|sooner|after|before)\b", re.IGNORECASE)
_AHEAD = re.compile(r"\W{0,3}(?:before|prior|in advance|preceding|ahead)\b", re.IGNORECASE)
_END = re.compile(r"[.;:]\s")


def numbers(text: str) -> Iterator[Number]:
    """All numbers of a text that has single spaces, and all bounds.

    A number that repeats the last one in brackets is left out.
    """
    last, before = 0, ""
    for found in _NUMBER.finditer(text):
        value = _value(found)
        is_repeated = value.split()[0] == before and found.start() - last < _REPEATED
        start = max(last, found.start() - _BEFORE)
        bound, begin = _bound_before(text[start : found.start()])
        end = found.end()
        if bound is None and (behind := _BEHIND.match(text, end)):
            bound = Bound.LEAST if behind["least"] else Bound.MOST
            end = behind.end()
        # "No later than 60 days before the end" is at least 60 days.
        if bound and _LATER.search(text, start + begin, found.start()) and _AHEAD.match(text, end):
            bound = bound.opposite
        if bound or not is_repeated:
            yield Number(value, bound, Span(start + begin if begin >= 0 else found.start(), end))
        last, before = found.end(), value.split()[0]
    yield from _unnumbered(text)


def _value(found: re.Match[str]) -> str:
    digits = found["bracketed"] or found["digits"]
    number = float(digits.replace(",", "")) if digits else _read(found["words"])
    number *= _SCALES.get((found["scale"] or "").lower(), 1)
    unit = (
        "%"
        if found["percent"]
        else (found["unit"] or "").lower().replace("per cent", "%").replace("percent", "%")
    )
    return f"{number:.12g} {unit}".strip()


def _read(words: str) -> float:
    total = current = 0
    for word in re.findall(r"[a-z]+", words.lower()):
        value = _WORDS.get(word, 0)
        if value < 100:
            current += value
        elif value == 100:
            current = max(current, 1) * value
        else:
            total, current = total + max(current, 1) * value, 0
    return total + current


def _bound_before(before: str) -> tuple[Bound | None, int]:
    """The last bound in the words before a number, and where it begins; -1 where there is none."""
    cut = max((found.end() for found in _END.finditer(before)), default=0)
    for phrase in reversed(list(_PHRASE.finditer(before, cut))):
        if len(_GAP_WORD.findall(before, phrase.end())) > _GAP:
            break
        bound, begin = _bound(phrase, cut)
        if bound:
            return bound, begin
    return None, -1


def _bound(phrase: re.Match[str], cut: int) -> tuple[Bound | None, int]:
    """What a phrase says of what follows, and where it begins, with its "not"."""
    if phrase["least"] or phrase["most"]:
        return (Bound.LEAST if phrase["least"] else Bound.MOST), phrase.start()
    reach = 60 if phrase[0].lower().startswith(("exceed", "in excess")) else 22
    negations = list(_NOT.finditer(phrase.string, max(cut, phrase.start() - reach), phrase.start()))
    if not negations and phrase[0].lower() in _WEAK:
        return None, -1
    begin = negations[-1].start() if negations else phrase.start()
    return (Bound.MOST if bool(phrase["more"]) == bool(negations) else Bound.LEAST), begin


def _unnumbered(text: str) -> Iterator[Number]:
    """Bounds of what is no number, "at least annually", by the words that follow."""
    for phrase in _PHRASE.finditer(text):
        bound, begin = _bound(phrase, max(0, phrase.start() - _BEFORE))
        following = said(text[phrase.end() : phrase.end() + _BEFORE])[:FOLLOWING]
        if (
            bound
            and len(following) == FOLLOWING
            and not _NUMBER.search(text, phrase.end(), phrase.end() + _NUMBERED)
        ):
            yield Number(" ".join(following), bound, Span(begin, phrase.end()))
