"""Characters that are not seen and change what is read: stored as they are, shown with a mark.

A direction override lets "not" stand where nobody meets it, and tag characters hide whole sentences from
people, and not from a language model. Whoever approves a text must see that they are there. A terminal does
what control characters tell it. Pure.
"""

import re
import unicodedata

# Embeddings, overrides and isolates of text direction, and the tags: nothing of these has a shape of its own.
_HIDDEN = re.compile("[\u202a-\u202e\u2066-\u2069\U000e0000-\U000e007f]")
_OBEYED = {"Cc", "Cf"}  # controls and formats, as Unicode calls them


def marked(text: str) -> str:
    """The text with each such character in words: "[U+202E]"."""
    return _HIDDEN.sub(lambda found: _mark(found[0]), text)


def marked_for_terminal(text: str) -> str:
    """The text with each control and format character in words, but for ends of lines: "[U+001B]"."""
    return "".join(
        _mark(each) if unicodedata.category(each) in _OBEYED and each != "\n" else each for each in text
    )


def _mark(character: str) -> str:
    return f"[U+{ord(character):04X}]"
