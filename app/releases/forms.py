"""What an export may be asked for, in a URL."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated

from fastapi import Depends, Query

from app.errors import Invalid
from app.releases.formats import Format, check_metadata, parse_format
from app.releases.queries import Filter


@dataclass(frozen=True, slots=True)
class ExportQuery:
    """A checked request for an export."""

    format: Format
    with_metadata: bool
    wanted: Filter

    @property
    def is_a_part(self) -> bool:
        """Whether less is wanted than all rows."""
        return self.wanted != Filter()

    @property
    def since(self) -> str:
        """The day from which on rows are wanted, as a field for a date shows it."""
        return self.wanted.since.astimezone(UTC).date().isoformat() if self.wanted.since else ""


def parse_since(value: str) -> datetime | None:
    """A time with its zone, or a day (from its beginning in UTC); raises Invalid. Empty means no limit."""
    if not value:
        return None
    try:
        at = datetime.fromisoformat(value if "T" in value else f"{value}T00:00:00+00:00")
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        raise Invalid(
            "“since” is a day such as 2026-11-23, or a time with its zone such as 2026-11-23T09:00:00Z.",
            fields={"since": "Not a time with a zone."},
            code="invalid_since",
        )
    return at


def _asked_export(
    format: Annotated[str, Query(max_length=50)] = Format.INSTRUCTION,
    with_metadata: bool = False,
    clause: Annotated[str, Query(max_length=63)] = "",
    annotator: Annotated[str, Query(max_length=254)] = "",
    since: Annotated[str, Query(max_length=40)] = "",
) -> ExportQuery:
    wanted = Filter(clause=clause, annotator=annotator, since=parse_since(since))
    return ExportQuery(parse_format(format), with_metadata, wanted)


AskedExport = Annotated[ExportQuery, Depends(_asked_export)]  # to be counted: nothing is written yet


def _sent_export(asked: AskedExport) -> ExportQuery:
    check_metadata(asked.format, with_metadata=asked.with_metadata)
    return asked


SentExport = Annotated[ExportQuery, Depends(_sent_export)]
