"""The lines of a PDF's pages, with where they stand; and which of them are running heads and feet.

A PDF holds glyphs at places. Which of them make a line, and the order of lines, is PDFium's judgement.
"""

import ctypes
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import pypdfium2
import pypdfium2.raw as pdfium

_LINE_ENDS = (0x0A, 0x0D)
_SOFT_HYPHENS = (0x02, 0xFFFE)  # what PDFium writes where it takes a hyphen at the margin for a broken word
_SPACES = re.compile(r"[\s\xa0\u2000-\u200a\u202f\u3000]+")
_UNSEEN = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f\ufeff\u200b\ufffe\uffff\ud800-\udfff]")
_BULLETS = {"\uf0b7": "•", "\uf0a7": "▪", "\uf06f": "○", "\uf0a8": "☐", "\uf0fe": "☒", "\uf0d8": "▫"}
_LIGATURES = {chr(code): unicodedata.normalize("NFKC", chr(code)) for code in range(0xFB00, 0xFB07)}
_READABLE = str.maketrans({**_BULLETS, **_LIGATURES, "\xad": ""})
_PAGE_NUMBER = re.compile(
    r"(?:page )?[-–—(\[]? ?(?:\d{1,4}|[ivxl]{1,7}|[a-z]{1,2}-\d{1,3}) ?[-–—)\]]?"
    r"(?: (?:of|/) ?\d{1,4}|/\d{1,4})?",
    re.IGNORECASE,
)
# Where a number stands in a column of its own, there may be no space behind it: "10.2Each Party", "3.Term".
_GLUED = re.compile(r"(\d{1,2}\.(?:\d{1,2}\.?){0,4})(?=[A-Z][a-z]|[a-z]{3})")
_NARROWEST_GUTTER = 9.0  # points
_EDGE = 5  # lines at the top and at the foot of a page that may be a running head or foot, at most


@dataclass(frozen=True, slots=True)
class Line:
    """One printed line; places in points, upwards and to the right."""

    text: str
    page: int  # from 1
    left: float
    right: float
    bottom: float
    size: float  # of its first letter
    bold: bool = False
    broken: bool = False  # ends in the hyphen of a word that goes on in the next line


@dataclass(frozen=True, slots=True)
class Row:
    """What stands on one base line: as a whole, and as its two halves beside its widest gap."""

    whole: Line
    halves: tuple[Line, Line] | None = None


def read_rows(page: pypdfium2.PdfPage, number: int) -> list[Row]:
    """What stands on each base line of a page, in the file's order, white space made plain."""
    textpage = page.get_textpage()
    codes = [pdfium.FPDFText_GetUnicode(textpage.raw, index) for index in range(textpage.count_chars())]
    rows = []
    for first, end in _stretches(codes):
        whole = _line_of(textpage.raw, codes, first, end, number)
        if whole is not None:
            gap = _widest_gap(textpage.raw, codes, first, end)
            halves = [
                _line_of(textpage.raw, codes, *part, number) for part in ((first, gap), (gap, end)) if gap
            ]
            left, right = halves or (None, None)
            rows.append(Row(whole, (left, right) if left and right else None))
    textpage.close()
    return rows


def without_running_heads(pages: Sequence[Sequence[Line]]) -> tuple[list[list[Line]], int]:
    """The pages without page numbers and what repeats at their edges; and how many lines were dropped."""
    edges = [_edge_lines(lines) for lines in pages]
    seen = Counter(key for edge in edges for key in {_key(line) for line in edge})
    enough = max(3, round(0.4 * sum(1 for lines in pages if lines)))
    numbered = sum(1 for edge in edges if any(_PAGE_NUMBER.fullmatch(line.text) for line in edge))
    kept: list[list[Line]] = []
    for lines, edge in zip(pages, edges, strict=True):
        numbers = {id(line) for line in edge if _is_page_number(line, numbered, pages)}
        heads = {id(line) for line in edge if seen[_key(line)] >= enough}
        rest = [line for line in lines if id(line) not in numbers | heads]
        # A page of nothing else is a page that says the same as others, not a page of running heads.
        kept.append(rest or [line for line in lines if id(line) not in numbers])
    return kept, sum(map(len, pages)) - sum(map(len, kept))


def _stretches(codes: Sequence[int]) -> Iterator[tuple[int, int]]:
    """First and end index of each line's characters."""
    first = 0
    for index, code in enumerate(codes):
        if code in _LINE_ENDS or code in _SOFT_HYPHENS:
            if index > first:
                yield first, index
            first = index + 1
    if len(codes) > first:
        yield first, len(codes)


