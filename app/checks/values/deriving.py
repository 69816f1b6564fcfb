"""Dates that follow from others: three years from May 8, 2014, the end of that month. Pure."""

import calendar
import re
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from itertools import islice

from app.checks.spans import Span
from app.checks.values.dates import in_order, sayings_of_date
from app.checks.values.fact import Fact, Kind

Ends = dict[str, tuple[Fact, ...]]  # what may be said of a date → what it follows from, in that order

_LONGEST = {"months": 1_200, "days": 36_500}
_MOST_PERIODS = 50  # of different lengths; the first ones count
_MOST_PAIRS = 2_000  # of a date and a period
_DAY = timedelta(days=1)
_TURNS = {"month": 1, "quarter": 3, "year": 12}
_TURN = re.compile(
    r"\b(?:(?P<first>first)|close|end|expir\w{3,5}|last)\s{1,30}(?:(?:business|calendar)\s{1,30})?(?:day\s{1,30})?of\s{1,30}"
    r"(?:(?:a|any|calendar|each|full|its|same|such|that|the)\s{1,30}){0,3}(?P<unit>month|quarter|year)(?!\w)"
    r"|\bfull\s{1,30}calendar\s{1,30}(?P<full>month)s",
    re.IGNORECASE,
)
_UP_TO = re.compile(
    r"\b(?:close|end|last\s{1,30}day|through|until)\s{1,30}(?:(?:of|in|the)\s{1,30}){0,3}$", re.IGNORECASE
)
_LONGEST_UP_TO = 40


def ends(dates: Iterable[Fact], periods: Iterable[Fact], date_order: str, turns: Iterable[Fact] = ()) -> Ends:
    """All dates on which one of these periods ends that begins on one of these dates, and the days before.

    Where turns of the calendar are spoken of, one of them may begin or end at the next one.
    """
    lengths = dict(islice({each.meaning: each for each in periods}.items(), _MOST_PERIODS))
    begun_on = {day: each for each in dates if (day := day_of(each, date_order))}
    starts = dict(islice(begun_on.items(), _MOST_PAIRS // max(len(lengths), 1)))
    turning = list({each.meaning: each for each in turns}.values())
    found: Ends = {}

    def add(day: date, *steps: Fact) -> None:
        for said in sayings_of_date(day.isoformat()):
            found.setdefault(said, steps)

    for start, begun in starts.items():
        turned = [(_turn(start, turn), turn) for turn in turning]
        for day, turn in turned:
            add(day, begun, turn)
        for meaning, period in lengths.items():
            if end := _later(start, meaning):
                add(end, begun, period)
                add(end - _DAY, begun, period)
                for turn in turning:
                    add(_turn(end, turn), begun, period, turn)
            for day, turn in turned:
                if end := _later(day, meaning):
                    add(end, begun, turn, period)
                    add(end - _DAY, begun, turn, period)
    return found


def day_of(fact: Fact, date_order: str) -> date | None:
    """The day that a date is, of a month its first; None of what says less, and of February 30."""
    meaning = in_order(fact.meaning, date_order)
    try:
        return date.fromisoformat(f"{meaning}-01" if len(meaning) == len("2024-05") else meaning)
    except ValueError:
        return None


def last_days(dates: Iterable[Fact], text: str) -> Ends:
    """The last days of months and years up to whose end something runs: "through December 2014"."""
    found: Ends = {}
    for each in dates:
        year, _, month = each.meaning.partition("-")
        is_whole = len(each.meaning) in (len("2024"), len("2024-05")) and year
        if is_whole and _UP_TO.search(text, max(0, each.start - _LONGEST_UP_TO), each.start):
            day = date(int(year), int(month or 12), 1)
            for said in sayings_of_date(_last_of(day, 1).isoformat()):
                found.setdefault(said, (each,))
    return found


def find_turns(text: str, span: Span) -> Iterator[Fact]:
    """Where a text speaks of the end of a calendar month, quarter or year, or of the first day of one."""
    for found in _TURN.finditer(text, span.start, span.end):
        is_first = found["first"] or found["full"]
        unit = (found["unit"] or found["full"]).lower()
        yield Fact(Kind.PERIOD, f"{'first' if is_first else 'last'} {unit}", found.start(), found.end())


def _turn(day: date, turn: Fact) -> date:
    """The last day of the month, quarter or year, or the day after it."""
    side, unit = turn.meaning.split(" ")
    last = _last_of(day, _TURNS[unit])
    return last if side == "last" else last + _DAY


def _last_of(day: date, months: int) -> date:
    month = -(-day.month // months) * months
    return date(day.year, month, calendar.monthrange(day.year, month)[1])


def _later(start: date, period: str) -> date | None:
    """The date that is a period later as calendars count; None for hours, and for what no calendar holds."""
    count, _, unit = period.partition(" ")
    if unit not in _LONGEST or not count.isdigit() or int(count) > _LONGEST[unit]:
        return None
    try:
        if unit == "days":
            return start + timedelta(days=int(count))
        years, month = divmod(start.month - 1 + int(count), 12)
        year = start.year + years
        return date(year, month + 1, min(start.day, calendar.monthrange(year, month + 1)[1]))
    except (ValueError, OverflowError):
        return None
