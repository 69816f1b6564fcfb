"""Web pages: headings, paragraphs, lists and tables; scripts, styles and what is hidden are no text.

The tree is walked by its events and never by recursion: how deep it is says its author, who may be hostile.
"""

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib.metadata import version

from lxml import etree

from .blocks import Extracted, Unreadable
from .decoding import decode
from .labels import read_label
from .marked import Marked, assemble
from .plain import canonical
from .wording import guessed_as

EXTRACTOR = "html"
VERSION = f"2+lxml.{version('lxml')}"
MEDIA_TYPE = "text/html"

_DROPPED = frozenset(
    ("script", "style", "head", "template", "svg", "iframe", "object", "select", "button", "textarea", "del")
)
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_LISTS = ("ul", "ol")
_CELLS = ("td", "th")
_BLOCKS = frozenset((
    *_HEADINGS, *_LISTS, "address", "article", "aside", "blockquote", "body", "caption", "center", "dd",
    "div", "dl", "dt", "fieldset", "figure", "footer", "form", "header", "hr", "html", "li", "main", "nav",
    "p", "pre", "section", "table", "tbody", "tfoot", "thead", "tr",
))  # fmt: skip
_DECLARED = re.compile(rb"""<meta\s[^>]{0,300}?charset\s{0,9}=\s{0,9}["']?([\w.:-]{1,40})""", re.IGNORECASE)
_HIDDEN = re.compile(r"(?:display\s*:\s*none|visibility\s*:\s*hidden)", re.IGNORECASE)
_TOO_DEEP = "This page is nested too deeply to be read whole. Save it as .docx or PDF and import that."
_SPACE = re.compile(r"[ \t\r\n\f]+")


def read_html(data: bytes, *, max_characters: int) -> Extracted:
    """The text of a web page as it reads when it is shown. Raises Unreadable where there is none."""
    text, guessed = _decoded(data)
    parser = etree.HTMLParser(
        encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True, huge_tree=True
    )
    root = etree.fromstring(canonical(text).encode(), parser)
    if any(error.level == etree.ErrorLevels.FATAL for error in parser.error_log):
        raise Unreadable(_TOO_DEEP)  # the parser stopped there, and what follows would be missing
    walker = _Walker()
    assembly = assemble(walker.walk(root), max_characters=max_characters)
    return assembly.extracted(
        title="",
        extractor=EXTRACTOR,
        extractor_version=VERSION,
        media_type=MEDIA_TYPE,
        notes=(guessed_as(guessed),) if guessed else (),
    )


def _decoded(data: bytes) -> tuple[str, str]:
    """The text by its mark, by what it declares, or as any text is decoded; and the encoding if guessed."""
    declared = _DECLARED.search(data[:8192])
    marked = data.startswith((codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    if declared and not marked:
        name = declared[1].decode("ascii", "replace").lower()
        # As browsers do: whoever writes Latin-1 means what Windows made of it.
        name = "cp1252" if name in {"iso-8859-1", "latin1", "us-ascii", "ascii"} else name
        try:
            return data.decode(name), ""
        except (LookupError, UnicodeDecodeError):
            pass  # it declares what it is not
    return decode(data)


@dataclass(slots=True)
class _Walker:
    """Where in the page the reading is: the words of the paragraph, the row, and the lists around it."""

    words: list[str] = field(default_factory=list)
    cells: list[str] | None = None
    lists: list[int | None] = field(default_factory=list)  # what comes next of each; None for bullets
    mark: str = ""
    heading: int = 0
    kept: int = 0  # how many <pre> are open

    def walk(self, root: etree._Element) -> Iterator[Marked]:
        """The paragraphs and rows of the page in order."""
        events = etree.iterwalk(root, events=("start", "end"))
        for event, element in events:
            tag = str(element.tag)
            if event == "start" and (tag in _DROPPED or _is_hidden(element)):
                events.skip_subtree()
            elif event == "start":
                yield from self._open(element, tag)
                self.words.append(self._text(element.text))
            else:
                if tag not in _DROPPED and not _is_hidden(element):
                    yield from self._close(tag)
                if element is not root:
                    self.words.append(self._text(element.tail))
        yield from self._flush()

    def _text(self, words: str | None) -> str:
        return (words or "") if self.kept else _SPACE.sub(" ", words or "")

    def _open(self, element: etree._Element, tag: str) -> Iterator[Marked]:
        if tag == "br":
            self.words.append("\n")
        elif tag in _CELLS:
            yield from self._flush()
        elif tag in _BLOCKS:
            yield from self._flush()
            if tag == "tr" and _is_row(element):
                self.cells = []
            elif tag in _HEADINGS:
                self.heading = int(tag[1])
            elif tag in _LISTS:
                self.lists.append(_first(element) if tag == "ol" else None)
            elif tag == "li":
                self.mark = self._next_mark()
            self.kept += tag == "pre"

    def _close(self, tag: str) -> Iterator[Marked]:
        if tag in _CELLS or tag in _BLOCKS:
            yield from self._flush()
        if tag == "tr" and self.cells is not None:
            yield from _row(self.cells)
            self.cells = None
        elif tag in _HEADINGS:
            self.heading = 0
        elif tag in _LISTS and self.lists:
            self.lists.pop()
        elif tag == "li":
            self.mark = ""
        self.kept -= tag == "pre"

    def _next_mark(self) -> str:
        number = self.lists[-1] if self.lists else None
        if number is None:
            return "• "
        self.lists[-1] = number + 1
        return f"{number}. "

    def _flush(self) -> Iterator[Marked]:
        """What was read since the last block began or ended."""
        words = "".join(self.words)
        self.words.clear()
        if not words.strip():
            return
        if self.kept:
            yield from (Marked("text", 0, "", part.strip("\n")) for part in re.split(r"\n\s*\n", words))
            return
        lines = (line.strip(" ") for line in words.split("\n"))
        words = "\n".join(lines).strip("\n")
        if self.cells is not None:
            self.cells.append(" ".join(words.split()))
        elif self.heading:
            yield Marked("heading", self.heading, "", " ".join(words.split()))
        else:
            yield Marked("text", len(self.lists), self.mark, words)
            self.mark = ""


def _is_hidden(element: etree._Element) -> bool:
    return element.get("hidden") is not None or bool(_HIDDEN.search(element.get("style", "")))


def _is_row(element: etree._Element) -> bool:
    """Whether a table's row holds values: one whose cells hold paragraphs is how a page is laid out."""
    if next(element.iterdescendants("table", "ul", "ol", *_HEADINGS), None) is not None:
        return False
    cells = [cell for cell in element if cell.tag in _CELLS]
    return len(cells) > 1 and all(
        len([1 for _ in zip(range(2), cell.iterdescendants("p", "div"), strict=False)]) < 2 for cell in cells
    )


def _row(cells: list[str]) -> Iterator[Marked]:
    """A row of a table, or a paragraph whose number stands in a cell of its own."""
    if len(cells) == 2 and (label := read_label(" ".join(cells))) and label.body == len(cells[0]) + 1:
        yield Marked("text", 0, "", " ".join(cells))
    elif cells:
        yield Marked("row" if len(cells) > 1 else "text", 0, "", " | ".join(cells))


def _first(element: etree._Element) -> int:
    start = element.get("start", "1")
    return int(start) if re.fullmatch(r"[0-9]{1,6}", start) else 1
