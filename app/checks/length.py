"""Length: not empty, and words within the project's bounds."""

import re
import unicodedata
from collections.abc import Iterator

from app.checks.findings import Finding, Subject

_WORD = re.compile(r"\S+")
# Controls, formats (zero width, directions, tags), spaces, separators; letters and marks without a shape.
_UNSEEN = {"Cc", "Cf", "Cn", "Zl", "Zp", "Zs"}
_SHAPELESS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0")
_SELECTORS = (range(0xFE00, 0xFE10), range(0xE0100, 0xE01F0))


def count_words(text: str) -> int:
    """The number of words: runs of characters between white space, as word processors count."""
    return sum(1 for _ in _WORD.finditer(text))


def is_blank(text: str) -> bool:
    """Whether nothing in the text can be seen."""
    return all(
        unicodedata.category(character) in _UNSEEN
        or character in _SHAPELESS
        or any(ord(character) in selectors for selectors in _SELECTORS)
        for character in text
    )


def check_length(subject: Subject) -> Iterator[Finding]:
    """Empty, too long, too short."""
    if is_blank(subject.output):
        yield Finding("length", "The summary is empty: write it first.", value="empty", kind="empty")
        return
    words = count_words(subject.output)
    if words > subject.max_words:
        yield Finding(
            "length",
            f"The summary has {words} words; this project asks for at most {subject.max_words}.",
            value="long",
            kind="too_long",
        )
    elif words < subject.min_words:
        yield Finding(
            "length",
            f"The summary has {words} words; this project asks for at least {subject.min_words}.",
            value="short",
            kind="too_short",
        )
