"""Clauses: every required one is spoken of, or declared absent."""

from collections.abc import Iterator

from app.checks.findings import Finding, Subject


def check_clauses(subject: Subject) -> Iterator[Finding]:
    """One error for each required clause that is neither covered nor declared absent."""
    for clause in subject.project_clauses:
        if clause.required and clause.key not in subject.clauses:
            yield Finding(
                "clauses",
                f"“{clause.name}” is undecided: say that the summary covers it, "
                "or that it is not in this contract.",
                value=clause.key,
                kind="undecided",
            )
