"""How much of a contract is read, in its order: words, headings and numbers of real files, beside references.

The files are those of `../shared/data/documents`, where that is. A reference is the author's own text of the
document, without its marks, its page numbers and the "Source:" lines that whoever collected it put below each
page. Word files are compared with the words of their own XML as well, in which automatic numbers are not.
"""

import json
import re
import statistics
import time
import zipfile
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from lxml import etree

from app.documents.extraction import BlockKind, Extracted, Unreadable, extract, from_plain_text

DOCUMENTS = Path("../shared/data/documents")
TEXTS = DOCUMENTS.parent / "contracts" / "txt"
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"

_LEFT_OUT = (
    W + "del",
    W + "moveFrom",
    "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback",
)
_WORD = re.compile(r"[^\W_]+")
_MARKS = re.compile(
    r"<[^<>]{1,200}>|(?<=\])\([^()]*\)|[*_`\\]|^[ >]*\|[ :|-]+\|?[ ]*$|&[a-z]+;", re.MULTILINE
)
_PRINTED = re.compile(
    r"^\W*(?:page )?\d{1,4}(?: of \d{1,4})?\W*$|^\s*Source: .*$", re.IGNORECASE | re.MULTILINE
)
_MARKDOWN_HEADING = re.compile(
    r"^(?:#{1,6} +(.+)|(?:\d[\d.]*\s+)?\*\*([^*\n]{3,80})\*\*[.:]?(?=\s|$))", re.MULTILINE
)


@dataclass(frozen=True, slots=True)
class Compared:
    """One file beside its reference; shares from 0 to 1."""

    recall: float
    precision: float
    order: float


def run(*, full: bool) -> dict[str, str]:  # noqa: ARG001 -- there is no larger size
    """A line for each file, and one for each kind."""
    if not DOCUMENTS.is_dir():
        return {"not measured": f"there is no {DOCUMENTS}"}
    manifest = [json.loads(line) for line in (DOCUMENTS / "manifest.jsonl").read_text("utf-8").splitlines()]
    references = {row["file"]: row["reference_text"] for row in manifest if row.get("reference_text")}
    figures = _compare("pdf", references) | _compare("docx", references)
    for file in sorted((DOCUMENTS / "odd").iterdir()):
        figures[f"odd/{file.name}"] = _read_or_refused(file, references.get(f"odd/{file.name}"))
    return figures | _plain_texts()


def _compare(kind: str, references: dict[str, str]) -> dict[str, str]:
    figures: dict[str, str] = {}
    all_compared: list[Compared] = []
    own: list[Compared] = []
    parts = Counter[str]()
    began = time.perf_counter()
    files = sorted((DOCUMENTS / kind).glob(f"*.{kind}"))
    for file in files:
        try:
            read = extract(file, name=file.name)
        except Unreadable as refusal:
            figures[f"{kind}/{file.stem[:48]}"] = f"refused: {refusal.reason}"
            continue
        said = []
        reference = _reference(references.get(f"{kind}/{file.name}"))
        if reference:
            all_compared.append(compared := compare(read.text, reference))
            said.append(_said(compared))
        if kind == "docx":
            own.append(compared := compare(read.text, _own_words(file), numbers=_numbers(read)))
            said.append(f"its own XML: {_said(compared)}")
        for name, (found, of) in _parts(file, read, references.get(f"{kind}/{file.name}", "")).items():
            said.append(f"{name} {found}/{of}")
            parts.update({name: found, f"{name} of": of})
        figures[f"{kind}/{file.stem[:48]}"] = "; ".join(said) or "no reference"
    seconds = (time.perf_counter() - began) / max(len(files), 1)
    found = "; ".join(
        f"{name} {parts[name]}/{parts[f'{name} of']}" for name in parts if not name.endswith(" of")
    )
    for what, compared_files in (("references", all_compared), ("their own XML", own)):
        if compared_files:
            name = f"{len(compared_files)} of {len(files)} {kind.upper()} files beside {what}"
            figures[f"{name}, mean"] = _said(_over(compared_files, statistics.mean))
            figures[f"{name}, least"] = _said(_over(compared_files, min))
    figures[f"{kind.upper()} files, time"] = f"{seconds:.2f} s each"
    return figures | ({f"{kind.upper()} files, found": found} if found else {})


