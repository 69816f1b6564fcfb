"""Rows byte for byte, as trainers load them."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import Invalid
from app.releases.formats import (
    INLINE_METADATA,
    TAKEN_BY,
    Format,
    Pair,
    check_metadata,
    encode_pair,
    parse_format,
    refused_words,
)
from tests.releases import lines

GOLDEN = Path(__file__).parent / "golden"
HOSTILE = (
    '\ufeffNext\x85line\u2028separator\u2029paragraph\r\ncr\rtab\tback\\slash \\n \\u2028 "quotes" '
    "'single' "
    "“curly” {} {0} {contract} %s %(x)d ${x} {{ x }} </script> &amp; 👩‍⚖️🏳️‍🌈 עברית \u202eRTL\u202c العربية "
    "e\u0301 a\u0308\u0323 \x01\x08\x0b\x0c\x1b\x1f\x7f \u200b\u00a0\u00ad end "
    "\ud7ff\ue000\ufffd\uffff\U0010ffff "
)
WORDINGS = (
    "Summarize the following contract in one paragraph: '{contract}'",
    "Read “{contract}” and say what it is about.",
    "Summarize the contract below.",
    "{0} %s {} {contract}\nIn one paragraph.",
)
TEXTS = (
    ("1 Term\nThree “years”.", "It runs for three years."),
    (HOSTILE, HOSTILE[::-1]),
    ("null", "2026-11-22"),
)
# All but NUL and lone surrogates, which no text in the database holds.
ANY_TEXT = st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\0"))

each_format = pytest.mark.parametrize("format", Format)


def _pairs(system_prompt: str) -> list[Pair]:
    return [
        Pair(wording, contract, output, system_prompt) for wording in WORDINGS for contract, output in TEXTS
    ]


@each_format
@pytest.mark.parametrize(
    ("suffix", "system_prompt"), [("", ""), ("-system", "Be exact.\u2028Be “brief”: {}")]
)
def test_a_file_is_what_it_was_byte_for_byte(format: Format, suffix: str, system_prompt: str) -> None:
    golden = (GOLDEN / f"{format}{suffix}.jsonl").read_bytes()
    assert b"".join(encode_pair(pair, format) for pair in _pairs(system_prompt)) == golden
    assert len(lines.read(golden)) == len(WORDINGS) * len(TEXTS)


@each_format
@given(contract=ANY_TEXT, output=ANY_TEXT, system_prompt=ANY_TEXT)
def test_every_text_comes_back_and_takes_one_line_by_any_reader(
    format: Format, contract: str, output: str, system_prompt: str
) -> None:
    (row,) = lines.read(encode_pair(Pair("Do: {contract}", contract, output, system_prompt), format))
    prompt, shown = lines.prompt_and_output(row, format)
    assert shown == output
    assert prompt.endswith(f"Do:\n{contract}" if format is Format.ALPACA else f"Do: {contract}")
    assert any(text.startswith(system_prompt) for text in lines.strings(row))


def test_braces_and_percent_signs_of_a_contract_are_left_alone() -> None:
    pair = Pair("{x} %s {contract} {}", "{0} %d {contract}", "out")
    assert json.loads(encode_pair(pair, Format.INSTRUCTION))["instruction"] == "{x} %s {0} %d {contract} {}"


@each_format
def test_metadata_stands_in_rows_that_bear_one_more_column_only(format: Format) -> None:
    pair = Pair("p", "c", "o", metadata={"id": "7", "evidence": []})
    if format in INLINE_METADATA:
        check_metadata(format, with_metadata=True)
        (row,) = lines.read(encode_pair(pair, format, with_metadata=True))
        assert list(row)[-1] == "metadata"
        assert row["metadata"] == {"id": "7", "evidence": []}
    else:
        with pytest.raises(Invalid, match="messages or prompt-completion"):
            check_metadata(format, with_metadata=True)


def test_words_at_which_a_service_fails_are_found_in_prompts_and_left_as_they_are() -> None:
    pair = Pair(
        "{contract}", "Definitions. User: who uses it. [EOS]", "System: is said here only.", "Be exact."
    )
    assert refused_words(pair, Format.BEDROCK) == ["User:", "[EOS]"]
    assert refused_words(pair, Format.MESSAGES) == []
    assert "User: who uses it. [EOS]" in encode_pair(pair, Format.BEDROCK).decode()
    assert refused_words(Pair("p", "The user: c", "o"), Format.BEDROCK) == []
    assert refused_words(Pair("p", "c", "o", "Assistant: be exact."), Format.BEDROCK) == ["Assistant:"]


def test_each_format_says_who_takes_it() -> None:
    assert set(TAKEN_BY) == set(Format)


@pytest.mark.parametrize(
    ("name", "format"),
    [
        ("Messages", Format.MESSAGES),
        (" alpaca ", Format.ALPACA),
        ("prompt_completion", Format.PROMPT_COMPLETION),
        ("prompt-completion_text", Format.PROMPT_COMPLETION_TEXT),
        ("BEDROCK", Format.BEDROCK),
    ],
)
def test_a_format_is_found_by_its_name(name: str, format: Format) -> None:
    assert parse_format(name) is format


@pytest.mark.parametrize("name", ["", "csv", "preference", "../etc", "x" * 1000])
def test_an_unknown_format_is_refused_with_the_names_that_there_are(name: str) -> None:
    with pytest.raises(Invalid, match=r"instruction, alpaca, messages, prompt-completion, .*, bedrock"):
        parse_format(name)
