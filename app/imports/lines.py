"""Rows of a file: lines of JSONL, objects of one JSON array, records of a CSV, each checked for itself. Pure.

Whatever the file is, a row arrives here as the bytes of one JSON object, and leaves as what its keys say.
"""

import csv
import io
import json
import re
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO

from app.documents.extraction import CSV, JSON, delimiter_of
from app.documents.rules import Metadata, read_metadata
from app.errors import Invalid

_MARK = b"\xef\xbb\xbf"
# A row is parsed in the worker's own process, where a list of millions of lists would take its memory. What
# stands between a row's texts is what becomes objects; a text itself costs no more than its length.
MOST_BETWEEN_TEXTS = 100_000
LARGEST_ARRAY = 64_000_000  # bytes of a JSON array, which is held in memory
MOST_BETWEEN_TEXTS_OF_ARRAY = 16_000_000
_TOO_LONG = "This line is longer than a contract can be (ENGROSS_CONTRACT_CHARACTERS)."
_TEXT = rb'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\\?\Z)'
_TEXTS = re.compile(_TEXT, re.DOTALL)
_PIECES = re.compile(_TEXT + rb"|[\[\]{},]", re.DOTALL)

# The limit is one of the whole process. What bounds a field here is its record, before it is parsed.
csv.field_size_limit(sys.maxsize)


@dataclass(frozen=True, slots=True)
class Line:
    """A row that is not blank, with its number from 1; in a CSV the names of the columns are number 1.

    `content` is None where there is nothing to parse, and `problem` says why.
    """

    number: int
    content: bytes | None
    byte_count: int
    problem: str = ""


@dataclass(frozen=True, slots=True)
class ContractLine:
    """What a row says of a contract."""

    title: str
    text: str
    metadata: Metadata


def read_lines(stream: BinaryIO, *, kind: str, longest: int) -> Iterator[Line]:
    """The rows of a file, one at a time in memory; blank ones are counted and passed over.

    `longest` is the most bytes that a row may have. Raises Invalid where the file as a whole is broken.
    """
    if kind == CSV:
        yield from _read_csv(stream, longest)
    elif kind == JSON:
        yield from _read_array(stream)
    else:
        yield from _read_jsonl(stream, longest)


def parse_contract(values: Mapping[str, Any], *, max_characters: int) -> ContractLine:
    """A row with `text`, and where they are given `title` and metadata.

    Raises Invalid with the sentence for the report. Keys that are not known are passed over.
    """
    text = values.get("text")
    if not isinstance(text, str):
        raise Invalid("This line has no “text” that holds the contract.")
    if len(text) > max_characters:
        raise Invalid(
            f"This contract has {len(text):,} characters; the limit is {max_characters:,} "
            "(ENGROSS_CONTRACT_CHARACTERS)."
        )
    title = values.get("title") or ""
    if not isinstance(title, str):
        raise Invalid("Its “title” has to be text.")
    return ContractLine(title, text, read_metadata(values))


