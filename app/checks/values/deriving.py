"""Dates that follow from a date and a period: three years from May 8, 2014. Pure."""

import calendar
from collections.abc import Iterable
from datetime import date, timedelta

from app.checks.values.dates import in_order, sayings_of_date
from app.checks.values.fact import Fact

Ends = dict[
    str, tuple[Fact, Fact]
]  # what may be said of a date → the date and the period that it follows from

_LONGEST = {"months": 1_200, "days": 36_500}


def ends(dates: Iterable[Fact], periods: Iterable[Fact], date_order: str) -> Ends:
    """All dates on which one of these periods ends that begins on one of these dates, and the days before."""
    starts = {day: each for each in dates if (day := _day(in_order(each.meaning, date_order)))}
    lengths = {each.meaning: each for each in periods}
    found: Ends = {}
    for start, begun in starts.items():
        for meaning, period in lengths.items():
            end = _later(start, meaning)
            for day in (end, end - timedelta(days=1)) if end else ():
                for said in sayings_of_date(day.isoformat()):
                    found.setdefault(said, (begun, period))
    return found


def _day(meaning: str) -> date | None:
    try:
        return date.fromisoformat(meaning) if len(meaning) == len("2024-05-01") else None
    except ValueError:  # February 30
        return None


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
