"""Word documents: the accepted text in reading order, with the numbers that Word would show."""

import io

import pytest

from app.documents.extraction import BlockKind, Extracted, Unreadable
from app.documents.extraction.docx import read_docx
from app.documents.extraction.number_formats import formatted
from tests.documents.extraction.builders import docx, numbering, paragraph, run, zipped

ROOM = 5_000_000
STYLES = (
    '<w:style w:type="paragraph" w:styleId="Title"><w:name w:val="Title"/></w:style>'
    '<w:style w:type="paragraph" w:styleId="H1"><w:name w:val="heading 1"/></w:style>'
    '<w:style w:type="paragraph" w:styleId="C1"><w:name w:val="Clause 1"/>'
    '<w:pPr><w:numPr><w:numId w:val="1"/></w:numPr><w:outlineLvl w:val="0"/></w:pPr></w:style>'
    '<w:style w:type="paragraph" w:styleId="C2"><w:name w:val="Clause 2"/><w:basedOn w:val="C1"/>'
    '<w:pPr><w:numPr><w:ilvl w:val="1"/></w:numPr></w:pPr></w:style>'
    '<w:style w:type="paragraph" w:styleId="TOC1"><w:name w:val="toc 1"/></w:style>'
)
LEGAL = [("decimal", "%1."), ("decimal", "%1.%2"), ("lowerLetter", "(%3)"), ("lowerRoman", "(%4)")]


def read(body: str, **parts: str) -> Extracted:
    return read_docx(io.BytesIO(docx(body, parts)), max_characters=ROOM)


def numbers(body: str, **parts: str) -> list[str]:
    return [block.number for block in read(body, **parts).blocks]


def numbered(*levels: int, list_id: int = 1) -> str:
    return "".join(
        paragraph(f"Words {index}", numbered=(list_id, level)) for index, level in enumerate(levels)
    )


def test_automatic_numbers_are_part_of_the_text() -> None:
    result = read(numbered(0, 1, 1, 2, 3, 2, 1, 0, 1), numbering=numbering(LEGAL))
    assert [block.number for block in result.blocks] == [
        "1",
        "1.1",
        "1.2",
        "(a)",
        "(i)",
        "(b)",
        "1.3",
        "2",
        "2.1",
    ]
    assert result.text.startswith("1. Words 0\n\n1.1 Words 1")
    assert [block.level for block in result.blocks] == [1, 2, 2, 3, 4, 3, 2, 1, 2]


@pytest.mark.parametrize(
    ("levels", "extra", "used", "expected"),
    [
        ([("upperRoman", "Article %1"), ("decimal", "%1.%2")], "", (0, 1), ["Article I", "I.1"]),
        ([("upperRoman", "Article %1"), ("decimal", "%1.%2")], "<w:isLgl/>", (0, 1), ["Article 1", "1.1"]),
        ([("upperLetter", "%1."), ("lowerLetter", "%2)")], "", (0, 0, 1, 1), ["A", "B", "a)", "b)"]),
        (
            [("decimal", "%1."), ("lowerLetter", "(%2)")],
            '<w:lvlRestart w:val="0"/>',
            (0, 1, 0, 1),
            ["1", "(a)", "2", "(b)"],
        ),
        ([("bullet", "\uf0b7")], "", (0,), ["•"]),
        ([("ordinalText", "%1 Schedule")], "", (0, 0), ["First Schedule", "Second Schedule"]),
        ([("decimalZero", "%1.")], "", (0,), ["01"]),
        ([("none", "")], "", (0,), [""]),
    ],
)
def test_a_level_is_written_as_the_list_says(
    levels: list[tuple[str, str]], extra: str, used: tuple[int, ...], expected: list[str]
) -> None:
    assert numbers(numbered(*used), numbering=numbering(levels, extra=extra)) == expected


def test_lists_share_their_counters_until_one_starts_over() -> None:
    body = numbered(0, 0) + numbered(0, list_id=2) + numbered(0)
    assert numbers(body, numbering=numbering(LEGAL)) == ["1", "2", "3", "4"]
    override = '<w:lvlOverride w:ilvl="0"><w:startOverride w:val="7"/></w:lvlOverride>'
    assert numbers(body, numbering=numbering(LEGAL, overrides=override)) == ["1", "2", "7", "8"]


def test_a_style_takes_its_list_from_the_style_it_is_based_on() -> None:
    body = paragraph("Term", style="C1") + paragraph(
        "It lasts until it is ended by a party in writing.", style="C2"
    )
    result = read(body, numbering=numbering(LEGAL), styles=STYLES)
    assert result.text == "1. Term\n\n1.1 It lasts until it is ended by a party in writing."
    assert [block.kind for block in result.blocks] == [BlockKind.HEADING, BlockKind.PARAGRAPH]


