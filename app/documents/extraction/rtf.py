"""RTF: its words by striprtf, a line for each paragraph, with the numbers that stand before them."""

import re
from collections.abc import Iterator
from importlib.metadata import version

from striprtf.striprtf import rtf_to_text

from .blocks import Extracted
from .marked import Marked, assemble
from .plain import canonical

EXTRACTOR = "rtf"
VERSION = f"2+striprtf.{version('striprtf')}"
MEDIA_TYPE = "application/rtf"
# Pictures and fonts, as digits by the thousand: no contract's words, and slow to step through.
_DATA = re.compile(r"[0-9a-fA-F\r\n]{2000,}")
_LOST = (
    (re.compile(r"\\footnote\b"), "Footnotes were left out."),
    (re.compile(r"\\(?:header|footer)[lrf]?\b"), "Headers and footers were left out."),
    (re.compile(r"\\pict\b"), "Pictures were left out."),
    (re.compile(r"\\deleted\b"), "This file holds tracked changes, and deleted words were read too."),
)


def read_rtf(data: bytes, *, max_characters: int) -> Extracted:
    """The text of an RTF document. Raises Unreadable where there is none."""
    source = _DATA.sub("", data.decode("cp1252", "replace"))
    # The numbers of a list's items stand in one group or the other, and striprtf passes over one of them;
    # it would also write a link's address behind its words, but not where a space follows "fldinst".
    prepared = source.replace("\\pntext", "\\listtext").replace("\\fldinst", "\\fldinst ")
    text = rtf_to_text(prepared, errors="replace")  # type: ignore[no-untyped-call]
    # Characters beyond the first 65,536 are written in halves.
    whole = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    assembly = assemble(_paragraphs(canonical(whole)), max_characters=max_characters)
    return assembly.extracted(
        title="",
        extractor=EXTRACTOR,
        extractor_version=VERSION,
        media_type=MEDIA_TYPE,
        notes=tuple(sentence for mark, sentence in _LOST if mark.search(source)),
    )


def _paragraphs(text: str) -> Iterator[Marked]:
    for line in text.split("\n"):
        words = line.strip()
        if words.endswith("|"):
            cells = (cell.strip() for cell in words.split("|"))
            yield Marked("row", 0, "", " | ".join(filter(None, cells)))
        else:
            yield Marked("text", 0, "", words)
