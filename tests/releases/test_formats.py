"""Rows byte for byte, as trainers load them."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import Invalid
from app.releases.formats import Format, Pair, check_metadata, encode_pair, parse_format

PAIR = Pair(
    phrasing="Summarize this: '{contract}'", contract="1 Term\nThree “years”.", output="It runs\u2028on."
)

GOLDEN = {
    Format.INSTRUCTION: (
        '{"instruction":"Summarize this: \'1 Term\\nThree “years”.\'","output":"It runs\\u2028on."}\n'
    ),
    Format.ALPACA: (
        '{"instruction":"Summarize this:","input":"1 Term\\nThree “years”.","output":"It runs\\u2028on."}\n'
    ),
    Format.MESSAGES: (
        '{"messages":[{"role":"user","content":"Summarize this: \'1 Term\\nThree “years”.\'"},'
        '{"role":"assistant","content":"It runs\\u2028on."}]}\n'
    ),
}
WITH_SYSTEM = {
    Format.INSTRUCTION: '{"instruction":"Be exact.\\n\\nSummarize this: \'A\'","output":"B"}\n',
    Format.ALPACA: '{"instruction":"Summarize this:","input":"A","output":"B","system":"Be exact."}\n',
    Format.MESSAGES: (
        '{"messages":[{"role":"system","content":"Be exact."},'
        '{"role":"user","content":"Summarize this: \'A\'"},'
        '{"role":"assistant","content":"B"}]}\n'
    ),
}


@pytest.mark.parametrize("format", Format)
def test_a_row_is_what_it_was(format: Format) -> None:
    assert encode_pair(PAIR, format).decode() == GOLDEN[format]


@pytest.mark.parametrize("format", Format)
def test_a_system_prompt_has_its_place_in_each_format(format: Format) -> None:
    pair = Pair(PAIR.phrasing, "A", "B", system_prompt="Be exact.")
    assert encode_pair(pair, format).decode() == WITH_SYSTEM[format]


@pytest.mark.parametrize("format", Format)
@given(
    contract=st.text(alphabet=st.characters(blacklist_categories=["Cs"], blacklist_characters="\0")),
    output=st.text(alphabet=st.characters(blacklist_categories=["Cs"], blacklist_characters="\0")),
)
def test_every_text_comes_back_and_takes_one_line_by_any_reader(
    format: Format, contract: str, output: str
) -> None:
    line = encode_pair(Pair("Do: {contract}", contract, output), format).decode()
    assert line.endswith("\n")
    assert not set(line[:-1]) & set("\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029")
    row = json.loads(line)
    shown = row["messages"][-1]["content"] if "messages" in row else row["output"]
    assert shown == output


def test_braces_and_percent_signs_of_a_contract_are_left_alone() -> None:
    pair = Pair("{x} %s {contract} {}", "{0} %d {contract}", "out")
    assert json.loads(encode_pair(pair, Format.INSTRUCTION))["instruction"] == "{x} %s {0} %d {contract} {}"


def test_metadata_stands_in_the_row_of_messages_only() -> None:
    pair = Pair("p", "c", "o", metadata={"id": "7"})
    row = json.loads(encode_pair(pair, Format.MESSAGES, with_metadata=True))
    assert row["metadata"] == {"id": "7"}
    with pytest.raises(Invalid):
        check_metadata(Format.ALPACA, with_metadata=True)


@pytest.mark.parametrize(("name", "format"), [("Messages", Format.MESSAGES), (" alpaca ", Format.ALPACA)])
def test_a_format_is_found_by_its_name(name: str, format: Format) -> None:
    assert parse_format(name) is format


@pytest.mark.parametrize("name", ["", "csv", "../etc", "x" * 1000])
def test_an_unknown_format_is_refused_with_the_names_that_there_are(name: str) -> None:
    with pytest.raises(Invalid, match="instruction, alpaca, messages"):
        parse_format(name)
