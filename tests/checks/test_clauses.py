"""Clauses: undecided ones block, and a state that the texts do not bear out is noted."""

from app.checks.clauses import check_clauses
from app.checks.findings import ClauseFacts
from app.checks.spans import Span
from tests.checks.subjects import quote, subject

CONTRACT = "1. Law\nIrish law governs.\n2. Cap\nLiability is capped at $900."
PLACES = [(0, "1"), (26, "2")]
CAP = ClauseFacts("cap", "Cap on liability", required=True, passages=(Span(33, len(CONTRACT)), Span(0, 6)))
AUDIT = ClauseFacts("audit", "Audit", required=False)
ANYWHERE = Span(0, 4)


def found(*clauses: ClauseFacts, state: str | None = None, evidence: tuple = ()) -> list[str]:
    states = {clause.key: state for clause in clauses if state}
    made = subject(
        "Text.", CONTRACT, clauses=states, project_clauses=clauses, evidence=evidence, places=PLACES
    )
    return [f"{finding.kind or finding.check}: {finding.message}" for finding in check_clauses(made)]


def test_a_required_clause_without_a_state_is_undecided_and_an_optional_one_is_not() -> None:
    (message,) = found(CAP, AUDIT)
    assert message.startswith("undecided: “Cap on liability” is undecided")


def test_a_covered_clause_without_evidence_is_noted_with_the_likely_place() -> None:
    assert found(CAP, state="covered") == [
        "clauses: Nothing shows that “Cap on liability” is covered: mark its words, perhaps those in 2."
    ]
    assert found(AUDIT, state="covered") == [
        "clauses: Nothing shows that “Audit” is covered: mark its words, or say that it is not here."
    ]


def test_evidence_for_the_clause_or_a_sentence_out_of_its_passages_shows_that_it_is_covered() -> None:
    assert not found(CAP, state="covered", evidence=(quote(CONTRACT, "Irish law", clause="cap"),))
    assert not found(CAP, state="covered", evidence=(quote(CONTRACT, "capped at $900", ANYWHERE),))


def test_evidence_for_something_else_does_not_show_it() -> None:
    assert found(CAP, state="covered", evidence=(quote(CONTRACT, "Irish law", ANYWHERE),))
    assert found(CAP, state="covered", evidence=(quote(CONTRACT, "capped", clause="audit"),))
    assert found(CAP, state="covered", evidence=(quote(CONTRACT, "capped"),))


def test_an_absent_clause_that_the_contract_seems_to_have_is_noted_with_the_best_place() -> None:
    (message,) = found(CAP, state="absent")
    assert "said to be absent, but the contract seems to speak of it in 2" in message
    assert not found(AUDIT, state="absent")


def test_the_three_findings_on_a_clause_have_different_keys() -> None:
    keys = set()
    for states in ({}, {"cap": "covered"}, {"cap": "absent"}):
        (finding,) = check_clauses(subject("Text.", CONTRACT, clauses=states, project_clauses=[CAP]))
        keys.add(finding.key)
    assert len(keys) == 3
