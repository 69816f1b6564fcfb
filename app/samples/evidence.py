"""Evidence: spans of the contract that support a clause, or words of the output. Pure.

An entry is `{"clause"?, "output"?: {start, end}, "document": {start, end, quote}}`, as drafts, revisions and
the JSON API keep it. One that has neither a clause nor a span of the output has lost its sentence: it stays,
and says so on the pages, until somebody attaches it anew or takes it away.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from app.checks.findings import Span
from app.checks.sentences import sentence_at

Entry = dict[str, Any]

MOST = 500  # entries of one output
LEAST_LEFT = 12  # characters of a span that an edit has to leave, where it had as many


def carried_over(
    entries: Iterable[Entry], before: str, after: str, clause_keys: frozenset[str]
) -> list[Entry]:
    """The entries after the output was edited: their spans move with the words, or are let go.

    The span in the contract stays in any case. So does the clause, unless the project has it no more.
    """
    return [_carried_over(entry, before, after, clause_keys) for entry in entries]


def _carried_over(entry: Entry, before: str, after: str, clause_keys: frozenset[str]) -> Entry:
    kept = without_strange_clause(entry, clause_keys)
    if "output" in kept:
        span = moved(Span(**kept.pop("output")), before, after)
        if span is not None:
            kept["output"] = {"start": span.start, "end": span.end}
    return kept


def without_strange_clause(entry: Entry, clause_keys: frozenset[str]) -> Entry:
    """A copy of the entry; a clause that the project does not have is no part of it."""
    return {name: value for name, value in entry.items() if name != "clause" or value in clause_keys}


def moved(span: Span, before: str, after: str) -> Span | None:
    """Where the words of `before[span]` stand in `after`; None where too little is left of them.

    What differs is taken for one edit: the stretch between the longest common beginning and end. What is
    typed at an end of the span stays outside, what is typed within belongs to it. Where the edit took more
    than half of the span, or left less than `LEAST_LEFT` characters, the words may stand elsewhere: at the
    one place that has all of them. An empty span is a place, and stays one. `static/js/spans.js` does the
    same while somebody types.
    """
    head, tail = _common_ends(before, after)
    cut, shift = len(before) - tail, len(after) - len(before)
    if span.end <= head:
        return span
    words = before[span.start : span.end]
    shifted = Span(span.start + shift, span.end + shift)
    if span.start >= cut or (words and _stands(words, after, shifted.start)):
        return shifted
    if not words:
        return Span(head, head)
    left = max(head - span.start, 0) + max(span.end - cut, 0)
    if left >= max(len(words) / 2, min(len(words), LEAST_LEFT)):
        return Span(
            span.start if span.start < head else cut + shift, span.end + shift if span.end > cut else head
        )
    if after.count(words) != 1:
        return None
    start = after.index(words)
    return Span(start, start + len(words))


def _stands(words: str, text: str, start: int) -> bool:
    return start >= 0 and text.startswith(words, start)


@lru_cache(maxsize=4)  # of many spans that are moved by one edit
def _common_ends(before: str, after: str) -> tuple[int, int]:
    head = _common_beginning(before, after)
    return head, _common_beginning(before[head:][::-1], after[head:][::-1])


def _common_beginning(one: str, other: str) -> int:
    different = (place for place, (a, b) in enumerate(zip(one, other, strict=False)) if a != b)
    return next(different, min(len(one), len(other)))


def completed(entries: Iterable[Entry], output: str, known: Mapping[tuple[int, int], str]) -> list[Entry]:
    """Entries as a page sends them, with what it leaves to the server; each entry once, in their order.

    A span of the output without words stands for the sentence at that place; one that ends behind the output
    is let go. A span of the contract gets its
    quote from `known`, by start and end; one that is not known there stays without.
    """
    found = []
    for entry in entries:
        document = entry["document"]
        quote = known.get((document["start"], document["end"]))
        full = entry | {"document": document if quote is None else document | {"quote": quote}}
        span = full.pop("output", None)
        if span is not None and span["start"] == span["end"]:
            sentence = sentence_at(output, span["start"])
            span = sentence and {"start": sentence.start, "end": sentence.end}
        if span is not None and span["end"] <= len(output):
            full["output"] = span
        if full not in found:
            found.append(full)
    return found


def quotes_of(entries: Iterable[Entry]) -> dict[tuple[int, int], str]:
    """The quotes that entries have, by start and end in the contract."""
    return {
        (document["start"], document["end"]): document["quote"]
        for document in (entry["document"] for entry in entries)
        if "quote" in document
    }


def without_quotes(entries: Iterable[Entry]) -> list[Span]:
    """The spans of the contract whose quotes are still to be filled in."""
    documents = [entry["document"] for entry in entries]
    return [Span(each["start"], each["end"]) for each in documents if "quote" not in each]


def as_in_a_field(output: str, entries: Iterable[Entry]) -> tuple[str, list[Entry]]:
    """An output as a browser's field holds it, with LF alone at ends of lines, and its entries with that."""
    if "\r\n" not in output:
        return output, list(entries)

    def at(place: int) -> int:
        return place - output.count("\r\n", 0, place)

    drawn = [
        entry | {"output": {name: at(place) for name, place in entry["output"].items()}}
        if "output" in entry
        else entry
        for entry in entries
    ]
    return output.replace("\r\n", "\n"), drawn


def find_quote(text: str, quote: str, within: Sequence[Span]) -> Span | None:
    """Where the words stand in one of the stretches of a contract, whatever the space between them is.

    None where they stand nowhere, or in more than one place.
    """
    words = quote.split()
    if not words:
        return None
    pattern = re.compile(r"\s+".join(map(re.escape, words)))
    found = {
        place.span() for stretch in within for place in pattern.finditer(text, stretch.start, stretch.end)
    }
    return Span(*found.pop()) if len(found) == 1 else None
