"""Web pages and RTF as they read when they are shown, and nothing of what is hidden in them."""

import time
from pathlib import Path

import pytest

from app.documents.extraction import Extracted, Unreadable, extract
from app.documents.extraction.html import read_html
from app.documents.extraction.rtf import read_rtf

ROOM = 1_000_000


def blocks(read: Extracted) -> list[tuple[str, int, str, str]]:
    return [
        (block.kind.value, block.level, block.number, read.text[block.body : block.end])
        for block in read.blocks
    ]


def page(body: str) -> Extracted:
    return read_html(f"<!DOCTYPE html><html><body>{body}</body></html>".encode(), max_characters=ROOM)


def rtf(body: str) -> Extracted:
    return read_rtf(
        rf"{{\rtf1\ansi\ansicpg1252\deff0{{\fonttbl{{\f0 Times;}}}}{body}}}".encode(), max_characters=ROOM
    )


def test_a_web_page_has_its_headings_paragraphs_lists_and_tables() -> None:
    read = page(
        "<h1>Supply Agreement</h1>\n<p>This <b>Agree</b>ment\n is made.<br>Second line</p>loose words"
        "<h2>1. Term</h2><div>1.1 It lasts <del>two</del>three years.</div>"
        '<ol start="3"><li>one<ul><li>deeper</li></ul></li><li><p>two</p><p>more</p></li></ol>'
        "<table><tr><th>Price</th><th>10</th></tr><tr><td>2.1</td><td>The fee is due.</td></tr></table>"
        "<table><tr><td><p>Laid</p><p>out</p></td><td>beside</td></tr></table>"
        "<pre>A\n  B\n\nC</pre>R&amp;D &euro;5"
    )
    assert blocks(read) == [
        ("heading", 1, "", "Supply Agreement"),
        ("paragraph", 0, "", "This Agreement is made.\nSecond line"),
        ("paragraph", 0, "", "loose words"),
        ("heading", 2, "1", "Term"),
        ("paragraph", 2, "1.1", "It lasts three years."),
        ("item", 1, "3", "one"),
        ("item", 2, "•", "deeper"),
        ("item", 1, "4", "two"),
        ("paragraph", 0, "", "more"),
        ("row", 0, "", "Price | 10"),
        ("paragraph", 2, "2.1", "The fee is due."),
        ("paragraph", 0, "", "Laid"),
        ("paragraph", 0, "", "out"),
        ("paragraph", 0, "", "beside"),
        ("paragraph", 0, "", "A\n  B"),
        ("paragraph", 0, "", "C"),
        ("paragraph", 0, "", "R&D €5"),
    ]


@pytest.mark.parametrize(
    "hidden",
    [
        "<script>secret()</script>",
        "<style>.secret {}</style>",
        "<!-- secret -->",
        "<template>secret</template>",
        "<p hidden>secret</p>",
        '<div style="color: red; display:none"><p>secret</p></div>',
        '<span style="VISIBILITY: HIDDEN">secret</span>',
        '<textarea>secret</textarea><input type="hidden" value="secret">',
    ],
)
def test_what_a_web_page_hides_is_no_text_and_what_follows_it_is(hidden: str) -> None:
    assert page(f"<p>Before{hidden} after.</p>").text.split() == ["Before", "after."]


@pytest.mark.parametrize(
    ("content", "words", "noted"),
    [
        ('<html><meta charset="iso-8859-2"><p>Łódź'.encode("iso-8859-2"), "Łódź", False),
        ('<html><meta charset="latin1"><p>“Café”'.encode("cp1252"), "“Café”", False),
        ('<html><meta charset="utf-8"><p>“Café” § 5'.encode("cp1252"), "“Café” § 5", True),
        ('<html><meta charset="no-such"><p>“Café”'.encode(), "“Café”", False),
        ('<html><meta charset="utf-8"><p>“Café”'.encode("utf-16"), "“Café”", False),
        ('<?xml version="1.0" encoding="utf-8"?><html><p>“Café”</p></html>'.encode(), "“Café”", False),
    ],
)
def test_a_web_page_is_decoded_as_it_says_unless_that_is_wrong(
    content: bytes, words: str, noted: bool
) -> None:
    read = read_html(content, max_characters=ROOM)
    assert read.text == words
    assert bool(read.notes) == noted


def test_an_rtf_has_its_words_numbers_rows_and_signs() -> None:
    read = rtf(
        r"{\info{\author Secret}}\pard\b SERVICES AGREEMENT\b0\par"
        "\n"
        r"{\listtext\pard\plain 1.1\tab}The Supplier\rquote s caf\'e9 \u8364?5 \u-10179?\u-8704? shall.\par"
        r"{\pntext\f0 1.2\tab}The second clause is not short.\par"
        r'{\field{\*\fldinst{HYPERLINK "http://x.y"}}{\fldrslt{the link}}} leads on.\par'
        r"\trowd\cellx100 Price\cell 10\cell\row{\footnote a note}{\header a head}"
    )
    assert blocks(read) == [
        ("heading", 1, "", "SERVICES AGREEMENT"),
        ("paragraph", 2, "1.1", "The Supplier’s café €5 😀 shall."),
        ("paragraph", 2, "1.2", "The second clause is not short."),
        ("paragraph", 0, "", "the link leads on."),
        ("row", 0, "", "Price | 10"),
    ]
    assert read.notes == ("Footnotes were left out.", "Headers and footers were left out.")
    assert "ecret" not in read.text


def test_the_pictures_of_an_rtf_cost_nothing_and_are_said() -> None:
    before = time.monotonic()
    read = rtf(r"{\pict\pngblip " + "89504e47\n" * 500_000 + r"}Words.\par")
    assert (read.text, read.notes) == ("Words.", ("Pictures were left out.",))
    assert time.monotonic() - before < 5


def test_a_page_that_is_too_deep_to_be_read_whole_is_refused_and_not_cut() -> None:
    with pytest.raises(Unreadable, match="nested too deeply"):
        page("Words." + "<div>" * 1_000_000 + "More words.")


@pytest.mark.parametrize(
    ("content", "becomes"),
    [
        (b"{\\rtf1 " + b"{" * 10_000 + b"Words." + b"}" * 10_000 + b"}", "Words."),
        (b"{\\rtf1 " + b"{" * 200_000 + b"Words.", "Words."),
        (b"{\\rtf1\\ansicpg99999 \\u\\uc\\f Words." + b"\\'e9" * 100_000, None),
        (b"{\\rtf1 " + b'{\\field{\\*\\fldinst{HYPERLINK "' * 20_000, None),
        (b"{\\rtf1 {\\fonttbl" + b"{\\f1\\fcharset78 " * 20_000 + b"} Words.", None),
        (b"<html><body>" + b"<div>" * 1_500 + b"Words.", "Words."),
        (b"<html><body>" + b"<table><tr><td>" * 300_000 + b"Words.", None),
        (b"<html><body>" + b"<!--" * 1_000_000, None),
        (b"<html><body>" + b"&amp" * 250_000 + b"Words.", None),
    ],
    ids=[
        "groups",
        "open groups",
        "signs",
        "links",
        "fonts",
        "deep",
        "tables",
        "comments",
        "signs",
    ],
)
def test_a_hostile_page_or_rtf_is_read_or_refused_in_time(
    tmp_path: Path, content: bytes, becomes: str | None
) -> None:
    path = tmp_path / "upload"
    path.write_bytes(content)
    before = time.monotonic()
    try:
        read = extract(path, name="a", seconds=10).text
    except Unreadable:
        read = None
    assert becomes is None or read == becomes
    assert time.monotonic() - before < 15
