"""The only reader of the time. Rules and use cases take `at` as an argument."""

from datetime import UTC, datetime


def now() -> datetime:
    """The current time, with its zone (UTC)."""
    return datetime.now(UTC)
