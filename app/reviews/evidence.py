"""Evidence as the pages show it: numbered, with its place in the contract and what it supports."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from sqlalchemy.orm import Session

from app.checks.findings import Span
from app.checks.sentences import sentences
from app.documents.extraction import Block
from app.documents.outline import anchor_of, blocks_of
from app.reviews import presenting
from app.samples.evidence import Entry, find_quote
from app.samples.models import Sample


@dataclass(frozen=True, slots=True)
class Contract:
    """A contract's canonical text and its blocks."""

    text: str
    blocks: Sequence[Block]


def contract_of(session: Session, sample: Sample) -> Contract:
    """The contract that the sample is about."""
    text, rows = presenting.contract(session, sample)
    return Contract(text, blocks_of(rows))


def evidence_context(
    contract: Contract, sample: Sample, entries: Sequence[Entry], output: str, *, can_mark: bool = False
) -> dict[str, Any]:
    """What the pages show of the evidence for an output; `can_mark` where its writer looks at it."""
    names = {clause.key: clause.name for clause in sample.task.document.project.clauses}
    return {
        "evidence": _listed(contract, entries, output, names),
        "sentences": _by_sentence(output, entries),
        "can_mark": can_mark,
    }


def _listed(
    contract: Contract, entries: Sequence[Entry], output: str, names: Mapping[str, str]
) -> list[dict[str, Any]]:
    """The entries in their order, numbered from 1, with what they support and their paragraph's number."""
    starts = [block.start for block in contract.blocks]
    found = []
    for number, entry in enumerate(entries, start=1):
        document, span = entry["document"], entry.get("output")
        index = max(bisect_right(starts, document["start"]) - 1, 0)
        found.append(
            {
                "number": number,
                "clause_name": names.get(entry.get("clause", ""), ""),
                "words": output[span["start"] : span["end"]] if span else "",
                "is_loose": span is None and entry.get("clause") not in names,
                "is_misquoted": contract.text[document["start"] : document["end"]] != document["quote"],
                "quote": document["quote"],
                "anchor": anchor_of(index),
                "place": _place(contract.blocks, index),
                "data": entry | {"document": {"start": document["start"], "end": document["end"]}},
            }
        )
    return found


def _place(blocks: Sequence[Block], index: int) -> str:
    """The number of the paragraph, or of the last one before it that has one: "13.1(c)", "Schedule A"."""
    place = ""
    level: int | None = None
    for block in (blocks[at] for at in range(index, -1, -1)):
        if block.number and (level is None or block.level < level):
            place, level = block.number + place, block.level
            if not block.number.endswith(")"):
                break
    return place or "the beginning"


def _by_sentence(output: str, entries: Sequence[Entry]) -> list[dict[str, Any]]:
    """The output in its sentences, each with the numbers of its evidence and the white space behind it."""
    found = sentences(output)
    borders = pairwise([*(sentence.start for sentence in found), len(output)])
    return [
        {
            "text": output[sentence.start : sentence.end],
            "behind": output[sentence.end : end],
            "start": sentence.start,
            "evidence": [
                number
                for number, entry in enumerate(entries, start=1)
                if (span := entry.get("output"))
                and span["start"] < sentence.end
                and span["end"] > sentence.start
            ],
        }
        for sentence, (_, end) in zip(found, borders, strict=True)
    ]


def numbers_of_clauses(entries: Sequence[Entry]) -> dict[str, list[int]]:
    """For each clause's key the numbers of its evidence."""
    found: dict[str, list[int]] = {}
    for number, entry in enumerate(entries, start=1):
        if "clause" in entry:
            found.setdefault(entry["clause"], []).append(number)
    return found


def find_words(contract: Contract, quote: str, paragraph: str) -> Span | None:
    """Where the words stand in the paragraph of that number, or anywhere where it is left empty.

    The number may be given as the contract has it, "(c)", or with what is above it, "13.1(c)". What follows
    up to the next number of the same depth belongs to the paragraph.
    """
    text, blocks = contract.text, contract.blocks
    wanted = _plain(paragraph)
    within = [
        Span(block.start, _end_of(blocks, index, len(text)))
        for index, block in enumerate(blocks)
        if block.number and wanted in {_plain(block.number), _plain(_place(blocks, index))}
    ]
    return find_quote(text, quote, within if wanted else [Span(0, len(text))])


def _plain(number: str) -> str:
    return "".join(number.split()).rstrip(".").casefold()


def _end_of(blocks: Sequence[Block], index: int, end: int) -> int:
    level = blocks[index].level
    later = (blocks[at] for at in range(index + 1, len(blocks)))
    return next((block.start for block in later if block.number and block.level <= level), end)
