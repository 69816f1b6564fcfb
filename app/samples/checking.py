"""The checks on a sample's content: against its contract, for its project."""

from sqlalchemy.orm import Session

from app.checks.findings import Cited, ClauseFacts, Finding, Subject
from app.checks.registry import run_checks
from app.checks.spans import Span
from app.documents.queries import get_checked_contract
from app.samples.content import Content
from app.samples.evidence import Entry
from app.samples.models import Sample


def findings_of(session: Session, sample: Sample, content: Content) -> list[Finding]:
    """What the checks say of this content for this sample's contract and project, errors first."""
    return run_checks(subject_of(session, sample, content))


def subject_of(session: Session, sample: Sample, content: Content) -> Subject:
    """All that the checks look at; costs one statement, and reading the contract where nobody has yet."""
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
    )


def _cited(entry: Entry) -> Cited:
    document, output = entry["document"], entry.get("output")
    return Cited(
        Span(document["start"], document["end"]),
        document["quote"],
        Span(**output) if output else None,
        entry.get("clause"),
    )
