"""Evidence moves with the words that it supports, or is let go: it never comes to stand at other words."""

import random

from hypothesis import given
from hypothesis import strategies as st

from app.checks.spans import Span
from app.documents.extraction import from_plain_text
from app.samples.content import Content, as_in_a_field
from app.samples.evidence import LEAST_LEFT, Edit, completed, find_quote, find_words, moved, quoted

# Every character once, so that it can be said of each one where it came from.
ALPHABET = [chr(code) for code in range(0x4E00, 0x9000)]


@given(st.integers(0, 60), st.integers(1, 60), st.randoms(use_true_random=False))
def test_through_any_edits_a_span_holds_its_own_words_and_what_was_typed_between_them(
    start: int, length: int, chance: random.Random
) -> None:
    fresh = iter(ALPHABET)
    text = [next(fresh) for _ in range(120)]
    span: Span | None = Span(start, start + length)
    own = set(text[start : start + length])
    for _ in range(12):
        first = chance.randint(0, len(text))
        last = min(len(text), first + chance.choice([0, 0, 1, 2, 5, 30]))
        typed = [next(fresh) for _ in range(chance.choice([0, 1, 1, 7, 40]))]
        before, text = text, text[:first] + typed + text[last:]
        left = [character for character in text if character in own]
        if len(left) < max(len(own) / 2, min(len(own), LEAST_LEFT)):
            left = []
        elif first > 0 and last < len(before) and before[first - 1] in own and before[last] in own:
            own = {*left, *typed}
            left = [character for character in text if character in own]
        own = set(left)
        assert span is not None
        span = moved(span, Edit.between("".join(before), "".join(text)))
        assert ("" if span is None else "".join(text[span.start : span.end])) == "".join(left)
        if span is None:
            break


@given(st.text(alphabet="ab. ", max_size=40), st.text(alphabet="ab. ", max_size=40), st.data())
def test_an_edit_beside_a_span_leaves_its_words_as_they_are(
    before: str, typed: str, data: st.DataObject
) -> None:
    start = data.draw(st.integers(0, len(before)))
    end = data.draw(st.integers(start, len(before)))
    place = data.draw(st.one_of(st.integers(0, start), st.integers(end, len(before))))
    after = before[:place] + typed + before[place:]
    span = moved(Span(start, end), Edit.between(before, after))
    assert span is not None
    assert after[span.start : span.end] == before[start:end]


def test_words_that_were_cut_and_put_in_elsewhere_take_their_evidence_along() -> None:
    words = "The cap is one million."
    span = moved(
        Span(0, len(words)), Edit.between(f"{words} It runs for years.", f"It runs for years. {words}")
    )
    assert span == Span(19, 19 + len(words))


def test_a_sentence_that_was_written_anew_loses_its_evidence() -> None:
    before = "The term is two years. Irish law governs."
    after = "This is another sentence altogether. Irish law governs."
    assert moved(Span(0, 22), Edit.between(before, after)) is None


def test_a_place_without_words_stands_for_its_sentence_and_gets_the_contracts_quote() -> None:
    entry = {"output": {"start": 30, "end": 30}, "document": {"start": 4, "end": 8}}
    output = "It runs for two years. Irish law governs."
    (full,) = quoted(completed([entry, dict(entry)], output), {(4, 8): "Term"})
    assert full == {
        "output": {"start": 23, "end": 41},
        "document": {"start": 4, "end": 8, "quote": "Term"},
    }
    (without,) = completed([entry], "")
    assert without == {"document": {"start": 4, "end": 8}}


def test_a_quote_is_found_across_lines_in_the_one_place_that_has_it() -> None:
    text = "5.1 The term\nis two years. 5.2 The fee. The fee."
    everywhere = [Span(0, len(text))]
    assert find_quote(text, " The  term is", everywhere) == Span(4, 15)
    assert find_quote(text, "The fee", everywhere) is None
    assert find_quote(text, "The fee", [Span(27, 39)]) == Span(31, 38)
    assert find_quote(text, "No such words", everywhere) is None
    assert find_quote(text, " ", everywhere) is None


def test_a_browsers_field_counts_a_line_end_once_however_it_came() -> None:
    output = "It runs.\r\n\r\nIt ends.\r\n"
    start = output.index("It ends.")
    entries = [{"output": {"start": start, "end": start + 8}, "document": {}}, {"document": {}}]
    drawn = as_in_a_field(Content(output, {}, entries))
    span = drawn.evidence[0]["output"]
    assert drawn.output[span["start"] : span["end"]] == "It ends."
    assert drawn.evidence[1] == {"document": {}}
    plain = Content("It runs.\n", {}, entries)
    assert as_in_a_field(plain) == plain


CONTRACT = from_plain_text(
    """\
SUPPLY AGREEMENT

1. TERM

1.1 The term is two years.

1.2 It ends early:

(a) on notice of ninety days; or

(b) at once, for cause.

A closing remark without a number.

2. LAW

2.1 Irish law governs. The fee is due. The fee is low."""
)


def test_words_are_looked_for_in_the_paragraph_that_is_named_and_what_follows_it() -> None:
    def found(quote: str, paragraph: str) -> str | None:
        span = find_words(CONTRACT.text, CONTRACT.blocks, quote, paragraph)
        return span and CONTRACT.text[span.start : span.end]

    assert found("two  years", "") == "two years"
    assert found("two years", "1.1.") == "two years"
    assert found("two years", "1.2") is None
    assert found("closing remark", "(B)") == "closing remark"
    assert found("at once", "1.2 (b)") == found("at once", "1.2") == found("at once", "1") == "at once"
    assert found("at once", "1.2(a)") is None
    assert found("The fee", "2.1") is None
    assert found("The fee is low", "2.1") == "The fee is low"
    assert found("two years", "9.9") is None


@given(st.text(alphabet="ab \n", max_size=30), st.data())
def test_words_that_stand_once_are_found_where_they_stand(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    words = " ".join(text[start:end].split())
    found = find_quote(text, text[start:end], [Span(0, len(text))])
    if found is not None:
        assert " ".join(text[found.start : found.end].split()) == words
    elif words:
        assert " ".join(text.split()).count(words[:1]) > 1
