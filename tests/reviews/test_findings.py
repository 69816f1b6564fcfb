"""Findings as the pages show them."""

from typing import Any

from sqlalchemy.orm import Session

from app.checks.findings import Finding, Severity
from app.checks.spans import Span
from app.documents.extraction import from_plain_text
from app.reviews.evidence import evidence_context
from app.reviews.findings import findings_context
from app.samples.content import Content
from app.samples.models import Sample
from tests.factories import CONTRACT, Factory


def _found(check: str, severity: Severity, number: int = 0, **more: Any) -> dict[str, Any]:
    return Finding(check, f"Message {number}.", value=str(number), severity=severity, **more).to_json()


def _groups(*findings: dict[str, Any], **more: Any) -> list[dict[str, Any]]:
    shown = findings_context(findings, {}, **more)["findings"]
    groups: list[dict[str, Any]] = shown["groups"]
    return groups


def test_findings_of_one_check_and_severity_stand_together_and_are_counted() -> None:
    found = [
        _found("length", Severity.ERROR),
        *(_found("evidence", Severity.WARNING, number) for number in range(4)),
        _found("personal_data", Severity.NOTE),
    ]
    shown = findings_context(found, {})["findings"]
    assert shown["count"] == "1 error, 4 warnings, 1 note"
    assert [(group["check"], len(group["findings"])) for group in shown["groups"]] == [
        ("length", 1),
        ("evidence", 4),
        ("personal data", 1),
    ]
    assert findings_context([], {})["findings"]["count"] == ""


def test_a_long_group_is_folded_unless_it_blocks_or_a_reason_is_missing() -> None:
    warnings = [_found("facts", Severity.WARNING, number) for number in range(4)]
    errors = [_found("facts", Severity.ERROR, number) for number in range(4)]
    assert [group["is_folded"] for group in _groups(*warnings)] == [True]
    assert [group["is_folded"] for group in _groups(*warnings[:3])] == [False]
    assert [group["is_folded"] for group in _groups(*errors)] == [False]
    (group,) = _groups(*warnings, unexplained=[warnings[2]["key"], warnings[3]["key"]])
    assert not group["is_folded"]
    assert [finding["is_unexplained"] for finding in group["findings"]] == [False, False, True, True]
    assert [finding["takes_focus"] for finding in group["findings"]] == [False, False, True, False]


def test_the_same_thing_found_twice_has_one_reason() -> None:
    twice = [_found("facts", Severity.WARNING, output=Span(at, at + 3)) for at in (0, 9)]
    (group,) = _groups(*twice, unexplained=[twice[0]["key"]])
    assert [finding["is_repeated"] for finding in group["findings"]] == [False, True]
    assert [finding["takes_focus"] for finding in group["findings"]] == [True, False]


def test_a_place_in_the_contract_is_reached_by_its_paragraph() -> None:
    blocks = from_plain_text(CONTRACT).blocks
    place = Span(blocks[2].start + 3, blocks[2].start + 6)
    found = _found("facts", Severity.WARNING, document=place)
    assert _groups(found, blocks=blocks)[0]["findings"][0]["anchor"] == "b2"
    assert _groups(found)[0]["findings"][0]["anchor"] == "pane-contract"


def test_the_words_of_findings_are_marked_by_the_gravest_and_lightly_where_they_are_long(
    session: Session, make: Factory
) -> None:
    output = "It runs for three years from its date. English law."
    sample: Sample = make.sample(make.project())
    found = [
        _found("facts", Severity.ERROR, output=Span(12, 17)),
        _found("polarity", Severity.WARNING, output=Span(8, 23)),
        _found("evidence", Severity.NOTE, output=Span(0, 51)),
    ]
    blocks = from_plain_text(CONTRACT).blocks
    shown = evidence_context(sample, CONTRACT, blocks, Content(output), findings=found)["sentences"]
    assert ["".join(piece["text"] for piece in each["pieces"]) for each in shown] == [
        "It runs for three years from its date.",
        "English law.",
    ]
    assert [(piece["text"], piece["severity"], piece["is_long"]) for piece in shown[0]["pieces"]] == [
        ("It runs ", "note", True),
        ("for ", "warning", False),
        ("three", "error", False),
        (" years", "warning", False),
        (" from its date.", "note", True),
    ]
