"""What a writer hands over in one save. Pure: it is held against the limits before anything is locked."""

import re
from dataclasses import dataclass, field

from app.errors import Invalid

_SURROGATE = re.compile("[\ud800-\udfff]")
CLAUSE_STATES = frozenset({"covered", "absent"})


@dataclass(frozen=True, slots=True)
class Content:
    """The output, its evidence and the state of each clause ("covered" or "absent")."""

    output: str
    clauses: dict[str, str] = field(default_factory=dict)
    evidence: list[dict[str, object]] = field(default_factory=list)


def check_text(text: str, *, name: str, most: int) -> None:
    """Raise Invalid, with a sentence for the field `name`, where the database could not keep `text`.

    `most` is the limit in Unicode code points.
    """
    problem = ""
    if "\0" in text:
        problem = "The text holds a NUL character, which cannot be stored: remove it and try again."
    elif _SURROGATE.search(text):
        problem = "The text holds half of a character (a lone surrogate): remove it and try again."
    elif len(text) > most:
        problem = f"The text has {len(text):,} characters; the limit is {most:,}."
    if problem:
        raise Invalid(problem, fields={name: problem}, code="text_refused")


def check_content(
    content: Content, *, clause_keys: frozenset[str], document_characters: int, most: int
) -> None:
    """Raise Invalid where the content names a clause that the project has not, or a span out of range."""
    check_text(content.output, name="output", most=most)
    unknown = sorted(set(content.clauses) - clause_keys)
    if unknown:
        raise Invalid(
            f"This project has no clause “{unknown[0]}”.",
            fields={"clauses": "Unknown clause."},
            code="unknown_clause",
        )
    if set(content.clauses.values()) - CLAUSE_STATES:
        raise Invalid("A clause is “covered” or “absent”.", fields={"clauses": "Unknown state."})
    for entry in content.evidence:
        _check_evidence(entry, clause_keys, document_characters, len(content.output))


def _check_evidence(
    entry: dict[str, object], clause_keys: frozenset[str], document_characters: int, output_characters: int
) -> None:
    clause = entry.get("clause")
    if clause is not None and clause not in clause_keys:
        raise Invalid(f"This project has no clause “{clause}”.", fields={"evidence": "Unknown clause."})
    for name, most in (("document", document_characters), ("output", output_characters)):
        span = entry.get(name)
        if isinstance(span, dict) and not 0 <= span["start"] < span["end"] <= most:
            raise Invalid(
                f"An evidence span ends outside of the {name}.",
                fields={"evidence": "The span is out of range."},
            )
