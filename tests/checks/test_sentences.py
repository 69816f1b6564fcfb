"""Sentences of summaries: names of companies and abbreviations do not cut them, and no word is left out."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.checks.sentences import sentence_at, sentences


def split(text: str) -> list[str]:
    return [text[span.start : span.end] for span in sentences(text)]


@pytest.mark.parametrize(
    "expected",
    [
        ["Northgate Ltd. and Harbour Inc. (the “Supplier”) agree.", "The term is 3.5 years."],
        ["It was made with Kestrelle Systems Pte. Ltd. of Singapore.", "It ends in 2029."],
        ["The seller is Harbour Inc.", "The cap is $1,000.00."],
        ["See No. 7 and Art. 4 of J. P. Vance v. Harbour.", "“Quoted.”", "(In brackets.)", "Next!"],
        ["The laws of the U.S. Virgin Islands govern.", "Irish law does not?", "No."],
        ["one line", "without stops", "- and an item"],
    ],
)
def test_a_text_is_cut_where_a_reader_would(expected: list[str]) -> None:
    assert split("\n".join(expected)) == expected
    joined = " ".join(expected)
    assert split(joined) == (expected if expected[0] != "one line" else [joined])


@given(st.text(alphabet="Aa. \n!?”(Inc,1"))
def test_sentences_leave_out_white_space_alone(text: str) -> None:
    found = sentences(text)
    assert "".join("".join(split(text)).split()) == "".join(text.split())
    assert all(one.end <= other.start for one, other in pairwise(found))


def test_a_place_belongs_to_the_sentence_that_it_stands_in_or_behind() -> None:
    text = "One is here. Two is there.  "
    one, two = sentences(text)
    assert [sentence_at(text, place) for place in (0, 5, 12, 13, len(text))] == [one, one, one, two, two]
    assert sentence_at("  First.", 0) == sentences("  First.")[0]
    assert sentence_at(" ", 0) is None
