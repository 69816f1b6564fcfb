"""The checks on a sample's content: against its contract, for its project."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from app import logs
from app.checks.findings import Cited, ClauseFacts, Finding, Subject
from app.checks.judging import Judgement
from app.checks.registry import VERSIONS, run_checks
from app.checks.spans import Span
from app.documents.queries import get_checked_contract
from app.projects.models import Project
from app.samples.content import Content
from app.samples.evidence import Entry
from app.samples.likeness import find_likenesses
from app.samples.models import Sample


@dataclass(frozen=True, slots=True)
class Checked:
    """What the checks say of a content, and how many of its facts its contract bears out."""

    findings: list[Finding]
    facts: dict[str, int]
    settings: dict[str, object]

    def to_json(self) -> dict[str, object]:
        """What is kept beside the findings: with which checks and settings they were found, and the facts."""
        return {"versions": VERSIONS, "settings": self.settings, "facts": self.facts}


def settings_of(project: Project) -> dict[str, object]:
    """What of a project its findings depend on: other settings, other findings."""
    return {
        "severities": project.severities,
        "words": [project.min_words, project.max_words],
        "date_order": project.date_order,
        "clause_set": project.clause_set_version,
    }


def check(session: Session, sample: Sample, content: Content) -> Checked:
    """What the checks say of this content for this sample's contract and project, errors first.

    A check that breaks is logged, and said in a note: nobody's words are lost for it.
    """
    subject = subject_of(session, sample, content)

    def log_broken(check: str, error: Exception) -> None:
        logs.broken("check_broken", error, check=check, sample_id=sample.id)

    findings = run_checks(subject, on_error=log_broken)
    judged: list[Judgement] = subject.worked_out.get("facts", [])  # by the check of facts
    borne_out = sum(each.is_borne_out for each in judged)
    facts = {"borne_out": borne_out, "all": len(judged)}
    return Checked(findings, facts, settings_of(sample.task.document.project))


def subject_of(session: Session, sample: Sample, content: Content) -> Subject:
    """All that the checks look at; costs two statements, and reading the contract where nobody has yet."""
    project = sample.task.document.project
    contract, passages = get_checked_contract(session, sample.task.text_id)
    return Subject(
        output=content.output,
        clauses=content.clauses,
        project_clauses=tuple(
            ClauseFacts(
                clause.key,
                clause.name,
                clause.required,
                tuple(Span(each.start, each.end) for each in passages.get(clause.id, ()) if each.is_likely),
            )
            for clause in project.clauses
        ),
        min_words=project.min_words,
        max_words=project.max_words,
        evidence=tuple(_cited(entry) for entry in content.evidence),
        contract=contract,
        date_order=project.date_order,
        severities=project.severities,
        likenesses=find_likenesses(session, sample, content.output),
    )


def _cited(entry: Entry) -> Cited:
    document, output = entry["document"], entry.get("output")
    return Cited(
        Span(document["start"], document["end"]),
        document["quote"],
        Span(**output) if output else None,
        entry.get("clause"),
    )
