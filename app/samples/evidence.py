"""Evidence: spans of the contract that support a clause, or words of the output. Pure.

An entry is `{"clause"?, "output"?: {start, end}, "document": {start, end, quote}}`, as drafts, revisions and
the JSON API keep it. One that has neither a clause nor a span of the output has lost its sentence: it stays,
and says so on the pages, until somebody attaches it anew or takes it away.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.checks.sentences import sentence_at
from app.checks.spans import Span
from app.checks.squeezed import Squeezed
from app.documents.extraction import Block
from app.documents.outline import names_of

Entry = dict[str, Any]

MOST = 500  # entries of one output
LONGEST = 20_000  # characters of the contract in one of them
LEAST_LEFT = 12  # characters of a span that an edit has to leave, where it had as many


@dataclass(frozen=True, slots=True)
class Edit:
    """What became of a text, taken for one edit between the longest common beginning and end."""

    before: str
    after: str
    head: int  # characters that both begin with
    tail: int  # characters that both end with, behind the head

    @classmethod
    def between(cls, before: str, after: str) -> "Edit":
        """The edit that makes `after` of `before`."""
        head = _common_beginning(before, after)
        return cls(before, after, head, _common_beginning(before[head:][::-1], after[head:][::-1]))


def _common_beginning(one: str, other: str) -> int:
    different = (place for place, (a, b) in enumerate(zip(one, other, strict=False)) if a != b)
    return next(different, min(len(one), len(other)))


def carried_over(
    entries: Iterable[Entry], before: str, after: str, clause_keys: frozenset[str]
) -> list[Entry]:
    """The entries after the output was edited: their spans move with the words, or are let go.

    The span in the contract stays in any case. So does the clause, unless the project has it no more.
    """
    edit = Edit.between(before, after)
    return [_carried_over(entry, edit, clause_keys) for entry in entries]


def _carried_over(entry: Entry, edit: Edit, clause_keys: frozenset[str]) -> Entry:
    kept = without_strange_clause(entry, clause_keys)
    if "output" in kept:
        span = moved(Span(**kept.pop("output")), edit)
        if span is not None:
            kept["output"] = {"start": span.start, "end": span.end}
    return kept


def without_strange_clause(entry: Entry, clause_keys: frozenset[str]) -> Entry:
    """A copy of the entry; a clause that the project does not have is no part of it."""
    return {name: value for name, value in entry.items() if name != "clause" or value in clause_keys}


def moved(span: Span, edit: Edit) -> Span | None:
    """Where the words of a span of `edit.before` stand afterwards; None where too little is left of them.

    What is typed at an end of the span stays outside, what is typed within belongs to it. Where the edit took
    more than half of the span, or left less than `LEAST_LEFT` characters, the words may stand elsewhere: at
    the one place that has all of them. An empty span is a place, and stays one. `static/js/spans.js` does the
    same while somebody types.
    """
    before, after, head = edit.before, edit.after, edit.head
    cut, shift = len(before) - edit.tail, len(after) - len(before)
    if span.end <= head:
        return span
    words = before[span.start : span.end]
    shifted = Span(span.start + shift, span.end + shift)
    if span.start >= cut or (words and shifted.start >= 0 and after.startswith(words, shifted.start)):
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


def completed(entries: Iterable[Entry], output: str) -> list[Entry]:
    """Entries as a page sends them, each once: with the sentence where a span is only a place in the output.

    A span that ends behind the output is let go.
    """
    found: dict[tuple[object, ...], Entry] = {}
    for entry in entries:
        full = dict(entry)
        span = full.pop("output", None)
        if span is not None and span["start"] == span["end"]:
            sentence = sentence_at(output, span["start"])
            span = sentence and {"start": sentence.start, "end": sentence.end}
        if span is not None and span["end"] <= len(output):
            full["output"] = span
        document, kept = full["document"], full.get("output")
        supports = full.get("clause"), kept and (kept["start"], kept["end"])
        found.setdefault((*supports, document["start"], document["end"]), full)
    return list(found.values())


def quoted(entries: Iterable[Entry], quotes: Mapping[tuple[int, int], str]) -> list[Entry]:
    """The entries with the quotes that are known of them, by start and end in the contract."""
    found = []
    for entry in entries:
        document = entry["document"]
        quote = quotes.get((document["start"], document["end"]))
        found.append(entry if quote is None else entry | {"document": document | {"quote": quote}})
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


def find_words(text: str, blocks: Sequence[Block], quote: str, paragraph: str) -> Span | None:
    """Where the words stand in the paragraph of that number, or anywhere where it is left empty.

    The number may be given as the contract has it, "(c)", or with what is above it, "13.1(c)". What follows
    up to the next number of the same depth belongs to the paragraph. None where the words stand nowhere, or
    in more than one place.
    """
    wanted = _plain(paragraph)
    if not wanted:
        return find_quote(text, quote, [Span(0, len(text))])
    within = [
        Span(block.start, _end_of(blocks, index, len(text)))
        for index, (block, name) in enumerate(zip(blocks, names_of(blocks), strict=True))
        if block.number and wanted in {_plain(block.number), _plain(name)}
    ]
    return find_quote(text, quote, within)


def _plain(number: str) -> str:
    return "".join(number.split()).rstrip(".").casefold()


def _end_of(blocks: Sequence[Block], index: int, end: int) -> int:
    level = blocks[index].level
    later = (blocks[at] for at in range(index + 1, len(blocks)))
    return next((block.start for block in later if block.number and block.level <= level), end)


def find_quote(text: str, quote: str, within: Sequence[Span]) -> Span | None:
    """Where the words stand in one of the stretches of a contract, whatever the space between them is.

    None where they stand nowhere, or in more than one place.
    """
    wanted = " ".join(quote.split())
    if not wanted:
        return None
    found = set[Span]()
    for place in (place for stretch in within for place in _places(text, wanted, stretch)):
        found.add(place)
        if len(found) > 1:
            return None
    return next(iter(found), None)


def _places(text: str, wanted: str, stretch: Span) -> Iterator[Span]:
    """Where `wanted`, with single spaces, stands in a stretch. A search that no contract makes slow."""
    squeezed = Squeezed(text, stretch)
    at = squeezed.text.find(wanted)
    while at >= 0:
        yield squeezed.place(Span(at, at + len(wanted)))
        at = squeezed.text.find(wanted, at + 1)
