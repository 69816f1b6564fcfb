"""Phrasings: what a model is prompted with, and what a person reads."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import Invalid
from app.projects import phrasing

DEFAULT = "Summarize the following contract: '{contract}'"


@pytest.mark.parametrize(
    ("text", "alone"),
    [
        (DEFAULT, "Summarize the following contract:"),
        ('Summarize: "{contract}"', "Summarize:"),
        ("Summarize: “{contract}”", "Summarize:"),
        ("Fasse zusammen: „{contract}“", "Fasse zusammen:"),
        ("Résumez : « {contract} »", "Résumez : « »"),
        ("Summarize this:\n\n\t{contract}", "Summarize this:"),
        ("Summarize:\n```{contract}```", "Summarize:"),
        (
            "Here is a contract: '{contract}' How long does it run?",
            "Here is a contract: How long does it run?",
        ),
        ("{contract}\n\nSummarize it.", "\n\nSummarize it."),
        ("It's a party's text:{contract}'s end", "It's a party's text:'s end"),
        ("An open quote: '{contract}", "An open quote: '"),
        ("Crossed: “{contract}'", "Crossed: “'"),
        ("Summarize the contract.", "Summarize the contract."),
        ("Keep {braces} and {0}: {contract}", "Keep {braces} and {0}:"),
    ],
)
def test_the_instruction_alone_loses_the_placeholder_its_quotes_and_the_space_before(
    text: str, alone: str
) -> None:
    assert phrasing.split_for_alpaca(text) == alone
    assert phrasing.display(text) == alone.strip()


@pytest.mark.parametrize("contract", ["{contract}", "{0} {} %s \\1 {x!r}", "  kept \n", "", "'\"“”"])
def test_a_contract_is_put_in_to_the_character(contract: str) -> None:
    assert phrasing.render("A {brace}: '{contract}'.", contract) == f"A {{brace}}: '{contract}'."


def test_a_phrasing_without_a_place_gets_the_contract_after_a_blank_line() -> None:
    assert phrasing.render("Summarize it. ", " Text\n") == "Summarize it. \n\n Text\n"


@given(text=st.text(max_size=60), contract=st.text(max_size=60))
def test_no_contract_can_change_the_words_around_it(text: str, contract: str) -> None:
    before, after = f"{text} <", "> end"
    if phrasing.PLACEHOLDER not in text:
        assert phrasing.render(before + phrasing.PLACEHOLDER + after, contract) == before + contract + after


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "needs words"),
        (" \n", "needs words"),
        ("{contract} and {contract}", "may hold {contract} once; here it stands 2 times"),
        (" {contract}\n", "must say what to do"),
        ("x" * 20_001, "at most 20,000 characters; this one has 20,001"),
    ],
)
def test_an_unusable_phrasing_is_refused_with_a_sentence(text: str, sentence: str) -> None:
    with pytest.raises(Invalid, match=sentence) as refused:
        phrasing.check(text)
    assert refused.value.fields == {"phrasings": refused.value.message}


@pytest.mark.parametrize("text", ["x", "x" * 20_000, DEFAULT, "{Contract} {contract} {contracts}"])
def test_a_usable_phrasing_passes(text: str) -> None:
    phrasing.check(text)


def test_the_choice_hangs_on_the_document_and_the_key_and_on_nothing_else() -> None:
    documents = [hashlib.sha256(str(number).encode()).digest() for number in range(600)]
    chosen = [phrasing.choose(document, b"key" * 30, 3) for document in documents]
    assert chosen == [phrasing.choose(document, b"key" * 30, 3) for document in documents]
    assert chosen != [phrasing.choose(document, b"another key", 3) for document in documents]
    # 200 each are expected; 140 is five standard deviations away.
    assert all(140 < chosen.count(number) < 260 for number in range(3))


def test_one_phrasing_is_everybodys() -> None:
    assert {phrasing.choose(bytes([number]), b"k", 1) for number in range(50)} == {0}
    with pytest.raises(ValueError, match="must be a phrasing"):
        phrasing.choose(b"x", b"k", 0)
