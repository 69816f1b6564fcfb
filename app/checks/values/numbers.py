"""Numbers in figures and in words. Pure.

Nothing that touches a redaction is a number: the 5 of "5[***]" or "[*]5" is a part of something unknown.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

_SMALL_WORDS = """
zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen
sixteen seventeen eighteen nineteen
"""
_SMALL = _SMALL_WORDS.split()
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_ORDINALS_WORDS = """
first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth
fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth
"""
_ORDINALS = _ORDINALS_WORDS.split()
_UNITS = {word: number for number, word in enumerate(_SMALL)}
_UNITS |= {word: 10 * number for number, word in enumerate(_TENS, start=2)}
ORDINALS = {word: number for number, word in enumerate(_ORDINALS, start=1)}
ORDINALS |= {word[:-1] + "ieth": 10 * number for number, word in enumerate(_TENS, start=2)}
SCALES = {
    "hundred": 100,
    "thousand": 1_000,
    "million": 1_000_000,
    "billion": 1_000_000_000,
    "trillion": 1_000_000_000_000,
}
_SHARES = {"half": 2, "third": 3, "thirds": 3, "fourth": 4, "fourths": 4, "quarter": 4, "quarters": 4}
_OVERS = {"a": 1, "one": 1, "two": 2, "three": 3}
_VULGAR = {"½": Decimal("0.5"), "¼": Decimal("0.25"), "¾": Decimal("0.75")}

_FIGURE_WITHOUT_PART = r"\d{1,3}(?:,\d{3}){1,6}(?:\.\d{1,9})?|\d{1,18}(?:\.\d{1,9})?"
_PART = r"\s?[½¼¾]|[\s-]{1,2}\d/[2-9](?![\d/])"  # of 2½, 2 1/2 and 2-1/2
_FIGURE = rf"(?:{_FIGURE_WITHOUT_PART})(?:{_PART})?"
_ALONE = r"(?<![\w*\]_#.\u2022])(?<![\w*\]_.][.,])"  # what may not stand right before a figure
_END = r"(?!\d)(?![.,]?[\[*_#\u2022])(?!,\d)(?!\.\d)"
_GAP = r"[\s-]{1,30}"
_WORD = "|".join(sorted([*_UNITS, *SCALES], key=len, reverse=True))
# What is said of a third party is no share.
_UNDER = rf"(?:{'|'.join(sorted(_SHARES, key=len, reverse=True))})\b(?!\s{{1,3}}part)"
_SHARE_BEHIND = rf"(?P<over1>one|two|three|(?<=and\s)a){_GAP}(?P<under1>{_UNDER})"
_SHARE_ALONE = rf"(?P<over2>one|two|three){_GAP}(?P<under2>{_UNDER})"
_MAY_BE_WORD = "(?=[befhmnostz][ehiloruvwn][a-z])"  # told at once, where most words are no numbers
_WHOLE = rf"(?:{_WORD})(?!{_GAP}{_UNDER})"
_IN_WORDS = rf"(?<![\w*\]-]){_MAY_BE_WORD}{_WHOLE}(?:{_GAP}(?:and{_GAP})?{_WHOLE}){{0,15}}(?![\w*])"
_NUMBER = re.compile(
    rf"(?:(?P<words>{_IN_WORDS})(?:{_GAP}(?:and{_GAP})?{_SHARE_BEHIND})?|(?<![\w*\]-]){_SHARE_ALONE})"
    rf"(?:[\s-]{{0,30}}[(\[]\s?(?P<also>{_FIGURE})-?\s?[)\]])?"
    rf"|{_ALONE}(?P<figure>{_FIGURE}){_END}(?:\s{{0,3}}\(\s?(?P<spelt>{_IN_WORDS})\s?\))?",
    re.IGNORECASE,
)
_WITH_PART = re.compile(rf"({_FIGURE_WITHOUT_PART})[\s-]{{0,2}}(.*)")
_SCALE = re.compile(r"\s{0,30}-?(?:(hundred|thousand|million|billion|trillion)|(k|mm?|bn))\b", re.IGNORECASE)
_SHORT = {"k": 1_000, "m": 1_000_000, "mm": 1_000_000, "bn": 1_000_000_000}


@dataclass(frozen=True, slots=True)
class Number:
    """A number with where it stands. Two values where words and figures differ: "thirty (60)"."""

    values: tuple[Decimal, ...]
    start: int
    end: int
    in_words: bool


def find_numbers(text: str) -> Iterator[Number]:
    """The cardinal numbers of the text: "1,000.50", "twelve (12)", "one and one-half", "30 (thirty)"."""
    for found in _NUMBER.finditer(text):
        if found["figure"]:
            values = [_in_figures(found["figure"])]
            if found["spelt"]:
                values.append(_value_of(found["spelt"]))
        else:
            values = [_value_of(found["words"]) if found["words"] else Decimal(0)]
            for over, under in (("over1", "under1"), ("over2", "under2")):
                if found[over]:
                    values[0] += Decimal(_OVERS[found[over].lower()]) / _SHARES[found[under].lower()]
            if found["also"]:
                values.insert(0, _in_figures(found["also"]))
        in_words = found["figure"] is None
        yield Number(tuple(dict.fromkeys(values)), found.start(), found.end(), in_words)


def _in_figures(written: str) -> Decimal:
    whole, part = _WITH_PART.findall(written)[0]
    over, slash, under = part.partition("/")
    more = Decimal(over) / Decimal(under) if slash else _VULGAR.get(over, Decimal(0))
    return Decimal(whole.replace(",", "")) + more


def _value_of(words: str) -> Decimal:
    total = part = 0
    for word in re.split(r"[\s-]+", words.lower()):
        if word in _UNITS:
            part += _UNITS[word]
        elif word == "hundred":
            part = max(part, 1) * 100
        elif word != "and":
            total += max(part, 1) * SCALES[word]
            part = 0
    return Decimal(total + part)


def scale_at(text: str, position: int) -> tuple[int, int]:
    """The scale that stands there ("million", "k"), as a factor, and where it ends; 1 where none does."""
    found = _SCALE.match(text, position)
    if found is None:
        return 1, position
    return (SCALES[found[1].lower()] if found[1] else _SHORT[found[2].lower()]), found.end()


def plain(value: Decimal) -> str:
    """A number in its one form: "1000000", "1.5"."""
    written = format(value, "f")
    return written.rstrip("0").rstrip(".") if "." in written else written


def ordinal_of(words: str) -> int:
    """The number of an ordinal in words: 21 of "twenty-first", also across a line."""
    *tens, last = re.split(r"[\s-]+", words.lower())
    return sum(_UNITS[each] for each in tens) + ORDINALS[last]
