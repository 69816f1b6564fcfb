"""Reading a row that holds a pair: a prompt and its answer, in the shapes in which such sets come. Pure.

The shapes are those of the exports (`app.releases.formats`), and Dolly's and ShareGPT's names for the same.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.checks.length import is_blank
from app.errors import Invalid
from app.projects import phrasing

# A row with one of these is a pair, whatever else it says.
_SIGNS = ("messages", "conversations", "contents", "completion", "output", "response", "prompt", "instances")
_ROLES = {
    "system": "system",
    "user": "user",
    "human": "user",
    "assistant": "assistant",
    "gpt": "assistant",
    "model": "assistant",
}
_SEVERAL_TURNS = "It has several turns. A pair is one question and one answer: split it, or leave it out."


@dataclass(frozen=True, slots=True)
class PairLine:
    """What a row says. Where `contract` is None, it stands somewhere in the prompt."""

    prompt: str
    contract: str | None
    output: str
    system: str = ""


@dataclass(frozen=True, slots=True)
class Wording:
    """A phrasing that the project has."""

    phrasing_id: int
    text: str


@dataclass(frozen=True, slots=True)
class Split:
    """A prompt taken apart. Without `phrasing_id` the wording is none that the project gives out."""

    phrasing_id: int | None
    text: str
    contract: str


def is_pair(values: Mapping[str, object]) -> bool:
    """Whether a row is a pair; else it is a contract."""
    return any(sign in values for sign in _SIGNS)


def parse_pair(values: Mapping[str, object]) -> PairLine:
    """The pair of one row. Raises Invalid with the sentence for the report."""
    match values:
        case {"messages": list(turns)} | {"contents": list(turns)}:
            pair = _one_turn(turns, "role", "content", _system_of(values))
        case {"conversations": list(turns)}:
            pair = _one_turn(turns, "from", "value", _system_of(values))
        case {"prompt": list(asked), "completion": list(answered)}:
            pair = _one_turn([*asked, *answered], "role", "content", _system_of(values))
        case {"prompt": str(prompt), "completion": str(output)}:
            pair = PairLine(prompt, None, output, _system_of(values))
        case {"instruction": str(), "instances": [dict(instance)]}:
            return parse_pair({"instruction": values["instruction"], **instance})
        case {"instances": list()} | {"prompt": dict()}:
            raise Invalid(_SEVERAL_TURNS)
        case {"instruction": str(prompt), "output": str(output)}:
            pair = PairLine(prompt, _given(values, "input"), output, _system_of(values))
        case {"instruction": str(prompt), "response": str(output)}:
            pair = PairLine(prompt, _given(values, "context"), output, _system_of(values))
        case _:
            raise Invalid(
                "This pair cannot be read: it needs “instruction”, “input” and “output”, or “prompt” and "
                "“completion”, or “messages”, each of them text."
            )
    if is_blank(pair.output):
        raise Invalid("This pair has no output.")
    return pair


def split(pair: PairLine, wordings: Sequence[Wording], *, system_prompt: str) -> Split:
    """Which words of the prompt are the contract's. `wordings` are those that the project gives or gave out.

    Raises Invalid where that cannot be told, or the system prompt is not the project's.
    """
    if pair.system and pair.system != system_prompt:
        raise Invalid(
            "Its system prompt is not this project's. Give the project the same one, or leave it out."
        )
    if pair.contract is not None:
        known = (
            wording
            for wording in wordings
            if pair.prompt in (wording.text, phrasing.split_for_alpaca(wording.text))
        )
        found = next(known, None)
        return Split(
            found.phrasing_id if found else None, found.text if found else pair.prompt, pair.contract
        )
    # Text formats say the system prompt first; one of them ends its prompt in a line break.
    prompt = pair.prompt.removeprefix(f"{system_prompt}\n\n") if system_prompt else pair.prompt
    splits = [
        Split(wording.phrasing_id, wording.text, contract)
        for said in (prompt.removesuffix("\n"), prompt)
        for wording in wordings
        if not is_blank(contract := phrasing.contract_in(said, wording.text))
    ]
    if not splits:
        raise Invalid(
            "It has no contract: its input is empty, and its prompt is in none of this project's phrasings. "
            "Give the contract as “input”, or add the phrasing, with {contract} in it, to the project."
        )
    return max(splits, key=lambda found: len(found.text))


def _given(values: Mapping[str, object], key: str) -> str | None:
    value = values.get(key)
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        raise Invalid(f"Its “{key}” has to be text.")
    return None if is_blank(value) else value


def _system_of(values: Mapping[str, object]) -> str:
    match values:
        case {"systemInstruction": {"parts": parts}}:
            return _text(parts)
        case {"system": None}:
            return ""
        case {"system": system}:
            return _text(system)
    return ""


def _one_turn(turns: Sequence[object], role_key: str, text_key: str, system: str) -> PairLine:
    said: list[tuple[str, str]] = []
    for turn in turns:
        role = turn.get(role_key) if isinstance(turn, dict) else None
        if not isinstance(turn, dict) or not isinstance(role, str) or role not in _ROLES:
            raise Invalid("One of its messages has no role that is known: system, user or assistant.")
        said.append((_ROLES[role], _text(turn.get(text_key, turn.get("parts")))))
    if said and said[0][0] == "system":
        system = said.pop(0)[1]
    if [role for role, _ in said] != ["user", "assistant"]:
        raise Invalid(_SEVERAL_TURNS if len(said) > 2 else "It is not one question and one answer.")
    return PairLine(said[0][1], None, said[1][1], system)


def _text(value: object) -> str:
    """A text, or the parts of one."""
    if isinstance(value, str):
        return value
    parts = value if isinstance(value, list) else [None]
    texts = [part.get("text") if isinstance(part, dict) else None for part in parts]
    if not all(isinstance(text, str) for text in texts):
        raise Invalid("One of its messages is not text.")
    return "".join(text for text in texts if isinstance(text, str))