def compare(text: str, reference: str, *, numbers: Sequence[str] = ()) -> Compared:
    """Which of the reference's words were read, which were read that it lacks, and whether in its order.

    `numbers` are words that may be read though the reference lacks them: what Word counts itself.
    """
    read, expected = _words(text), _words(reference)
    common = (Counter(read) & Counter(expected)).total()
    surplus = (Counter(read) - Counter(expected) - Counter(numbers)).total()
    return Compared(common / max(len(expected), 1), 1 - surplus / max(len(read), 1), _order(read, expected))


def _over(compared: list[Compared], figure: Callable[[list[float]], float]) -> Compared:
    return Compared(*(figure([getattr(one, name) for one in compared]) for name in Compared.__slots__))


def _numbers(read: Extracted) -> list[str]:
    return [word for block in read.blocks for word in _words(block.number)]


def _words(text: str) -> list[str]:
    return _WORD.findall(text.lower().replace("ﬁ", "fi").replace("ﬂ", "fl"))


def _order(read: list[str], expected: list[str]) -> float:
    """Of the three-word phrases that stand once in both, the share that stands in one common order."""
    places = [_once(read), _once(expected)]
    shared = [places[1][phrase] for phrase in places[0] if phrase in places[1]]
    tails: list[int] = []  # the longest rising row of places, by patience
    for place in shared:
        at = bisect_left(tails, place)
        tails[at : at + 1] = [place]
    return len(tails) / max(len(shared), 1)


def _once(words: list[str]) -> dict[tuple[str, ...], int]:
    places: defaultdict[tuple[str, ...], list[int]] = defaultdict(list)
    for place, phrase in enumerate(zip(words, words[1:], words[2:], strict=False)):
        places[phrase].append(place)
    return {phrase: found[0] for phrase, found in places.items() if len(found) == 1}


def _reference(name: str | None) -> str:
    return _PRINTED.sub("", _MARKS.sub("", (DOCUMENTS / name).read_text("utf-8"))) if name else ""


def _own_words(file: Path) -> str:
    parts = ("document", "footnotes", "endnotes")
    return " \n".join(paragraph for part in parts for paragraph in _xml_paragraphs(file, part))


def _parts(file: Path, read: Extracted, reference: str) -> dict[str, tuple[int, int]]:
    """Headings that the reference marks, headings and numbers that Word's XML states: found, of all."""
    headings = [
        " ".join(_words(read.text[block.start : block.end]))
        for block in read.blocks
        if block.kind is BlockKind.HEADING
    ]
    found = {}
    if reference.endswith(".md"):
        marked = [
            one or other
            for one, other in _MARKDOWN_HEADING.findall((DOCUMENTS / reference).read_text("utf-8"))
        ]
        wanted = [" ".join(_words(_MARKS.sub("", heading))) for heading in marked]
        found["headings of the reference"] = (sum(_is_among(one, headings) for one in wanted), len(wanted))
    if file.suffix == ".docx":
        numbered, styled = _stated_by_word(file)
        with_number = [
            " ".join(_words(read.text[block.start : block.end])) for block in read.blocks if block.number
        ]  # fmt: skip
        whole = [
            " ".join(_words(read.text[block.start : block.start + 400]))
            for block in read.blocks
            if block.number
        ]
        found["numbered paragraphs"] = (
            sum(_is_among(one, with_number + whole) for one in numbered),
            len(numbered),
        )
        found["headings by style"] = (sum(_is_among(one, headings) for one in styled), len(styled))
    return {name: counts for name, counts in found.items() if counts[1]}


