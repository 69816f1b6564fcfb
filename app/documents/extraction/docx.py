"""Word documents: what a reader of the accepted text sees, with the numbers that Word shows."""

from collections.abc import Iterable
from importlib.metadata import version
from itertools import pairwise
from typing import BinaryIO

from lxml import etree

from .assembly import Assembly
from .blocks import BlockKind, Extracted
from .docx_numbering import Numbering
from .docx_package import Package, W
from .docx_runs import Seen
from .docx_styles import Styles
from .docx_walk import Walker, WordParagraph, WordRow
from .labels import Label, Style, read_label
from .outline import is_title

EXTRACTOR = "docx"
VERSION = f"2+lxml.{version('lxml')}"
MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_LONGEST_HEADING = 200


def read_docx(file: BinaryIO, *, max_characters: int) -> Extracted:
    """The text of a Word document. Raises Unreadable for damage, and where there is no text."""
    package = Package(file)
    walker = Walker(Styles(package.part("styles")), Numbering(package.part("numbering")))
    assembly = Assembly(max_characters=max_characters)
    body = package.xml(package.main)
    items = list(walker.walk(body))
    title = _add_all(assembly, items)
    _add_notes(assembly, walker, package)
    return assembly.extracted(
        title=title,
        extractor=EXTRACTOR,
        extractor_version=VERSION,
        media_type=MEDIA_TYPE,
        notes=_notes(package, walker.runs.seen, body),
    )


def _add_all(assembly: Assembly, items: list[WordParagraph | WordRow]) -> str:
    """Adds paragraphs and rows; returns the text of a paragraph in the style "Title"."""
    title = ""
    for item, following in pairwise([*items, WordRow(())]):
        if isinstance(item, WordRow):
            assembly.add_known(BlockKind.ROW, " | ".join(item.cells))
            continue
        if item.style == "title" and not title:
            title = " ".join(item.text.split())
        _add(assembly, item, len(following.text) if isinstance(following, WordParagraph) else 0)
    return title


def _add(assembly: Assembly, item: WordParagraph, following: int) -> None:
    number = item.number
    shown = f"{number.shown}{number.suffix}" if number else ""
    text = shown + item.text
    if item.style.startswith(("toc ", "table of figures")):
        assembly.add_known(BlockKind.ROW, text)
    elif number:
        label = _label(number.shown, len(shown), text, bullet=number.bullet)
        lead = len(text) if _is_heading(item) else len(shown) + item.lead if item.lead else 0
        assembly.add_labelled(text, label, level=number.level + 1, lead=lead)
    elif item.style in ("title", "subtitle") and len(text) <= _LONGEST_HEADING:
        assembly.add_known(BlockKind.HEADING, text, level=1)
    elif _is_heading(item):
        label_in_text = read_label(text)
        known = label_in_text if label_in_text and text[label_in_text.body :] else None
        assembly.add_known(
            BlockKind.HEADING,
            text,
            level=min((item.outline or 0) + 1, 6),
            number=known.shown if known else "",
            body=known.body if known else 0,
        )
    else:
        assembly.add(text, following=following, lead=item.lead)


def _is_heading(item: WordParagraph) -> bool:
    """Whether a paragraph in a heading's style is a heading, and no clause that is in it for its number."""
    if (
        item.outline is None
        or len(item.text) > _LONGEST_HEADING
        or item.text.endswith((";", ",", " and", " or"))
    ):
        return False
    sentence = item.text[-1] in ".:" and len(item.text.split()) > 8
    return not sentence or is_title(item.text.rstrip(".:"))


def _label(shown: str, body: int, text: str, *, bullet: bool) -> Label:
    """An automatic number as a label; its own words say whether it counts paragraphs or items of a list."""
    read = read_label(text)
    family = Style.BULLET if bullet else read.style if read else Style.DECIMAL
    number = shown if family is Style.BULLET else shown.rstrip(".:") or shown
    return Label(family, number, body)


def _add_notes(assembly: Assembly, walker: Walker, package: Package) -> None:
    """Footnotes and endnotes at the end, in the order in which the text refers to them."""
    notes = {
        (kind, note.get(W + "id", "")): note
        for kind in ("footnote", "endnote")
        for root in [package.part(f"{kind}s")]
        if root is not None
        for note in root.iterchildren(W + kind)
    }
    # A note that refers to a note would append to the list that is being read.
    for position, key in enumerate(tuple(walker.runs.seen.footnotes), start=1):
        note = notes.get(key)
        words = " ".join(_words(walker.walk(note))) if note is not None else ""
        if words:
            mark = f"[{position}] "
            assembly.add_known(BlockKind.FOOTNOTE, mark + words, number=str(position), body=len(mark))


def _words(items: Iterable[WordParagraph | WordRow]) -> Iterable[str]:
    for item in items:
        yield " | ".join(item.cells) if isinstance(item, WordRow) else item.text


def _notes(package: Package, seen: Seen, body: etree._Element) -> tuple[str, ...]:
    """What was left out or decided, in sentences."""
    edges = [package.xml(name) for kind in ("header", "footer") for name in package.names(kind)]
    comments = package.part("comments")
    embedded = next(body.iter(W + "altChunk"), None) is not None
    said = (
        (any(_has_text(edge) for edge in edges), "Headers and footers were left out."),
        (comments is not None and _has_text(comments), "Comments were left out."),
        (seen.revisions, "Tracked changes were read as accepted: insertions kept, deletions left out."),
        (seen.hidden, "Hidden text was left out."),
        (seen.pictures > 0, "Pictures were left out."),
        (embedded, "A document that is embedded in this one was left out. Import it on its own."),
    )
    return tuple(sentence for applies, sentence in said if applies)


def _has_text(root: etree._Element) -> bool:
    return any(element.text and element.text.strip() for element in root.iter(W + "t"))
