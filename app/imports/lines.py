"""Reading JSONL: one contract a line, each line checked for itself. Pure."""

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO

from app.documents.rules import Metadata, read_metadata
from app.errors import Invalid

_MARK = b"\xef\xbb\xbf"
# A line is parsed in the worker's own process, where a list of millions of lists would take its memory. What
# stands between a line's texts is what becomes objects; a text itself costs no more than its length.
MOST_BETWEEN_TEXTS = 100_000
_TEXTS = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\\?\Z)', re.DOTALL)


@dataclass(frozen=True, slots=True)
class Line:
    """A line that is not blank, with its number from 1. `content` is None where it was too long to keep."""

    number: int
    content: bytes | None
    byte_count: int


@dataclass(frozen=True, slots=True)
class ContractLine:
    """What a line says."""

    title: str
    text: str
    metadata: Metadata


def read_lines(stream: BinaryIO, *, longest: int) -> Iterator[Line]:
    """The lines of a file, one at a time in memory; blank ones are counted and passed over."""
    number = 0
    while line := stream.readline(longest + 1):
        number += 1
        size = len(line)
        whole = size <= longest or line.endswith(b"\n")
        while not line.endswith(b"\n") and (rest := stream.readline(longest + 1)):
            whole, size, line = False, size + len(rest), rest
        content = line.removeprefix(_MARK) if number == 1 else line
        if not whole:
            yield Line(number, None, size)
        elif content.strip():
            yield Line(number, content, size)


def parse_object(content: bytes | None, *, max_characters: int) -> dict[str, Any]:
    """What one line says, by key. Raises Invalid with the sentence for the report."""
    if content is None:
        raise Invalid(f"This line is longer than a contract of {max_characters:,} characters can be.")
    return _object(content)


def parse_contract(values: Mapping[str, Any], *, max_characters: int) -> ContractLine:
    """The contract of one line: `text`, and where they are given `title` and metadata.

    Raises Invalid with the sentence for the report. Other keys are passed over.
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


def _object(content: bytes) -> dict[str, Any]:
    try:
        line = content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Invalid(f"This line is not UTF-8 (byte {error.start + 1}).") from None
    if len(_TEXTS.sub(b"", content)) > MOST_BETWEEN_TEXTS:
        raise Invalid("This line holds too many values beside its text.")
    try:
        values = json.loads(line, object_pairs_hook=_without_duplicates, parse_constant=_refuse_constant)
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
        double = Counter(key for key, _ in pairs).most_common(1)[0][0]
        raise Invalid(f"This line says “{double[:60]}” twice.")
    return values


def _refuse_constant(name: str) -> object:
    raise Invalid(f"This line holds {name}, which is not JSON.")
