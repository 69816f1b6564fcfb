"""The only reader of the time, and its one written form. Rules and use cases take `at` as an argument."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import PlainSerializer


def now() -> datetime:
    """The current time, with its zone (UTC)."""
    return datetime.now(UTC)


def rfc3339(at: datetime) -> str:
    """In UTC with microseconds and offset: a string that readers of JSON lines do not take for a date."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


# A time in what the JSON API gives.
JsonTime = Annotated[datetime, PlainSerializer(rfc3339, return_type=str, when_used="json")]
