"""Length and shape: words within the project's bounds, and one paragraph of prose."""

import re
from collections.abc import Iterator

from app.checks.findings import Finding, Severity, Span, Subject

_WORD = re.compile(r"\S+")
_LIST_ITEM = re.compile(r"^[ \t]*(?:[-*•–] |\d{1,3}[.)] )", re.MULTILINE)
_HEADING = re.compile(r"^#{1,6} ", re.MULTILINE)
_INVISIBLE = "\u200b\u200c\u200d\u2060\ufeff\u00ad"


def count_words(text: str) -> int:
    """The number of words: runs of characters between white space, as word processors count."""
    return sum(1 for _ in _WORD.finditer(text))


def is_blank(text: str) -> bool:
    """Whether nothing in the text can be seen."""
    return not text.translate(dict.fromkeys(map(ord, _INVISIBLE))).strip()


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
