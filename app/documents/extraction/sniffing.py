"""What kind of file this is, told by its content: a name may be wrong, and often is."""

import codecs
import csv
import json
import re
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from .blocks import Unreadable

TEXT = "text/plain"
MARKDOWN = "text/markdown"
PDF = "application/pdf"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
JSONL = "application/jsonl"
JSON = "application/json"  # one array of objects
CSV = "text/csv"
RTF = "application/rtf"
HTML = "text/html"
ZIP = "application/zip"

_HEAD = 64 * 1024
_OFFICE_SEARCH = 4 * 1024**2  # where an OLE file's directory and a ZIP's list of entries are looked for
_LONGEST_ROW = 32 * 1024**2  # bytes of a first JSONL row: a contract of 5,000,000 characters, escaped
_PARSED_ROW = 1024**2
_HTML = re.compile(
    rb"(?:<\?xml[^>]{0,200}>\s{0,100})?(?:<!--[^>]{0,2000}-->\s{0,100})?(?:<document>.{0,3000}?)?"
    rb"<(?:!doctype html|html|head|body|meta|title|style|div|p|h1|table|center|font)\b",
    re.IGNORECASE | re.DOTALL,
)
_ARRAY = re.compile(rb'\[\s{0,1000}\{\s{0,1000}["}]')
_DELIMITERS = (",", ";", "\t")
# A CSV with one of these columns holds contracts, or pairs.
_ROW_COLUMNS = frozenset({"text", "output", "response", "completion"})
_LONGEST_COLUMN = 100

_EMPTY = "This file is empty. Choose the file that holds the contract."
_UNSUPPORTED = "{} cannot be read yet. Save it as .docx or PDF and import that."
_LOCKED = "This Office document is protected by a password. Remove the password and import it again."
_PICTURE = "This is a picture, not a document. Run it through text recognition (OCR) and import the result."
_JSON = "This is JSON, but neither one object a line nor one array of objects with the keys title and text."
_BINARY = (
    "This is not a kind of file that can be read. "
    "Import DOCX, PDF, RTF, HTML, text, Markdown, JSONL, CSV or a ZIP."
)

_PICTURES = (b"\x89PNG\r\n", b"\xff\xd8\xff", b"GIF8", b"II*\0", b"MM\0*", b"BM")
_OTHER_OFFICE = (
    (b"xl/workbook", "An Excel workbook"),
    (b"ppt/presentation", "A PowerPoint presentation"),
    (b"mimetypeapplication/vnd.oasis.opendocument", "An OpenDocument file"),
    (b"META-INF/container.xml", "An e-book"),
)


def sniff(path: Path, *, name: str = "") -> str:
    """The media type of a file; `name` decides between plain text and Markdown and nothing else.

    Raises Unreadable, with what to do, for empty files and for kinds that cannot be taken in. Reads a few
    megabytes at most.
    """
    with path.open("rb") as file:
        return sniff_stream(file, name=name or path.name)


def sniff_stream(file: BinaryIO, *, name: str) -> str:
    """As `sniff`, for an open file that can seek; leaves it at its beginning."""
    head = file.read(_HEAD)
    try:
        return _kind(file, head, name)
    finally:
        file.seek(0)


def _kind(file: BinaryIO, head: bytes, name: str) -> str:
    if not head:
        raise Unreadable(_EMPTY)
    if b"%PDF-" in head[:1024]:
        return PDF
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _zip_kind(file, head)
    if head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        _refuse_ole(head + file.read(_OFFICE_SEARCH))
    if head.startswith(_PICTURES):
        raise Unreadable(_PICTURE)
    return _text_kind(file, head, name)


def _zip_kind(file: BinaryIO, head: bytes) -> str:
    """DOCX or ZIP, by the entries' names. The list is searched, not parsed: it may be hostile."""
    size = file.seek(0, 2)
    file.seek(max(0, size - _OFFICE_SEARCH))
    listed = head + file.read(_OFFICE_SEARCH)
    if b"[Content_Types].xml" in listed and b"word/" in listed:
        return DOCX
    for mark, kind in _OTHER_OFFICE:
        if mark in listed:
            raise Unreadable(_UNSUPPORTED.format(kind))
    return ZIP


def _refuse_ole(data: bytes) -> None:
    """Word before 2007, and every Office document with a password, come in this older container."""
    if "EncryptedPackage".encode("utf-16-le") in data:
        raise Unreadable(_LOCKED)
    old_word = "WordDocument".encode("utf-16-le") in data
    raise Unreadable(
        _UNSUPPORTED.format("A Word document of before 2007 (.doc)" if old_word else "This kind of file")
    )


def _text_kind(file: BinaryIO, head: bytes, name: str) -> str:
    wide = head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    if not wide and b"\0" in head:
        raise Unreadable(_BINARY)
    bare = head.decode("utf-16", "ignore").encode() if wide else head.removeprefix(codecs.BOM_UTF8)
    bare = bare.lstrip()
    if bare.startswith(b"{\\rtf"):
        return RTF
    if _HTML.match(bare[:4096]):
        return HTML
    if bare.startswith(b"<?xml"):
        raise Unreadable(_UNSUPPORTED.format("XML"))
    if not wide:
        if bare.startswith(b"{") and _is_jsonl(head + file.read(_LONGEST_ROW)):
            return JSONL
        if _ARRAY.match(bare):
            return JSON
        if delimiter_of(bare.split(b"\n", 1)[0]):
            return CSV
    return MARKDOWN if name.lower().endswith((".md", ".markdown")) else TEXT


def delimiter_of(line: bytes, *, columns: Collection[str] = _ROW_COLUMNS) -> str | None:
    """What parts the columns of a CSV whose first line names one of these; None where it is no such CSV."""
    for delimiter in _DELIMITERS:
        with suppress(UnicodeDecodeError, csv.Error, StopIteration):
            names = next(csv.reader([line.decode().strip("\r\n")], delimiter=delimiter, strict=True))
            # "text, drawings and …" is how a sentence goes on, and no column's name begins so.
            shaped = all(name == name.lstrip() and len(name) <= _LONGEST_COLUMN for name in names)
            if shaped and any(name.strip().lower() in columns for name in names):
                return delimiter
    return None


def _is_jsonl(data: bytes) -> bool:
    """Whether the first line is a JSON object; a whole file of indented JSON is refused by its name."""
    text = data.removeprefix(codecs.BOM_UTF8).lstrip()
    line = text.split(b"\n", 1)[0]
    if len(line) > _PARSED_ROW:
        # Nothing is made of a long one's values: that it ends as an object does is enough.
        is_object = line.rstrip().endswith(b"}")
    else:
        try:
            is_object = isinstance(json.loads(line), dict)
        except (ValueError, RecursionError):
            is_object = False
    if not is_object and re.match(rb'\{\s{0,200}"[^"\n]{1,100}"\s{0,20}:', text[:1000]):
        raise Unreadable(_JSON)
    return is_object
