"""What is true of every file that leaves, whatever its format: byte by byte, in one place."""

import json
from collections.abc import Iterator
from typing import Any

from app.releases.formats import Format

SEPARATORS = "\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029"  # where some reader or other ends a line


def read(data: bytes) -> list[dict[str, Any]]:
    """The rows; fails unless each is one line for every reader, and all have the same keys and types."""
    assert not data.startswith(b"\xef\xbb\xbf")
    assert data.endswith(b"\n")
    lines = data.decode().removesuffix("\n").split("\n")
    assert all(lines)
    assert not set("".join(lines)) & set(SEPARATORS)
    rows = [json.loads(line, object_pairs_hook=_object) for line in lines]
    assert data == b"".join(map(canonical, rows))
    _same(rows)
    return rows


def canonical(row: dict[str, Any]) -> bytes:
    """The line that the standard library would write: compact, UTF-8, three characters escaped more."""
    line = json.dumps(row, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return line.translate({ord(char): f"\\u{ord(char):04x}" for char in "\x85\u2028\u2029"}).encode() + b"\n"


def prompt_and_output(row: dict[str, Any], format: Format) -> tuple[str, str]:
    """The prompt, without a system prompt that stands apart, and the output, as a trainer reads them."""
    match format:
        case Format.INSTRUCTION:
            return row["instruction"], row["output"]
        case Format.ALPACA:
            return f"{row['instruction']}\n{row['input']}", row["output"]
        case Format.MESSAGES:
            return row["messages"][-2]["content"], row["messages"][-1]["content"]
        case Format.PROMPT_COMPLETION:
            return row["prompt"][-1]["content"], row["completion"][0]["content"]
        case Format.PROMPT_COMPLETION_TEXT:
            return row["prompt"].removesuffix("\n"), row["completion"]
        case Format.SHAREGPT:
            return row["conversations"][-2]["value"], row["conversations"][-1]["value"]
        case Format.VERTEX:
            return row["contents"][0]["parts"][0]["text"], row["contents"][1]["parts"][0]["text"]
        case Format.BEDROCK:
            return row["messages"][0]["content"][0]["text"], row["messages"][1]["content"][0]["text"]


def strings(value: Any) -> Iterator[str]:
    """All texts in a row."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for entry in value.values() if isinstance(value, dict) else value:
            yield from strings(entry)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    assert len(dict(pairs)) == len(pairs), "a key stands twice"
    return dict(pairs)


def _same(values: list[Any]) -> None:
    """Fail unless the values, which stand at one place of all rows, have the same keys and types."""
    kinds = {type(value) for value in values}
    assert len(kinds) <= 1
    if kinds == {dict}:
        assert len({tuple(value) for value in values}) == 1
        for key in values[0]:
            _same([value[key] for value in values])
    if kinds == {list}:
        _same([entry for value in values for entry in value])
