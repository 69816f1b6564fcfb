"""Passages of a contract as sentences are compared with them. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from app.checks.bounds import Number, numbers
from app.checks.modals import Act, acts
from app.checks.spans import Span
from app.checks.squeezed import Squeezed
from app.checks.words import FOLLOWING, said

LONGEST = 4_000  # characters of a passage that are compared: a longer one says the one thing and the other
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
    def numbers(self) -> list[Number]:
        """Its numbers and what they bound."""
        return list(numbers(self.text))

    @cached_property
    def acts(self) -> list[Act]:
        """Its verbs with modals."""
        return list(acts(self.text))

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
    words = act.words
    theirs = [
        (each, passage, len(words & each.words))
        for passage in shown
        for each in passage.acts
        if _is_same(act, each)
    ]
    most = max((common for _, _, common in theirs), default=0)
    return [(each, passage) for each, passage, common in theirs if common >= max(NEAR * most, LEAST_COMMON)]


def _is_same(ours: Act, theirs: Act) -> bool:
    return bool(ours.verb and ours.verb == theirs.verb) or is_word_for_word(ours, theirs)


def is_word_for_word(ours: Act, theirs: Act) -> bool:
    """Whether the words behind both modals are the same."""
    return len(ours.following) == FOLLOWING and ours.following == theirs.following
