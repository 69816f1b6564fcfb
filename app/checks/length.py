"""Length and shape: words within the project's bounds, and one paragraph of prose."""

import re
import unicodedata
from collections.abc import Iterator

from app.checks.findings import Finding, Severity, Span, Subject

_WORD = re.compile(r"\S+")
_LIST_ITEM = re.compile(r"^[ \t]*(?:[-*•–] |\d{1,3}[.)] )", re.MULTILINE)
_HEADING = re.compile(r"^#{1,6} ", re.MULTILINE)
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
        yield Finding("length", Severity.ERROR, "The summary is empty: write it first.", value="empty")
        return
    words = count_words(subject.output)
    if words > subject.max_words:
        yield Finding(
            "length",
            Severity.ERROR,
            f"The summary has {words} words; this project asks for at most {subject.max_words}.",
            value="long",
        )
    elif words < subject.min_words:
        yield Finding(
            "length",
            Severity.NOTE,
            f"The summary has {words} words; this project asks for at least {subject.min_words}.",
            value="short",
        )


def check_shape(subject: Subject) -> Iterator[Finding]:
    """More than one paragraph, a list, a heading."""
    text = subject.output
    for pattern, message in (
        (_HEADING, "A heading stands in the summary; it should be one paragraph of prose."),
        (_LIST_ITEM, "A list stands in the summary; it should be one paragraph of prose."),
    ):
        if found := pattern.search(text):
            yield Finding(
                "shape", Severity.NOTE, message, value=message, output=Span(found.start(), found.end())
            )
            return
    inner = text.strip()
    if "\n" in inner:
        at = text.index(inner) + inner.index("\n")
        yield Finding(
            "shape",
            Severity.NOTE,
            "The summary has more than one paragraph; this project asks for one.",
            value="paragraphs",
            output=Span(at, at + 1),
        )
