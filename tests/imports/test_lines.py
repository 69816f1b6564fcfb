"""Rows of JSONL, JSON and CSV, one at a time in memory, and the sheet of metadata."""

import csv
import io
import json
import tempfile
import time
import tracemalloc
from contextlib import suppress
from datetime import date
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.documents.extraction import CSV, JSON, JSONL
from app.documents.rules import (
    LONGEST_NAME,
    Metadata,
    clean_line,
    clean_name,
    clean_path,
    is_hidden,
    read_metadata,
    title_from_name,
)
from app.errors import Invalid
from app.imports.lines import LARGEST_ARRAY, ContractLine, Line, parse_contract, parse_values, read_lines
from app.imports.metadata_csv import read_metadata_csv


def test_blank_lines_are_counted_and_passed_over() -> None:
    lines = list(read_lines(BytesIO(b"\xef\xbb\xbfa\n\n \t\r\nb\r\nlast"), kind=JSONL, longest=100))
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
    lines = list(read_lines(BytesIO(b"x" * size + b"\n" + b"next" + end), kind=JSONL, longest=10))
    assert [line.number for line in lines] == [1, 2]
    assert (lines[0].content is not None) == whole
    assert ("longer than" in lines[0].problem) != whole
    assert lines[0].byte_count == size + 1
    assert (lines[1].content or b"").strip() == b"next"


def parse_line(line: Line) -> ContractLine:
    return parse_contract(parse_values(line), max_characters=100)


@given(st.binary(max_size=300))
def test_no_line_breaks_the_parser(content: bytes) -> None:
    with suppress(Invalid):
        assert len(parse_line(Line(1, content, len(content))).text) <= 100


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\xff\xfe", "not UTF-8"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"text": ' + b"9" * 5000 + b"}", "a number that is too long"),
        (b'{"text": NaN}', "NaN"),
        (b'{"text": "' + b"x" * 101 + b'"}', "101 characters; the limit is 100"),
        (b'{"text": "x", "title": ["a"]}', "“title”"),
        (b'{"text": "x", "matter": "' + b"m" * 201 + b'"}', "longer than 200"),
    ],
)
def test_a_line_is_refused_in_a_sentence(content: bytes, said: str) -> None:
    with pytest.raises(Invalid, match=said):
        parse_line(Line(1, content, len(content)))


def rows(content: bytes, kind: str, longest: int = 1000) -> list[Line]:
    return list(read_lines(BytesIO(content), kind=kind, longest=longest))


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_a_row_of_a_csv_is_a_line_whatever_is_quoted_in_it(delimiter: str, mark: bytes) -> None:
    table = [
        "Title,text,Client",
        '"The ""lease""","One,\r\nand\n\ntwo; \t",Acme',
        "",
        'Pipe,A 5" pipe,',
        "Last,No line end,Beta",
    ]
    content = mark + "\r\n".join(table).encode()
    if delimiter != ",":
        content = content.replace(b",", delimiter.encode())
    found = [(line.number, parse_line(line)) for line in rows(content, CSV)]
    assert [(number, said.title, said.metadata.client) for number, said in found] == [
        (2, 'The "lease"', "Acme"),
        (4, "Pipe", None),
        (5, "Last", "Beta"),
    ]
    assert found[0][1].text == "One,\r\nand\n\ntwo; \t".replace(",", delimiter)
    assert found[1][1].text == 'A 5" pipe'


def test_a_broken_row_of_a_csv_fails_for_itself() -> None:
    content = (
        b'title,text\nA,"x"y\nB,b,more\nC,' + "é".encode("cp1252") + b"\nD," + b"d" * 1000 + b"\nE,fine\n"
    )
    found = rows(content, CSV)
    assert [line.number for line in found] == [2, 3, 4, 5, 6]
    said = ["not complete CSV", "3 values where the first line names 2", "not UTF-8", "longer than"]
    assert all(words in line.problem for words, line in zip(said, found, strict=False))
    with pytest.raises(Invalid, match="not UTF-8"):
        parse_line(found[2])
    assert parse_line(found[4]).text == "fine"


@pytest.mark.parametrize(
    ("content", "kind", "said"),
    [
        (b'title,text\n\nA,"open\n', CSV, "opens in line 3 is not closed"),
        (b'title,text\nA,"open\n' + b"x\n" * 1000 + b'"\nB,b\n', CSV, "opens in line 2 is not closed"),
        (b"text,Text\na,b\n", CSV, "“text” twice"),
        (b'[{"text": "a"}', JSON, "cut off or damaged"),
        (b'[{"text": "a"}] [', JSON, "cut off or damaged"),
        (b'[{"text": "a]', JSON, "cut off or damaged"),
        (b'[{"a": 1}' + b" " * LARGEST_ARRAY + b"]", JSON, "larger than 64 MB"),
    ],
)
def test_a_file_that_is_broken_as_a_whole_is_refused_with_the_place(
    content: bytes, kind: str, said: str
) -> None:
    with pytest.raises(Invalid, match=said):
        rows(content, kind)


