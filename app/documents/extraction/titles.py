"""What to call a contract whose file does not say so: the first heading that names a kind of contract."""

import re
from collections.abc import Sequence

from .blocks import Block, BlockKind

_KIND = re.compile(
    r"\b(?:agreement|contract|lease|licen[cs]e|deed|terms|addendum|amendment|policy|order|letter|memorandum|nda"
    r"|statement of work|charter|undertaking|plan|indenture|note|guaranty|guarantee|notice)\b",
    re.IGNORECASE,
)
_FIRST_BLOCKS = 40
LONGEST_TITLE = 200


def find_title(text: str, blocks: Sequence[Block]) -> str:
    """One line of at most 200 characters; never empty where the text holds a word."""
    first = [block for block in blocks[:_FIRST_BLOCKS] if block.kind is not BlockKind.PAGE]
    headings = [block for block in first if block.kind is BlockKind.HEADING]
    named = [block for block in headings if _KIND.search(text[block.body : block.end])]
    candidates = named or headings or first
    if not candidates:
        return ""
    chosen = candidates[0]
    words = text[chosen.body : chosen.end].split() or text[chosen.start : chosen.end].split()
    return clip(" ".join(words))


def clip(title: str) -> str:
    """At most 200 characters of a title, ended with an ellipsis where it was longer."""
    return title if len(title) <= LONGEST_TITLE else title[: LONGEST_TITLE - 1].rstrip() + "…"
