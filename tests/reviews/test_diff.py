"""The word diff: its pieces put together are the two texts."""

from hypothesis import given
from hypothesis import strategies as st

from app.reviews.diff import Piece, word_diff

texts = st.text(alphabet=st.sampled_from("ab \n,é"), max_size=60)


@given(texts, texts)
def test_the_pieces_put_together_are_both_texts(before: str, after: str) -> None:
    pieces = word_diff(before, after)
    assert "".join(piece.text for piece in pieces if piece.kind != "added").split() == before.split()
    assert "".join(piece.text for piece in pieces if piece.kind != "removed") == after


@given(texts)
def test_an_unchanged_text_has_no_change(text: str) -> None:
    assert all(piece.kind == "same" for piece in word_diff(text, text))


def test_a_changed_figure_stands_alone() -> None:
    assert word_diff("capped at £550,000 a year", "capped at £500,000 a year") == [
        Piece("same", "capped at "),
        Piece("removed", "£550,000"),
        Piece("added", "£500,000"),
        Piece("same", " a year"),
    ]
