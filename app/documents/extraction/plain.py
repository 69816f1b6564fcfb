"""Plain text: every character is kept, and what the lines look like says where the blocks are.

Some texts break every line at a margin and leave a blank line between paragraphs, others write a paragraph in
one line. Both are told apart run by run (a run is what stands between blank lines).
"""

import re
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise

from .blocks import Block, BlockKind, Extracted, Unreadable
from .inline import InlineSections
from .labels import read_label
from .outline import Outliner, is_capitals
from .titles import find_title

EXTRACTOR = "plain"
VERSION = "2"

# Only these two part lines: U+0085, U+2028 and what else str.splitlines knows may stand inside a paragraph.
_LINE = re.compile(r"[^\n\f]+")
_WIDEST_MARGIN = 132  # characters; longer lines were not broken by hand or by a typewriter's margin
_LONGEST_RUN = 5_000  # lines; a longer run is taken in parts, so that reading can stop early
_PAGE_MARK = re.compile(
    r"(?:page[ ]{0,3})?(?P<dash>[-–—][ ]{0,3})?(?P<number>\d{1,4})(?:[ ]{0,3}[-–—])?"
    r"(?:[ ]{1,3}of[ ]{1,3}\d{1,4})?(?:[ ]{1,8}\d{1,4})?|[-=_*]{5,200}|<page>",
    re.IGNORECASE,
)
_REFERRING = re.compile(
    r"(?:sections?|articles?|clauses?|exhibits?|paragraphs?|schedules?|and|or|under|of|in|to|,)$",
    re.IGNORECASE,
)
_SHORT_LINE = re.compile(r"^[ \t]{0,80}[^\s\d(][^\n]{24,120}$", re.MULTILINE)
_SURROGATE = re.compile("[\ud800-\udfff]")
_WORD = re.compile(r"[^\W_]")


def from_plain_text(text: str, *, title: str = "") -> Extracted:
    """A contract that came as text: pasted, in a row of JSONL, or decoded from a text file.

    The canonical text is the text, character for character, but for line ends (LF) and a byte order mark.
    Raises Unreadable for NUL, for half surrogate pairs and where there is not one letter or digit.
    """
    text = canonical(text)
    return Extracted(
        text=text,
        blocks=(blocks := segment(text)),
        title=title.strip() or find_title(text, blocks),
        extractor=EXTRACTOR,
        extractor_version=VERSION,
        media_type="text/plain",
    )


def canonical(text: str) -> str:
    """The text with LF as its only line end and without a byte order mark; refuses what cannot be stored."""
    if "\0" in text:
        raise Unreadable("This text holds NUL characters. Save it as UTF-8 and import it again.")
    if _SURROGATE.search(text):
        raise Unreadable("This text holds halves of characters. Save it as UTF-8 and import it again.")
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    if not _WORD.search(text):
        raise Unreadable("There is no text in this file. Choose the file that holds the contract.")
    return text


def segment(text: str) -> tuple[Block, ...]:
    """The blocks of a text, in time linear in its length."""
    outliner = Outliner()
    pages = _PageMarks(text)
    inline = InlineSections()
    pieces = (piece for start, end in _passages(text) for piece in inline.split(text, start, end))
    for (start, end), (_, after) in pairwise(_with_end(pieces)):
        if outliner.full:
            outliner.finish_with(start, len(text.rstrip()))
            break
        paragraph = text[start:end]
        if pages.is_mark(paragraph):
            outliner.add_known(BlockKind.PAGE, start, end)
        else:
            outliner.add(paragraph, start, following=after - end)
    return tuple(outliner.blocks)


def _with_end(passages: Iterator[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """The passages, and the last one twice, so that each has one after it."""
    last = (0, 0)
    for last in passages:
        yield last
    yield last


def _passages(text: str) -> Iterator[tuple[int, int]]:
    """Where each paragraph begins and ends, without the white space around it."""
    run: list[tuple[int, int]] = []
    previous_end = 0
    for found in _LINE.finditer(text):
        line = found[0]
        bare = line.strip()
        if not bare:
            continue
        start = found.start() + len(line) - len(line.lstrip())
        blank_between = text.count("\n", previous_end, start) > 1 or "\f" in text[previous_end:start]
        if run and (blank_between or len(run) >= _LONGEST_RUN):
            yield from _paragraphs(text, run)
            run = []
        run.append((start, start + len(bare)))
        previous_end = start + len(bare)
    if run:
        yield from _paragraphs(text, run)


def _paragraphs(text: str, run: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Parts a run of lines into paragraphs."""
    widest = max(end - start for start, end in run)
    broken_by_hand = widest <= _WIDEST_MARGIN
    begin, end = run[0]
    for (last_start, last_end), (start, stop) in pairwise(run):
        full = broken_by_hand and last_end - last_start >= 0.6 * widest
        line, following = (
            text[max(last_start, last_end - 400) : last_end],
            text[start : min(stop, start + 400)],
        )
        if not _goes_on(line, following, full):
            yield begin, end
            begin = start
        end = stop
    yield begin, end


def _goes_on(line: str, following: str, full: bool) -> bool:
    """Whether a line that ends at the margin is continued by the next one."""
    if not full or line.isupper() != following.isupper():
        return False
    return read_label(following) is None or refers_onward(line)


def refers_onward(line: str) -> bool:
    """Whether a line ends in "… as set out in Section": the number on the next line is a reference."""
    return bool(_REFERRING.search(line.rstrip()[-20:]))


class _PageMarks:
    """What stands in a text because it was printed: page numbers, rules, the same foot on every page."""

    def __init__(self, text: str) -> None:
        self._last = 0
        lines = Counter(found[0].strip() for found in _SHORT_LINE.finditer(text))
        self._repeated = {line for line, times in lines.items() if times >= 3 and line[-1] not in ".,;:"}

    def is_mark(self, paragraph: str) -> bool:
        if len(paragraph) > 200:
            return False
        if paragraph in self._repeated and not is_capitals(paragraph):
            return True
        found = _PAGE_MARK.fullmatch(paragraph)
        if not found:
            return False
        if found["number"] is None or found["dash"]:
            return True
        # Page numbers count upwards, which tells them from a number in a table.
        number = int(found["number"])
        if not 0 < number - self._last <= 3:
            return False
        self._last = number
        return True
