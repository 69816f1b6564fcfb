"""Counts: numbers that are neither money nor time nor the name of a place in a document. Pure.

Meaning: the number.
"""

import re
from collections.abc import Iterator
from decimal import Decimal

from app.checks.values.fact import Fact, Kind
from app.checks.values.numbers import Number, plain

# "Section 12", "Exhibit 10.1", "No. 7", "Rule 144": names, not counts.
_NAMED = re.compile(
    r"(?:articles?|sections?|sec\.?|clauses?|paragraphs?|para\.?|sub-?sections?|sub-?clauses?|schedules?|exhibits?"
    r"|appendix|appendices|annex(?:es)?|attachments?|parts?|chapters?|pages?|items?|steps?|phases?|tiers?|levels?"
    r"|lots?|units?|suite|floors?|rooms?|box|rules?|forms?|acts?|titles?|regulations?|versions?|releases?|nos?\.?"
    r"|numbers?|amendments?|addend(?:um|a)|figures?|tables?|notes?|lines?|columns?|class(?:es)?|types?|v\.?|iso|§{1,2}|\#)"
    r"\s{0,3}(?:nos?\.?\s{0,3})?$",
    re.IGNORECASE,
)
_LONGEST_NAME = 20
# "12(a)", "12.1.3", "12-345", "12A": parts of names too.
_PART_OF_NAME = re.compile(r"\s?\(\s?[a-zA-Z0-9]{1,4}\s?\)|\.\d|[-/]\w|[a-zA-Z]")
_YEAR = re.compile(r"(?:1[789]|20|21)\d\d")
_ITEM = re.compile(r"[.)]\s")  # behind the number of a paragraph


def count_at(text: str, number: Number) -> Iterator[Fact]:
    """The count that this number is; nothing where it is part of a name or list, a year or a mere "one"."""
    if number.in_words and number.values == (Decimal(1),):
        return
    if _YEAR.fullmatch(text, number.start, number.end):
        return
    before = text[max(0, number.start - _LONGEST_NAME) : number.start]
    if _NAMED.search(before) or before.endswith(("-", "/", "(", "#", ":", "'", "’")):
        return
    begins_line = not before.strip(" \t") or before.rstrip(" \t").endswith("\n")
    is_part = _PART_OF_NAME.match(text, number.end) and not number.in_words  # "two-factor" is two factors
    if is_part or (begins_line and _ITEM.match(text, number.end)):
        return
    yield Fact(Kind.COUNT, "|".join(plain(value) for value in number.values), number.start, number.end)
