"""PDF: printed lines become paragraphs again, and what only a page needs is left out."""

import zlib
from pathlib import Path

import pytest

from app.documents.extraction import BlockKind, Extracted, Unreadable
from app.documents.extraction.pdf import read_pdf
from tests.documents.extraction.builders import column, pdf, pdf_of_streams

ROOM = 5_000_000
FULL = "This Agreement is made between Acme Corporation and Beta Limited, both of"
WORDS = ("goods", "price", "place", "time")
Lines = list[tuple[float, float, float, str]]


def read(*pages: Lines) -> Extracted:
    return read_pdf(pdf(pages), max_characters=ROOM)


def test_lines_that_reach_the_margin_are_joined_and_short_ones_end_a_paragraph() -> None:
    result = read(column([FULL, FULL, "Delaware.", "1. Term. It lasts a year.", "(a) One", "(b) Two"]))
    assert result.text.split("\n\n") == [
        f"{FULL} {FULL} Delaware.",
        "1. Term. It lasts a year.",
        "(a) One",
        "(b) Two",
    ]
    assert [block.number for block in result.blocks] == ["", "1", "", "(a)", "(b)"]


def test_a_gap_between_lines_begins_a_paragraph() -> None:
    lines = column([FULL, FULL]) + column([FULL, "of Delaware"], top=640)
    assert read(lines).text == f"{FULL} {FULL}\n\n{FULL} of Delaware"


def test_two_columns_are_read_one_after_the_other() -> None:
    left = column([f"Left column line {n} goes on and on" for n in range(4)], x=50)
    right = column([f"Right column line {n} goes on and on" for n in range(4)], x=330)
    text = read(left + right).text
    assert text.index("Left column line 3") < text.index("Right column line 0")


def test_two_columns_that_are_written_line_by_line_are_read_one_after_the_other() -> None:
    left = column([f"Left column line {n} goes on and on" for n in range(7)], x=50)
    right = column([f"Right column line {n} goes on and on" for n in range(7)], x=330)
    rows = [line for pair in zip(left, right, strict=True) for line in pair]
    text = read(
        [(72, 740, 11, "A title that runs across both of the columns of this page of it"), *rows]
    ).text
    assert text.index("A title") < text.index("Left column line 6") < text.index("Right column line 0")


def test_the_cells_of_a_table_stay_beside_one_another() -> None:
    cells = [(f"Item {n}", f"{n},000 pieces of the goods at the usual price") for n in range(8)]
    rows = [
        (x, 700 - 13 * n, 11, cell)
        for n, row in enumerate(cells)
        for x, cell in zip((72, 330), row, strict=True)
    ]
    assert "Item 3 3,000 pieces" in read(rows).text


def test_a_paragraph_runs_over_the_end_of_a_page_and_knows_where_it_began() -> None:
    result = read(column([FULL], top=100), column(["the State of Delaware.", "2. Term"]))
    assert result.text == f"{FULL} the State of Delaware.\n\n2. Term"
    assert [block.page for block in result.blocks] == [1, 2]
    assert result.page_count == 2


def test_running_heads_and_page_numbers_are_left_out_and_that_is_said() -> None:
    pages = [
        [
            (72, 760, 9, "Acme Supply Agreement"),
            *column([FULL, f"text {word}.", f"More {word}."]),
            (300, 30, 9, f"Page {n} of 4"),
        ]
        for n, word in enumerate(WORDS, start=1)
    ]
    result = read(*pages)
    assert "Acme Supply" not in result.text
    assert "Page" not in result.text
    assert result.notes == ("Running heads, feet and page numbers were left out.",)


def test_the_title_stays_though_every_page_repeats_it() -> None:
    title = [(200.0, 600.0, 20.0, "SUPPLY AGREEMENT")]
    pages = [
        [(72.0, 760.0, 9.0, "SUPPLY AGREEMENT"), *column([f"The {word}.", f"A {word}."])] for word in WORDS
    ]
    result = read(title, *pages)
    assert result.text.count("SUPPLY AGREEMENT") == 1
    assert result.title == "SUPPLY AGREEMENT"


def test_a_word_that_the_margin_broke_is_whole_again_and_a_compound_keeps_its_hyphen() -> None:
    broken = f"{FULL[:-5]} indem-"
    lines = [broken, "nification and a non-", "exclusive licence; a non-exclusive one."]
    text = read(column(lines)).text
    assert "indemnification" in text
    assert "non- " not in text


def test_a_number_that_stands_close_to_its_text_is_parted_from_it() -> None:
    result = read(column(["10.2Each Party owns its works.", "3.Term", "2.5mm screws", "10.1except so."]))
    assert result.text.split("\n\n") == [
        "10.2 Each Party owns its works.",
        "3. Term",
        "2.5mm screws",
        "10.1 except so.",
    ]


