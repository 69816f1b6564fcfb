"""The parameters of a list that pages, and the addresses of its other pages.

What is asked for stands in the address, so that Back and a copied link show the same list. `app.paging` does
the sorting.
"""

from datetime import date
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import Query
from pydantic import BaseModel, BeforeValidator, Field

from app.paging import COUNTED, MAX_CURSOR_LENGTH, MAX_PAGE_SIZE, PAGE_SIZE, Wanted

Limit = Annotated[int, Query(ge=1, le=MAX_PAGE_SIZE, description="How many entries a page has at most.")]
Cursor = Annotated[
    str | None,
    Query(max_length=MAX_CURSOR_LENGTH, description="`next` of the previous page, unchanged."),
]

Words = Annotated[str, Field(max_length=500, description="Looked for as it stands, whatever its capitals.")]
# A form sends an empty parameter for a field in which nothing was chosen.
Day = Annotated[date | None, BeforeValidator(lambda value: value or None)]


class ListQuery(BaseModel):
    """What pages and calls of a list take. Each list adds its filters, and `sort` with its allowed values."""

    cursor: Annotated[str, Field(max_length=MAX_CURSOR_LENGTH)] = Field(
        default="", description="`next` of the previous page, unchanged."
    )
    limit: Annotated[int, Field(ge=1, le=MAX_PAGE_SIZE)] = Field(
        default=PAGE_SIZE, description="How many entries a page has at most."
    )

    def wanted(self) -> Wanted:
        """Which page is asked for."""
        return Wanted(getattr(self, "sort"), self.cursor, self.limit)  # noqa: B009 -- each list's own field

    def filters(self) -> dict[str, Any]:
        """What narrows the list, by name."""
        return self.model_dump(exclude={"sort", "cursor", "limit"})

    def is_filtered(self) -> bool:
        """Whether anything narrows the list."""
        return any(value not in ("", None, False) for value in self.filters().values())

    def words(self, **instead: object) -> str:
        """The query of the address that shows this list, with some values replaced; "" for the plain list."""
        fields = type(self).model_fields
        values = self.model_dump(mode="json") | instead
        kept = {name: value for name, value in values.items() if value != fields[name].default}
        return urlencode({name: "true" if value is True else value for name, value in kept.items()})


class Links:
    """The addresses of a list's other pages, for its template."""

    def __init__(self, path: str, query: ListQuery, *, next_cursor: str | None) -> None:
        self.path = path
        self._query = query
        self.next_url = self._url(cursor=next_cursor) if next_cursor else ""
        self.first_url = self._url(cursor="") if query.cursor else ""
        # The filter alone, for acts on all that it lets through.
        self.filter_words = query.words(
            cursor="", limit=PAGE_SIZE, sort=type(query).model_fields["sort"].default
        )

    def _url(self, **instead: object) -> str:
        words = self._query.words(**instead)
        return f"{self.path}?{words}" if words else self.path

    def column(self, label: str, key: str, kind: str = "") -> tuple[str, str, str, str]:
        """A column that sorts: upwards first, and the other way when it is pressed again."""
        sort = str(getattr(self._query, "sort"))  # noqa: B009 -- each list's own field
        direction = {key: "ascending", f"-{key}": "descending"}.get(sort, "")
        url = self._url(sort=f"-{key}" if sort == key else key, cursor="")
        return label, kind, url, direction


def total_words(total: int | None) -> str:
    """A list's length as it is said: exact up to 1,000, then "1,000+"."""
    if total is None:
        return ""
    return f"{total:,}" if total <= COUNTED else f"{COUNTED:,}+"
