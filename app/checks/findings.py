"""What a check found."""

import hashlib
from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """What a finding does to a submission."""

    ERROR = "error"  # blocks it
    WARNING = "warning"  # goes through with a written reason
    NOTE = "note"  # is only shown


@dataclass(frozen=True, slots=True)
class Span:
    """A range of Unicode code points, `end` exclusive."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding, explained in one sentence that names the place."""

    check: str
    severity: Severity
    message: str
    value: str = ""  # what was found; part of the key, so that a reason belongs to this very thing
    output: Span | None = None
    document: Span | None = None

    @property
    def key(self) -> str:
        """A name that stays the same while the thing found stays the same."""
        return hashlib.sha256(f"{self.check}\0{self.value}".encode()).hexdigest()[:16]

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


@dataclass(frozen=True, slots=True)
class Subject:
    """All that the checks look at."""

    output: str
    clauses: dict[str, str]  # clause key → "covered" | "absent"
    project_clauses: tuple[ClauseFacts, ...]
    min_words: int
    max_words: int
