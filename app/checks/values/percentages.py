"""Percentages. Pure. Meaning: the number of hundredths, "1.5"."""

import re
from collections.abc import Iterator

from app.checks.values.fact import Fact, Kind
from app.checks.values.numbers import Number, plain

_AFTER = re.compile(
    r"\s{0,30}-?(?:%|percent(?:age\s{1,30}points?)?\b|per\s{1,30}cent(?:um)?\b|(?P<basis>basis\s{1,30}points?\b|bps\b))",
    re.IGNORECASE,
)


def percentage_at(text: str, number: Number) -> Iterator[Fact]:
    """The percentage of which this is the number; nothing where it is none."""
    after = _AFTER.match(text, number.end)
    if after:
        per = 100 if after["basis"] else 1
        meaning = "|".join(plain(value / per) for value in number.values)
        yield Fact(Kind.PERCENTAGE, meaning, number.start, after.end())
