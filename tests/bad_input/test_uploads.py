"""Files that are not what they seem: each is one file's failure, in a sentence, and the others are read."""

import io
import json
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from sqlalchemy.orm import Session

from app import clock
from app.documents.rules import clean_name
from app.errors import Invalid
from app.imports import lines, queries
from app.imports.processing import process
from app.imports.service import start_import
from app.main import create_app
from app.web import markdown
from tests.documents.extraction.builders import W, docx, paragraph, pdf, pdf_of_streams, zipped
from tests.factories import Factory
from tests.imports.conftest import data_dir, live, make_live, stored
from tests.web.browsers import program

__all__ = ["data_dir", "live", "make_live"]  # fixtures

OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
GOOD = "Services Agreement\n\n1 Term\n\n1.1 It runs for three years."


def _entities() -> bytes:
    bomb = "".join(f'<!ENTITY e{n + 1} "{f"&e{n};" * 10}">' for n in range(9))
    body = "<w:body><w:p><w:r><w:t>&e9;</w:t></w:r></w:p></w:body>"
    xml = f'<!DOCTYPE x [<!ENTITY e0 "ha">{bomb}]><w:document {W}>{body}</w:document>'
    return zipped([("[Content_Types].xml", "<Types/>"), ("word/document.xml", xml)])


def _template() -> bytes:
    """A document that asks for its template, a picture and a link from elsewhere, and brings macros along."""
    outside = "".join(
        f'<Relationship Id="x{kind}" Type="{OFFICE}/{kind}" '
        f'Target="http://192.0.2.1/{kind}" TargetMode="External"/>'
        for kind in ("attachedTemplate", "image", "hyperlink", "settings", "numbering", "styles")
    )
    with zipfile.ZipFile(io.BytesIO(docx(paragraph("Words of a contract.")))) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    files["word/_rels/document.xml.rels"] = (
        f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{outside}</Relationships>'
    ).encode()
    return zipped(
        [*files.items(), ("word/vbaProject.bin", b"\xd0\xcf\x11\xe0 macro"), ("word/../../x", b"x")]
    )


def _looping_pages() -> bytes:
    good = pdf([[(72, 700, 11, "Words.")]])
    return good.replace(b"/Kids [4 0 R]", b"/Kids [2 0 R]")


def _looping_xref() -> bytes:
    good = pdf([[(72, 700, 11, "Words.")]])
    start = good.rindex(b"startxref\n") + 10
    place = good[start:].split(b"\n", 1)[0]
    return good.replace(b"trailer << ", b"trailer << /Prev " + place + b" ")


HOSTILE: dict[str, Callable[[], bytes]] = {
    "entities.docx": _entities,
    "bomb.docx": lambda: zipped([("[Content_Types].xml", "<T/>"), ("word/document.xml", b" " * 200_000_000)]),
    "deep.docx": lambda: docx("<w:sdt><w:sdtContent>" * 5_000 + "</w:sdtContent></w:sdt>" * 5_000),
    "paragraphs.docx": lambda: docx("<w:p/>" * 1_000_000),
    "wide.docx": lambda: docx("<w:tbl><w:tr>" + "<w:tc><w:p/></w:tc>" * 200_000 + "</w:tr></w:tbl>"),
    "twice.docx": lambda: zipped(
        [("[Content_Types].xml", "<a/>"), ("word/document.xml", "<a/>"), ("word/document.xml", "<b/>")]
    ),
    "nested.zip": lambda: zipped([("a.zip", zipped([("b.zip", zipped([("c.txt", GOOD)]))]))]),
    "loop.pdf": _looping_pages,
    "bomb.pdf": lambda: pdf_of_streams([b"BT /F1 1 Tf (a) Tj ET\n" * 3_000_000]),
    "empty.pdf": lambda: pdf([[]]),
    "cut.pdf": lambda: pdf([[(72, 700, 11, "Words.")]])[:400],
    "binary.txt": lambda: bytes(range(256)) * 400,
    "empty.txt": lambda: b"",
    "invisible.txt": lambda: "\u200b\u2060\ufeff \n".encode() * 100,
    "picture.docx": lambda: b"\x89PNG\r\n\x1a\n" + b"\0" * 500,
    "half.jsonl": lambda: b'{"title": "A", "text": "unclosed',
    "lists.jsonl": lambda: b'{"text": "Words.", "x": ' + b"[" * 50_000 + b"]" * 50_000 + b"}\n",
    "array.json": lambda: b'[{"text": "Words."}, {"text": "cut',
    "brackets.json": lambda: b'[{"text": "Words.", "x": ' + b"[" * 1_000_000,
    "quote.csv": lambda: b'title,text\nA,"never closed\n' + b"line\n" * 100_000,
    "row.csv": lambda: b"title,text\nonly one value\n",
    "columns.csv": lambda: b"text,text\na,b\n",
    "deep.html": lambda: b"<html><body>" + b"<div>" * 1_000_000 + b"Words.",
    "empty.html": lambda: b"<html><script>words()</script></html>",
    "empty.rtf": lambda: b"{\\rtf1\\ansi {\\fonttbl{\\f0 Times;}}}",
    "objects.jsonl": lambda: b'{"text": "Words.", "x": [' + b"{}," * 200_000 + b"0]}\n",
}
READ: dict[str, Callable[[], bytes]] = {
    "good.txt": GOOD.encode,
    "wide.txt": lambda: (GOOD + " Wide.").encode("utf-16"),
    "windows.txt": lambda: (GOOD + " It costs €5 – “net”.").encode("cp1252"),
    "template.docx": _template,
    "xref.pdf": _looping_xref,
    "line.txt": (GOOD + " " + "word " * 400_000).encode,
    "deep.rtf": lambda: b"{\\rtf1 " + b"{" * 10_000 + b"Contract in groups." + b"}" * 10_000 + b"}",
    "../../blank.jsonl": lambda: b'\n\r\n{"text": "Contract of the lines."}\n\n   \n',
}


