"""Approved pairs as the rows that trainers load. Pure.

Every row is one compact JSON object with a fixed order of keys and one line feed behind it; what reads
lines by other separators than the line feed (U+0085, U+2028, U+2029) never meets one, since they are escaped.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from pydantic import TypeAdapter

from app.errors import Invalid
from app.projects.phrasing import render, split_for_alpaca

_LINE_SEPARATORS = {char.encode(): f"\\u{ord(char):04x}".encode() for char in "\u0085\u2028\u2029"}


class Format(StrEnum):
    """The formats by name; on input, an underscore stands for the hyphen too."""

    INSTRUCTION = "instruction"
    ALPACA = "alpaca"
    MESSAGES = "messages"
    PROMPT_COMPLETION = "prompt-completion"
    PROMPT_COMPLETION_TEXT = "prompt-completion-text"
    SHAREGPT = "sharegpt"
    VERTEX = "vertex"
    BEDROCK = "bedrock"


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

    @property
    def whole_prompt(self) -> str:
        """The prompt in formats that are text: the system prompt stands first, followed by a blank line."""
        return f"{self.system_prompt}\n\n{self.prompt}" if self.system_prompt else self.prompt


Row = dict[str, object]
_JSON = TypeAdapter(Row)  # several times as fast as the json module, and the same bytes


def _instruction(pair: Pair) -> Row:
    return {"instruction": pair.whole_prompt, "output": pair.output}


def _alpaca(pair: Pair) -> Row:
    row: Row = {
        "instruction": split_for_alpaca(pair.phrasing),
        "input": pair.contract,
        "output": pair.output,
    }
    return row | {"system": pair.system_prompt} if pair.system_prompt else row


def _questions(pair: Pair) -> list[Row]:
    """What stands before the answer, as messages."""
    system = [_message("system", pair.system_prompt)] if pair.system_prompt else []
    return [*system, _message("user", pair.prompt)]


def _message(role: str, content: str) -> Row:
    return {"role": role, "content": content}


def _messages(pair: Pair) -> Row:
    return {"messages": [*_questions(pair), _message("assistant", pair.output)]}


def _prompt_completion(pair: Pair) -> Row:
    return {"prompt": _questions(pair), "completion": [_message("assistant", pair.output)]}


def _prompt_completion_text(pair: Pair) -> Row:
    # The two are joined without anything between them.
    return {"prompt": f"{pair.whole_prompt}\n", "completion": pair.output}


def _sharegpt(pair: Pair) -> Row:
    turns = [("system", pair.system_prompt)] if pair.system_prompt else []
    turns += [("human", pair.prompt), ("gpt", pair.output)]
    return {"conversations": [{"from": who, "value": value} for who, value in turns]}


def _vertex(pair: Pair) -> Row:
    def content(role: str, text: str) -> Row:
        return {"role": role, "parts": [{"text": text}]}

    system: Row = {"systemInstruction": content("system", pair.system_prompt)} if pair.system_prompt else {}
    return system | {"contents": [content("user", pair.prompt), content("model", pair.output)]}


def _bedrock(pair: Pair) -> Row:
    def message(role: str, text: str) -> Row:
        return {"role": role, "content": [{"text": text}]}

    system: Row = {"system": [{"text": pair.system_prompt}]} if pair.system_prompt else {}
    messages = [message("user", pair.prompt), message("assistant", pair.output)]
    return {"schemaVersion": "bedrock-conversation-2024"} | system | {"messages": messages}


_ROWS: dict[Format, Callable[[Pair], Row]] = {
    Format.INSTRUCTION: _instruction,
    Format.ALPACA: _alpaca,
    Format.MESSAGES: _messages,
    Format.PROMPT_COMPLETION: _prompt_completion,
    Format.PROMPT_COMPLETION_TEXT: _prompt_completion_text,
    Format.SHAREGPT: _sharegpt,
    Format.VERTEX: _vertex,
    Format.BEDROCK: _bedrock,
}

# Where a user's or system prompt holds one of these anywhere, a job of Amazon Nova fails.
NOVA_REFUSES = ("User:", "Bot:", "Assistant:", "System:", "<image>", "<video>", "[EOS]")

# Which trainers take a format as it is; for the page.
TAKEN_BY: dict[Format, str] = {
    Format.INSTRUCTION: "The pair as two texts; NeMo Automodel maps such columns by name.",
    Format.ALPACA: "LLaMA-Factory and axolotl. The contract is the input.",
    Format.MESSAGES: "TRL, axolotl, MLX-LM, Unsloth, NeMo Automodel, OpenAI, Mistral, Together, Fireworks.",
    Format.PROMPT_COMPLETION: "TRL, which then learns the output alone and not the contract.",
    Format.PROMPT_COMPLETION_TEXT: "TRL and MLX-LM, without a chat template; Bedrock, other than Nova.",
    Format.SHAREGPT: "LLaMA-Factory, Unsloth. TRL does not know its roles: take messages there.",
    Format.VERTEX: "Gemini on Vertex AI.",
    Format.BEDROCK: "Amazon Nova on Bedrock. Its jobs fail where a prompt holds "
    f"{', '.join(NOVA_REFUSES)}; engross export names such rows.",
}

# Where one more column does no harm; the others take metadata in a file beside.
INLINE_METADATA = frozenset({Format.MESSAGES, Format.PROMPT_COMPLETION})


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
            f"Rows of the format “{format}” hold no metadata: choose {' or '.join(sorted(INLINE_METADATA))}, "
            "or have engross export on the server's machine write NAME.metadata.jsonl beside NAME.jsonl.",
            fields={"with_metadata": "Not in this format."},
            code="metadata_not_inline",
        )


def refused_words(pair: Pair, format: Format) -> list[str]:
    """What stands in the prompt that the format's service fails at; no text is changed for it."""
    if format is not Format.BEDROCK:
        return []
    prompt = pair.whole_prompt
    return [word for word in NOVA_REFUSES if word in prompt]


def encode_line(row: Row) -> bytes:
    """One row as UTF-8 with its line feed."""
    line = _JSON.dump_json(row)
    for separator, escaped in _LINE_SEPARATORS.items():
        if separator[-1:] in line:  # a look for one byte costs nearly nothing
            line = line.replace(separator, escaped)
    return line + b"\n"


def encode_pair(pair: Pair, format: Format, *, with_metadata: bool = False) -> bytes:
    """One pair as a line of `format`."""
    row = _ROWS[format](pair)
    return encode_line(row | {"metadata": pair.metadata} if with_metadata else row)
