"""Passages of a contract as sentences are compared with them. Pure."""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from app.checks.bounds import Bound, Number, numbers
from app.checks.modals import Act, Key, acts
from app.checks.spans import Span
from app.checks.squeezed import Squeezed
from app.checks.words import said

LONGEST = 4_000  # characters that are compared: a longer passage says the one thing and the other
_END = re.compile(r"[.;](?=\s)")
_AROUND = 800  # characters on both sides of a passage in which its sentence begins, and the next one ends
LEAST_COMMON = 2  # words that a verb and its like have in common, itself among them
NEAR = 0.7  # how much of the words that the likest has in common with ours another verb has that counts too


@dataclass(frozen=True)
class Passage:
    """Words of the contract with which a sentence is compared."""

    contract: str
    span: Span

    @cached_property
    def _squeezed(self) -> Squeezed:
        return Squeezed(self.contract, self._compared)

    @cached_property
    def _compared(self) -> Span:
        return Span(self.span.start, min(self.span.end, self.span.start + LONGEST))

    @property
    def text(self) -> str:
        """The words, with single spaces."""
        return self._squeezed.text

    @cached_property
    def bounds(self) -> Mapping[str, dict[Bound, Number]]:
        """What its numbers bound, by their values."""
        found = defaultdict[str, dict[Bound, Number]](dict)
        for number in numbers(self.text):
            if number.bound:
                found[number.value].setdefault(number.bound, number)
        return found

    @cached_property
    def acts(self) -> Mapping[Key, list[Act]]:
        """Its verbs with modals, by the keys by which the same ones are found."""
        found = defaultdict[Key, list[Act]](list)
        for act in dict.fromkeys(acts(self.text)):
            for key in act.keys:
                found[key].append(act)
        return found

    @cached_property
    def stems(self) -> frozenset[str]:
        """Its words, without those that say nothing."""
        return frozenset(said(self.text))

    def carve_out(self, about: re.Pattern[str], taken_out: re.Pattern[str]) -> Span | None:
        """Where one of its sentences about this, or the one behind them, takes something out."""
        start, end = self._compared.start, self._compared.end
        before = [stop.end() for stop in _END.finditer(self.contract, max(0, start - _AROUND), start)]
        last = min(end + _AROUND, len(self.contract))
        behind = [*(stop.end() for stop in _END.finditer(self.contract, end - 1, last)), last]
        within = [stop.end() for stop in _END.finditer(self.contract, start, end)]
        for begin, finish in pairwise([*(before[-1:] or [start]), *within, *behind[:2]]):
            found = taken_out.search(self.contract, begin, finish)
            if found and about.search(self.contract, begin, finish):
                return Span(found.start(), found.end())
        return None

    def at(self, span: Span) -> Span:
        """A span of the passage as one of the contract."""
        return self._squeezed.place(span)


def nearest(act: Act, shown: Sequence[Passage]) -> list[tuple[Act, Passage]]:
    """The same verb in the passages, where most of the words around it are the same."""
    theirs = [
        (each, passage, len(act.words & each.words))
        for passage in shown
        for key in act.keys
        for each in passage.acts.get(key, ())
    ]
    most = max((common for _, _, common in theirs), default=0)
    return [(each, passage) for each, passage, common in theirs if common >= max(NEAR * most, LEAST_COMMON)]
