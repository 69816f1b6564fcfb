"""A range of a text. Pure."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Span:
    """A range of Unicode code points, `end` exclusive."""

    start: int
    end: int

    def meets(self, other: "Span") -> bool:
        """Whether the two have a character in common."""
        return self.start < other.end and other.start < self.end