def test_the_members_of_an_array_are_lines_and_each_is_checked_for_itself() -> None:
    content = b' [\n{"text": "a]}, \\" {["}, {"text": "b", "x": [1, {"y": []}]},\n 5, {"text" "c"}]\n'
    found = rows(content, JSON)
    assert [line.number for line in found] == [1, 2, 3, 4]
    assert [parse_line(line).text for line in found[:2]] == ['a]}, " {[', "b"]
    for line, said in zip(found[2:], ("not an object", "not complete JSON"), strict=True):
        with pytest.raises(Invalid, match=said):
            parse_line(line)


@given(st.lists(st.lists(st.text(alphabet='a",;\n\r é', max_size=8), min_size=2, max_size=2), max_size=5))
def test_a_csv_as_programs_write_it_is_read_back(table: list[list[str]]) -> None:
    written = io.StringIO(newline="")
    csv.writer(written, quoting=csv.QUOTE_ALL).writerows([["title", "text"], *table])
    found = rows(written.getvalue().encode(), CSV)
    assert [list(json.loads(line.content or b"").values()) for line in found] == table


@pytest.mark.long
def test_a_quotation_mark_that_is_not_closed_in_a_hundred_megabytes_costs_neither_time_nor_memory() -> None:
    with tempfile.TemporaryFile() as file:
        file.write(b'title,text\nA,"open\n' + b'a line of words, and ""more"" of them\n' * 2_700_000)
        file.seek(0)
        tracemalloc.start()
        before = time.monotonic()
        with pytest.raises(Invalid, match="line 2 is not closed"):
            list(read_lines(file, kind=CSV, longest=31_000_000))
        assert time.monotonic() - before < 60
        assert tracemalloc.get_traced_memory()[1] < 250_000_000
        tracemalloc.stop()


@pytest.mark.parametrize("value", [7, "7", " +7 "])
def test_a_priority_is_a_number_or_its_digits(value: object) -> None:
    said = read_metadata({"priority": value, "due_on": "2027-01-31"})
    assert (said.priority, said.due_on) == (7, date(2027, 1, 31))
    assert not {"priority", "due_on"} & said.columns().keys()


@pytest.mark.parametrize("value", [True, 1.5, "1.5", "high", 10**7, "٣", [1]])
def test_a_priority_that_is_no_number_is_refused(value: object) -> None:
    with pytest.raises(Invalid, match="whole number"):
        read_metadata({"priority": value})


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("contracts/2026/lease.docx", "contracts/2026/lease.docx"),
        ("contracts\\lease.docx", "contracts/lease.docx"),
        ("a/./b//c.txt", "a/b/c.txt"),
        ("../../etc/passwd", "passwd"),
        ("a/.\u200b./b.txt", "b.txt"),
        ("/etc/passwd", "passwd"),
        ("C:\\x\\lease.txt", "lease.txt"),
        ("a/" * 200 + "b.txt", "b.txt"),
        ("/", "unnamed"),
    ],
)
def test_a_path_keeps_its_folders_unless_it_leaves_them(name: str, shown: str) -> None:
    assert clean_path(name) == shown


@pytest.mark.parametrize(
    ("name", "hidden"),
    [
        ("a/.DS_Store", True),
        ("__MACOSX/a/._b.docx", True),
        (".git/config", True),
        ("a/Thumbs.db", True),
        ("a/b.docx", False),
        ("../a.docx", False),
    ],
)
def test_what_the_system_puts_into_folders_is_hidden(name: str, hidden: bool) -> None:
    assert is_hidden(name) == hidden


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
        ("file,due_on\na.txt,tomorrow\n", "line 2: Its “due_on”"),
        ("file,priority\na.txt,high\n", "line 2: Its “priority”"),
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


def test_a_sheet_names_files_by_their_path_or_by_a_name_that_is_no_other_file_s() -> None:
    names = {"all.zip/a.txt", "all.zip/x/b.txt", "all.zip/x/c.txt", "all.zip/y/c.txt", "a.txt"}
    sheet = "FILE;priority\na.txt;1\nb.txt;2\ny/c.txt;3\n"
    found = read_metadata_csv(sheet.encode(), names=names, sheet="all.zip/metadata.csv")
    assert {name: said.metadata.priority for name, said in found.items()} == {
        "all.zip/a.txt": 1,
        "all.zip/x/b.txt": 2,
        "all.zip/y/c.txt": 3,
    }
    with pytest.raises(Invalid, match=r"all.zip/metadata.csv, line 2: several files are called “c.txt”"):
        read_metadata_csv(b"file\nc.txt\n", names=names, sheet="all.zip/metadata.csv")
