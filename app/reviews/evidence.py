"""Evidence as the pages show it: numbered, with its place in the contract and what it supports."""

from bisect import bisect_right
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from app.checks.sentences import sentences
from app.documents.extraction import Block
from app.documents.outline import anchor_of, names_of
from app.samples.content import Content
from app.samples.evidence import Entry
from app.samples.models import Sample


def evidence_context(
    sample: Sample, text: str, blocks: Sequence[Block], content: Content, *, can_mark: bool = False
) -> dict[str, Any]:
    """What the pages show of the evidence for an output, beside the contract's text and blocks.

    `can_mark` where the sample's writer looks at it.
    """
    clauses = {clause.key: clause.name for clause in sample.task.document.project.clauses}
    starts, names = [block.start for block in blocks], names_of(blocks)
    listed = []
    for number, entry in enumerate(content.evidence, start=1):
        document, span = entry["document"], entry.get("output")
        block = max(bisect_right(starts, document["start"]) - 1, 0)
        listed.append(
            {
                "number": number,
                "clause_name": clauses.get(entry.get("clause", ""), ""),
                "words": content.output[span["start"] : span["end"]] if span else "",
                "is_loose": span is None and entry.get("clause") not in clauses,
                "is_misquoted": text[document["start"] : document["end"]] != document["quote"],
                "quote": document["quote"],
                "anchor": anchor_of(block),
                "place": (names and names[block]) or "the beginning",
                "data": entry | {"document": {"start": document["start"], "end": document["end"]}},
            }
        )
    return {"evidence": listed, "sentences": _by_sentence(content), "can_mark": can_mark}


def _by_sentence(content: Content) -> list[dict[str, Any]]:
    """The output in its sentences, each with the numbers of its evidence and the white space behind it."""
    found, output = sentences(content.output), content.output
    borders = pairwise([*(sentence.start for sentence in found), len(output)])
    return [
        {
            "text": output[sentence.start : sentence.end],
            "behind": output[sentence.end : end],
            "start": sentence.start,
            "evidence": [
                number
                for number, entry in enumerate(content.evidence, start=1)
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
