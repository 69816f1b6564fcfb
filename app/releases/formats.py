"""Approved pairs as the rows that trainers load. Pure.

Every row is one compact JSON object with a fixed order of keys and one line feed behind it; what reads
lines by other separators than the line feed (U+0085, U+2028, U+2029) never meets one, since they are escaped.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from app.errors import Invalid
from app.projects.phrasing import render, split_for_alpaca

_LINE_SEPARATORS = {ord(char): f"\\u{ord(char):04x}" for char in "\u0085\u2028\u2029"}


class Format(StrEnum):
    """The formats by name; on input, an underscore stands for the hyphen too."""

    INSTRUCTION = "instruction"
    ALPACA = "alpaca"
    MESSAGES = "messages"


@dataclass(frozen=True, slots=True)
class Pair:
    """One approved sample with all that a row may need."""

    phrasing: str
    contract: str
    output: str
    system_prompt: str = ""
    metadata: dict[str, object] = field(default_factory=dict)

    @property
    def prompt(self) -> str:
        """The phrasing with the contract's canonical text put in literally."""
        return render(self.phrasing, self.contract)


Row = dict[str, object]


def _instruction(pair: Pair) -> Row:
    prompt = f"{pair.system_prompt}\n\n{pair.prompt}" if pair.system_prompt else pair.prompt
    return {"instruction": prompt, "output": pair.output}


def _alpaca(pair: Pair) -> Row:
    row: Row = {
        "instruction": split_for_alpaca(pair.phrasing),
        "input": pair.contract,
        "output": pair.output,
    }
    return row | {"system": pair.system_prompt} if pair.system_prompt else row


def _messages(pair: Pair) -> Row:
    turns = [("system", pair.system_prompt)] if pair.system_prompt else []
    turns += [("user", pair.prompt), ("assistant", pair.output)]
    return {"messages": [{"role": role, "content": content} for role, content in turns]}


_ROWS: dict[Format, Callable[[Pair], Row]] = {
    Format.INSTRUCTION: _instruction,
    Format.ALPACA: _alpaca,
    Format.MESSAGES: _messages,
}

# Where one more column does no harm; the others take metadata in a file beside.
INLINE_METADATA = frozenset({Format.MESSAGES})


def parse_format(name: str) -> Format:
    """The format of this name; raises Invalid, listing the names that there are."""
    try:
        return Format(name.strip().replace("_", "-").lower())
    except ValueError:
        raise Invalid(
            f"There is no format “{name[:40]}”: choose one of {', '.join(Format)}.",
            fields={"format": "Unknown format."},
            code="unknown_format",
        ) from None


def check_metadata(format: Format, *, with_metadata: bool) -> None:
    """Raise Invalid where the format's rows cannot carry metadata inline."""
    if with_metadata and format not in INLINE_METADATA:
        raise Invalid(
            f"Rows of the format “{format}” hold no metadata: choose messages, "
            "or export to a file, which writes NAME.metadata.jsonl beside it.",
            fields={"with_metadata": "Not in this format."},
            code="metadata_not_inline",
        )


def encode_line(row: Row) -> bytes:
    """One row as UTF-8 with its line feed."""
    text = json.dumps(row, ensure_ascii=False, separators=(",", ":"))
    return text.translate(_LINE_SEPARATORS).encode() + b"\n"


def encode_pair(pair: Pair, format: Format, *, with_metadata: bool = False) -> bytes:
    """One pair as a line of `format`."""
    row = _ROWS[format](pair)
    return encode_line(row | {"metadata": pair.metadata} if with_metadata else row)
