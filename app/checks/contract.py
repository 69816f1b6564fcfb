"""A contract as the checks see it: its text, and what was read out of it once. Pure."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from app.checks.spans import Span
from app.checks.values.fact import Facts

UNREAD: dict[str, object] = {}  # is stored of a contract at which the reader broke
_LONGEST = 90  # characters of a quote in a sentence


@dataclass(frozen=True)
class Contract:
    """The canonical text of a contract.

    `places` are the start of each numbered paragraph and what it is called ("12.3"), in order; `facts` what
    `app.checks.values` read out of the text, with offsets into it.
    """

    text: str
    facts: Facts = field(default_factory=Facts)
    places: Sequence[tuple[int, str]] = ()
    is_read: bool = True  # False where the reader broke at it

    def to_json(self) -> dict[str, object]:
        """What was read out of the text, as it is stored beside it."""
        return {"facts": self.facts.to_json(), "places": list(self.places)}

    @classmethod
    def from_json(cls, text: str, stored: Mapping[str, Any]) -> "Contract":
        """A text with what `to_json` gave of it; `UNREAD` where the reader broke at it."""
        if stored == UNREAD:
            return cls(text, is_read=False)
        places = [(start, name) for start, name in stored["places"]]
        return cls(text, Facts.from_json(stored["facts"]), places)

    @cached_property
    def _starts(self) -> list[int]:
        return [start for start, _ in self.places]

    def name_of(self, position: int) -> str:
        """The number of the paragraph that the position stands in; "" before the first one."""
        at = bisect_right(self._starts, position) - 1
        return self.places[at][1] if at >= 0 else ""

    def quote(self, span: Span) -> str:
        """The words of a span as a sentence quotes them, cut where they are many."""
        words = " ".join(self.text[span.start : min(span.end, span.start + 2 * _LONGEST)].split())
        return f"“{words[:_LONGEST]}”"

    def where(self, span: Span) -> str:
        """How a sentence names the place: "in 12.3", or "at its beginning"."""
        name = self.name_of(span.start)
        return f"in {name}" if name else "at its beginning"
