"""The wordings of an instruction: where the contract stands in them, and which document gets which. Pure."""

import hashlib

from app.checks.length import is_blank
from app.errors import Invalid

PLACEHOLDER = "{contract}"
MAX_CHARACTERS = 20_000

# What may stand right before the placeholder, and what closes it right behind.
_CLOSING = {"'": "'", '"': '"', "`": "`", "“": "”", "„": "“”", "‘": "’", "‚": "‘’", "«": "»", "»": "«"}


def check(text: str, *, field: str = "phrasings") -> None:
    """Raise Invalid, with a sentence, unless `text` can be used as a phrasing."""
    if is_blank(text):
        sentence = "A phrasing needs words."
    elif len(text) > MAX_CHARACTERS:
        sentence = f"A phrasing has at most {MAX_CHARACTERS:,} characters; this one has {len(text):,}."
    elif text.count(PLACEHOLDER) > 1:
        sentence = f"A phrasing may hold {PLACEHOLDER} once; here it stands {text.count(PLACEHOLDER)} times."
    elif text.strip() == PLACEHOLDER:
        sentence = "A phrasing must say what to do with the contract."
    else:
        return
    raise Invalid(sentence, fields={field: sentence})


def render(text: str, contract: str) -> str:
    """The prompt: the contract put in literally, or after a blank line where there is no place for it.

    No `format()`, so that other braces stay what they are; no trimming, so that the prompt holds the
    contract's own text to the character.
    """
    if PLACEHOLDER in text:
        return text.replace(PLACEHOLDER, contract, 1)
    return f"{text}\n\n{contract}"


def contract_in(prompt: str, text: str) -> str:
    """The contract that `render` put into this phrasing; empty where the prompt is none of its."""
    before, placeholder, after = text.partition(PLACEHOLDER)
    if not placeholder:
        before += "\n\n"
    fits = len(prompt) > len(before) + len(after) and prompt.startswith(before) and prompt.endswith(after)
    return prompt[len(before) : len(prompt) - len(after)] if fits else ""


def split_for_alpaca(text: str) -> str:
    """The instruction alone, for formats in which the contract is a field of its own.

    The placeholder goes, with the quotes right around it and the white space before them. A quote that has
    no partner on the other side belongs to the sentence and stays.
    """
    before, placeholder, after = text.partition(PLACEHOLDER)
    if not placeholder:
        return text
    while before and after and after[0] in _CLOSING.get(before[-1], ""):
        before, after = before[:-1], after[1:]
    return before.rstrip() + after


def display(text: str) -> str:
    """The instruction as a person reads it on a screen, where the contract lies beside it."""
    return split_for_alpaca(text).strip()


def choose(document_sha256: bytes, key: bytes, count: int) -> int:
    """Which of `count` phrasings a document gets: 0 to count - 1.

    A keyed hash of the document alone, so that neither the annotator nor the split has a say in it, and
    nobody without the key can arrange documents to get a wording.
    """
    if count < 1:
        raise ValueError("There must be a phrasing to choose.")
    # blake2b takes keys of at most 64 bytes; a secret may be longer.
    digest = hashlib.blake2b(
        document_sha256, key=hashlib.blake2b(key).digest(), digest_size=8, person=b"phrasing"
    ).digest()
    return int.from_bytes(digest, "big") % count
