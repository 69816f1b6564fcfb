"""Columns that a PDF writes line by line across the page: parted at the gutter, and read one after the other.

Most PDFs write a column to its end before the next one, and then PDFium's order is the reader's. A table is
no pair of columns: its cells are short, and lines beside it run across.
"""

from collections.abc import Sequence
from statistics import median

from .pdf_lines import Line, Row

_FEWEST_ROWS = 6
_SHORTEST = 20  # characters of half a row, in the middle


def in_reading_order(rows: Sequence[Row]) -> list[Line]:
    """The lines of a page: where it has two columns, those of the left one before those of the right one."""
    gutter = _gutter(rows)
    if gutter is None:
        return [row.whole for row in rows]
    ordered: list[Line] = []
    left: list[Line] = []
    right: list[Line] = []
    for row in rows:
        if row.halves and _parts(row, gutter):
            left.append(row.halves[0])
            right.append(row.halves[1])
        elif row.whole.right <= gutter:
            left.append(row.whole)
        elif row.whole.left >= gutter:
            right.append(row.whole)
        else:  # a title across both columns ends what stands above it
            ordered += [*left, *right, row.whole]
            left, right = [], []
    return [*ordered, *left, *right]


def _gutter(rows: Sequence[Row]) -> float | None:
    """Where the gap between two columns is; None where a page has none."""
    parted = [row.halves for row in rows if row.halves is not None]
    if len(parted) < _FEWEST_ROWS:
        return None
    gutter = median((left.right + right.left) / 2 for left, right in parted)
    beside = [row.halves for row in rows if row.halves and _parts(row, gutter)]
    across = sum(not _parts(row, gutter) and row.whole.left < gutter < row.whole.right for row in rows)
    if len(beside) < max(_FEWEST_ROWS, 0.4 * len(rows)) or across > 0.25 * len(beside):
        return None
    texts = all(median(len(halves[side].text) for halves in beside) >= _SHORTEST for side in (0, 1))
    return gutter if texts else None


def _parts(row: Row, x: float) -> bool:
    """Whether the gap between the halves of a row is at a place."""
    return row.halves is not None and row.halves[0].right < x < row.halves[1].left
