"""Which range of days is wanted, in a URL."""

from typing import Annotated

from fastapi import Depends, Query

from app import clock
from app.insights.periods import By, Range, parse_range


def _sent_range(
    since: Annotated[str, Query(max_length=20)] = "",
    until: Annotated[str, Query(max_length=20)] = "",
    by: Annotated[str, Query(max_length=20)] = By.WEEK,
) -> Range:
    return parse_range(since=since, until=until, by=by, today=clock.now().date())


SentRange = Annotated[Range, Depends(_sent_range)]