def test_numbering_that_is_taken_away_shows_none() -> None:
    assert numbers(
        paragraph("Term", style="C1", numbered=(0, 0)), numbering=numbering(LEGAL), styles=STYLES
    ) == [""]


def test_styles_name_title_headings_and_contents() -> None:
    body = (
        paragraph("Supply of Goods", style="Title")
        + paragraph("1. Term\t3", style="TOC1")
        + paragraph("Term", style="H1")
    )
    result = read(body, styles=STYLES)
    assert result.title == "Supply of Goods"
    assert [block.kind.value for block in result.blocks] == ["heading", "row", "heading"]


def test_a_bold_beginning_is_a_heading_of_its_own() -> None:
    runs = run("Term of Supply", properties="<w:b/>") + run(". It lasts until it is ended.")
    result = read(paragraph(runs=runs, numbered=(1, 1)), numbering=numbering(LEGAL))
    assert [result.text[b.body : b.end] for b in result.blocks] == [
        "Term of Supply.",
        "It lasts until it is ended.",
    ]


def test_insertions_are_kept_and_deletions_dropped() -> None:
    inserted = f'<w:ins w:id="1">{run("new ")}</w:ins>'
    deleted = '<w:del w:id="2"><w:r><w:delText>old </w:delText></w:r></w:del>'
    moved = f'<w:moveFrom w:id="3">{run("gone ")}</w:moveFrom>'
    ended = f'<w:p><w:pPr><w:rPr><w:del w:id="4"/></w:rPr></w:pPr>{run("The ")}</w:p>'
    result = read(ended + paragraph(runs=deleted + inserted + moved + run("term.")))
    assert result.text == "The new term."
    assert result.notes == ("Tracked changes were read as accepted: insertions kept, deletions left out.",)


def test_a_deleted_row_is_no_row() -> None:
    row = "<w:tr>{}<w:tc>{}</w:tc><w:tc>{}</w:tc></w:tr>"
    kept = row.format("", paragraph("Price"), paragraph("10"))
    deleted = row.format("<w:trPr><w:del w:id='1'/></w:trPr>", paragraph("Old"), paragraph("9"))
    assert read(f"<w:tbl>{kept}{deleted}</w:tbl>").text == "Price | 10"


def test_tables_are_rows_and_a_frame_is_what_it_frames() -> None:
    table = "<w:tbl><w:tr><w:tc>{}</w:tc><w:tc>{}</w:tc></w:tr></w:tbl>"
    inner = table.format(paragraph("in"), paragraph("side"))
    result = read(table.format(paragraph("A") + paragraph("B"), inner) + paragraph("After"))
    assert [(b.kind.value, result.text[b.start : b.end]) for b in result.blocks] == [
        ("row", "A B | in side"),
        ("paragraph", "After"),
    ]
    framed = read(f"<w:tbl><w:tr><w:tc>{paragraph('5.1 It lasts.')}</w:tc></w:tr></w:tbl>")
    assert framed.blocks[0].number == "5.1"


def test_a_text_box_is_read_once() -> None:
    box = f"<w:txbxContent>{paragraph('In the box')}</w:txbxContent>"
    both = (
        f'<mc:AlternateContent><mc:Choice Requires="wps"><w:drawing>{box}</w:drawing></mc:Choice>'
        f"<mc:Fallback><w:pict>{box}</w:pict></mc:Fallback></mc:AlternateContent>"
    )
    assert read(paragraph(runs=run("Host") + f"<w:r>{both}</w:r>")).text == "Host\n\nIn the box"


def test_fields_show_their_result_and_never_their_code() -> None:
    field = "".join(
        f"<w:r>{part}</w:r>"
        for part in (
            '<w:fldChar w:fldCharType="begin"/>', "<w:instrText> REF x </w:instrText>", "<w:t>code</w:t>",
            '<w:fldChar w:fldCharType="separate"/>', "<w:t>5.1</w:t>", '<w:fldChar w:fldCharType="end"/>',
        )
    )  # fmt: skip
    simple = f'<w:fldSimple w:instr="PAGE">{run("7")}</w:fldSimple>'
    data = "<w:ffData><w:checkBox><w:checked/></w:checkBox></w:ffData>"
    box = f'<w:r><w:fldChar w:fldCharType="begin">{data}</w:fldChar></w:r>'
    end = '<w:r><w:fldChar w:fldCharType="end"/></w:r>'
    assert (
        read(paragraph(runs=run("See ") + field + run(" and ") + simple + box + end)).text == "See 5.1 and 7☒"
    )


