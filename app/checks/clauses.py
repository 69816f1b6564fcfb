"""Clauses: every required one is spoken of or declared absent, and what is declared is what can be seen."""

from collections.abc import Iterator

from app.checks.findings import ClauseFacts, Finding, Subject


def check_clauses(subject: Subject) -> Iterator[Finding]:
    """An error for each undecided required clause; a note where a state is not what the texts show."""
    for clause in subject.project_clauses:
        state = subject.clauses.get(clause.key)
        if state is None and clause.required:
            yield Finding(
                "clauses",
                f"“{clause.name}” is undecided: say that the summary covers it, "
                "or that it is not in this contract.",
                value=clause.key,
                kind="undecided",
            )
        elif state == "covered" and not _is_shown(subject, clause):
            likely = clause.passages[:1]
            yield Finding(
                "clauses",
                f"Nothing shows that “{clause.name}” is covered: mark its words, "
                + (
                    f"perhaps those {subject.contract.where(likely[0])}."
                    if likely
                    else "or say that it is not here."
                ),
                value=f"{clause.key} covered",
                document=likely[0] if likely else None,
            )
        elif state == "absent" and clause.passages:
            yield Finding(
                "clauses",
                f"“{clause.name}” is said to be absent, but the contract seems to speak of it "
                f"{subject.contract.where(clause.passages[0])}: read that, then decide.",
                value=f"{clause.key} absent",
                document=clause.passages[0],
            )


def _is_shown(subject: Subject, clause: ClauseFacts) -> bool:
    """Whether there is evidence for the clause itself, or for a sentence out of one of its passages."""
    return any(
        cited.clause == clause.key
        or (cited.output is not None and any(cited.document.meets(passage) for passage in clause.passages))
        for cited in subject.evidence
    )
