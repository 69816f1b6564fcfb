"""From printed lines to paragraphs: a line that reaches the margin goes on in the next one, if that fits."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from .labels import read_label
from .outline import LEADERS, is_capitals
from .pdf_lines import Line
from .plain import refers_onward

_EAST_ASIAN = "\u2e80"  # the first of those scripts
_NEARBY = 8  # lines on either side whose margin is this line's margin
_PREFIXES = ("non", "self", "co", "ex", "pre", "sub", "re")
_HYPHENATED = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)+")
_WORD = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Lines put together again, and the page on which they begin."""

    text: str
    page: int
    set_apart: bool  # by bold type, or by letters larger than most


def join_lines(pages: Sequence[Sequence[Line]]) -> Iterator[Paragraph]:
    """The paragraphs of all pages in reading order; one may run over the end of a page."""
    lines = [line for page in pages for line in page]
    if not lines:
        return
    spacing = _usual_spacing(lines)
    margins = _margins(lines)
    words = _Words(lines)
    usual = median(line.size for line in lines)
    group = [lines[0]]
    for index, (line, following) in enumerate(pairwise(lines)):
        if not _goes_on(line, following, margin=margins[index], spacing=spacing):
            yield _paragraph(group, words, usual)
            group = []
        group.append(following)
    yield _paragraph(group, words, usual)


def _goes_on(line: Line, following: Line, *, margin: float, spacing: float) -> bool:
    """Whether two lines that follow one another belong to one paragraph."""
    if line.broken:
        return True
    if LEADERS.search(line.text[-120:]) or abs(line.size - following.size) > 0.2 * max(line.size, 1):
        return False
    drop = line.bottom - following.bottom
    same_column = line.page == following.page and drop >= -0.5 * line.size
    if same_column and abs(drop) <= 0.3 * line.size:
        return read_label(following.text) is None or read_label(line.text + " x") is None
    if not same_column:
        return _goes_on_elsewhere(line, following, margin)
    if drop > 1.35 * max(spacing, line.size) or is_capitals(line.text) != is_capitals(following.text):
        return False
    if not _is_full(line, following, margin):
        return False
    ended = line.text[-1] in ".;:?!"
    moved = abs(following.left - line.left) > 5
    if read_label(following.text) is not None and not refers_onward(line.text):
        return not ended and not moved and not line.text.endswith((" and", " or", "; and", "; or"))
    return not (ended and following.left > line.left + 8)


def _goes_on_elsewhere(line: Line, following: Line, margin: float) -> bool:
    """Whether a paragraph runs on into the next column or page."""
    if following.text[0].islower():
        return line.text[-1] not in ".;:" and _is_full(line, following, margin)
    ended = line.text[-1] in '.;:?!"”)'
    return not ended and read_label(following.text) is None and _is_full(line, following, margin)


def _is_full(line: Line, following: Line, margin: float) -> bool:
    """Whether the next line's first word would not have fitted at the end of this one."""
    letter = (line.right - line.left) / max(len(line.text), 1)
    word = len(following.text.split(" ", 1)[0])
    return line.right + (word + 1) * letter >= margin - 2 * letter


def _usual_spacing(lines: Sequence[Line]) -> float:
    """The usual distance from base line to base line; 0 where there are not two lines of one paragraph."""
    drops = [
        above.bottom - below.bottom
        for above, below in pairwise(lines)
        if above.page == below.page and 0.5 * above.size < above.bottom - below.bottom < 2.2 * above.size
    ]
    return median(drops) if drops else 0.0


def _margins(lines: Sequence[Line]) -> list[float]:
    """The right margin at each line, judged by the lines around it that begin about as far left."""
    margins = []
    for index, line in enumerate(lines):
        near = lines[max(0, index - _NEARBY) : index + _NEARBY + 1]
        alike = [
            o.right
            for o in near
            if abs(o.left - line.left) < 90 and abs(o.size - line.size) < 0.2 * line.size
        ]
        margins.append(max([*alike, line.right]))
    return margins


class _Words:
    """How the document itself writes its words, to tell a broken word from one with a hyphen of its own."""

    def __init__(self, lines: Sequence[Line]) -> None:
        self._hyphenated: Counter[str] = Counter()
        self._whole: Counter[str] = Counter()
        for line in lines:
            self._hyphenated.update(word.lower() for word in _HYPHENATED.findall(line.text))
            self._whole.update(word.lower() for word in _WORD.findall(line.text))

    def hyphen_between(self, before: str, after: str) -> str:
        """What stands between two parts of a word that were parted at the margin: a hyphen or nothing."""
        head, tail = _last_word(before), _first_word(after)
        hyphenated, whole = self._hyphenated[f"{head}-{tail}".lower()], self._whole[f"{head}{tail}".lower()]
        if hyphenated or whole:
            return "-" if hyphenated > whole else ""
        # A compound is made of words that the document uses; "there-of" and its like are the exception.
        known = self._whole[tail.lower()] > 0 and (self._whole[head.lower()] > 1 or head.lower() in _PREFIXES)
        parted = head.lower() in ("here", "there", "where", "with", "not")
        return "-" if (known and not parted) or not tail[:1].islower() else ""


def _paragraph(lines: Sequence[Line], words: _Words, usual_size: float) -> Paragraph:
    pieces = [lines[0].text]
    for line, following in pairwise(lines):
        if line.broken:
            hyphen = words.hyphen_between(line.text, following.text)
        else:
            # Chinese and Japanese break a line anywhere, and nothing stands between its characters.
            hyphen = "" if line.text[-1] >= _EAST_ASIAN and following.text[0] >= _EAST_ASIAN else " "
        pieces += [hyphen, following.text]
    text = "".join(pieces) + ("-" if lines[-1].broken else "")
    larger = min(line.size for line in lines) >= 1.15 * usual_size
    return Paragraph(text, lines[0].page, set_apart=larger or all(line.bold for line in lines))


def _last_word(text: str) -> str:
    return text[-40:].rpartition(" ")[2].rpartition("-")[2]


def _first_word(text: str) -> str:
    found = _WORD.match(text[:40])
    return found[0] if found else ""
