"""Lines of JSONL, one at a time in memory, and the sheet of metadata."""

from contextlib import suppress
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.documents.rules import LONGEST_NAME, Metadata, clean_line, clean_name, title_from_name
from app.errors import Invalid
from app.imports.lines import ContractLine, parse_contract, parse_object, read_lines
from app.imports.metadata_csv import read_metadata_csv


def test_blank_lines_are_counted_and_passed_over() -> None:
    lines = list(read_lines(BytesIO(b"\xef\xbb\xbfa\n\n \t\r\nb\r\nlast"), longest=100))
    assert [(line.number, (line.content or b"").strip()) for line in lines] == [
        (1, b"a"),
        (4, b"b"),
        (5, b"last"),
    ]


@pytest.mark.parametrize("end", [b"\n", b""])
@pytest.mark.parametrize(("size", "whole"), [(9, True), (10, True), (11, False), (50, False)])
def test_a_line_that_is_too_long_is_skipped_to_its_end_and_the_next_one_is_read(
    size: int, whole: bool, end: bytes
) -> None:
    lines = list(read_lines(BytesIO(b"x" * size + b"\n" + b"next" + end), longest=10))
    assert [line.number for line in lines] == [1, 2]
    assert (lines[0].content is not None) == whole
    assert lines[0].byte_count == size + 1
    assert (lines[1].content or b"").strip() == b"next"


def parse_line(content: bytes | None) -> ContractLine:
    return parse_contract(parse_object(content, max_characters=100), max_characters=100)


@given(st.binary(max_size=300))
def test_no_line_breaks_the_parser(content: bytes) -> None:
    with suppress(Invalid):
        assert len(parse_line(content).text) <= 100


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "longer than"),
        (b"\xff\xfe", "not UTF-8"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"text": ' + b"9" * 5000 + b"}", "a number that is too long"),
        (b'{"text": NaN}', "NaN"),
        (b'{"text": "' + b"x" * 101 + b'"}', "101 characters; the limit is 100"),
        (b'{"text": "x", "title": ["a"]}', "“title”"),
        (b'{"text": "x", "matter": "' + b"m" * 201 + b'"}', "longer than 200"),
    ],
)
def test_a_line_is_refused_in_a_sentence(content: bytes | None, said: str) -> None:
    with pytest.raises(Invalid, match=said):
        parse_line(content)


@given(st.text())
def test_a_cleaned_name_can_be_shown_anywhere(name: str) -> None:
    shown = clean_name(name)
    assert 1 <= len(shown) <= LONGEST_NAME
    assert shown == clean_line(shown)
    assert not set(shown) & set("/\\\r\n\0\u202e\u2066\u200b")
    shown.encode()


@pytest.mark.parametrize(
    ("name", "title"),
    [("Lease_2026.docx", "Lease 2026"), (".docx", ".docx"), ("v1.2 final draft", "v1.2 final draft")],
)
def test_a_title_is_the_name_without_its_ending(name: str, title: str) -> None:
    assert title_from_name(name) == title


@pytest.mark.parametrize(
    ("sheet", "said"),
    [
        ("client\nAcme\n", "no column “file”"),
        ("file,clients\na.txt,Acme\n", "a column “clients”"),
        ("file,client\na.txt\n", "more or fewer values"),
        ("file,client\na.txt,Acme,extra\n", "more or fewer values"),
        ("file,client\na.txt,A\na.txt,B\n", "line 3: “a.txt” has a line already"),
        ("file,rights_expire_on\na.txt,31.12.2027\n", "line 2: Its “rights_expire_on”"),
        ('file,client\na.txt,"open\n', "unexpected end of data"),
    ],
)
def test_a_sheet_is_refused_with_the_place_and_the_reason(sheet: str, said: str) -> None:
    with pytest.raises(Invalid, match=said):
        read_metadata_csv(sheet.encode(), names={"a.txt"})


def test_a_sheet_is_read_with_its_byte_order_mark_and_quotes() -> None:
    sheet = '\ufefffile,title,client\n"a.txt","A ""lease""",\n'
    found = read_metadata_csv(sheet.encode(), names={"a.txt"})
    assert found["a.txt"].title == 'A "lease"'
    assert found["a.txt"].metadata == Metadata()