def test_special_characters_become_plain_ones() -> None:
    words = "<w:r><w:t>non</w:t><w:noBreakHyphen/><w:t>stop</w:t><w:tab/><w:t>a\xa0b</w:t><w:br/>"
    runs = words + "<w:t>co</w:t><w:softHyphen/><w:t>py</w:t>"
    symbol = '<w:sym w:font="Wingdings" w:char="F0FE"/><w:sym w:font="Wingdings" w:char="F012"/></w:r>'
    assert read(paragraph(runs=runs + symbol)).text == "non-stop\ta b\ncopy☒"


def test_wrappers_around_text_are_looked_through() -> None:
    link = f'<w:hyperlink w:anchor="x">{run("linked ")}</w:hyperlink>'
    tag = f'<w:smartTag w:element="date">{run("tagged ")}</w:smartTag>'
    content = f"<w:sdtContent>{run('filled in')}</w:sdtContent>"
    control = f"<w:sdt><w:sdtPr><w:alias w:val='no'/></w:sdtPr>{content}</w:sdt>"
    block = f"<w:sdt><w:sdtContent>{paragraph('Block')}</w:sdtContent></w:sdt>"
    assert read(paragraph(runs=link + tag + control) + block).text == "linked tagged filled in\n\nBlock"


def test_footnotes_stand_at_the_end_in_the_order_of_the_text() -> None:
    notes = "".join(
        f'<w:footnote w:id="{number}">{paragraph(f"Note {number}.")}</w:footnote>' for number in (2, 3)
    )
    refer = '<w:r><w:footnoteReference w:id="{}"/></w:r>'
    result = read(
        paragraph(runs=run("One") + refer.format(3) + run(" two") + refer.format(2)), footnotes=notes
    )
    assert result.text == "One[1] two[2]\n\n[1] Note 3.\n\n[2] Note 2."
    assert [block.kind.value for block in result.blocks] == ["paragraph", "footnote", "footnote"]


def test_what_is_left_out_is_said() -> None:
    hidden = run("secret", properties="<w:vanish/>")
    picture = '<w:r><w:drawing><a:blip xmlns:a="urn:a"/></w:drawing></w:r>'
    parts = {"header": paragraph("Draft"), "comments": f'<w:comment w:id="1">{paragraph("Why?")}</w:comment>'}
    result = read(paragraph(runs=run("Text.") + hidden + picture), **parts)
    assert result.text == "Text."
    assert result.notes == (
        "Headers and footers were left out.",
        "Comments were left out.",
        "Hidden text was left out.",
        "Pictures were left out.",
    )


@pytest.mark.parametrize(
    ("value", "style", "expected"),
    [(4, "upperRoman", "IV"), (28, "lowerLetter", "bb"), (21, "ordinal", "21st"), (12, "ordinal", "12th"),
     (22, "cardinalText", "Twenty-two"), (20, "ordinalText", "Twentieth"), (0, "upperRoman", "0"),
     (9, "chicago", "9")],
)  # fmt: skip
def test_counts_are_written_in_words_numerals_and_letters(value: int, style: str, expected: str) -> None:
    assert formatted(value, style) == expected


ENTITIES = (
    '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;"><!ENTITY f SYSTEM "file:///etc/passwd">]>'
    '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body><w:p><w:r>'
    "<w:t>&b;&f;</w:t></w:r></w:p></w:body></w:document>"
)


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ([("word/document.xml", ENTITIES)], "declares entities"),
        ([("word/document.xml", "<w:document")], "cut off or damaged"),
        ([("word/other.xml", "<a/>")], "cut off or damaged"),
        ([("word/document.xml", "<a/>"), ("word/Document.xml", "<b/>")], "same name"),
        ([("word/document.xml", b" " * (101 * 1024**2))], "more than is allowed"),
        ([(f"x{index}", "") for index in range(10_001)], "more than is allowed"),
        ([("word/document.xml", "<a>" * 300 + "text" + "</a>" * 300)], "cut off or damaged"),
        ([("word/document.xml", "<a/>")], "no text"),
    ],
    ids=["entities", "broken XML", "no document", "two documents", "bomb", "entries", "deep", "nothing"],
)
def test_a_hostile_word_file_is_refused_with_a_reason(
    files: list[tuple[str, str | bytes]], reason: str
) -> None:
    with pytest.raises(Unreadable, match=reason):
        read_docx(io.BytesIO(zipped(files)), max_characters=ROOM)


def test_a_style_that_is_based_on_itself_ends() -> None:
    circle = '<w:style w:type="paragraph" w:styleId="A"><w:basedOn w:val="A"/></w:style>'
    assert read(paragraph("Text.", style="A"), styles=circle).text == "Text."


def test_a_text_over_the_limit_is_refused_and_names_the_limit() -> None:
    with pytest.raises(Unreadable, match="more than 5 characters"):
        read_docx(io.BytesIO(docx(paragraph("six six"))), max_characters=5)
