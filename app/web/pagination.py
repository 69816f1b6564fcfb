"""Cursors: where a list goes on, as an opaque word that a client hands back unchanged.

A cursor holds the sort values of the last row that was shown. It is no secret and proves nothing: the query
that reads it applies the same visibility as for the first page.
"""

import base64
import binascii
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, TypeVar

from fastapi import Query

from app.errors import Invalid

PAGE_SIZE = 50
MAX_PAGE_SIZE = 200
MAX_CURSOR_LENGTH = 2000
_INT64 = 2**63

Value = int | str | datetime
Row = TypeVar("Row")

Limit = Annotated[int, Query(ge=1, le=MAX_PAGE_SIZE, description="How many entries a page has at most.")]
Cursor = Annotated[
    str | None,
    Query(max_length=MAX_CURSOR_LENGTH, description="`next` of the previous page, unchanged."),
]


def encode(*values: Value) -> str:
    """The cursor after a row with these sort values."""
    plain = [value.isoformat() if isinstance(value, datetime) else value for value in values]
    data = json.dumps(plain, ensure_ascii=False, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def decode(cursor: str, *kinds: type[Value]) -> tuple[Value, ...]:
    """The sort values in `cursor`, each of the kind that the list expects.

    Raises Invalid (`invalid_cursor`) for anything that `encode` did not make for such a list.
    """
    try:
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        values = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
        return tuple(_typed(value, kind) for value, kind in zip(values, kinds, strict=True))
    except (ValueError, TypeError, binascii.Error, RecursionError):
        raise Invalid("This cursor is not one of this list's.", code="invalid_cursor") from None


def _typed(value: object, kind: type[Value]) -> Value:
    if kind is datetime and isinstance(value, str):
        at = datetime.fromisoformat(value)
        if at.tzinfo is None:
            raise ValueError("a time without a zone")
        return at
    if kind is int and type(value) is int and -_INT64 <= value < _INT64:
        return value
    if kind is str and isinstance(value, str) and "\x00" not in value:
        return value
    raise ValueError("a value of another kind")


def cut(rows: Sequence[Row], limit: int) -> tuple[list[Row], Row | None]:
    """A page out of `limit + 1` fetched rows: its rows, and its last row where there are more."""
    shown = list(rows[:limit])
    return shown, shown[-1] if len(rows) > limit else None
