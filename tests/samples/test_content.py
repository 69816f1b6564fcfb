"""What is carried over from save to save: no text is refused for what an older page did not know."""

import pytest
from pydantic import BaseModel

from app.reviews.forms import EditForm
from app.samples.content import Content, Sent, completed
from app.samples.forms import DraftForm
from app.web.forms import validated

KEYS = frozenset({"term", "law"})
OUTPUT = "It runs for three years. Irish law governs."


def entry(words: str, output: str = OUTPUT, clause: str = "term") -> dict[str, object]:
    start = output.index(words)
    span = {"start": start, "end": start + len(words)}
    return {"clause": clause, "output": span, "document": {"start": 0, "end": 4, "quote": "Term"}}


def carried(after: str, before: Content) -> list[dict[str, object]]:
    return completed(Sent(after), before, clause_keys=KEYS).evidence


def test_a_span_moves_with_its_words() -> None:
    before = Content(OUTPUT, {}, [entry("three years")])
    after = f"This lease binds both. {OUTPUT}"
    (moved,) = carried(after, before)
    assert moved == entry("three years", after)


def test_a_span_whose_words_are_gone_or_doubled_is_let_go_and_the_contracts_stays() -> None:
    before = Content(OUTPUT, {}, [entry("three years")])
    for after in ("Four.", "Now three years, or three years.", ""):
        (kept,) = carried(after, before)
        assert "output" not in kept
        assert kept["document"] == {"start": 0, "end": 4, "quote": "Term"}


def test_evidence_that_is_added_belongs_to_the_text_before_and_moves_with_it() -> None:
    added: dict[str, object] = {"output": {"start": 25, "end": 25}, "document": {"start": 9, "end": 12}}
    before = Content(OUTPUT, {}, [entry("three years")])
    after = f"Both agree. {OUTPUT}"
    (first, second) = completed(Sent(after, from_page=True, added=added), before, clause_keys=KEYS).evidence
    assert first == entry("three years", after)
    assert after[slice(*second["output"].values())] == "Irish law governs."
    assert completed(Sent(after, from_page=True, removed=0), before, clause_keys=KEYS).evidence == []


def test_a_page_older_than_the_clause_set_still_saves_its_text() -> None:
    sent = Sent("New.", {"term": "covered", "retired": "absent"}, from_page=True)
    assert completed(sent, Content(OUTPUT), clause_keys=KEYS).clauses == {"term": "covered"}


def test_what_is_not_sent_stays_as_it_stands_without_the_clauses_that_are_gone() -> None:
    before = Content(
        OUTPUT, {"term": "covered", "retired": "absent"}, [entry("three years", clause="retired")]
    )
    content = completed(Sent(OUTPUT), before, clause_keys=KEYS)
    assert content.clauses == {"term": "covered"}
    assert "clause" not in content.evidence[0]


@pytest.mark.parametrize(("form", "rest"), [(DraftForm, {}), (EditForm, {"revision": 1})])
def test_reasons_end_their_lines_as_the_summary_does(form: type[BaseModel], rest: dict[str, int]) -> None:
    sent = validated(form, {"output": "One.\r\nTwo.", "reasons": {"a1": "So.\r\nOr so."}, **rest})
    assert sent.model_dump(include={"output", "reasons"}) == {
        "output": "One.\nTwo.",
        "reasons": {"a1": "So.\nOr so."},
    }
