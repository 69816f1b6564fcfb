"""Real contracts, where the shared collection stands beside the checkout; none of it is in the repository."""

import re
import shutil
from collections import Counter
from pathlib import Path

import pytest

from app.documents.extraction import BlockKind, Extracted, Unreadable, extract, from_plain_text
from app.documents.extraction.docx import read_docx
from app.documents.extraction.pdf import read_pdf

DATA = Path(__file__).parents[3].parent / "shared" / "data"
DOCUMENTS, TEXTS = DATA / "documents", DATA / "contracts" / "txt"
ROOM = 5_000_000

pytestmark = pytest.mark.skipif(not DOCUMENTS.is_dir(), reason="the shared documents are not on this machine")

PICTURES = None if shutil.which("tesseract") else "only pictures of pages"
# What becomes of each awkward file: words of the reason, or None where it is read.
ODD = {
    "arabic-rotated.pdf": None,
    "contract-encrypted-aes256.pdf": "Remove the password",
    "contract-encrypted.docx": "Remove the password",
    "contract-part-scanned.pdf": None,
    "contract-rotated-90.pdf": None,
    "contract-scanned-no-text-layer.pdf": PICTURES,
    "contract-truncated.pdf": "cut off or damaged",
    "footnotes.docx": None,
    "form-fields.pdf": None,
    "headers-and-footers.docx": None,
    "no-text.docx": "holds no text",
    "password-protected.pdf": "Remove the password",
    "pdf-with-docx-name.docx": None,
    "scanned-court-opinion-no-text-layer.pdf": PICTURES,
    "text-box-only.docx": None,
    "tracked-changes-and-comments.docx": None,
    "truncated.docx": "cut off or damaged",
    "two-column.pdf": None,
    "zero-bytes.pdf": "empty",
}


def words(text: str) -> Counter[str]:
    return Counter(re.findall(r"[^\W_]+", text.lower().replace("’", "'")))


def found_again(read: Extracted, reference: str) -> float:
    expected = words(reference)
    return (words(read.text) & expected).total() / expected.total()


def with_reference(folder: str, suffix: str) -> list[tuple[Path, Path]]:
    files = sorted((DOCUMENTS / folder).glob(f"*{suffix}")) if DOCUMENTS.is_dir() else []
    candidates = [(file, reference / f"{file.stem}{kind}") for file in files for reference, kind in
                  ((TEXTS, ".txt"), (DOCUMENTS / "reference_text", ".md"))]  # fmt: skip
    return [(file, reference) for file, reference in candidates if reference.is_file()]


@pytest.mark.parametrize(
    ("file", "reference"), with_reference("pdf", ".pdf"), ids=lambda path: path.name[:40]
)
def test_a_pdf_holds_the_words_of_its_reference(file: Path, reference: Path) -> None:
    read = read_pdf(file.read_bytes(), max_characters=ROOM)
    text = "\n".join(
        line for line in reference.read_text().splitlines() if not line.strip().startswith("Source: ")
    )
    assert found_again(read, text) > 0.96


@pytest.mark.parametrize(
    ("file", "reference"), with_reference("docx", ".docx"), ids=lambda path: path.name[:40]
)
def test_a_word_document_holds_the_words_of_its_reference(file: Path, reference: Path) -> None:
    with file.open("rb") as opened:
        read = read_docx(opened, max_characters=ROOM)
    # The references are the templates' sources, with {placeholders} where the documents have words.
    assert found_again(read, re.sub(r"\]\([^)]*\)|\{[^}]*\}|<[^>]*>", "]", reference.read_text())) > 0.97


@pytest.mark.parametrize(("name", "reason"), ODD.items())
def test_an_awkward_file_is_read_or_refused_with_its_reason(name: str, reason: str | None) -> None:
    if reason is None:
        assert extract(DOCUMENTS / "odd" / name, name=name).text.strip()
        return
    with pytest.raises(Unreadable, match=reason):
        extract(DOCUMENTS / "odd" / name, name=name)


def test_every_filed_contract_keeps_its_text_and_most_have_an_outline() -> None:
    outlined = []
    for file in sorted(TEXTS.glob("*.txt")):
        text = file.read_bytes().decode()
        read = from_plain_text(text)
        assert read.text == text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
        if len(text) > 15_000:  # shorter ones are amendments and joint filings of one paragraph
            outlined.append(sum(block.kind is BlockKind.HEADING for block in read.blocks) >= 3)
    assert sum(outlined) >= 0.9 * len(outlined)


def test_the_clauses_of_a_word_contract_have_the_numbers_that_its_text_refers_to() -> None:
    with (DOCUMENTS / "docx" / "general-legal-mutual-nda.docx").open("rb") as opened:
        read = read_docx(opened, max_characters=ROOM)
    assert "For purposes of clauses (a) and (b) of this Section 3" in read.text
    third = next(index for index, block in enumerate(read.blocks) if block.number == "3")
    assert [block.number for block in read.blocks[third + 1 : third + 3]] == ["(a)", "(b)"]
