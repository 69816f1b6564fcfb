"""The sentences that more than one reader says."""

BROKEN = "This file could not be read: it is damaged or not what it seems. Save it anew and import that."
OUT_OF_MEMORY = "This file takes more memory to read than is allowed. Split it and import the parts."


def too_long(max_characters: int) -> str:
    """The sentence for a contract over the limit."""
    return f"This file holds more than {max_characters:,} characters. Split it and import the parts."


def too_slow(seconds: float) -> str:
    """The sentence for a file that takes too long."""
    return (
        f"This file could not be read within {seconds:g} seconds. Split it, or save it anew, and import that."
    )


def guessed_as(encoding: str) -> str:
    """The note on a text whose encoding was guessed."""
    return f"The encoding was guessed as {encoding}. Look whether quotes, dashes and accents are right."
