"""The text of one Word paragraph: insertions kept, deletions dropped, a field's result and not its code."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from lxml import etree

from .docx_package import W
from .docx_styles import is_bold, is_on

_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_MATH_TEXT = "{http://schemas.openxmlformats.org/officeDocument/2006/math}t"
_DROPPED = frozenset(W + name for name in (
    "del", "moveFrom", "pPr", "rPr", "instrText", "delText", "delInstrText", "commentReference", "rt",
    "sdtPr", "sdtEndPr", "footnoteRef", "endnoteRef", "annotationRef", "proofErr", "softHyphen",
))  # fmt: skip
_CHARACTERS = {"tab": "\t", "ptab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}
# What lawyers take from symbol fonts; anything else in there has no agreed meaning.
_SYMBOLS = {
    "F0B7": "•",
    "F0A7": "▪",
    "F0A8": "☐",
    "F06F": "☐",
    "F0FE": "☒",
    "F078": "☒",
    "F0FC": "✓",
    "F0E0": "→",
}


@dataclass(slots=True)
class Seen:
    """What was met on the way, for the notes of the whole document."""

    revisions: bool = False
    hidden: bool = False
    pictures: int = 0
    footnotes: list[tuple[str, str]] = field(
        default_factory=list
    )  # ("footnote" or "endnote", id) as referred to


@dataclass(slots=True)
class Piece:
    """A stretch of a paragraph in one kind of type."""

    text: str
    bold: bool


class RunReader:
    """Reads paragraphs in order; fields may open in one and close in a later one."""

    def __init__(self) -> None:
        self.seen = Seen()
        self.boxes: list[
            etree._Element
        ] = []  # text boxes met in the paragraph; their paragraphs come after it
        self._fields: list[bool] = []  # for each open field whether its result has begun
        self._special: dict[str, Callable[[etree._Element], Iterator[Piece]]] = {
            W + "r": self._run,
            W + "fldChar": self._field_mark,
            W + "footnoteReference": self._note_mark,
            W + "endnoteReference": self._note_mark,
            W + "txbxContent": self._box,
            W + "drawing": self._drawing,
            W + "pict": self._drawing,
            W + "object": self._drawing,
            _MC + "AlternateContent": self._alternative,
        }

    def read(self, paragraph: etree._Element) -> list[Piece]:
        """The pieces of a paragraph, fields and revisions resolved."""
        return [piece for piece in self._children(paragraph) if piece.text]

    def _children(self, element: etree._Element, *, bold: bool = False) -> Iterator[Piece]:
        for child in element:
            tag = child.tag
            if tag in _DROPPED:
                self.seen.revisions |= tag in (W + "del", W + "moveFrom")
            elif tag in self._special:
                yield from self._special[tag](child)
            elif tag in (W + "t", _MATH_TEXT):
                yield self._piece(child.text or "", bold=bold)
            elif tag == W + "sym":
                yield self._piece(_SYMBOLS.get(child.get(W + "char", "").upper(), ""), bold=bold)
            elif isinstance(tag, str) and tag.startswith(W) and tag[len(W) :] in _CHARACTERS:
                yield self._piece(_CHARACTERS[tag[len(W) :]], bold=bold)
            else:
                self.seen.revisions |= tag in (W + "ins", W + "moveTo")
                yield from self._children(child, bold=bold)

    def _piece(self, text: str, *, bold: bool) -> Piece:
        return Piece("" if self._fields and not all(self._fields) else text, bold)

    def _run(self, run: etree._Element) -> Iterator[Piece]:
        vanish = run.find(f"{W}rPr/{W}vanish")
        if vanish is not None and is_on(vanish.get(W + "val", "1")):
            self.seen.hidden = True
            return
        yield from self._children(run, bold=is_bold(run))

    def _field_mark(self, mark: etree._Element) -> Iterator[Piece]:
        kind = mark.get(W + "fldCharType")
        if kind == "begin":
            self._fields.append(False)
            checkbox = mark.find(f"{W}ffData/{W}checkBox")
            if checkbox is not None:
                yield Piece("☒" if _is_checked(checkbox) else "☐", bold=False)
        elif kind == "separate" and self._fields:
            self._fields[-1] = True
        elif kind == "end" and self._fields:
            self._fields.pop()

    def _note_mark(self, mark: etree._Element) -> Iterator[Piece]:
        kind = mark.tag[len(W) :].removesuffix("Reference")
        self.seen.footnotes.append((kind, mark.get(W + "id", "")))
        yield Piece(f"[{len(self.seen.footnotes)}]", bold=False)

    def _box(self, box: etree._Element) -> Iterator[Piece]:
        self.boxes.append(box)
        return iter(())

    def _drawing(self, drawing: etree._Element) -> Iterator[Piece]:
        if any(True for _ in drawing.iter("{*}blip", "{*}imagedata")):
            self.seen.pictures += 1
        for box in drawing.iter(W + "txbxContent"):
            # A box within a box is read with the outer one, and a fallback repeats what stands before it.
            repeats = (W + "txbxContent", _MC + "Fallback")
            if not any(ancestor.tag in repeats for ancestor in _between(box, drawing)):
                self.boxes.append(box)
        return iter(())

    def _alternative(self, element: etree._Element) -> Iterator[Piece]:
        """The same thing written for newer and for older readers: the first of the two that has text."""
        for branch in element:
            boxes = len(self.boxes)
            pieces = list(self._children(branch))
            if pieces or len(self.boxes) > boxes:
                yield from pieces
                return


def _between(element: etree._Element, top: etree._Element) -> Iterator[etree._Element]:
    for ancestor in element.iterancestors():
        if ancestor is top:
            return
        yield ancestor


def _is_checked(checkbox: etree._Element) -> bool:
    for name in ("checked", "default"):
        mark = checkbox.find(W + name)
        if mark is not None:
            return is_on(mark.get(W + "val", "1"))
    return False
