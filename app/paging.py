"""Lists that go on from page to page: how one is sorted, where it goes on, how many it has.

A list names the ways in which it may be sorted; each is a few expressions that together are of one row only.
A cursor holds the name of the sort and the values of the last row that was shown, as an opaque word that a
client hands back unchanged. It is no secret and proves nothing: the query that reads it applies the same
visibility as for the first page. Rows that come or go in between shift no page.
"""

import base64
import binascii
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Generic, TypeVar

from sqlalchemy import ColumnElement, Select, SQLColumnExpression, and_, func, literal, select, tuple_
from sqlalchemy.orm import Session

from app.errors import Invalid

PAGE_SIZE = 50
MAX_PAGE_SIZE = 200
MAX_CURSOR_LENGTH = 4000
COUNTED = 1_000  # a list that has more is said to have "1,000+": counting costs more than showing
_INT64 = 2**63
# Until the transaction ends. A plan that was kept for any values reads whole tables where a filter's own find
# few rows, or all; compiling a plan takes longer than these statements.
_PLANNING = (("plan_cache_mode", "force_custom_plan"), ("jit", "off"))

Value = int | str | datetime | date
Row = TypeVar("Row")
Item = TypeVar("Item")


def encode(*values: Value) -> str:
    """The cursor after a row with these sort values."""
    plain = [value.isoformat() if isinstance(value, date) else value for value in values]
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
        raise _not_ours() from None


def _not_ours() -> Invalid:
    return Invalid("This cursor is not one of this list's.", code="invalid_cursor")


def _typed(value: object, kind: type[Value]) -> Value:
    if kind is datetime and isinstance(value, str):
        at = datetime.fromisoformat(value)
        if at.tzinfo is None:
            raise ValueError("a time without a zone")
        return at
    if kind is date and isinstance(value, str):
        return date.fromisoformat(value)
    if kind is int and type(value) is int and -_INT64 <= value < _INT64:
        return value
    if kind is str and isinstance(value, str) and "\x00" not in value:
        return value
    raise ValueError("a value of another kind")


def cut(rows: Sequence[Row], limit: int) -> tuple[list[Row], Row | None]:
    """A page out of `limit + 1` fetched rows: its rows, and its last row where there are more."""
    shown = list(rows[:limit])
    return shown, shown[-1] if len(rows) > limit else None


# A way to sort: expressions that are never null and, together, of one row only; with the kind of each.
Order = tuple[tuple[SQLColumnExpression[Any], type[Value]], ...]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which page of a list is asked for: `sort` is one of the list's names, with "-" before it downwards."""

    sort: str
    cursor: str = ""
    limit: int = PAGE_SIZE


@dataclass(frozen=True, slots=True)
class Found(Generic[Item]):
    """A page of a list: its rows, the cursor of the next one, and how many rows the whole list has.

    `total` is exact up to COUNTED and one more where there are more; None where nobody asked.
    """

    items: list[Item]
    next: str | None
    total: int | None = None


def find_page(
    session: Session,
    statement: Select[Any],
    *,
    orders: Mapping[str, Order],
    wanted: Wanted,
    item: Callable[..., Item],
    counted: Select[Any] | None = None,
) -> Found[Item]:
    """The page of `statement` that is wanted; `item` makes an entry out of a row's own columns.

    What belongs to the rows is better loaded by statements of its own (`selectinload`) than joined here: with
    a join, Postgres may join and sort all that follows instead of reading a page from the index.

    `counted` has the same rows, for the total: counting stops at COUNTED, and is left out where the first
    page is all. Raises Invalid (`invalid_cursor`) for a cursor of another list or of another sort.
    """
    order = orders[wanted.sort.removeprefix("-")]
    columns = [column for column, _ in order]
    down = wanted.sort.startswith("-")
    paged = statement.add_columns(*columns).order_by(
        *(column.desc() if down else column.asc() for column in columns)
    )
    if wanted.cursor:
        paged = paged.where(_beyond(wanted, order, down=down))
    session.execute(select(*(func.set_config(name, value, True) for name, value in _PLANNING)))
    rows = session.execute(paged.limit(wanted.limit + 1)).all()
    shown, last = cut(rows, wanted.limit)
    total = None
    if counted is not None:
        total = len(rows) if last is None and not wanted.cursor else _count(session, counted)
    return Found(
        [item(*row[: -len(columns)]) for row in shown],
        encode(wanted.sort, *last[-len(columns) :]) if last is not None else None,
        total,
    )


def _beyond(wanted: Wanted, order: Order, *, down: bool) -> ColumnElement[bool]:
    """What comes after the cursor. The first value alone says so too: it is what an index begins with."""
    sort, *values = decode(wanted.cursor, str, *(kind for _, kind in order))
    if sort != wanted.sort:
        raise _not_ours()
    columns = [column for column, _ in order]
    row, last, first = tuple_(*columns), tuple_(*values), columns[0]
    return and_(row < last, first <= values[0]) if down else and_(row > last, first >= values[0])


def _count(session: Session, statement: Select[Any]) -> int:
    some = (
        statement.with_only_columns(literal(1), maintain_column_froms=True)
        .order_by(None)
        .limit(COUNTED + 1)
        .subquery()
    )
    return session.scalar(select(func.count()).select_from(some)) or 0
