"""Likely passages: ranked by the clause's own cues and by learned signs, explainable by adding up."""

import json
from dataclasses import replace

import pytest

from app.documents.extraction import from_plain_text
from app.documents.passages import MAX_CHARACTERS, Cues, Passage, likely_passages, parts_of, tokens_of
from app.projects import library

CONTRACT = from_plain_text(
    "SERVICES AGREEMENT\n\n1. Definitions\n\n1.1 The initial term is defined below.\n\n"
    "2. Term\n\n2.1 This Agreement continues for an initial term of three years.\n\n"
    "2.2 It renews by itself.\n\n3. Law\n\n3.1 The laws of Ireland govern this Agreement.\n"
)
TERM = Cues(headings=("term",), phrases=("initial term", "continues for"))
LAW = Cues(headings=("governing law",), phrases=("laws of", "govern"))


def numbers(cues: Cues, *, most: int = 5) -> list[str]:
    """The numbers of the passages that were found in the contract."""
    (found,) = likely_passages(CONTRACT.text, CONTRACT.blocks, [cues], most=most)
    return [passage.number for passage in found]


def test_the_block_under_the_right_heading_with_the_right_words_comes_first() -> None:
    assert numbers(TERM)[0] == "2.1"
    assert numbers(LAW) == ["3.1"]


def test_a_clause_that_a_lead_invents_is_found_by_its_own_cues_alone() -> None:
    assert numbers(Cues((), ("renews by",))) == ["2.2"]


def test_a_clause_without_cues_has_no_places() -> None:
    assert numbers(Cues((), ())) == []
    assert numbers(Cues(("…",), ("–", " "))) == []


def test_no_more_places_are_named_than_asked_for() -> None:
    assert numbers(TERM, most=1) == ["2.1"]


def test_a_cue_is_found_across_lines_and_dashes_but_not_inside_of_a_word() -> None:
    text = from_plain_text("1.1 It is non-\ntransferable.\n\n1.2 The termination of it.\n")
    (dashed, inside) = likely_passages(
        text.text, text.blocks, [Cues((), ("non-transferable",)), Cues((), ("term",))]
    )
    assert [passage.number for passage in dashed] == ["1.1"]
    assert inside == []


def test_a_rare_phrase_counts_more_than_one_that_stands_everywhere() -> None:
    text = from_plain_text("".join(f"1.{n} The supplier delivers goods.\n\n" for n in range(9)) + "2.1 Rent.")
    ((first, *_),) = likely_passages(text.text, text.blocks, [Cues((), ("the supplier", "rent"))])
    assert first.number == "2.1"


def test_signs_that_were_learned_move_a_passage_up_and_down() -> None:
    learned = Cues((), ("agreement",), signs={"renews": 9.0, "heading: law": -9.0})
    assert numbers(learned)[0] == "2.2"
    assert "3.1" not in numbers(learned)


def test_places_below_the_bias_are_left_out_but_for_the_best_which_is_unlikely() -> None:
    ((first, second, *_),) = likely_passages(CONTRACT.text, CONTRACT.blocks, [TERM])
    assert first.is_likely
    assert second.is_likely
    stricter = (replace(TERM, bias=second.score), replace(TERM, bias=first.score + 1))
    ((alone,), (unlikely,)) = likely_passages(CONTRACT.text, CONTRACT.blocks, stricter)
    assert (alone.start, alone.score) == (first.start, first.score - second.score)
    assert (unlikely.start, unlikely.is_likely) == (first.start, False)


def test_a_clause_without_a_word_of_which_nothing_stands_here_has_no_place_at_all() -> None:
    ((), found) = likely_passages(CONTRACT.text, CONTRACT.blocks, [Cues(("Insurance",), ()), TERM])
    assert all(passage.is_likely for passage in found)


def test_a_passage_is_kept_and_read_back_as_it_was() -> None:
    ((first, *_),) = likely_passages(CONTRACT.text, CONTRACT.blocks, [TERM])
    assert Passage.from_json(json.loads(json.dumps(first.to_json()))) == replace(
        first, score=round(first.score, 3)
    )


def test_a_stem_stands_for_each_form_of_a_word() -> None:
    text = from_plain_text("1.1 Nobody assigns it.\n\n1.2 An assignment is void.\n\n1.3 A sign is put up.\n")
    (found,) = likely_passages(text.text, text.blocks, [Cues((), (), signs={"assign…": 1.0})])
    assert [passage.number for passage in found] == ["1.1", "1.2"]


def test_a_sign_of_the_beginning_counts_nowhere_else() -> None:
    assert numbers(Cues((), (), signs={"begins: initial term": 1.0})) == ["1.1"]
    assert numbers(Cues((), (), signs={"begins: renews by": 1.0})) == ["2.2"]


def test_the_reasons_are_the_cues_as_they_were_typed_and_the_signs_that_count_most() -> None:
    cues = Cues(("Term",), ("Initial  Term",), signs={"three years": 2.0, "an": 1.0, "agreement": -1.0})
    ((first, *_),) = likely_passages(CONTRACT.text, CONTRACT.blocks, [cues])
    assert first.reasons == ("heading: Term", "Initial  Term", "three years")


def test_a_long_block_is_cut_at_ends_of_sentences_and_nothing_of_it_is_lost() -> None:
    sentence = "The supplier delivers the goods to the place that the order names. "
    text = from_plain_text("1.1 " + sentence * 60)
    parts = parts_of(text.text, text.blocks)
    words = "".join(text.text[part.start : part.end] for part in parts)
    assert words.split() == (sentence * 60).split()
    assert all(part.end - part.start <= MAX_CHARACTERS for part in parts)
    assert all(text.text[: part.end].rstrip().endswith(".") for part in parts)


@pytest.mark.parametrize("unbroken", ["x" * 5_000, "word " * 1_000])
def test_a_long_block_without_sentences_is_cut_as_well(unbroken: str) -> None:
    text = from_plain_text(unbroken)
    parts = parts_of(text.text, text.blocks)
    assert len(parts) > 3
    assert all(0 < part.end - part.start <= MAX_CHARACTERS for part in parts)


def test_numbers_amounts_percentages_and_redactions_are_told_apart() -> None:
    assert tokens_of("$1,000.50 or 5 % in 30 days of [***]") == (
        *("$#", "or", "#%", "in", "#", "days", "of", "***"),
    )


def test_a_clause_of_the_library_is_found_by_what_was_learned() -> None:
    learned = library.weights()["governing_law"]
    found = numbers(Cues((), (), learned.heading, learned.phrases, learned.signs), most=1)
    assert found == ["3.1"]
