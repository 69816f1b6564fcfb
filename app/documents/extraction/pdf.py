"""PDF by PDFium: reading order, lines joined into paragraphs, running heads and page numbers left out.

Runs in a child process only: PDFium is a large body of C++ that reads what strangers made.
"""

from importlib.metadata import version
from itertools import pairwise

import pypdfium2
import pypdfium2.raw as pdfium

from .assembly import Assembly
from .blocks import Extracted, Unreadable
from .pdf_lines import Line, read_lines, without_running_heads
from .pdf_paragraphs import Paragraph, join_lines
from .wording import too_long

EXTRACTOR = "pdf"
VERSION = f"1+pdfium.{version('pypdfium2')}"
MOST_PAGES = 5_000

_ENCRYPTED = "This PDF is protected by a password. Remove the password and import it again."
_DAMAGED = "This PDF is cut off or damaged. Open it in a PDF reader, save it anew, and import that."
_PICTURES = (
    "This PDF holds only pictures of pages: no text layer. "
    "Run it through text recognition (OCR) and import the result."
)
_EMPTY = "This PDF holds no text. Choose the file that holds the contract."


def read_pdf(data: bytes, *, max_characters: int) -> Extracted:
    """The text of a PDF. Raises Unreadable for a password, damage, and pages that are only pictures."""
    document = _open(data)
    if len(document) > MOST_PAGES:
        raise Unreadable(f"This PDF has more than {MOST_PAGES:,} pages. Split it and import the parts.")
    pages, filled_in = _read_pages(document, max_characters)
    if not any(pages):
        raise Unreadable(_PICTURES if _has_pictures(document) else _EMPTY)
    kept, dropped = without_running_heads(pages)
    assembly = Assembly(max_characters=max_characters)
    paragraphs = list(join_lines(kept))
    for paragraph, following in pairwise([*paragraphs, Paragraph("", 0, set_apart=False)]):
        lead = len(paragraph.text) if paragraph.set_apart else 0
        assembly.add(paragraph.text, following=len(following.text), lead=lead, page=paragraph.page)
    return assembly.extracted(
        title=_metadata_title(document),
        extractor=EXTRACTOR,
        extractor_version=VERSION,
        media_type="application/pdf",
        page_count=len(document),
        notes=_notes(pages, dropped=dropped, filled_in=filled_in),
    )


def _open(data: bytes) -> pypdfium2.PdfDocument:
    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        protected = (pdfium.FPDF_ERR_PASSWORD, pdfium.FPDF_ERR_SECURITY)
        raise Unreadable(_ENCRYPTED if error.err_code in protected else _DAMAGED) from error
    if len(document) == 0:
        raise Unreadable(_DAMAGED)
    return document


def _read_pages(document: pypdfium2.PdfDocument, max_characters: int) -> tuple[list[list[Line]], bool]:
    """The lines of every page, and whether form fields were among them."""
    filled_in = document.get_formtype() != pdfium.FORMTYPE_NONE
    if filled_in:
        document.init_forms()
    pages: list[list[Line]] = []
    characters = 0
    for index in range(len(document)):
        pages.append(_read_page(document, index, flatten=filled_in))
        characters += sum(len(line.text) for line in pages[-1])
        if characters > max_characters:
            raise Unreadable(too_long(max_characters))
    return pages, filled_in


def _read_page(document: pypdfium2.PdfDocument, index: int, *, flatten: bool) -> list[Line]:
    try:
        page = document[index]
    except pypdfium2.PdfiumError:
        return []  # one broken page is reported as one without text
    # What was typed into a form becomes part of the page; and PDFium scrambles the lines of turned pages.
    flattened = flatten and pdfium.FPDFPage_Flatten(page.raw, pdfium.FLAT_NORMALDISPLAY) == 1
    turned = page.get_rotation() != 0
    if turned:
        page.set_rotation(0)
    if turned or flattened:
        page.close()
        page = document[index]
    lines = read_lines(page, index + 1)
    page.close()
    return lines


def _has_pictures(document: pypdfium2.PdfDocument) -> bool:
    return any(
        any(True for _ in document[index].get_objects(filter=[pdfium.FPDF_PAGEOBJ_IMAGE], max_depth=3))
        for index in range(min(len(document), 20))
    )


def _metadata_title(document: pypdfium2.PdfDocument) -> str:
    """The title that the file states, unless it is a file's name or a word processor's default."""
    title = " ".join(document.get_metadata_value("Title").split())
    named_by_machine = title.lower().endswith((".doc", ".docx", ".pdf", ".htm", ".html", ".txt", ".rtf"))
    machine = named_by_machine or title.lower().startswith(("microsoft word", "untitled", "document"))
    return "" if machine or " " not in title or "\\" in title else title


def _notes(pages: list[list[Line]], *, dropped: int, filled_in: bool) -> tuple[str, ...]:
    notes = []
    missing = [str(number) for number, lines in enumerate(pages, start=1) if not lines]
    if missing:
        shown = ", ".join(missing[:20]) + (" and more" if len(missing) > 20 else "")
        plural = "Page" if len(missing) == 1 else "Pages"
        notes.append(
            f"{plural} without text (pictures or empty): {shown}. What they say is not in this text."
        )
    if dropped:
        notes.append("Running heads, feet and page numbers were left out.")
    if filled_in:
        notes.append("What was filled into form fields stands at the end of its page.")
    return tuple(notes)
