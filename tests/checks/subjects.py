"""Small subjects for the tests of checks."""

from collections.abc import Mapping, Sequence

from app.checks.contract import Contract
from app.checks.findings import Cited, ClauseFacts, Likeness, Subject
from app.checks.sentences import sentences
from app.checks.spans import Span


def subject(
    output: str,
    contract: str = "",
    *,
    evidence: Sequence[Cited] = (),
    clauses: Mapping[str, str] | None = None,
    project_clauses: Sequence[ClauseFacts] = (),
    places: Sequence[tuple[int, str]] = (),
    likenesses: Sequence[Likeness] = (),
) -> Subject:
    """What a check looks at, with nothing but what a test is about."""
    return Subject(
        output=output,
        clauses=clauses or {},
        project_clauses=tuple(project_clauses),
        min_words=0,
        max_words=10_000,
        evidence=tuple(evidence),
        contract=Contract(contract, places=places),
        likenesses=tuple(likenesses),
    )


def shown(output: str, contract: str) -> Subject:
    """A subject whose every sentence has all of the contract as its evidence."""
    whole = Span(0, len(contract))
    cited = [Cited(whole, contract, sentence) for sentence in sentences(output)]
    return subject(output, contract, evidence=cited, places=[(0, "7.1")])


def quote(contract: str, words: str, output: Span | None = None, clause: str | None = None) -> Cited:
    """Evidence that names words of a contract."""
    start = contract.index(words)
    return Cited(Span(start, start + len(words)), words, output, clause)


def words(text: str, span: Span | None) -> str:
    """What a finding marks."""
    return text[span.start : span.end] if span else ""
