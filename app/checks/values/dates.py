"""Dates. Pure.

Meaning: as ISO 8601 has it, as far as it is said: "2024-05-01", "2024-05" without a day, "--05-01" without a
year, "2024" alone. What depends on the order of day and month has both: "mdy:2024-05-01|dmy:2024-01-05".
"""

import calendar
import re
from collections.abc import Iterator

from app.checks.values.fact import Fact, Kind
from app.checks.values.numbers import ORDINALS, ordinal_of

_NUMBERS = {name[:3].lower(): number for number, name in enumerate(calendar.month_name) if name}
_MONTH = (
    r"(?:Jan(?:uary|\.)?|Feb(?:ruary|\.)?|Mar(?:ch|\.)?|Apr(?:il|\.)?|May|June?\.?|July?\.?|Aug(?:ust|\.)?"
    r"|Sept?(?:ember|\.)?|Oct(?:ober|\.)?|Nov(?:ember|\.)?|Dec(?:ember|\.)?)"
)
_DAY = r"(?:0?[1-9]|[12]\d|3[01])"
_ORDINAL_DAY = rf"(?:{'|'.join(ORDINALS)}|(?:twenty|thirty)[\s-]{{1,3}}(?:{'|'.join(ORDINALS)}))"
_TH = r"\s?(?:st|nd|rd|th)"
_YEAR = r"(?:1[789]\d\d|20\d\d|21\d\d)"
_S = r"\s{1,30}"
_O = r"\s{0,30}"
_MAY_BE_DAY = r"(?=\d|[efnst][ehiluow][a-z]{3})"  # told at once, where most words are no ordinals
_OF_YEAR = rf"(?:(?:of|in{_S}the{_S}year)(?:{_S}of)?{_S})?"
_MONTH_FIRST = (
    rf"(?<!\w)(?P<m1>{_MONTH}){_O}(?:(?:the{_S})?(?P<d1>{_DAY})(?:{_TH})?(?![\d*_\[])(?:{_O},?{_O}{_OF_YEAR}(?P<y1>{_YEAR})(?![\d*_\[]))?"
    rf"|,?{_O}(?:of{_S})?(?P<y2>{_YEAR})(?![\d*_\[]))"
)
_DAY_FIRST = (
    rf"(?<![\w.,*\]]){_MAY_BE_DAY}(?:(?P<d3>{_DAY})(?:{_TH})?|(?P<w3>{_ORDINAL_DAY})(?:{_O}\(\s?\d{{1,2}}(?:{_TH})?\s?\))?){_O}-?"
    rf"(?:(?:calendar{_S})?day{_S})?(?:of{_S})?(?P<m3>{_MONTH})(?!\w)(?:{_O}[-,]?{_O}{_OF_YEAR}(?P<y3>{_YEAR})(?![\d*_\[])|-(?P<y6>\d\d)(?![\w-]))?"
)
_IN_FIGURES = (
    rf"(?<![\w./*\]-])(?:(?P<y4>{_YEAR})(?P<to>[/-])(?P<m4>0[1-9]|1[0-2])(?P=to)(?P<d4>0[1-9]|[12]\d|3[01])"
    rf"|(?P<a>\d{{1,2}})(?P<by>[/.-])(?P<b>\d{{1,2}})(?P=by)(?P<y5>\d{{4}}|\d\d))(?![\w/*\[-])"
)
_DATE = re.compile(f"{_MONTH_FIRST}|{_DAY_FIRST}|{_IN_FIGURES}", re.IGNORECASE)
_YEAR_ALONE = re.compile(rf"(?<![\w$€£.,/*\]-]){_YEAR}(?![\w/*\[%-])(?![.,]\d)")
_CENTURY = 70  # two figures from here on are of the last century


def find_dates(text: str) -> Iterator[Fact]:
    """The dates of the text, in their order."""
    for found in _DATE.finditer(text):
        meaning = _in_figures(found) if found["a"] or found["y4"] else _in_words(found)
        if meaning:
            yield Fact(Kind.DATE, meaning, found.start(), found.end())


def find_years(text: str) -> Iterator[Fact]:
    """Years that stand alone: "in 2024"."""
    for found in _YEAR_ALONE.finditer(text):
        yield Fact(Kind.DATE, found[0], found.start(), found.end())


def _in_words(found: re.Match[str]) -> str:
    name = found["m1"] or found["m3"]
    day, year = found["d1"] or found["d3"], found["y1"] or found["y2"] or found["y3"]
    if found["y6"]:
        year = str(_of_two_figures(int(found["y6"])))
    if found["w3"]:
        day = str(ordinal_of(found["w3"]))
    month = f"{_NUMBERS[name[:3].lower()]:02}"
    if day is None and year is None:
        return ""
    # "may" is a verb more often than a month, and "March 5" less often than "May 5": capitals tell.
    if name[0].islower():
        return ""
    if day is None:
        return f"{year}-{month}"
    return f"{year}-{month}-{int(day):02}" if year else f"--{month}-{int(day):02}"


def _in_figures(found: re.Match[str]) -> str:
    if found["y4"]:
        return f"{found['y4']}-{found['m4']}-{found['d4']}"
    one, other, year = int(found["a"]), int(found["b"]), int(found["y5"])
    if len(found["y5"]) == 2:
        year = _of_two_figures(year)
    months_first = f"{year}-{one:02}-{other:02}" if 1 <= one <= 12 and 1 <= other <= 31 else ""
    days_first = f"{year}-{other:02}-{one:02}" if 1 <= other <= 12 and 1 <= one <= 31 else ""
    if months_first and days_first and months_first != days_first:
        return f"mdy:{months_first}|dmy:{days_first}"
    return months_first or days_first


def _of_two_figures(year: int) -> int:
    return year + (1900 if year >= _CENTURY else 2000)


def in_order(meaning: str, date_order: str) -> str:
    """The one date that is meant where days and months come in this order, "mdy" or "dmy"."""
    for reading in meaning.split("|"):
        order, colon, date = reading.partition(":")
        if colon and order == date_order:
            return date
    return meaning


def sayings_of_date(meaning: str) -> set[str]:
    """The meanings that a date of the contract bears out: less may be said than it says, never more."""
    if meaning.startswith("--"):
        return {meaning}
    sayings = {meaning, meaning[:4], meaning[:7]}
    return sayings | {f"-{meaning[4:]}"} if len(meaning) > len("2024-05") else sayings


def is_year(meaning: str) -> bool:
    """Whether a number or a date is one that may be a year."""
    return _YEAR_ALONE.fullmatch(meaning) is not None