def _readable(codes: Iterable[int]) -> str:
    """Characters as they are read: ligatures spelled out, bullets from symbol fonts, one space for many."""
    text = _UNSEEN.sub("", "".join(map(chr, codes)).translate(_READABLE))
    text = _SPACES.sub(" ", text).strip()
    glued = _GLUED.match(text)
    return f"{glued[1]} {text[glued.end() :]}" if glued else text


def _line_of(raw: pdfium.FPDF_TEXTPAGE, codes: Sequence[int], first: int, end: int, page: int) -> Line | None:
    """A stretch of characters as a line; None where there is nothing to see in it."""
    text = _readable(codes[first:end])
    visible = [index for index in range(first, end) if codes[index] > 0x20 and codes[index] != 0xA0]
    if not text or not visible:
        return None
    broken = codes[end : end + 1] != [] and codes[end] in _SOFT_HYPHENS
    return _line(raw, text, page, visible[0], visible[-1], broken=broken)


def _widest_gap(raw: pdfium.FPDF_TEXTPAGE, codes: Sequence[int], first: int, end: int) -> int:
    """Where the widest gap is for which the file has no character; 0 where there is none to speak of."""
    widest, at = _NARROWEST_GUTTER, 0
    for index in range(first + 1, end - 1):
        if codes[index] == 0x20 and pdfium.FPDFText_IsGenerated(raw, index) == 1:
            gap = _box(raw, index + 1)[0] - _box(raw, index - 1)[1]
            widest, at = (gap, index) if gap > widest else (widest, at)
    return at


def _line(raw: pdfium.FPDF_TEXTPAGE, text: str, page: int, first: int, last: int, *, broken: bool) -> Line:
    start, stop = _box(raw, first), _box(raw, last)
    return Line(
        text=text,
        page=page,
        left=start[0],
        right=max(stop[1], start[1]),
        bottom=start[2],
        size=pdfium.FPDFText_GetFontSize(raw, first) * _scale(raw, first),
        bold=all(_is_bold(raw, index) for index in (first, last)),
        broken=broken,
    )


def _box(raw: pdfium.FPDF_TEXTPAGE, index: int) -> tuple[float, float, float]:
    """Left, right and the base line of a character."""
    left, right, bottom, top = (ctypes.c_double() for _ in range(4))
    pdfium.FPDFText_GetCharBox(raw, index, left, right, bottom, top)
    x, y = ctypes.c_double(), ctypes.c_double()
    pdfium.FPDFText_GetCharOrigin(raw, index, x, y)
    return left.value, right.value, y.value


def _scale(raw: pdfium.FPDF_TEXTPAGE, index: int) -> float:
    """How much the text matrix enlarges: many PDFs use a font of size 1 and scale it."""
    matrix = pdfium.FS_MATRIX()
    known = pdfium.FPDFText_GetMatrix(raw, index, matrix)
    return abs(matrix.d) or abs(matrix.b) or 1.0 if known else 1.0


def _is_bold(raw: pdfium.FPDF_TEXTPAGE, index: int) -> bool:
    name = ctypes.create_string_buffer(128)
    flags = ctypes.c_int()
    pdfium.FPDFText_GetFontInfo(raw, index, name, 128, flags)
    return b"bold" in name.value.lower() or pdfium.FPDFText_GetFontWeight(raw, index) >= 600


def _edge_lines(lines: Sequence[Line]) -> list[Line]:
    """The highest and lowest lines of a page, by place: order in the file says nothing about it."""
    by_height = sorted(lines, key=lambda line: line.bottom)
    edge = min(_EDGE, max(1, len(lines) // 4))
    return by_height if len(lines) <= 2 * edge else by_height[:edge] + by_height[-edge:]


def _key(line: Line) -> tuple[str, int]:
    """What a running head has in common from page to page: its words, and roughly its height.

    Where it has a number that changes, its words are enough; without, the height tells it from a title.
    """
    words, changing = re.subn(r"\d+", "#", line.text.lower())
    return words, 0 if changing else round(line.bottom / 12)


def _is_page_number(line: Line, numbered: int, pages: Sequence[Sequence[Line]]) -> bool:
    """Whether a lone number at an edge is a page number: most pages have one, and it stands outermost."""
    if not _PAGE_NUMBER.fullmatch(line.text):
        return False
    if line.text[0] in "-–—" or line.text[:5].lower() == "page ":
        return True
    page = [other.bottom for other in pages[line.page - 1]]
    outermost = line.bottom <= min(page) + 30 or line.bottom >= max(page) - 1
    return outermost and numbered >= max(2, len(pages) // 2)
