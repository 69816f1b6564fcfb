"""What a check found."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from app.checks.contract import Contract
from app.checks.spans import Span


class Severity(StrEnum):
    """What a finding does to a submission."""

    ERROR = "error"  # blocks it
    WARNING = "warning"  # goes through with a written reason
    NOTE = "note"  # is only shown


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding, explained in one sentence that names the place."""

    check: str  # its name in the registry
    message: str
    value: str = ""  # what was found; part of the key, so that a reason belongs to this very thing
    sentence: str = ""  # the one that it stands in; part of the key too
    output: Span | None = None
    document: Span | None = None
    kind: str = ""  # where a check has several of different weight; else the check's name
    severity: Severity = Severity.NOTE  # given by the registry, by kind and project

    @property
    def key(self) -> str:
        """A name that stays the same while the thing found stays the same."""
        found = (
            f"{self.check}\0{self.sentence}\0{self.value}" if self.sentence else f"{self.check}\0{self.value}"
        )
        return hashlib.sha256(found.encode()).hexdigest()[:16]

    def to_json(self) -> dict[str, object]:
        """As the JSON API and the revisions give it."""
        answer: dict[str, object] = {
            "key": self.key,
            "check": self.check,
            "severity": self.severity.value,
            "message": self.message,
        }
        for name, span in (("output", self.output), ("document", self.document)):
            if span is not None:
                answer[name] = {"start": span.start, "end": span.end}
        return answer


@dataclass(frozen=True, slots=True)
class ClauseFacts:
    """What the checks need to know about a clause of the project."""

    key: str
    name: str
    required: bool
    passages: tuple[Span, ...] = ()  # of the contract that likely speak of it, the best first


@dataclass(frozen=True, slots=True)
class Cited:
    """Evidence: a span of the contract with its words, for a clause, for words of the output or both."""

    document: Span
    quote: str
    output: Span | None = None
    clause: str | None = None


@dataclass(frozen=True, slots=True)
class Likeness:
    """Another sample's output that is nearly this one: how much of their words they share, 0 to 1."""

    sample_id: int
    share: float


@dataclass(frozen=True, slots=True)
class Subject:
    """All that the checks look at."""

    output: str
    clauses: Mapping[str, str]  # clause key → "covered" | "absent"
    project_clauses: tuple[ClauseFacts, ...]
    min_words: int
    max_words: int
    evidence: tuple[Cited, ...] = ()
    contract: Contract = field(default_factory=lambda: Contract(""))
    date_order: str = "mdy"  # how 5/1/24 is read; or "dmy"
    likenesses: tuple[Likeness, ...] = ()
    severities: Mapping[str, str] = field(
        default_factory=dict
    )  # kind → severity or "off", where not the default
    worked_out: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)  # once, for many

    def cited_for(self, sentence: Span) -> list[Cited]:
        """The evidence of a sentence: whose span of the output shares a character with it."""
        return [cited for cited in self.evidence if cited.output and cited.output.meets(sentence)]

    def stands(self, cited: Cited) -> bool:
        """Whether the contract has the words of the evidence where it says."""
        return self.contract.text[cited.document.start : cited.document.end] == cited.quote
