"""The words of a text as they are compared: whatever their case, and whatever stands between them. Pure."""

import re
import string

_QUOTES_AND_DASHES = "“”„‘’«»–—…•"
_BLANKED = bytes.maketrans(string.punctuation.encode(), b" " * len(string.punctuation))
WORD = re.compile(rf"[^\s{re.escape(string.punctuation)}{_QUOTES_AND_DASHES}]+")

_STOP_WORDS = """
a about above after all also am an and any are as at be because been before being below between both but
by can could did do does doing during each either every few for from further had has have having he her
here hereby herein hereof hereto hereunder him his how i if in into is it its itself may me might more
most must my neither no nor not of off on once one only or other our out over own per s same shall she
should so some such than that the their them then there thereby therefor therein thereof thereto these
they this those through to too under until up upon very was we were what when where whether which while
who whom whose why will with within without would you your
"""
STOP_WORDS = frozenset(_STOP_WORDS.split())  # say nothing by themselves


def one_of(*patterns: str) -> str:
    """A pattern for any of these."""
    return f"(?:{'|'.join(patterns)})"


def plain(text: str) -> str:
    """The words that `WORD` finds in a text, casefolded, with one space between them.

    By way of bytes, since a contract has 300,000 characters: four times as fast as the pattern.
    """
    for mark in _QUOTES_AND_DASHES:
        text = text.replace(mark, " ")
    return " ".join(text.casefold().encode().translate(_BLANKED).decode().split())
