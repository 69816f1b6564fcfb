"""A file is told by its content, read in a process of its own, and refused with a sentence that helps."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from app.documents.extraction import (
    CSV,
    DOCX,
    HTML,
    JSON,
    JSONL,
    MARKDOWN,
    PDF,
    RTF,
    TEXT,
    ZIP,
    Unreadable,
    extract,
    sniff,
)
from tests.documents.extraction.builders import column, docx, paragraph, pdf, zipped

Write = Callable[[bytes | str], Path]
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def written(content: bytes | str) -> Path:
        path = tmp_path / "upload"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return written


@pytest.mark.parametrize(
    ("content", "name", "kind"),
    [
        ("1. Term", "contract.txt", TEXT),
        ("1. Term", "contract.pdf", TEXT),
        ("# Term", "contract.MD", MARKDOWN),
        ("\ufeff1. Term".encode("utf-16"), "a.txt", TEXT),
        (pdf([column(["Words."])]), "contract.docx", PDF),
        (b"junk before\n" + pdf([column(["Words."])]), "a", PDF),
        (docx(paragraph("Words.")), "contract.zip", DOCX),
        (zipped([("a.txt", "Words."), ("word/b.txt", "Words.")]), "a.docx", ZIP),
        ('{"title": "A", "text": "B"}\n{"title": "C"}\n', "a.txt", JSONL),
        ('{"title": "A", "text": "B"}', "a.txt", JSONL),
        (' [\n {"title": "A"}]', "a.txt", JSON),
        ("[]", "a.json", TEXT),
        ("title,text\nA,B\n", "a.txt", CSV),
        ("\ufeffTitle;Text;Client name\nA;B;C\n", "a", CSV),
        ("title\ttext\nA\tB\n", "a", CSV),
        ("text\n", "a.csv", CSV),
        ("Text, drawings and specifications.", "a.csv", TEXT),
        ("title,body\nA,B\n", "a.csv", TEXT),
        (b"{\\rtf1 Words}", "a.doc", RTF),
        ("\n <!DOCTYPE html><html>", "a.txt", HTML),
        ('<?xml version="1.0"?>\n<html>', "a.xml", HTML),
        ("<html><p>Words".encode("utf-16"), "a", HTML),
        ("<DOCUMENT>\n<TYPE>EX-10\n<TEXT>\n<HTML>", "a.txt", HTML),
        ("<DOCUMENT>\n<TYPE>EX-10\n<TEXT>\nAGREEMENT", "a.txt", TEXT),
        ("<Customer> agrees.", "a.html", TEXT),
        ("{Client} agrees with {Supplier}.", "a.txt", TEXT),
        ("[Name] agrees.", "a.txt", TEXT),
    ],
)
def test_the_kind_of_a_file_is_told_by_its_content(
    write: Write, content: bytes | str, name: str, kind: str
) -> None:
    assert sniff(write(content), name=name) == kind


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (OLE + "EncryptedPackage".encode("utf-16-le"), "Remove the password"),
        (OLE + "WordDocument".encode("utf-16-le"), r"\(\.doc\) cannot be read yet"),
        (OLE, r"Save it as \.docx"),
        (b'<?xml version="1.0"?><w/>', "XML cannot be read yet"),
        (b"\x89PNG\r\n\x1a\n", "picture"),
        (b"MZ\0\0\0", "not a kind of file"),
        (zipped([("[Content_Types].xml", ""), ("xl/workbook.xml", "")]), "Excel"),
        ('{\n  "title": "A",\n  "text": "B"\n}', "one object a line"),
        ('{"a":' * 100_000, "one object a line"),
    ],
)
def test_a_kind_that_is_not_read_says_what_to_do(write: Write, content: bytes | str, reason: str) -> None:
    with pytest.raises(Unreadable, match=reason):
        sniff(write(content))


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("“Café”\r\n§ 5".encode(), "“Café”\n§ 5"),
        ("“Café” § 5".encode("utf-16"), "“Café” § 5"),
        ("“Café” § 5".encode("utf-8-sig"), "“Café” § 5"),
        (
            "The Customer’s “Café” shall pay £5 – see § 5.".encode("cp1252"),
            "The Customer’s “Café” shall pay £5 – see § 5.",
        ),
    ],
    ids=["UTF-8", "UTF-16", "UTF-8 with a mark", "Windows"],
)
def test_text_is_read_in_the_encoding_that_it_is_in(write: Write, content: bytes, text: str) -> None:
    assert extract(write(content), name="a.txt").text == text


def test_a_guessed_encoding_is_said(write: Write) -> None:
    notes = extract(write("Договор поставки между сторонами. ".encode("cp1251") * 20), name="a.txt").notes
    assert "cp1251" in notes[0]


def test_markdown_is_read_as_it_is_rendered(write: Write) -> None:
    source = (
        "# Supply Agreement\n\n## 1. Term\n\nIt *lasts* a **year**, see [here](http://x.y).\n\n"
        "1. one\n2. two\n   - deeper\n\n| Price | 10 |\n| --- | --- |\n| Fee | 5 |\n\n<b>raw</b> R&amp;D\n"
    )
    read = extract(write(source), name="a.md")
    assert [(b.kind.value, b.level, b.number, read.text[b.body : b.end]) for b in read.blocks] == [
        ("heading", 1, "", "Supply Agreement"),
        ("heading", 2, "1", "Term"),
        ("paragraph", 0, "", "It lasts a year, see here."),
        ("item", 1, "1", "one"),
        ("item", 1, "2", "two"),
        ("item", 2, "•", "deeper"),
        ("row", 0, "", "Price | 10"),
        ("row", 0, "", "Fee | 5"),
        ("paragraph", 0, "", "<b>raw</b> R&D"),
    ]
    assert read.title == "Supply Agreement"


@pytest.mark.parametrize(
    ("content", "name"),
    [(pdf([column(["Words."])]), "x\0y\r\n.docx"), (docx(paragraph("Words.")), "../../" + "a" * 300)],
)
def test_a_strange_name_changes_nothing(write: Write, content: bytes, name: str) -> None:
    assert extract(write(content), name=name).text == "Words."


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (docx(paragraph("Words."))[:400], "cut off or damaged"),
        (zipped([("a.txt", "Words.")]), "several files"),
        ('{"text": "B"}\n', "Import it as JSONL"),
        (b"\x01\x02\x03\x04" * 50, "not a text file"),
        ("a" * 101, "more than 100 characters"),
        ("\u200b \n", "no text"),
    ],
)
def test_a_file_that_cannot_be_taken_in_is_refused_in_one_sentence(
    write: Write, content: bytes | str, reason: str
) -> None:
    with pytest.raises(Unreadable, match=reason):
        extract(write(content), name="a.txt", max_characters=100)


def test_a_reader_that_takes_too_long_is_ended_by_the_clock(write: Write) -> None:
    before = time.monotonic()
    with pytest.raises(Unreadable, match=r"within 0\.2 seconds"):
        extract(write(docx(paragraph("Words.") * 200_000)), name="a.docx", seconds=0.2)
    assert time.monotonic() - before < 5


def test_a_file_that_bursts_is_one_files_failure(write: Write) -> None:
    with pytest.raises(Unreadable, match="more memory to read than is allowed"):
        extract(write(docx(paragraph("Words.") * 100_000)), name="a.docx", seconds=60, megabytes=128)


def test_empty_paragraphs_by_the_thousand_are_nothing_to_read(write: Write) -> None:
    assert extract(write(docx("<w:p/>" * 100_000 + paragraph("Words."))), name="a.docx").text == "Words."
