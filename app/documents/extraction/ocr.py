"""Pages that are only pictures, read by the machine's own tesseract where it has one.

Runs in the reading process, within its limits. Tesseract gets grey pixels that PDFium drew, never the
file of a picture, and one thread, so that the same page gives the same text.
"""

import csv
import math
import resource
import shutil
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from statistics import median

import pypdfium2
import pypdfium2.raw as pdfium

from .pdf_lines import Line

_DOTS = 300  # an inch, which tesseract asks for
_MOST_PIXELS = 30_000_000  # a larger page is drawn coarser
_WORD_LEVEL = "5"


@dataclass(frozen=True, slots=True)
class Recognized:
    """Which pages were read from pictures, by what version, and whether all were read in time."""

    pages: tuple[int, ...] = ()
    version: str = ""
    in_time: bool = True


def recognize(document: pypdfium2.PdfDocument, pages: list[list[Line]]) -> Recognized:
    """Fills in the lines of pages that are only pictures; of none where the machine has no tesseract."""
    program = shutil.which("tesseract")
    if program is None:
        return Recognized()
    seconds, _ = resource.getrlimit(resource.RLIMIT_CPU)  # the clock ends this process after as many
    deadline = math.inf if seconds == resource.RLIM_INFINITY else time.monotonic() + 0.8 * seconds
    read: list[int] = []
    in_time = True
    for index, lines in enumerate(pages):
        if not lines and has_pictures(document, index):
            try:
                pages[index] = _read_page(program, document[index], index + 1, deadline - time.monotonic())
            except subprocess.TimeoutExpired:
                in_time = False
                break
            read += [index + 1] if pages[index] else []
    words = _run([program, "--version"]).decode(errors="replace").split() if read else []
    return Recognized(tuple(read), "".join(words[1:2]), in_time)


def has_pictures(document: pypdfium2.PdfDocument, index: int) -> bool:
    """Whether a page shows a picture."""
    try:
        page = document[index]
    except pypdfium2.PdfiumError:
        return False
    return any(True for _ in page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_IMAGE], max_depth=3))


def _read_page(program: str, page: pypdfium2.PdfPage, number: int, seconds: float) -> list[Line]:
    """The lines that tesseract sees on a page, with their places; none where it fails."""
    scale = min(_DOTS / 72, (_MOST_PIXELS / max(page.get_width() * page.get_height(), 1)) ** 0.5)
    command = [program, "stdin", "stdout", "--dpi", str(round(72 * scale)), "tsv"]
    answer = _run(command, _drawn(page, scale), None if seconds == math.inf else max(seconds, 0))
    return list(_lines(answer.decode(errors="replace"), number, page.get_height(), scale))


def _drawn(page: pypdfium2.PdfPage, scale: float) -> bytes:
    """The page as a portable grey map."""
    bitmap = page.render(scale=scale, grayscale=True)
    pixels = bytes(bitmap.buffer)
    rows = (pixels[row * bitmap.stride : row * bitmap.stride + bitmap.width] for row in range(bitmap.height))
    return f"P5 {bitmap.width} {bitmap.height} 255\n".encode() + b"".join(rows)


def _lines(table: str, number: int, height: float, scale: float) -> Iterator[Line]:
    """Tesseract's table has a row for each word; those of a line follow one another."""
    rows = csv.DictReader(table.splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE)
    words = [row for row in rows if row.get("level") == _WORD_LEVEL and (row["text"] or "").strip()]
    # A word's height is that of its letters, some of which hang low: most words say what size it is.
    usual = median(int(row["height"]) for row in words) / scale if words else 0.0
    for _, line in groupby(words, key=lambda row: (row["block_num"], row["par_num"], row["line_num"])):
        found = list(line)
        lefts, tops, widths, heights = (
            [int(row[name]) / scale for row in found] for name in ("left", "top", "width", "height")
        )
        text = " ".join(row["text"].strip() for row in found)
        yield Line(
            text=text.removesuffix("-") if (broken := _is_broken(text)) else text,
            page=number,
            left=lefts[0],
            right=lefts[-1] + widths[-1],
            bottom=height - max(top + high for top, high in zip(tops, heights, strict=True)),
            size=usual if max(heights) < 1.7 * usual else max(heights),
            broken=broken,
        )


def _is_broken(text: str) -> bool:
    return text.endswith("-") and text[-2:-1].isalpha()


def _run(command: list[str], given: bytes = b"", seconds: float | None = None) -> bytes:
    done = subprocess.run(  # noqa: S603 -- a program of the system's, and our own arguments
        command,
        input=given,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={"OMP_THREAD_LIMIT": "1", "LC_ALL": "C.UTF-8"},
        timeout=seconds,
        check=False,
    )
    return done.stdout if done.returncode == 0 else b""
