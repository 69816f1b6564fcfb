"""Rows of pairs: which shapes are read, what is refused, and that every export can be read again."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.checks.length import is_blank
from app.errors import Invalid
from app.imports.pairs import PairLine, Split, Wording, is_pair, parse_pair, split
from app.releases.formats import Format, Pair, encode_pair

QUOTED = Wording(1, "Summarize the following contract in one paragraph: '{contract}'")
PLAIN = Wording(2, "Summarize this contract.")
WORDINGS = [QUOTED, PLAIN]


@pytest.mark.parametrize(
    ("row", "pair"),
    [
        (
            {"instruction": "Sum up.", "input": "A contract.", "output": "It ends."},
            PairLine("Sum up.", "A contract.", "It ends."),
        ),
        (
            {"instruction": "Sum up.", "context": "A contract.", "response": "It ends.", "category": "qa"},
            PairLine("Sum up.", "A contract.", "It ends."),
        ),
        (
            {"instruction": "Sum up: A contract.", "output": "It ends."},
            PairLine("Sum up: A contract.", None, "It ends."),
        ),
        ({"prompt": "Sum up: A.", "completion": "It ends."}, PairLine("Sum up: A.", None, "It ends.")),
        (
            {"instruction": "Sum up.", "instances": [{"input": "A contract.", "output": "It ends."}]},
            PairLine("Sum up.", "A contract.", "It ends."),
        ),
        (
            {
                "messages": [
                    {"role": "system", "content": "You are a paralegal."},
                    {"role": "user", "content": "Sum up: A."},
                    {"role": "assistant", "content": "It ends."},
                ]
            },
            PairLine("Sum up: A.", None, "It ends.", "You are a paralegal."),
        ),
        (
            {
                "conversations": [
                    {"from": "human", "value": "Sum up: A."},
                    {"from": "gpt", "value": "It ends."},
                ]
            },
            PairLine("Sum up: A.", None, "It ends."),
        ),
        (
            {
                "systemInstruction": {"role": "system", "parts": [{"text": "You are a paralegal."}]},
                "contents": [
                    {"role": "user", "parts": [{"text": "Sum up: A."}]},
                    {"role": "model", "parts": [{"text": "It "}, {"text": "ends."}]},
                ],
            },
            PairLine("Sum up: A.", None, "It ends.", "You are a paralegal."),
        ),
    ],
)
def test_each_shape_is_read(row: dict[str, object], pair: PairLine) -> None:
    assert is_pair(row)
    assert parse_pair(row) == pair


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"instruction": "Sum up.", "input": "A.", "output": " \n"}, "no output"),
        ({"instruction": "Sum up.", "input": 7, "output": "It ends."}, "“input” has to be text"),
        ({"instruction": "Sum up.", "input": "A."} | {"output": None}, "cannot be read"),
        ({"completion": "It ends."}, "cannot be read"),
        ({"prompt": {"text": "Hi", "replies": []}}, "several turns"),
        ({"instruction": "x", "instances": [{"input": "", "output": "a"}, {"output": "b"}]}, "several turns"),
        (
            {
                "messages": [
                    {"role": role, "content": "x"} for role in ("user", "assistant", "user", "assistant")
                ]
            },
            "several turns",
        ),
        ({"messages": [{"role": "assistant", "content": "x"}]}, "not one question"),
        ({"messages": [{"role": "tool", "content": "x"}]}, "no role that is known"),
        ({"messages": ["x"]}, "no role that is known"),
        ({"messages": [{"role": "user", "content": {"a": 1}}]}, "is not text"),
        ({"conversations": []}, "not one question"),
    ],
)
def test_what_is_no_pair_is_refused_in_a_sentence(row: dict[str, object], said: str) -> None:
    assert is_pair(row)
    with pytest.raises(Invalid, match=said):
        parse_pair(row)


def test_a_contract_of_its_own_is_no_pair() -> None:
    assert not is_pair({"text": "A contract.", "title": "NDA"})


TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1).filter(
    # A contract's canonical text does not end in a line break, as the prompts of one format do.
    lambda text: not is_blank(text) and not text.endswith("\n")
)


@given(
    contract=TEXTS,
    output=TEXTS,
    wording=st.sampled_from(WORDINGS),
    system=st.sampled_from(["", "You are a paralegal."]),
    format=st.sampled_from(Format),
)
def test_what_an_export_writes_an_import_takes_apart_again(
    contract: str, output: str, wording: Wording, system: str, format: Format
) -> None:
    line = encode_pair(Pair(wording.text, contract, output, system), format)
    read = parse_pair(json.loads(line))
    assert read.output == output
    found = split(read, [wording], system_prompt=system)
    assert found == Split(wording.phrasing_id, wording.text, contract)


def test_the_wording_that_says_most_is_the_one() -> None:
    short, long = Wording(1, "Sum up: {contract}"), Wording(2, "Sum up: the contract {contract}")
    found = split(PairLine("Sum up: the contract A.", None, "x"), [short, long], system_prompt="")
    assert found == Split(2, long.text, "A.")


def test_an_unknown_wording_with_a_contract_of_its_own_stays_what_it_is() -> None:
    found = split(PairLine("What is it about?", "A.", "x"), WORDINGS, system_prompt="")
    assert found == Split(None, "What is it about?", "A.")


@pytest.mark.parametrize(
    ("pair", "said"),
    [
        (PairLine("What is genetics?", None, "x"), "its input is empty"),
        (PairLine("Summarize this contract.\n\n", None, "x"), "its input is empty"),
        (PairLine("Summarize this contract.", "A.", "x", "You are a pirate."), "system prompt"),
    ],
)
def test_what_cannot_be_taken_apart_is_refused(pair: PairLine, said: str) -> None:
    with pytest.raises(Invalid, match=said):
        split(pair, WORDINGS, system_prompt="You are a paralegal.")
