"""A range of a text. Pure."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Span:
    """A range of Unicode code points, `end` exclusive."""

    start: int
    end: int
