"""Evidence as the pages show it: where it stands, what it supports, and words that are named by a person."""

import pytest
from sqlalchemy.orm import Session

from app.documents.extraction import Extracted, from_plain_text
from app.reviews.evidence import evidence_context
from app.samples.content import Content
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
def contract() -> Extracted:
    return from_plain_text(TEXT)


def entry(contract: Extracted, quote: str, **more: object) -> dict[str, object]:
    start = contract.text.index(quote)
    return {"document": {"start": start, "end": start + len(quote), "quote": quote}} | more


def shown(
    session: Session, make: Factory, contract: Extracted, output: str, *entries: dict[str, object]
) -> dict[str, list[dict[str, object]]]:
    sample: Sample = make.sample(make.project())
    return evidence_context(sample, contract.text, contract.blocks, Content(output, {}, list(entries)))


def test_a_place_is_the_number_that_a_reader_would_name(
    session: Session, make: Factory, contract: Extracted
) -> None:
    quotes = ("two years", "at once", "closing remark", "SUPPLY")
    listed = shown(session, make, contract, "", *(entry(contract, quote) for quote in quotes))["evidence"]
    assert [each["place"] for each in listed] == ["1.1", "1.2(b)", "1.2(b)", "the beginning"]
    assert [each["number"] for each in listed] == [1, 2, 3, 4]


def test_what_an_entry_supports_what_it_lost_and_what_it_claims_wrongly_is_told(
    session: Session, make: Factory, contract: Extracted
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
    assert first["words"] == "It runs for two years."
    assert (first["is_loose"], first["is_misquoted"]) == (False, False)
    assert (second["words"], second["clause_name"], second["is_loose"]) == ("", "Governing_Law", False)
    assert (third["is_loose"], third["is_misquoted"]) == (True, True)
    assert [(each["text"], each["evidence"]) for each in context["sentences"]] == [
        ("It runs for two years.", [1]),
        ("Irish law governs.", []),
    ]
