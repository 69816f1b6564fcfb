"""Paragraphs that lost their line ends: sections that stand one behind the other in one long line.

Texts that went through a web page or a spreadsheet often hold a whole page in one line. A number inside it
begins a paragraph only where it follows the end of a sentence and counts on from the number before it, so
that a reference ("under 4.2. The …") is hardly ever taken for one.
"""

import re
from collections.abc import Iterator

_SHORTEST = 600  # characters; shorter lines are what they look like
_BREAK = re.compile(
    r"(?<=[.;:\"”)])(?:[ \xa0]{1,40}(?:(?P<major>\d{1,2})\.(?:(?P<minor>\d{1,2})\.?)?|\((?P<letter>[a-z])\))"
    r"(?=[ \xa0]{1,40}[\"“A-Za-z(\[])|[ \xa0]{3,80}(?=[\"“A-Z(\d]))"
)
_NUMBER = re.compile(r"(?P<major>\d{1,2})\.(?:(?P<minor>\d{1,2})\.?)?(?=\s)|\((?P<letter>[a-z])\)")


class InlineSections:
    """Splits long lines; remembers the last number from one line to the next."""

    def __init__(self) -> None:
        self._section = (0, 0)
        self._letter = ""

    def split(self, text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
        """The paragraphs of text[start:end], in order and without the white space between them."""
        self._learn(_NUMBER.match(text, start, end))
        if end - start >= _SHORTEST:
            # An "(a)" behind a heading without a full stop ends nothing, but "(b)" counts on from it.
            first = text.find(" (a) ", start, end)
            for found in _BREAK.finditer(text, start, end):
                if not self._letter and start <= first < found.start():
                    self._letter = "a"
                if found.start() > start and (found.lastgroup is None or self._counts_on(found)):
                    yield start, found.start()
                    gap = found[0]
                    start = found.start() + len(gap) - len(gap.lstrip())
                    self._learn(_NUMBER.match(text, start, end))
        yield start, end

    def _counts_on(self, found: re.Match[str]) -> bool:
        if found["letter"]:
            return ord(found["letter"]) == (ord(self._letter) + 1 if self._letter else ord("a"))
        major, minor = int(found["major"]), int(found["minor"] or 0)
        last_major, last_minor = self._section
        if found["minor"] is None:
            return major == last_major + 1
        return (major == last_major and minor == last_minor + 1) or (major == last_major + 1 and minor <= 1)

    def _learn(self, number: re.Match[str] | None) -> None:
        if number is None:
            return
        if number["letter"]:
            self._letter = number["letter"]
        else:
            self._section = (int(number["major"]), int(number["minor"] or 0))
            self._letter = ""
