"""A stretch of a text with one space wherever it has white space, and the way back to the text. Pure."""

import re
from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate

from app.checks.spans import Span

_WORD = re.compile(r"\S+")


@dataclass(frozen=True)
class Squeezed:
    """A stretch of a text as one reads it, whatever lines and columns it was written in."""

    original: str
    stretch: Span

    @cached_property
    def _words(self) -> list[re.Match[str]]:
        return list(_WORD.finditer(self.original, self.stretch.start, self.stretch.end))

    @cached_property
    def text(self) -> str:
        """The words, with single spaces."""
        return " ".join(word[0] for word in self._words)

    @cached_property
    def _starts(self) -> list[int]:
        return [0, *accumulate(len(word[0]) + 1 for word in self._words)]

    def place(self, span: Span) -> Span:
        """Where a span of `text`, which is not empty, stands in the original."""
        return Span(self._place(span.start), self._place(span.end - 1) + 1)

    def _place(self, at: int) -> int:
        word = bisect_right(self._starts, at) - 1
        return self._words[word].start() + at - self._starts[word]