def test_each_hostile_file_fails_for_itself_with_a_sentence_and_the_others_are_read(
    live: Session, make_live: Factory
) -> None:
    project = make_live.project()
    lead = make_live.lead(project)
    files = [stored(name, make()) for name, make in (HOSTILE | READ).items()]
    started = start_import(live, project=project, files=files, actor=lead, at=datetime.now(UTC))
    live.commit()
    assert process(started.id, now=clock.now)
    live.expire_all()
    rows = queries.list_files(live, started.id)
    report = {file.name.partition(":")[0]: file for file in rows}
    # A zip is told of by its entries, each for itself.
    hostile = {name: [file for file in rows if file.name.startswith(name)] for name in HOSTILE}
    assert [name for name, files in hostile.items() if {file.status for file in files} != {"failed"}] == []
    read = {clean_name(name): file for name, file in READ.items()}
    assert {name: (report[name].status, report[name].reason) for name in read} == dict.fromkeys(
        read, ("created", "")
    )
    for name, files in hostile.items():
        for file in files:
            assert file.reason.endswith(".")
            assert "Engross itself failed" not in file.reason, name


@pytest.mark.long
def test_a_text_of_one_line_as_long_as_a_file_may_be_is_refused_by_its_limit(
    live: Session, make_live: Factory
) -> None:
    project = make_live.project()
    lead = make_live.lead(project)
    files = [stored("line.txt", b"word " * 19_990_000), stored("good.txt", GOOD)]
    started = start_import(live, project=project, files=files, actor=lead, at=datetime.now(UTC))
    live.commit()
    process(started.id, now=clock.now)
    live.expire_all()
    assert [file.status for file in queries.list_files(live, started.id)] == ["failed", "created"]


NAMES = [
    b"../../../etc/passwd",
    b"C:\\\\x\\\\a.txt",
    b"a\\0b.txt",
    b"a\xe2\x80\xaetxt.exe",
    b"\xff\xfe.txt",
    b"n" * 300 + b".txt",
    b"",
    b".",
    b"/",
    b"a%0d%0aX-Evil: 1.txt",
    b"<script>m4rk()</script>.txt",
    b"con.txt",
    b"a\xf3\xa0\x81\x81b.txt",
]


def test_no_name_of_a_file_breaks_its_upload_and_each_is_shown_clean(
    live: Session, make_live: Factory
) -> None:
    project = make_live.project()
    lead = make_live.lead(project)
    live.commit()
    client = program(create_app(), lead)
    parts = b"".join(
        b'--x\r\nContent-Disposition: form-data; name="files"; filename="%s"\r\n\r\nWords %d\r\n'
        % (name, number)
        for number, name in enumerate(NAMES)
    )
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    answer = client.post(
        f"/api/v1/projects/{project.slug}/imports", content=parts + b"--x--\r\n", headers=headers
    )
    assert answer.status_code == 202, answer.text
    for file in client.get(answer.headers["Location"]).json()["files"]:
        assert 1 <= len(file["name"]) <= 300
        assert file["name"].isprintable()
        assert "\\" not in file["name"]
        # A folder's path is kept, from the folder on.
        assert not {"", ".", ".."} & set(file["name"].split("/"))


@pytest.mark.parametrize(
    "content",
    [
        b'{"text": "a", "x": ' + b"[[]," * 200_000 + b"0",
        b'{"text": "a", "x": [' + b'"a",' * 200_000 + b"0]}",
        b'{"text": "' + b'\\"' * 400_000,
        b'"' * 1_000_001,
        b"\\" * 1_000_001,
    ],
    ids=["lists", "texts", "unclosed", "quotes", "backslashes"],
)
def test_a_line_that_would_take_the_workers_memory_is_refused_before_it_is_parsed(content: bytes) -> None:
    with pytest.raises(Invalid):
        lines.parse_values(lines.Line(1, content, len(content)))


def test_a_long_contract_is_one_text_and_no_bomb() -> None:
    text = 'He said "no" \\ and [left] {twice}.\n' * 100_000
    content = json.dumps({"text": text}).encode()
    line = lines.Line(1, content, len(content))
    assert lines.parse_values(line)["text"] == text


@pytest.mark.parametrize("piece", ["[", "![", "*a ", "- a\n", "a\n\n", "|a", "`", "<a ", "[a](b) "])
def test_guidelines_of_nothing_but_marks_are_shown_as_they_were_written(piece: str) -> None:
    """Each of these took seconds."""
    text = piece * (200_000 // len(piece))
    assert markdown.render(text).startswith("<pre>")


def test_guidelines_as_people_write_them_are_rendered_however_long() -> None:
    text = (
        "## Terms\n\nSome **words** of a lead, in lines as long as these are, about [this](https://a.example).\n\n"
        * 1_000
    )
    assert markdown.render(text).count("<strong>") == 1_000
