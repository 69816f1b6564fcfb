"""Evidence: each sentence has some, and what it quotes is still in the contract."""

import pytest

from app.checks.evidence import check_evidence
from app.checks.findings import Cited, ClauseFacts
from app.checks.spans import Span
from tests.checks.subjects import quote, subject

CONTRACT = "1. Acme supplies valves to Borel.\n2. The price is $900."
OUTPUT = "Acme supplies valves. The price of one valve of the usual size is $900."
FIRST, SECOND = Span(0, 21), Span(22, len(OUTPUT))


def test_a_sentence_without_evidence_is_named_by_its_first_words() -> None:
    cited = quote(CONTRACT, "Acme supplies valves", FIRST)
    (finding,) = check_evidence(subject(OUTPUT, CONTRACT, evidence=[cited]))
    assert finding.message.startswith("“The price of one valve of the …” has no evidence")
    assert (finding.output, finding.sentence) == (SECOND, OUTPUT[22:])


def test_evidence_for_a_part_of_a_sentence_is_enough() -> None:
    cited = quote(CONTRACT, "The price is $900", Span(66, 70))
    assert [found.output for found in check_evidence(subject(OUTPUT, CONTRACT, evidence=[cited]))] == [FIRST]


def test_evidence_that_covers_two_sentences_serves_both() -> None:
    cited = quote(CONTRACT, CONTRACT, Span(0, len(OUTPUT)))
    assert not list(check_evidence(subject(OUTPUT, CONTRACT, evidence=[cited])))


def test_words_that_are_no_longer_there_make_one_finding_a_sentence() -> None:
    old = Cited(Span(37, 53), "The price is $800", SECOND)
    both = [quote(CONTRACT, "Acme", FIRST), old, Cited(Span(0, 4), "Bolt", SECOND)]
    places = [(0, "1"), (34, "2")]
    (finding,) = check_evidence(subject(OUTPUT, CONTRACT, evidence=both, places=places))
    assert (
        "out of date, since the contract does not have the words “The price is $800” in 2:" in finding.message
    )
    assert (finding.output, finding.document) == (SECOND, old.document)


def test_evidence_of_a_clause_that_is_out_of_date_names_the_clause() -> None:
    old = Cited(Span(0, 4), "Bolt", clause="price")
    clauses = [ClauseFacts("price", "Price", required=True)]
    (finding,) = check_evidence(subject("", CONTRACT, evidence=[old], project_clauses=clauses))
    assert finding.message.startswith("The evidence for the clause “Price” is out of date")


def test_evidence_that_lost_its_sentence_is_named() -> None:
    lost = quote(CONTRACT, "The price is $900")
    (finding,) = check_evidence(subject("", CONTRACT, evidence=[lost], places=[(0, "1"), (34, "2")]))
    assert finding.message == (
        "The evidence “The price is $900” in 2 has lost its sentence: attach it to one, or take it away."
    )


def test_the_reason_for_one_thing_that_is_wrong_with_a_quote_does_not_serve_another() -> None:
    old = [Cited(Span(0, 4), "Bolt", clause=clause) for clause in ("price", "term", None)]
    found = list(check_evidence(subject("", CONTRACT, evidence=old)))
    assert len({finding.key for finding in found}) == 3


def test_the_reason_for_one_sentence_does_not_serve_another() -> None:
    one, other = check_evidence(subject("Acme sells. Borel buys.", CONTRACT))
    assert one.key != other.key
    (again,) = check_evidence(subject("Acme sells.", CONTRACT))
    assert again.key == one.key


@pytest.mark.parametrize("output", ["", " \n", "\u200b", "…", "— * —"])
def test_what_says_nothing_needs_no_evidence(output: str) -> None:
    assert not list(check_evidence(subject(output, CONTRACT)))


@pytest.mark.parametrize(
    "sentence",
    [
        "The agreement does not limit liability.",
        "The contract does not expressly address assignment.",
        "It is silent on audits.",
        "The lease contains no option to renew.",
        "The parties did not agree on a forum.",
        "There is no cap on liability.",
        "No audit right is granted to the buyer.",
    ],
)
def test_only_where_a_clause_is_absent_a_sentence_may_say_so_without_evidence(sentence: str) -> None:
    assert not list(check_evidence(subject(sentence, CONTRACT, clauses={"audit": "absent"})))
    assert list(check_evidence(subject(sentence, CONTRACT, clauses={"audit": "covered"})))


@pytest.mark.parametrize(
    "sentence",
    ["The Supplier may not assign it.", "The price is not fixed by the Buyer.", "Acme limits its liability."],
)
def test_a_sentence_that_says_something_needs_evidence_in_any_case(sentence: str) -> None:
    assert list(check_evidence(subject(sentence, CONTRACT, clauses={"audit": "absent"})))
