"""Characters that are not seen and change what is read: stored as they are, shown with a mark.

A direction override lets "not" stand where nobody meets it, and tag characters hide whole sentences from
people, and not from a language model. Whoever approves a text must see that they are there. Pure.
"""

import re

# Embeddings, overrides and isolates of text direction, and the tags: nothing of these has a shape of its own.
_HIDDEN = re.compile("[\u202a-\u202e\u2066-\u2069\U000e0000-\U000e007f]")


def marked(text: str) -> str:
    """The text with each such character in words: "[U+202E]"."""
    return _HIDDEN.sub(lambda found: f"[U+{ord(found[0]):04X}]", text)