def parse_values(line: Line) -> dict[str, Any]:
    if line.content is None:
        raise Invalid(line.problem)
    try:
        written = line.content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Invalid(f"This line is not UTF-8 (byte {error.start + 1}).") from None
    if len(_TEXTS.sub(b"", line.content)) > MOST_BETWEEN_TEXTS:
        raise Invalid("This line holds too many values beside its text.")
    try:
        values = json.loads(written, object_pairs_hook=_without_duplicates, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        raise Invalid(f"This line is not complete JSON: {error.msg} at character {error.pos + 1}.") from None
    except (RecursionError, ValueError):
        raise Invalid("This line is nested too deeply, or holds a number that is too long.") from None
    if not isinstance(values, dict):
        raise Invalid('This line is JSON, but not an object such as {"title": …, "text": …}.')
    return values


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values = dict(pairs)
    if len(values) != len(pairs):
        raise Invalid(f"This line says “{_doubled([key for key, _ in pairs])[:60]}” twice.")
    return values


def _doubled(names: Sequence[str]) -> str:
    return Counter(names).most_common(1)[0][0]


def _refuse_constant(name: str) -> object:
    raise Invalid(f"This line holds {name}, which is not JSON.")


def _read_jsonl(stream: BinaryIO, longest: int) -> Iterator[Line]:
    number = 0
    while line := stream.readline(longest + 1):
        number += 1
        size = len(line)
        whole = size <= longest or line.endswith(b"\n")
        while not line.endswith(b"\n") and (rest := stream.readline(longest + 1)):
            whole, size, line = False, size + len(rest), rest
        content = line.removeprefix(_MARK) if number == 1 else line
        if not whole:
            yield Line(number, None, size, _TOO_LONG)
        elif content.strip():
            yield Line(number, content, size)


def _read_array(stream: BinaryIO) -> Iterator[Line]:
    """The members of one array, told apart by brackets and commas; what is in them is parsed one by one."""
    content = stream.read(LARGEST_ARRAY + 1)
    if len(content) > LARGEST_ARRAY or len(_TEXTS.sub(b"", content)) > MOST_BETWEEN_TEXTS_OF_ARRAY:
        raise Invalid(
            f"This JSON array is larger than {LARGEST_ARRAY // 1_000_000} MB, or holds too many values. "
            "Save it as JSONL, one object a line, and import that."
        )
    number, depth, start = 0, 0, 0
    for piece in _PIECES.finditer(content):
        if piece[0] in b"[{":
            depth += 1
            start = start or piece.end()  # behind the array's own bracket
        elif piece[0] in b"]}":
            depth -= 1
        if depth == 0 or (depth == 1 and piece[0] == b","):
            number += 1
            if member := content[start : piece.start()].strip():
                yield Line(number, member, len(member))
            start = piece.end()
        if depth == 0:
            break
    if depth or content[start:].strip():
        raise Invalid("This JSON array is cut off or damaged. Save it anew, and import that.")


def _read_csv(stream: BinaryIO, longest: int) -> Iterator[Line]:
    """The records below the line of names, each as a JSON object."""
    names: list[str] | None = None
    delimiter = ""
    for number, record, size in _records(stream, longest):
        if record is None:
            yield Line(number, None, size, _TOO_LONG)
            continue
        if names is None:
            delimiter = delimiter_of(record) or ","
            names = [name.strip().lower() for name in _cells(record, delimiter)]
            if len(set(names)) != len(names):
                raise Invalid(f"This CSV has the column “{_doubled(names)[:60]}” twice.")
            continue
        if not record.strip():
            continue
        try:
            content = _as_object(names, _cells(record, delimiter))
        except Invalid as error:
            yield Line(number, None, size, error.message)
        else:
            yield Line(number, content, size)


def _as_object(names: Sequence[str], cells: Sequence[str]) -> bytes:
    if len(cells) != len(names):
        raise Invalid(f"It has {len(cells)} values where the first line names {len(names)} columns.")
    return json.dumps(dict(zip(names, cells, strict=True)), ensure_ascii=False).encode()


def _cells(record: bytes, delimiter: str) -> list[str]:
    try:
        return next(csv.reader(io.StringIO(record.decode(), newline=""), delimiter=delimiter, strict=True))
    except UnicodeDecodeError:
        raise Invalid("This row is not UTF-8. Save the file as “CSV UTF-8” and import it again.") from None
    except csv.Error as error:
        raise Invalid(f"This row is not complete CSV: {error}.") from None


def _records(stream: BinaryIO, longest: int) -> Iterator[tuple[int, bytes | None, int]]:
    """Number, bytes and size of each record: a line, or several where a quoted value holds line breaks.

    The bytes of one that is too long are None. Raises Invalid where a quotation mark is not closed in time.
    """
    number, size, at, begun = 0, 0, 1, 1
    parts: list[bytes] = []
    inside, ends = False, _ends_inside(",")
    while line := stream.readline(longest + 1):
        if number == size == 0:
            line = line.removeprefix(_MARK)
            ends = _ends_inside(delimiter_of(line) or ",")
        size += len(line)
        if size <= longest:
            parts.append(line)
        inside = ends[inside].match(line) is not None
        at += line.endswith(b"\n")
        if line.endswith(b"\n") and not inside:
            number += 1
            yield number, b"".join(parts) if size <= longest else None, size
            parts, size, begun = [], 0, at
        elif inside and size > longest:
            break
    if inside:
        raise Invalid(
            f"A quotation mark that opens in line {begun:,} is not closed within the length of a contract. "
            "Close it there, and import the file again."
        )
    if size:
        yield number + 1, b"".join(parts) if size <= longest else None, size


def _ends_inside(delimiter: str) -> dict[bool, re.Pattern[bytes]]:
    """What a line looks like that ends within quotation marks, by whether it began within them."""
    rest, end = rb'[^"]*+(?:""[^"]*+)*+', re.escape(delimiter.encode())
    other = b"[^" + end + b"]"
    closed = b'"' + other + b"*+"
    whole_fields = b'(?:(?:"' + rest + closed + b'|(?!")' + other + b"++)?" + end + b")*+"
    opens = whole_fields + b'"' + rest + rb"\Z"
    return {
        False: re.compile(opens),
        True: re.compile(rest + rb"(?:\Z|" + closed + end + opens + b")"),
    }
