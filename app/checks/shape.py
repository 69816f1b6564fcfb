"""Shape: one paragraph of prose."""

import re
from collections.abc import Iterator

from app.checks.findings import Finding, Subject
from app.checks.spans import Span

_LIST_ITEM = re.compile(r"^[ \t]*(?:[-*•–] |\d{1,3}[.)] )", re.MULTILINE)
_HEADING = re.compile(r"^#{1,6} ", re.MULTILINE)


def check_shape(subject: Subject) -> Iterator[Finding]:
    """More than one paragraph, a list, a heading."""
    text = subject.output
    for pattern, message in (
        (_HEADING, "A heading stands in the summary; it should be one paragraph of prose."),
        (_LIST_ITEM, "A list stands in the summary; it should be one paragraph of prose."),
    ):
        if found := pattern.search(text):
            yield Finding("shape", message, value=message, output=Span(found.start(), found.end()))
            return
    inner = text.strip()
    if "\n" in inner:
        at = text.index(inner) + inner.index("\n")
        yield Finding(
            "shape",
            "The summary has more than one paragraph; this project asks for one.",
            value="paragraphs",
            output=Span(at, at + 1),
        )
