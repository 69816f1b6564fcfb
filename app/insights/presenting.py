"""The insights as their page shows them: plots, tables in words, durations as people say them."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from app.insights import plots, tables
from app.insights.numbers import Insights
from app.insights.periods import By
from app.insights.tables import Cell, Name
from app.samples.workflow import Status

HEADS = {
    "first_day": "Begins", "started": "Started", "submitted": "Submitted", "approved": "Approved",
    "status": "Status", "count": "Samples", "median_seconds": "Half wait at most",
    "p90_seconds": "Nine of ten wait at most", "oldest_since": "The oldest, since",
    "oldest_sample_id": "Sample",
    "name": "Name", "email": "E-mail", "median_seconds_to_submit": "Half submitted within",
    "median_seconds_to_decide": "Half decided within", "approve": "Approved",
    "request_changes": "Changes requested", "reject": "Rejected", "from_words": "From (words)",
    "to_words": "To (words)", "outputs": "Outputs",
}  # fmt: skip
STATUSES = {
    Status.DRAFT: "Draft, since its last save",
    Status.SUBMITTED: "Submitted, waits for a reviewer",
    Status.CHANGES_REQUESTED: "Changes requested, waits for its annotator",
}
LEFT_OUT = {Name.WAITING: {"oldest_sample_id"}, Name.WRITERS: {"email"}, Name.REVIEWERS: {"email"}}


def duration(seconds: float | None) -> str:
    """A span of time to two places: 40 s, 12 min, 5.5 h, 3.2 days; "–" where there is none."""
    if seconds is None:
        return "–"
    for length, unit in ((86_400, "days"), (3600, "h"), (60, "min")):
        if seconds >= length:
            return f"{seconds / length:.1f}".removesuffix(".0") + f" {unit}"
    return f"{seconds:.0f} s"


def day(value: date, by: By = By.DAY) -> str:
    """The day, or the month where that is the period: 5 Nov, Nov 2026."""
    return f"{value:%b %Y}" if by is By.MONTH else f"{value.day} {value:%b}"


def context(found: Insights) -> dict[str, Any]:
    """All that the page is given of the numbers."""
    return {
        "insights": found,
        "is_empty": not _any_work(found),
        "plots": _plots(found),
        "tables": {name.value: _table(name, found) for name in Name},
        "speed": _speed(found),
        "medians": [
            (STATUSES[each.status], each.oldest_since, each.oldest_sample_id) for each in found.waiting
        ],
    }


def _any_work(found: Insights) -> bool:
    everything = (found.before, *found.progress)
    return bool(found.waiting or any(each.started or each.submitted for each in everything))


def _speed(found: Insights) -> list[tuple[str, str]]:
    speed = found.speed
    share = f"{speed.approved_first / speed.decided_first:.0%}" if speed.decided_first else "–"
    shown = [
        ("Approved at first review", share),
        ("Half submitted within", duration(speed.median_seconds_to_submit)),
        ("Half decided within", duration(speed.median_seconds_to_decide)),
    ]
    return shown if found.before.started is not None else [shown[0], shown[2]]


def _plots(found: Insights) -> dict[str, plots.Plot]:
    labels = [day(period.first_day, found.by) for period in found.progress]
    names = (
        ("started", "submitted", "approved")
        if found.before.started is not None
        else ("submitted", "approved")
    )
    added = {name: [getattr(period, name) or 0 for period in found.progress] for name in names}
    actions = ("approve", "request_changes", "reject")
    decisions = [(HEADS[name], [getattr(period, name) for period in found.decisions]) for name in actions]
    per = found.by.value
    drawn = {
        "added": plots.bars(
            "added", f"Samples per {per}", labels, [(HEADS[name], added[name]) for name in names]
        ),
        "sums": plots.lines(
            "sums", "Samples in all", labels,
            [(HEADS[name], getattr(found.before, name) or 0, added[name]) for name in names],
        ),
        "decisions": plots.bars("decisions", f"Decisions per {per}", labels, decisions),
    }  # fmt: skip
    if found.words.steps:
        bounds = [
            (f"at least {found.words.min_words:,}", found.words.min_words),
            (f"at most {found.words.max_words:,}", found.words.max_words),
        ]
        drawn["words"] = plots.histogram(
            "words", "Words of approved outputs", found.words.steps,
            width=found.words.width, what="Outputs", bounds=bounds,
        )  # fmt: skip
    return drawn


def _table(name: Name, found: Insights) -> dict[str, object]:
    """Column heads and rows in words; what only programs want is left out."""
    content = tables.table(name, found)
    kept = [place for place, head in enumerate(content.heads) if head not in LEFT_OUT.get(name, ())]
    heads = [content.heads[place] for place in kept]
    return {
        "columns": [
            (HEADS[head], "" if place == 0 else "number", "", "") for place, head in enumerate(heads)
        ],
        "rows": [_said(heads, [row[place] for place in kept]) for row in content.rows],
    }


def _said(heads: Sequence[str], cells: Sequence[Cell]) -> list[str]:
    return [_word(head, cell) for head, cell in zip(heads, cells, strict=True)]


def _word(head: str, cell: Cell) -> str:
    if "seconds" in head:
        return duration(cell if isinstance(cell, int | float) else None)
    if isinstance(cell, Status):
        return STATUSES[cell]
    if isinstance(cell, datetime):
        return f"{day(cell)} {cell.year}"
    if isinstance(cell, date):
        return f"{day(cell)} {cell.year}"
    return f"{cell:,}" if isinstance(cell, int) else "–" if cell is None else str(cell)
