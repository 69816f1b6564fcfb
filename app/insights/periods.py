"""A range of days, cut into days, weeks or months. Pure."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum

from app.errors import Invalid

MOST = 400  # periods; what is more is no plot any more
DAYS_SHOWN = 12 * 7  # where nothing is asked for


class By(StrEnum):
    """How long a period is."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"

    def first_of(self, day: date) -> date:
        """The first day of the period in which this day lies; weeks begin on Mondays."""
        if self is By.WEEK:
            return day - timedelta(days=day.weekday())
        return day.replace(day=1) if self is By.MONTH else day

    def after(self, first: date) -> date:
        """The first day of the period after the one that begins on `first`."""
        if self is By.MONTH:
            return (first + timedelta(days=31)).replace(day=1)
        return first + timedelta(days=7 if self is By.WEEK else 1)


@dataclass(frozen=True, slots=True)
class Range:
    """Whole days in UTC from `since` to `until`, both included."""

    since: date
    until: date
    by: By

    @property
    def begins_at(self) -> datetime:
        """The first moment that belongs to it."""
        return datetime.combine(self.since, time.min, UTC)

    @property
    def ends_at(self) -> datetime:
        """The first moment that does not belong to it any more."""
        return datetime.combine(self.until + timedelta(days=1), time.min, UTC)

    @property
    def periods(self) -> list[date]:
        """The first day of each period, in order; the first and the last period may be cut by the range."""
        found = [self.by.first_of(self.since)]
        while (following := self.by.after(found[-1])) <= self.until:
            found.append(following)
        return found


def parse_range(*, since: str, until: str, by: str, today: date) -> Range:
    """The range that was asked for, or the last twelve weeks; raises Invalid with a sentence."""
    last = _day(until, "until") if until else today
    first = _day(since, "since") if since else last - timedelta(days=min(DAYS_SHOWN, last.toordinal()) - 1)
    if by not in set(By):
        raise _invalid("“by” is day, week or month.", "by")
    if first > last:
        raise _invalid("The range ends before it begins: “since” may not be after “until”.", "since")
    chosen = By(by)
    if (last - first).days // {By.DAY: 1, By.WEEK: 7, By.MONTH: 28}[chosen] >= MOST:
        raise _invalid(f"That is more than {MOST} periods: choose longer ones or a shorter range.", "by")
    return Range(first, last, chosen)


def _day(value: str, name: str) -> date:
    try:
        found = date.fromisoformat(value)
    except ValueError:
        found = None
    if found is None or not 1970 <= found.year <= 9000:
        raise _invalid(f"“{name}” is a day from 1970 on, such as 2026-11-23.", name)
    return found


def _invalid(sentence: str, field: str) -> Invalid:
    return Invalid(sentence, fields={field: sentence}, code="invalid_range")
