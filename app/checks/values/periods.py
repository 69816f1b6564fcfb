"""Periods of time. Pure.

Meaning: a number and a unit, of months, days, business days, hours or minutes: "36 months" for three years,
for twelve quarters and for the third anniversary, "14 days" for two weeks.
"""

import re
from collections.abc import Iterator
from decimal import Decimal

from app.checks.values.fact import Fact, Kind
from app.checks.values.numbers import ORDINALS, Number, plain

_BETWEEN = (
    "additional|annual|calendar|complete|consecutive|continuous|contract|entire|extra|fiscal|full|further|licen[cs]e"
    "|more|renewal|sequential|successive|term|whole"
)
_AFTER = re.compile(
    r"[\s-]{0,30}(?:'s?\s)?"
    rf"(?:(?:{_BETWEEN})[\s-]{{1,30}}){{0,3}}"
    r"(?P<kind>(?:business|working|banking|trading|week)[\s-]{1,30})?"
    r"(?P<unit>day|week|month|quarter|year|hour|minute)s?(?!\w)",
    re.IGNORECASE,
)
_ORDINAL = "|".join(ORDINALS)
_ANNIVERSARY = re.compile(
    rf"(?<!\w)(?:(?P<word>(?:(?:twenty|thirty)[\s-]{{1,3}})?(?:{_ORDINAL}))(?:\s{{0,30}}\(\s?\d{{1,3}}(?:st|nd|rd|th)?\s?\))?"
    rf"|(?P<figure>\d{{1,3}})(?:st|nd|rd|th))\s{{1,30}}(?:annual\s{{1,30}})?anniversar(?:y|ies)\b",
    re.IGNORECASE,
)
_TENS = {"twenty": 20, "thirty": 30}
_UNITS = {
    "year": (12, "months"),
    "quarter": (3, "months"),
    "month": (1, "months"),
    "week": (7, "days"),
    "day": (1, "days"),
    "hour": (1, "hours"),
    "minute": (1, "minutes"),
}


def period_at(text: str, number: Number) -> Iterator[Fact]:
    """The period of which this is the number; nothing where it is none."""
    after = _AFTER.match(text, number.end)
    if after is None:
        return
    factor, unit = _UNITS[after["unit"].lower()]
    if after["kind"] and unit == "days" and factor == 1:
        unit = "business days"
    meaning = "|".join(f"{plain(value * factor)} {unit}" for value in number.values)
    yield Fact(Kind.PERIOD, meaning, number.start, after.end())


def find_anniversaries(text: str) -> Iterator[Fact]:
    """Periods that are told by an anniversary: "the third anniversary", "5th anniversary"."""
    for found in _ANNIVERSARY.finditer(text):
        if found["figure"]:
            years = int(found["figure"])
        else:
            tens, _, ordinal = found["word"].lower().replace("-", " ").rpartition(" ")
            years = _TENS.get(tens.strip(), 0) + ORDINALS[ordinal]
        yield Fact(Kind.PERIOD, f"{plain(Decimal(12 * years))} months", found.start(), found.end())
