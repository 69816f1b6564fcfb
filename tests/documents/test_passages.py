"""Likely passages: ranked by the clause's own cues, explainable by counting."""

from app.documents.extraction import from_plain_text
from app.documents.passages import Cues, likely_passages

CONTRACT = from_plain_text(
    "SERVICES AGREEMENT\n\n1. Definitions\n\n1.1 The initial term is defined below.\n\n"
    "2. Term\n\n2.1 This Agreement continues for an initial term of three years.\n\n"
    "2.2 It renews by itself.\n\n3. Law\n\n3.1 The laws of Ireland govern this Agreement.\n"
)
TERM = Cues(headings=("term",), phrases=("initial term", "continues for"))
LAW = Cues(headings=("governing law",), phrases=("laws of", "govern"))


def test_the_block_under_the_right_heading_with_the_right_words_comes_first() -> None:
    (term, law) = likely_passages(CONTRACT.text, CONTRACT.blocks, [TERM, LAW])
    assert [passage.number for passage in term] == ["2.1", "2.2", "1.1"]
    assert [passage.number for passage in law] == ["3.1"]


def test_a_clause_without_cues_has_no_places() -> None:
    assert likely_passages(CONTRACT.text, CONTRACT.blocks, [Cues((), ())]) == [[]]


def test_no_more_places_are_named_than_asked_for() -> None:
    ((only,),) = likely_passages(CONTRACT.text, CONTRACT.blocks, [TERM], most=1)
    assert only.number == "2.1"
