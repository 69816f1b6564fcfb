"""Evidence as the pages show it: numbered, with its place in the contract and what it supports."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from app.checks.sentences import sentences
from app.checks.spans import Span
from app.documents.extraction import Block
from app.documents.outline import anchor_of, names_of
from app.samples.content import Content
from app.samples.evidence import Entry
from app.samples.models import Sample

_LONG = 40  # characters


def evidence_context(
    sample: Sample,
    text: str,
    blocks: Sequence[Block],
    content: Content,
    *,
    findings: Sequence[Mapping[str, Any]] = (),
    can_mark: bool = False,
) -> dict[str, Any]:
    """What the pages show of the evidence for an output, beside the contract's text and blocks.

    The words of `findings`, as revisions keep them, are marked in the sentences. `can_mark` where the
    sample's writer looks at it.
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
    return {"evidence": listed, "sentences": _by_sentence(content, findings), "can_mark": can_mark}


def _by_sentence(content: Content, findings: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The output in its sentences, each with the numbers of its evidence and the white space behind it.

    Each comes in pieces, too: with the severity of what was found there, the gravest, or "", and whether all
    that was found there are long spans, which are marked more lightly.
    """
    marked = [(finding["output"], finding["severity"]) for finding in findings if "output" in finding]
    found, output = sentences(content.output), content.output
    borders = pairwise([*(sentence.start for sentence in found), len(output)])
    return [
        {
            "text": output[sentence.start : sentence.end],
            "behind": output[sentence.end : end],
            "start": sentence.start,
            "pieces": _pieces(output, sentence, marked),
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


def _pieces(
    output: str, sentence: Span, marked: Sequence[tuple[Mapping[str, int], str]]
) -> list[dict[str, Any]]:
    within = [
        (span, severity)
        for span, severity in marked
        if span["start"] < sentence.end and span["end"] > sentence.start
    ]
    places = {place for span, _ in within for place in span.values()}
    borders = {sentence.start, sentence.end} | {p for p in places if sentence.start < p < sentence.end}
    pieces = []
    for start, end in pairwise(sorted(borders)):
        found = [(span, said) for span, said in within if span["start"] <= start and end <= span["end"]]
        pieces.append(
            {
                "text": output[start:end],
                "start": start,
                "severity": found[0][1] if found else "",  # the gravest come first
                "is_long": all(span["end"] - span["start"] > _LONG for span, _ in found),
            }
        )
    return pieces


def numbers_of_clauses(entries: Sequence[Entry]) -> dict[str, list[int]]:
    """For each clause's key the numbers of its evidence."""
    found: dict[str, list[int]] = {}
    for number, entry in enumerate(entries, start=1):
        if "clause" in entry:
            found.setdefault(entry["clause"], []).append(number)
    return found
