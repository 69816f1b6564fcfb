"""Evidence as the pages show it: where it stands, what it supports, and words that are named by a person."""

import pytest
from sqlalchemy.orm import Session

from app.checks.findings import Span
from app.documents.extraction import Extracted, from_plain_text
from app.reviews.evidence import Contract, evidence_context, find_words
from app.samples.models import Sample
from tests.factories import Factory

TEXT = """\
SUPPLY AGREEMENT

1. TERM

1.1 The term is two years.

1.2 It ends early:

(a) on notice of ninety days; or

(b) at once, for cause.

A closing remark without a number.

2. LAW

2.1 Irish law governs. The fee is due. The fee is low."""


@pytest.fixture(scope="module")
def contract() -> Contract:
    read: Extracted = from_plain_text(TEXT)
    return Contract(read.text, read.blocks)


def entry(contract: Contract, quote: str, **more: object) -> dict[str, object]:
    start = contract.text.index(quote)
    return {"document": {"start": start, "end": start + len(quote), "quote": quote}} | more


def shown(
    session: Session, make: Factory, contract: Contract, output: str, *entries: dict[str, object]
) -> dict[str, list[dict[str, object]]]:
    sample: Sample = make.sample(make.project())
    return evidence_context(contract, sample, entries, output)


def test_a_place_is_the_number_that_a_reader_would_name(
    session: Session, make: Factory, contract: Contract
) -> None:
    quotes = ("two years", "at once", "closing remark", "SUPPLY")
    listed = shown(session, make, contract, "", *(entry(contract, quote) for quote in quotes))["evidence"]
    assert [each["place"] for each in listed] == ["1.1", "1.2(b)", "1.2(b)", "the beginning"]
    assert [each["number"] for each in listed] == [1, 2, 3, 4]


def test_what_an_entry_supports_what_it_lost_and_what_it_claims_wrongly_is_told(
    session: Session, make: Factory, contract: Contract
) -> None:
    output = "It runs for two years. Irish law governs."
    wrong = entry(contract, "two years")
    wrong["document"] = wrong["document"] | {"quote": "three years"}  # type: ignore[operator]
    context = shown(
        session,
        make,
        contract,
        output,
        entry(contract, "two years", output={"start": 0, "end": 22}),
        entry(contract, "Irish law", clause="governing_law"),
        wrong,
    )
    first, second, third = context["evidence"]
    assert (first["words"], first["is_loose"], first["is_misquoted"]) == (
        "It runs for two years.",
        False,
        False,
    )
    assert (second["words"], second["clause_name"], second["is_loose"]) == ("", "Governing_Law", False)
    assert (third["is_loose"], third["is_misquoted"]) == (True, True)
    assert [(each["text"], each["evidence"]) for each in context["sentences"]] == [
        ("It runs for two years.", [1]),
        ("Irish law governs.", []),
    ]


def test_words_are_looked_for_in_the_paragraph_that_is_named_and_what_follows_it(
    contract: Contract,
) -> None:
    def found(quote: str, paragraph: str) -> str | None:
        span: Span | None = find_words(contract, quote, paragraph)
        return span and contract.text[span.start : span.end]

    assert found("two  years", "") == "two years"
    assert found("two years", "1.1.") == "two years"
    assert found("two years", "1.2") is None
    assert found("closing remark", "(B)") == "closing remark"
    assert found("at once", "1.2 (b)") == found("at once", "1.2") == found("at once", "1") == "at once"
    assert found("at once", "1.2(a)") is None
    assert found("The fee", "2.1") is None
    assert found("The fee is low", "2.1") == "The fee is low"
    assert found("two years", "9.9") is None
