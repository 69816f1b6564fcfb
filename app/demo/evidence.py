"""Finding, in a demo summary, the sentences that speak of a clause, and in its contract the passage. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from app.checks.sentences import sentences
from app.demo.content import Passage


@dataclass(frozen=True, slots=True)
class Source:
    """A contract as it was imported."""

    document_id: int
    text: str


def evidence_of(output: str, passages: Sequence[Passage], source: Source) -> list[dict[str, object]]:
    """The evidence that a careful annotator would mark: for each passage, the sentence that it bears out.

    A passage whose word stands in no sentence is left out. Raises LookupError where the contract does not
    hold the words, which is a mistake in the demo's files.
    """
    found: list[dict[str, object]] = []
    for passage in passages:
        speaking = next(
            (span for span in sentences(output) if passage.says in output[span.start : span.end]), None
        )
        if speaking is None:
            continue
        entry: dict[str, object] = {
            "output": {"start": speaking.start, "end": speaking.end},
            "document": _quoted(passage.quote, source.text),
        }
        found.append({"clause": passage.clause, **entry} if passage.clause else entry)
    return found


def _quoted(words: str, text: str) -> dict[str, object]:
    """Where the words stand, whatever the lines and spaces between them are."""
    place = re.search(r"\s+".join(map(re.escape, words.split())), text)
    if place is None:
        raise LookupError(f"The contract does not say: {words}")
    return {"start": place.start(), "end": place.end(), "quote": place[0]}