def test_letters_in_a_larger_size_are_a_heading() -> None:
    result = read([(72, 720, 18, "What we agree on"), *column([FULL, FULL, "Delaware."])])
    assert result.blocks[0].kind is BlockKind.HEADING


def test_a_turned_page_is_read_in_its_own_order() -> None:
    upright = pdf([column([FULL, "of Delaware.", "1. Term", "2. Fees"])])
    turned = upright.replace(b"/MediaBox", b"/Rotate 90 /MediaBox")
    assert read_pdf(turned, max_characters=ROOM).text == read_pdf(upright, max_characters=ROOM).text


def test_pages_without_text_are_named() -> None:
    result = read(column(["Words."]), [], column(["More."]), [])
    assert result.notes == (
        "Pages without text (pictures or empty): 2, 4. What they say is not in this text.",
    )


def _image_page() -> bytes:
    image = "BI /W 1 /H 1 /BPC 8 /CS /G ID \x00 EI"
    return pdf_of_streams([f"q 500 0 0 700 50 50 cm {image} Q".encode("latin-1")])


def _words_on_a_picture(folder: Path, *, waits: bool = False) -> None:
    """A tesseract that sees the same two lines on every page."""
    head = "level page_num block_num par_num line_num word_num left top width height conf text".replace(
        " ", r"\t"
    )
    words = (
        (1, 1, 300, 300, "1."),
        (1, 2, 360, 300, "Term"),
        (2, 1, 300, 500, "It"),
        (2, 2, 360, 500, "lasts."),
    )
    rows = [rf"5\t1\t1\t1\t{line}\t{word}\t{x}\t{y}\t50\t40\t96\t{text}" for line, word, x, y, text in words]
    program = folder / "tesseract"
    program.write_text(
        '#!/bin/sh\n[ "$1" = --version ] && echo tesseract 5.3.0 && exit\n/bin/cat > /dev/null\n'
        + ("/bin/sleep 9\n" if waits else "")
        + "".join(f"printf '{row}\\n'\n" for row in (head, *rows))
    )
    program.chmod(0o755)


def test_pictures_of_pages_are_read_where_tesseract_is_and_that_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _words_on_a_picture(tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    result = read_pdf(_image_page(), max_characters=ROOM)
    assert result.text == "1. Term\n\nIt lasts."
    assert [(block.kind.value, block.page) for block in result.blocks] == [("heading", 1), ("paragraph", 1)]
    assert result.notes == (
        (
            "Page read from pictures by text recognition (OCR): 1. "
            "Compare names, numbers and dates with the original."
        ),
    )
    assert result.extractor_version.endswith("+tesseract.5.3.0")


def test_pictures_that_take_too_long_to_read_are_refused_and_not_read_in_part(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _words_on_a_picture(tmp_path, waits=True)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("resource.getrlimit", lambda _: (0.2, 0.2))
    with pytest.raises(Unreadable, match="more pages than text recognition"):
        read_pdf(_image_page(), max_characters=ROOM)


def test_without_tesseract_pictures_of_pages_are_refused_with_the_way_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Unreadable, match=r"only pictures of pages: no text layer\. Run it through"):
        read_pdf(_image_page(), max_characters=ROOM)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (pdf([column(["Words."])])[:300], "cut off or damaged"),
        (b"%PDF-1.7\n", "cut off or damaged"),
        (pdf([[]]), "holds no text"),
        (_image_page(), "only pictures of pages"),
    ],
    ids=["truncated", "only a header", "empty page", "picture"],
)
def test_a_pdf_that_cannot_be_read_says_why(data: bytes, reason: str) -> None:
    with pytest.raises(Unreadable, match=reason):
        read_pdf(data, max_characters=ROOM)


def test_an_encrypted_pdf_asks_for_the_password_to_be_removed() -> None:
    # The standard handler with a user password that nobody knows: the check value is all zeros.
    crypt = "/Encrypt << /Filter /Standard /V 1 /R 2 /P -4 /O <" + "00" * 32 + "> /U <" + "00" * 32 + "> >>"
    data = pdf([column(["Words."])], trailer=crypt + " /ID [<00><00>]")
    with pytest.raises(Unreadable, match="Remove the password"):
        read_pdf(data, max_characters=ROOM)


def test_a_pdf_over_the_limit_of_characters_names_it() -> None:
    with pytest.raises(Unreadable, match="more than 10 characters"):
        read_pdf(pdf([column(["More than ten."])]), max_characters=10)


def test_a_form_that_draws_itself_ends() -> None:
    stream = b"/F Do BT /F1 12 Tf 72 700 Td (Words.) Tj ET"
    data = pdf_of_streams([stream], resources="/XObject << /F 5 0 R >>")
    assert zlib.compress(stream) in data
    assert read_pdf(data, max_characters=ROOM).text == "Words."
