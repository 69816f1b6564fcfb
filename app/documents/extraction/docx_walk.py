"""Walking through a Word document in reading order: paragraphs with their numbers, tables as rows."""

from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

from .docx_numbering import Number, Numbering
from .docx_package import W
from .docx_runs import Piece, RunReader
from .docx_styles import NumberedAs, Styles, numbering_of, outline_of, value_of

_SKIPPED = (W + "del", W + "moveFrom", W + "sectPr", W + "sdtPr", W + "sdtEndPr")
_PLAIN_SPACES = str.maketrans({"\xa0": " ", "\u2007": " ", "\u202f": " ", "\xad": ""})
_LARGE_CELL = 600  # characters in three paragraphs or more: the table is a page layout and not a table


@dataclass(frozen=True, slots=True)
class WordParagraph:
    """A paragraph as Word shows it."""

    text: str  # without its number
    lead: int  # first characters in bold or underlined
    number: Number | None = None
    outline: int | None = None  # 0 for the highest heading
    style: str = ""


@dataclass(frozen=True, slots=True)
class WordRow:
    """A table's row."""

    cells: tuple[str, ...]  # without empty ones


class Walker:
    """One document's paragraphs and rows, in order; numbers count as they are met."""

    def __init__(self, styles: Styles, numbering: Numbering) -> None:
        self.runs = RunReader()
        self._styles = styles
        self._numbering = numbering
        self._carried: list[Piece] = []  # of a paragraph whose end was deleted: it belongs to the next one

    def walk(self, container: etree._Element) -> Iterator[WordParagraph | WordRow]:
        """All that stands in a body, a cell, a text box or a note."""
        for child in container:
            if child.tag == W + "p":
                yield from self._paragraph(child)
            elif child.tag == W + "tbl":
                yield from self._table(child)
            elif child.tag not in _SKIPPED and isinstance(child.tag, str):
                yield from self.walk(child)

    def _paragraph(self, paragraph: etree._Element) -> Iterator[WordParagraph | WordRow]:
        pieces = self._carried + self.runs.read(paragraph)
        boxes, self.runs.boxes = self.runs.boxes, []
        mark = paragraph.find(f"{W}pPr/{W}rPr")
        if mark is not None and (mark.find(W + "del") is not None or mark.find(W + "moveFrom") is not None):
            self.runs.seen.revisions = True
            self._carried = pieces
        else:
            self._carried = []
            yield from self._finished(paragraph, pieces)
        for box in boxes:
            yield from self.walk(box)

    def _finished(self, paragraph: etree._Element, pieces: list[Piece]) -> Iterator[WordParagraph]:
        style = self._styles.of(paragraph)
        number = self._number(paragraph, style.numbered)
        text = "".join(piece.text for piece in pieces).translate(_PLAIN_SPACES)
        bare = text.strip()
        if not bare:
            return
        own = outline_of(paragraph)
        outline = own if own is not None else style.outline
        lead = len(bare) if style.bold else _lead(pieces) - (len(text) - len(text.lstrip()))
        yield WordParagraph(
            text=bare,
            lead=max(0, min(lead, len(bare))),
            number=number,
            outline=outline if outline is not None and outline < 9 else None,
            style=style.name,
        )

    def _number(self, paragraph: etree._Element, by_style: NumberedAs | None) -> Number | None:
        own = numbering_of(paragraph)
        if own is not None and own.list_id is None and by_style is not None:
            own = NumberedAs(by_style.list_id, own.level)
        style_id = value_of(paragraph, "pPr", "pStyle")
        if own is not None and own.level is None and by_style is not None:
            own = NumberedAs(own.list_id, by_style.level)
        return self._numbering.next(own or by_style, style_id)

    def _table(self, table: etree._Element) -> Iterator[WordParagraph | WordRow]:
        rows = [row for row in _within(table, "tr") if row.find(f"{W}trPr/{W}del") is None]
        for row in rows:
            cells = [list(self.walk(cell)) for cell in _within(row, "tc")]
            if len(cells) == 1 or any(_is_layout(cell) for cell in cells):
                for cell in cells:
                    yield from cell
                continue
            texts = tuple(" ".join(_flat(item) for item in cell) for cell in cells)
            if any(texts):
                yield WordRow(tuple(text for text in texts if text))


def _within(element: etree._Element, name: str) -> Iterator[etree._Element]:
    """The rows of a table or the cells of a row, through content controls and tracked changes around them."""
    for child in element:
        if child.tag == W + name:
            yield child
        elif child.tag not in _SKIPPED and child.tag not in (W + "tbl", W + "p", W + "tc", W + "tr"):
            yield from _within(child, name)


def _is_layout(cell: list[WordParagraph | WordRow]) -> bool:
    return len(cell) >= 3 and sum(len(_flat(item)) for item in cell) > _LARGE_CELL


def _flat(item: WordParagraph | WordRow) -> str:
    """A paragraph or a nested row as words in a cell: one line, so that a row stays one."""
    if isinstance(item, WordRow):
        return " ".join(" ".join(cell.split()) for cell in item.cells if cell)
    shown = f"{item.number.shown}{item.number.suffix}" if item.number else ""
    return shown + " ".join(item.text.split())


def _lead(pieces: list[Piece]) -> int:
    """How many characters at the start are bold or underlined; white space between counts along."""
    length = 0
    for piece in pieces:
        if not piece.bold and piece.text.strip():
            break
        length += len(piece.text)
    return length if any(piece.bold for piece in pieces) else 0
