"""A fact of a text, and all facts of one. Pure."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from app.checks.spans import Span


class Kind(StrEnum):
    """What kind of thing a fact states."""

    AMOUNT = "amount"
    PERCENTAGE = "percentage"
    DATE = "date"
    PERIOD = "period"
    COUNT = "count"
    PARTY = "party"
    PLACE = "place"


@dataclass(frozen=True, slots=True)
class Fact:
    """A span of a text that states something.

    `meaning` is the same for whatever means the same: each kind's file says in which form. What can be read
    in two ways has both, with "|" between.
    """

    kind: Kind
    meaning: str
    start: int
    end: int

    @property
    def span(self) -> Span:
        """Where it stands."""
        return Span(self.start, self.end)


@dataclass(frozen=True)
class Facts:
    """All facts of a text, in the order of their beginnings."""

    all: Sequence[Fact] = ()

    @cached_property
    def by_kind(self) -> Mapping[Kind, list[Fact]]:
        """The facts of each kind, in their order."""
        found = defaultdict[Kind, list[Fact]](list)
        for fact in self.all:
            found[fact.kind].append(fact)
        return found

    def of(self, kind: Kind) -> Sequence[Fact]:
        """The facts of one kind, in their order."""
        return self.by_kind.get(kind, [])

    @cached_property
    def _starts(self) -> list[int]:
        return [fact.start for fact in self.all]

    def within(self, span: Span) -> Iterator[Fact]:
        """The facts that begin within the span."""
        for index in range(bisect_left(self._starts, span.start), len(self.all)):
            if self.all[index].start >= span.end:
                return
            yield self.all[index]

    def to_json(self) -> dict[str, list[list[object]]]:
        """As it is stored: for each kind rows of meaning, start and end."""
        return {
            kind: [[fact.meaning, fact.start, fact.end] for fact in rows]
            for kind, rows in self.by_kind.items()
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Iterable[Sequence[object]]]) -> "Facts":
        """What `to_json` made."""
        facts = [Fact(Kind(kind), *row) for kind, rows in stored.items() for row in rows]  # type: ignore[arg-type]
        return cls(sorted(facts, key=lambda fact: (fact.start, fact.end)))
