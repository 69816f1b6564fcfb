"""The numbers as tables: what stands beside each plot, and what its CSV holds. Pure."""

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from app.clock import rfc3339
from app.insights.numbers import Insights

Cell = str | int | float | date | datetime | None

# With these a spreadsheet takes a cell for a formula, whoever wrote it.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


class Name(StrEnum):
    """The tables that there are."""

    PROGRESS = "progress"
    WAITING = "waiting"
    WRITERS = "writers"
    REVIEWERS = "reviewers"
    WORDS = "words"
    DECISIONS = "decisions"


@dataclass(frozen=True, slots=True)
class Table:
    """Column heads, and rows of raw values: durations are seconds, times are times."""

    heads: tuple[str, ...]
    rows: list[tuple[Cell, ...]]


def _progress(found: Insights) -> Table:
    drafts = found.before.started is not None
    return Table(
        ("first_day", *(("started",) if drafts else ()), "submitted", "approved"),
        [
            (period.first_day, *((period.started,) if drafts else ()), period.submitted, period.approved)
            for period in found.progress
        ],
    )


def _waiting(found: Insights) -> Table:
    return Table(
        ("status", "count", "median_seconds", "p90_seconds", "oldest_since", "oldest_sample_id"),
        [
            (
                each.status,
                each.count,
                each.median_seconds,
                each.p90_seconds,
                each.oldest_since,
                each.oldest_sample_id,
            )
            for each in found.waiting
        ],
    )


def _writers(found: Insights) -> Table:
    return Table(
        ("name", "email", "started", "submitted", "approved", "median_seconds_to_submit"),
        [
            (
                each.name,
                each.email,
                each.started,
                each.submitted,
                each.approved,
                each.median_seconds_to_submit,
            )
            for each in found.writers
        ],
    )


def _reviewers(found: Insights) -> Table:
    return Table(
        ("name", "email", "approve", "request_changes", "reject", "median_seconds_to_decide"),
        [
            (
                each.name,
                each.email,
                each.approve,
                each.request_changes,
                each.reject,
                each.median_seconds_to_decide,
            )
            for each in found.reviewers
        ],
    )


def _words(found: Insights) -> Table:
    width = found.words.width
    return Table(
        ("from_words", "to_words", "outputs"),
        [(first, first + width - 1, count) for first, count in found.words.steps],
    )


def _decisions(found: Insights) -> Table:
    return Table(
        ("first_day", "approve", "request_changes", "reject"),
        [(each.first_day, each.approve, each.request_changes, each.reject) for each in found.decisions],
    )


_TABLES: dict[Name, Callable[[Insights], Table]] = {
    Name.PROGRESS: _progress,
    Name.WAITING: _waiting,
    Name.WRITERS: _writers,
    Name.REVIEWERS: _reviewers,
    Name.WORDS: _words,
    Name.DECISIONS: _decisions,
}


def table(name: Name, found: Insights) -> Table:
    """One of the tables."""
    return _TABLES[name](found)


def as_csv(content: Table) -> str:
    """The table as CSV (RFC 4180). A text that a spreadsheet would take for a formula gets an apostrophe."""
    written = io.StringIO(newline="")
    writer = csv.writer(written)
    writer.writerow(content.heads)
    writer.writerows([_plain(cell) for cell in row] for row in content.rows)
    return written.getvalue()


def _plain(cell: Cell) -> Cell:
    if isinstance(cell, datetime):
        return rfc3339(cell)
    if isinstance(cell, str) and cell.startswith(_FORMULA):
        return f"'{cell}"
    return cell
