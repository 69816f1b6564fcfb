"""Periods of time. Pure.

Meaning: a number and a unit, of months, days, business days, hours or minutes: "36 months" for three years,
for twelve quarters and for the third anniversary, "14 days" for two weeks.
"""

import re
from collections.abc import Iterator

from app.checks.values.fact import Fact, Kind
from app.checks.values.numbers import ORDINALS, Number, ordinal_of, plain

_BETWEEN = (
    "additional|annual|calendar|clear|complete|consecutive|continuous|contract|crop|entire|extension|extra|fiscal"
    "|following|full|further|immediately|initial|lease|licen[cs]e|marketing|more|operating|preceding|previous|prior"
    "|renewal|sales|sequential|service|subsequent|subscription|successive|term|uninterrupted|whole"
)
_UNIT = r"half[\s-]year|year|yr|quarter|month|mo|fortnight|week|wk|day|hour|hr|minute|min"
_AFTER = re.compile(
    r"[\s-]{0,30}(?:'s?\s)?"
    rf"(?:(?:{_BETWEEN})[\s-]{{1,30}}){{0,3}}"
    r"(?P<kind>(?:business|working|banking|bank|trading|week)[\s-]{1,30})?"
    rf"(?P<unit>{_UNIT})s?(?!\w)",
    re.IGNORECASE,
)
_UNITS = {
    "year": (12, "months"),
    "yr": (12, "months"),
    "half-year": (6, "months"),
    "quarter": (3, "months"),
    "month": (1, "months"),
    "mo": (1, "months"),
    "fortnight": (14, "days"),
    "week": (7, "days"),
    "wk": (7, "days"),
    "day": (1, "days"),
    "hour": (1, "hours"),
    "hr": (1, "hours"),
    "minute": (1, "minutes"),
    "min": (1, "minutes"),
}

_ANNIVERSARY = re.compile(r"anniversar(?:y|ies)\b", re.IGNORECASE)
_END_OF = re.compile(
    r"\b(?:(?:end|expir\w{1,6}|close|completion|conclusion|last\s{1,30}day)\s{1,30}of|through|until)\s{1,30}(?:the|its|such)"
    rf"(?P<nth>.{{1,40}}?)\s{{1,30}}(?:(?:{_BETWEEN})\s{{1,30}}){{0,2}}(?P<unit>year|month)\b",
    re.IGNORECASE | re.DOTALL,
)
_ORDINAL = "|".join(ORDINALS)
_NTH = re.compile(
    rf"(?<!\w)(?:(?P<word>(?:(?:twenty|thirty)[\s-]{{1,3}})?(?:{_ORDINAL}))(?:\s{{0,30}}\(\s?\d{{1,3}}(?:st|nd|rd|th)?\s?\))?"
    r"|(?P<figure>\d{1,3})(?:st|nd|rd|th))(?:\s{1,30}annual)?\s{0,30}$",
    re.IGNORECASE,
)
_LONGEST_NTH = 80

# Where a word alone can mean nothing but a period: "another year", "month to month", "renews annually".
_WORDS = {
    "annual": "year",
    "annually": "year",
    "yearly": "year",
    "monthly": "month",
    "half-yearly": "half-year",
    "semi-annual": "half-year",
    "semiannual": "half-year",
}
_S = r"\s{1,30}"
_MORE = "additional|extra|full|further"
_LONG = r"half[\s-]year|year|month|fortnight|week"
_IN_WORDS = re.compile(
    rf"(?<!\w)(?:(?P<again>year|month|week)[\s-]{{1,3}}to[\s-]{{1,3}}(?P=again)"
    rf"|(?P<adjective>annual|yearly|semi-?annual|half-yearly){_S}(?:(?:extension|renewal){_S})?"
    r"(?:extension|period|renewal|term)s?"
    rf"|renew\w{{0,5}}{_S}(?:automatically{_S})?(?P<adverb>annually|yearly|monthly|(?:each|every){_S}year)"
    rf"|(?P<half>half{_S}(?:of{_S})?an?{_S}year|(?:an?|one)[\s-]half[\s-]year)"
    rf"|(?:another|(?:an?|each|every|one){_S}(?:{_MORE})|(?:for|within|(?:period|term)s?{_S}of){_S}an?){_S}(?P<one>{_LONG})(?![\w-])"
    rf"|an?{_S}(?P<since>{_LONG})(?=['’]s|{_S}(?:after|before|following|from|later|prior|thereafter)\b))(?!\w)",
    re.IGNORECASE,
)


def period_at(text: str, number: Number) -> Iterator[Fact]:
    """The period of which this is the number; nothing where it is none."""
    after = _AFTER.match(text, number.end)
    if after is None:
        return
    factor, unit = _UNITS[_plain_unit(after["unit"])]
    if after["kind"] and unit == "days" and factor == 1:
        unit = "business days"
    meaning = "|".join(f"{plain(value * factor)} {unit}" for value in number.values)
    yield Fact(Kind.PERIOD, meaning, number.start, after.end())


def find_periods(text: str) -> Iterator[Fact]:
    """Periods without a number: "the third anniversary", "the end of the fifth year", "a further year"."""
    for found in _ANNIVERSARY.finditer(text):
        if nth := _NTH.search(text, max(0, found.start() - _LONGEST_NTH), found.start()):
            yield _months(12 * _ordinal(nth), nth.start(), found.end())
    for found in _END_OF.finditer(text):
        if nth := _NTH.search(text, *found.span("nth")):
            factor, _ = _UNITS[_plain_unit(found["unit"])]
            yield _months(factor * _ordinal(nth), nth.start(), found.end())
    for found in _IN_WORDS.finditer(text):
        said = next(word for word in found.groups() if word).lower()
        word = "half-year" if found["half"] else _plain_unit(said.split()[-1] if found["adverb"] else said)
        factor, unit = _UNITS[_WORDS.get(word, word)]
        yield Fact(Kind.PERIOD, f"{factor} {unit}", found.start(), found.end())


def _plain_unit(written: str) -> str:
    return "-".join(written.lower().split())


def _months(count: int, start: int, end: int) -> Fact:
    return Fact(Kind.PERIOD, f"{count} months", start, end)


def _ordinal(nth: re.Match[str]) -> int:
    return int(nth["figure"]) if nth["figure"] else ordinal_of(nth["word"])
