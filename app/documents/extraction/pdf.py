"""PDF by PDFium: reading order, lines joined into paragraphs, running heads and page numbers left out.

Runs in a child process only: PDFium is a large body of C++ that reads what strangers made.
"""

from collections.abc import Sequence
from importlib.metadata import version
from itertools import pairwise

import pypdfium2
import pypdfium2.raw as pdfium

from .assembly import Assembly
from .blocks import Extracted, Unreadable
from .ocr import has_pictures, recognize
from .pdf_columns import in_reading_order
from .pdf_lines import Line, read_rows, without_running_heads
from .pdf_paragraphs import Paragraph, join_lines
from .wording import too_long

EXTRACTOR = "pdf"
VERSION = f"2+pdfium.{version('pypdfium2')}"
MOST_PAGES = 5_000

_ENCRYPTED = "This PDF is protected by a password. Remove the password and import it again."
_DAMAGED = "This PDF is cut off or damaged. Open it in a PDF reader, save it anew, and import that."
_PICTURES = (
    "This PDF holds only pictures of pages: no text layer. "
    "Run it through text recognition (OCR) and import the result."
)
_MORE_PICTURES = (
    "This PDF holds pictures of more pages than text recognition (OCR) reads here in time. "
    "Run it through text recognition elsewhere and import the result."
)
_EMPTY = "This PDF holds no text. Choose the file that holds the contract."


def read_pdf(data: bytes, *, max_characters: int) -> Extracted:
    """The text of a PDF. Raises Unreadable for a password, damage, and pages that are only pictures."""
    document = _open(data)
    if len(document) > MOST_PAGES:
        raise Unreadable(f"This PDF has more than {MOST_PAGES:,} pages. Split it and import the parts.")
    pages, filled_in = _read_pages(document, max_characters)
    has_text = any(pages)
    recognized = recognize(document, pages)
    if not has_text and not recognized.in_time:
        raise Unreadable(_MORE_PICTURES)
    if not any(pages):
        pictures = any(has_pictures(document, index) for index in range(len(pages)))
        raise Unreadable(_PICTURES if pictures else _EMPTY)
    kept, dropped = without_running_heads(pages)
    assembly = Assembly(max_characters=max_characters)
    paragraphs = list(join_lines(kept))
    for paragraph, following in pairwise([*paragraphs, Paragraph("", 0, set_apart=False)]):
        lead = len(paragraph.text) if paragraph.set_apart else 0
        assembly.add(paragraph.text, following=len(following.text), lead=lead, page=paragraph.page)
    return assembly.extracted(
        title=_metadata_title(document),
        extractor=EXTRACTOR,
        extractor_version=f"{VERSION}+tesseract.{recognized.version}" if recognized.pages else VERSION,
        media_type="application/pdf",
        page_count=len(document),
        notes=_notes(pages, dropped=dropped, filled_in=filled_in, recognized=recognized.pages),
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
    lines = in_reading_order(read_rows(page, index + 1))
    page.close()
    return lines


def _metadata_title(document: pypdfium2.PdfDocument) -> str:
    """The title that the file states, unless it is a file's name or a word processor's default."""
    title = " ".join(document.get_metadata_value("Title").split())
    named_by_machine = title.lower().endswith((".doc", ".docx", ".pdf", ".htm", ".html", ".txt", ".rtf"))
    machine = named_by_machine or title.lower().startswith(("microsoft word", "untitled", "document"))
    return "" if machine or " " not in title or "\\" in title else title


def _notes(
    pages: list[list[Line]], *, dropped: int, filled_in: bool, recognized: Sequence[int]
) -> tuple[str, ...]:
    notes = []
    if recognized:
        notes.append(
            f"{_pages(recognized)} read from pictures by text recognition (OCR): {_listed(recognized)}. "
            "Compare names, numbers and dates with the original."
        )
    missing = [number for number, lines in enumerate(pages, start=1) if not lines]
    if missing:
        notes.append(
            f"{_pages(missing)} without text (pictures or empty): {_listed(missing)}. "
            "What they say is not in this text."
        )
    if dropped:
        notes.append("Running heads, feet and page numbers were left out.")
    if filled_in:
        notes.append("What was filled into form fields stands at the end of its page.")
    return tuple(notes)


def _pages(numbers: Sequence[int]) -> str:
    return "Page" if len(numbers) == 1 else "Pages"


def _listed(numbers: Sequence[int]) -> str:
    return ", ".join(map(str, numbers[:20])) + (" and more" if len(numbers) > 20 else "")
