"""The registry: every kind once, errors first, and whatever the text, each finding can be shown."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.checks import registry
from app.checks.contract import UNREAD, Contract
from app.checks.findings import Cited, ClauseFacts, Finding, Severity, Subject
from app.checks.registry import CHECKS, KINDS, MOST, run_checks
from app.checks.spans import Span
from tests.checks.subjects import subject

FRAGMENTS = st.lists(
    st.sampled_from(
        (
            "Acme shall deliver 30 valves at most. ",
            "Liability is at least 30 days’ fees",
            "may not assign, except to Borel. ",
            "[***] ",
            "“TBD",
            "write to a@example.com",
            "\u200b",
            "\n",
            "  ",
            "It is (silent. ",
            "ﬃ İ ß \U0001f600",
        )
    ),
    max_size=12,
).map("".join)


def test_no_kind_has_a_name_twice() -> None:
    assert len(KINDS) == sum(len(check.kinds) for check in CHECKS)


@settings(max_examples=150, deadline=None)
@given(FRAGMENTS, FRAGMENTS, st.integers(0, 200), st.integers(0, 200))
def test_every_finding_marks_what_is_there_says_it_in_a_sentence_and_has_a_known_kind(
    output: str, contract: str, start: int, end: int
) -> None:
    places = Span(min(start, end, len(contract)), min(max(start, end), len(contract)))
    cited = Cited(places, contract[places.start : places.end], Span(0, 30), "law")
    clauses = [ClauseFacts("law", "Law", required=True, passages=(places,))]
    found = run_checks(subject(output, contract, evidence=[cited], project_clauses=clauses))
    for finding in found:
        assert (finding.kind or finding.check) in KINDS
        assert finding.message.endswith(".")
        for span, text in ((finding.output, output), (finding.document, contract)):
            assert span is None or 0 <= span.start <= span.end <= len(text)
        assert finding.output is None or finding.output.start < finding.output.end
        assert finding.sentence in output
    order = list(Severity)
    assert [order.index(each.severity) for each in found] == sorted(
        order.index(each.severity) for each in found
    )


def test_a_project_changes_a_severity_or_switches_a_kind_off() -> None:
    made = subject("The fee is TBD.")
    assert {finding.check: finding.severity for finding in run_checks(made)} == {
        "evidence": "warning",
        "residue": "note",
    }
    of_project = replace(made, severities={"evidence": "off", "residue": "error"})
    assert [(each.check, each.severity) for each in run_checks(of_project)] == [("residue", "error")]


def test_what_is_not_shown_any_more_asks_for_a_reason_too() -> None:
    def found(number: int) -> list[Finding]:
        output = " ".join(f"Sentence {word} [***]." for word in range(number))
        return run_checks(subject(output))

    assert len(found(MOST)) == 2 * MOST  # a warning and a note for each
    *warnings, more = (each for each in found(MOST + 50) if each.severity == "warning")
    assert len(warnings) == MOST
    assert (more.check, more.message) == (
        "evidence",
        "And 50 more of this check: correct those that are shown first, or say why all of them stand.",
    )
    assert more.key not in {each.key for each in found(MOST + 51)}


def test_errors_are_shown_before_what_is_lighter_in_their_check() -> None:
    clauses = [ClauseFacts(f"c{number}", "C", required=number > 120) for number in range(123)]
    states = {clause.key: "covered" for clause in clauses if not clause.required}
    found = run_checks(subject("Text.", clauses=states, project_clauses=clauses))
    assert [each.severity for each in found if each.check == "clauses"] == ["error"] * 2 + ["note"] * 98


def break_down(subject: Subject) -> Iterator[Finding]:
    yield Finding("shape", "Never shown.")
    raise ZeroDivisionError(subject.output)


def test_a_check_that_breaks_is_said_in_a_note_and_keeps_no_other_from_its_findings(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    broken = [replace(each, find=break_down) if each.name == "shape" else each for each in CHECKS]
    monkeypatch.setattr(registry, "CHECKS", broken)
    told = []
    found = run_checks(subject("TBD."), on_error=lambda check, error: told.append((check, type(error))))
    assert told == [("shape", ZeroDivisionError)]
    assert [(each.check, each.severity) for each in found] == [
        ("evidence", "warning"),
        ("shape", "note"),
        ("residue", "note"),
    ]
    assert found[1].message == "The check of shape could not be made: tell whoever runs the server."
    with pytest.raises(ZeroDivisionError):
        run_checks(subject("TBD."))


def test_facts_are_not_held_against_a_contract_that_could_not_be_read() -> None:
    contract = Contract.from_json("The fee is $5.", UNREAD)
    found = run_checks(replace(subject("The fee is $5."), contract=contract))
    assert [each.message for each in found if each.check == "facts"] == [
        "The check of facts could not be made: tell whoever runs the server."
    ]
