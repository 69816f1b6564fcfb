"""Where the sentences of a summary begin and end. Pure.

A stop ends a sentence where white space and a capital, a figure or an opening mark follow, but not behind an
abbreviation; a line break ends one in any case.
"""

import re
from bisect import bisect_right
from collections.abc import Callable, Sequence

from app.checks.spans import Span

_STOP = re.compile(r"[.!?][\"”’')\]]*(?=\s+[\"“‘'(\[]*[A-Z0-9$£€¥])")
_LINE = re.compile(r"\S(?:[^\n]*\S)?")
_WORD = re.compile(r"\S")
FIRST_WORDS, LONGEST_OPENING = 7, 60  # of a sentence, where a message names it

# Never at the end of a sentence: "No. 7", "v. Harbour".
_ABBREVIATION = re.compile(
    r"(?:^|[\s(\[“\"'])(?:Mrs?|Ms|Messrs|Dr|Prof|St|Nos?|Arts?|Secs?|Sched|Ex|paras?|cl|vs?|e\.g|i\.e|cf|approx)"
    r"$"
)
# Companies, initials and "U.S." may end a sentence: where a word follows with which a summary's often begin.
_COMPANY = re.compile(r"(?:^|[\s,(])(?:Inc|Ltd|Co|Corp|Pte|Pty|Bros|Jr|Sr|(?:[A-Z]\.)*[A-Z])$")
_BEGINNING = re.compile(
    r"\s+(?:The|This|These|It|Its|Each|Either|Neither|Both|All|Any|No|If|In|On|Under|For|There|Liability|Governing|Unless)\b"
)


def sentences(text: str) -> list[Span]:
    """The sentences in their order: they never overlap, and leave out only the white space between them."""
    found = []
    for line in _LINE.finditer(text):
        start = line.start()
        for stop in _STOP.finditer(text, start, line.end()):
            if _ends_sentence(text, start, stop):
                found.append(Span(start, stop.end()))
                start = _next_word(text, stop.end())
        found.append(Span(start, line.end()))
    return found


def _next_word(text: str, position: int) -> int:
    found = _WORD.search(text, position)
    return found.start() if found else len(text)


def _ends_sentence(text: str, start: int, stop: re.Match[str]) -> bool:
    if stop[0][0] != ".":
        return True
    words = text[max(start, stop.start() - 40) : stop.start()]
    if _COMPANY.search(words):
        return _BEGINNING.match(text, stop.end()) is not None
    return _ABBREVIATION.search(words) is None


def sentence_at(text: str, position: int) -> Span | None:
    """The sentence that the position stands in, or behind; the first one where it stands before all."""
    found = sentences(text)
    return found[_index(found, position)] if found else None


def words_by_place(text: str) -> Callable[[int], str]:
    """A function from a position to the words of the sentence there, for who asks often; "" without one."""
    found = sentences(text)
    words = [text[span.start : span.end] for span in found]
    return lambda position: words[_index(found, position)] if found else ""


def _index(found: Sequence[Span], position: int) -> int:
    return max(0, bisect_right(found, position, key=lambda span: span.start) - 1)


def opening(sentence: str) -> str:
    """How a message names a sentence: by its first words, in quotation marks."""
    words = sentence.split(maxsplit=FIRST_WORDS)
    first = " ".join(words[:FIRST_WORDS])
    if len(words) > FIRST_WORDS or len(first) > LONGEST_OPENING:
        return f"“{first[:LONGEST_OPENING].rstrip(',;: ')} …”"
    return f"“{first}”"