def _is_among(words: str, texts: list[str]) -> bool:
    return any(words in text for text in texts)


def _stated_by_word(file: Path) -> tuple[list[str], list[str]]:
    """The first words of numbered paragraphs outside tables, and of those in a heading's style."""
    styles = {style.get(W + "styleId"): style for style in _xml(file, "styles").iter(W + "style")}

    def own(paragraph: etree._Element, name: str) -> str:
        """A property of a paragraph, its own or inherited from its style."""
        found = paragraph.find(f"{W}pPr//{W}{name}")
        style = paragraph.find(f"{W}pPr/{W}pStyle")
        for _ in range(20):
            if found is not None or style is None:
                break
            element = styles.get(style.get(W + "val"), etree.Element("none"))
            found, style = element.find(f"{W}pPr//{W}{name}"), element.find(W + "basedOn")
        return found.get(W + "val", "") if found is not None else ""

    numbered, styled = [], []
    for paragraph in _xml(file, "document").iter(W + "p"):
        words = " ".join(_words(_xml_text(paragraph))[:13])
        if not words or any(above.tag in (W + "tbl", *_LEFT_OUT) for above in paragraph.iterancestors()):
            continue
        if own(paragraph, "numId") not in ("", "0"):
            numbered.append(words)
        elif own(paragraph, "outlineLvl") not in ("", "9") and words.count(" ") < 12:  # no whole sentence
            styled.append(words)
    return numbered, styled


def _xml(file: Path, part: str) -> etree._Element:
    with zipfile.ZipFile(file) as archive:
        name = f"word/{part}.xml"
        return etree.fromstring(archive.read(name)) if name in archive.namelist() else etree.Element("none")


def _xml_paragraphs(file: Path, part: str) -> Iterator[str]:
    for paragraph in _xml(file, part).iter(W + "p"):
        if not any(above.tag in (W + "p", *_LEFT_OUT) for above in paragraph.iterancestors()):
            yield _xml_text(paragraph)


def _xml_text(paragraph: etree._Element) -> str:
    """A paragraph's words as its XML has them: nothing resolved but what was deleted."""
    if paragraph.tag in _LEFT_OUT:
        return ""
    text = {W + "t": paragraph.text or "", W + "tab": "\t", W + "br": "\n", W + "p": "\n"}.get(
        paragraph.tag, ""
    )
    return text + "".join(map(_xml_text, paragraph))


def _read_or_refused(file: Path, reference: str | None) -> str:
    try:
        read = extract(file, name=file.name)
    except Unreadable as refusal:
        return f"refused: {refusal.reason}"
    compared = f"; {_said(compare(read.text, _reference(reference)))}" if reference else ""
    return " ".join([f"read, {len(read.text):,} characters{compared}.", *read.notes])


def _plain_texts() -> dict[str, str]:
    """Filed contracts as text: what the outline has of them."""
    files = sorted(TEXTS.glob("*.txt"))
    began = time.perf_counter()
    characters, without, pages = 0, [], 0
    for file in files:
        read = from_plain_text(file.read_bytes().decode())
        characters += len(read.text)
        if sum(block.kind is BlockKind.HEADING for block in read.blocks) < 3:
            without.append(len(read.text))
        pages += sum(block.kind is BlockKind.PAGE for block in read.blocks)
    seconds = time.perf_counter() - began
    if not files:
        return {}
    return {
        f"{len(files)} filed texts": f"{len(without)} with fewer than three headings, of them"
        f" {sum(size > 15_000 for size in without)} longer than 15,000 characters; {pages} page marks;"
        f" {characters / seconds / 1e6:.2f} million characters/s"
    }


def _said(compared: Compared) -> str:
    return f"recall {compared.recall:.4f}, precision {compared.precision:.4f}, order {compared.order:.4f}"
