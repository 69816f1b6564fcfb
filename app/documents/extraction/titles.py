"""What to call a contract whose file does not say so: the first words that name a kind of contract."""

import re
from collections.abc import Sequence

from .blocks import Block, BlockKind

_KINDS = (
    r"(?:agreement|contract|lease|licen[cs]e|deed|terms|addendum|amendment|policy|order|letter|memorandum|nda"
    r"|statement of work|charter|undertaking|plan|indenture|note|guaranty|guarantee|notice)\b"
)
_KIND = re.compile(r"\b" + _KINDS, re.IGNORECASE)
_KIND_WORD = re.compile(_KINDS + r"[,.:;)\"”]*", re.IGNORECASE)
_WITHIN = frozenset(("and", "of", "for", "to", "the", "in", "or", "&"))
_FIRST_BLOCKS = 40
_FIRST_CHARACTERS = 4_000
LONGEST_TITLE = 200


def find_title(text: str, blocks: Sequence[Block]) -> str:
    """One line of at most 200 characters; never empty where the text holds a word."""
    first = [block for block in blocks[:_FIRST_BLOCKS] if block.kind is not BlockKind.PAGE]
    headings = [
        block for block in first if block.kind is BlockKind.HEADING and not block.number[:1].isdigit()
    ]
    openings = [
        block for block in first[:3] if block.end - block.start <= 80 and text[block.end - 1] not in ".:;,]"
    ]
    for block in sorted([*headings, *openings], key=lambda block: block.start):
        words = _one_line(text[block.body : block.end])
        if names_kind(words):
            return words
    named = _named_in(text[:_FIRST_CHARACTERS])
    if named:
        return named
    candidates = [_one_line(text[block.body : block.end]) for block in [*headings, *first]]
    return next((words for words in candidates if words), clip(text.strip()[:LONGEST_TITLE]))


def names_kind(words: str) -> bool:
    """Whether there is a kind of contract among words: "agreement", "lease"."""
    return bool(_KIND.search(words))


def clip(title: str) -> str:
    """At most 200 characters of a title, ended with an ellipsis where it was longer."""
    return title if len(title) <= LONGEST_TITLE else title[: LONGEST_TITLE - 1].rstrip() + "…"


def _named_in(opening: str) -> str:
    """The first phrase like "Road Transportation Agreement" in running text: capitals before the kind."""
    words = opening.split()
    for index, word in enumerate(words):
        if not (word[0].isupper() and _KIND_WORD.fullmatch(word)):
            continue
        start = index
        while start > max(0, index - 10) and _belongs(words[start - 1], word):
            start -= 1
        while start < index and words[start].lower() in _WITHIN | {"this", "a", "an"}:
            start += 1
        if start < index:
            return " ".join(words[start : index + 1]).strip(',.:;()"”“')
    return ""


def _belongs(before: str, kind: str) -> bool:
    """Whether a word goes with the name that ends in `kind`: written alike, and no sentence ends with it."""
    if before.lower() in _WITHIN:
        return True
    alike = before.isupper() if kind.isupper() else before[0].isupper() and not before.isupper()
    return alike and before[-1] not in ".;:)" and before.lower() != "this"


def _one_line(words: str) -> str:
    return clip(" ".join(words[:1_000].split()).strip("-_=* "))
