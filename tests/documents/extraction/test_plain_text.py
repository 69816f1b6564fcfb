"""Plain text: every character stays; headings, numbers and page marks are told by what lines look like."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.documents.extraction import (
    MAX_BLOCKS,
    Block,
    BlockKind,
    Extracted,
    Unreadable,
    blocks_from_json,
    blocks_to_json,
    from_plain_text,
)

LONG = (
    "the Supplier shall deliver the goods to the Customer at the place that the Customer names in writing. "
    * 2
)

Outline = list[tuple[str, int, str, str]]


def outline(read: Extracted) -> Outline:
    return [
        (block.kind.value, block.level, block.number, read.text[block.body : block.end])
        for block in read.blocks
    ]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("5. Term", ("heading", 1, "5", "Term")),
        ("5.1 The Supplier shall deliver.", ("paragraph", 2, "5.1", "The Supplier shall deliver.")),
        ("5.1.2 the Supplier shall deliver;", ("paragraph", 3, "5.1.2", "the Supplier shall deliver;")),
        ("(a) the Supplier shall deliver;", ("item", 1, "(a)", "the Supplier shall deliver;")),
        ("(iv) the Supplier shall deliver;", ("item", 1, "(iv)", "the Supplier shall deliver;")),
        ("ARTICLE IV TERMINATION", ("heading", 1, "ARTICLE IV", "TERMINATION")),
        ("Section 3.2 The Supplier shall.", ("paragraph", 2, "Section 3.2", "The Supplier shall.")),
        ("SCHEDULE A", ("heading", 1, "SCHEDULE A", "")),
        ("EXHIBIT 10.1", ("heading", 1, "EXHIBIT 10.1", "")),
        ("RECITALS", ("heading", 1, "", "RECITALS")),
        ("LIMITATION OF LIABILITY", ("heading", 1, "", "LIMITATION OF LIABILITY")),
        ("• the goods", ("item", 1, "•", "the goods")),
        ("§ 7 Haftung", ("heading", 1, "§ 7", "Haftung")),
    ],
)
def test_a_line_is_known_by_its_first_words(line: str, expected: tuple[str, int, str, str]) -> None:
    assert outline(from_plain_text(line)) == [expected]


@pytest.mark.parametrize(
    "line",
    [
        "3.5 million dollars are due on signature.",
        "12 months after the Effective Date the Agreement ends.",
        "Section 3.2 of this Agreement does not apply to the Supplier.",
        "Exhibit A hereto is part of the Agreement.",
        "J. Smith has signed the Agreement for the Supplier.",
        "2024 was the year in which the parties met.",
        "ACME WIDGETS, INC.",
        "NAME: ____________",
    ],
)
def test_what_only_looks_like_a_number_or_a_heading_stays_a_paragraph(line: str) -> None:
    assert [(block.kind, block.number) for block in from_plain_text(line).blocks] == [
        (BlockKind.PARAGRAPH, "")
    ]


def test_a_heading_that_runs_into_its_paragraph_is_a_block_of_its_own() -> None:
    read = from_plain_text("8. Governing Law. This Agreement is governed by the laws of New York.")
    assert outline(read) == [
        ("heading", 1, "8", "Governing Law."),
        ("paragraph", 1, "", "This Agreement is governed by the laws of New York."),
    ]


def test_an_article_its_heading_and_its_first_section_in_one_line_are_parted() -> None:
    read = from_plain_text("ARTICLE 4 TERM AND TERMINATION 4.1 Term. This Agreement lasts a year.")
    assert outline(read) == [
        ("heading", 1, "ARTICLE 4", "TERM AND TERMINATION"),
        ("heading", 2, "4.1", "Term."),
        ("paragraph", 2, "", "This Agreement lasts a year."),
    ]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("2. Maintenance of Records The Agent agrees to keep all books.", ["2 Maintenance of Records"]),
        (
            "1. Duties of the Agent (a) The Agent shall act.",
            ["1 Duties of the Agent", "(a) The Agent shall act."],
        ),
        ("13. Secrets 13.1 Scope. All is secret.", ["13 Secrets", "13.1 Scope.", " All is secret."]),
        ("ARTICLE V Works 5.1 Owner. The Client owns.", ["ARTICLE V Works", "5.1 Owner."]),
    ],
)
def test_a_heading_without_a_full_stop_ends_where_a_sentence_or_a_deeper_number_begins(
    line: str, expected: list[str]
) -> None:
    found = [f"{number} {words}" for _, _, number, words in outline(from_plain_text(line))]
    assert found[: len(expected)] == expected


@pytest.mark.parametrize(
    "line",
    [
        "2. Under Section 4 (a) The Agent is not liable for what others do.",
        "(a) RemainCo (i) on behalf of itself releases the others.",
        "8.4 EXCEPT AS EXPRESSLY SET FORTH IN THIS AGREEMENT, Neither party is liable.",
        "3. The Agent Upon request shall pay.",
    ],
)
def test_a_sentence_that_refers_onward_is_no_heading(line: str) -> None:
    assert "heading" not in {kind for kind, *_ in outline(from_plain_text(line))}


def test_a_title_that_runs_into_the_first_paragraph_is_a_heading() -> None:
    read = from_plain_text("SUPPLY AGREEMENT January 18, 2020 This is to confirm what was agreed.")
    assert [(block.kind.value, read.text[block.start : block.start + 16]) for block in read.blocks] == [
        ("heading", "SUPPLY AGREEMENT"),
        ("paragraph", "January 18, 2020"),
    ]


def test_an_exhibit_is_not_named_by_the_sentence_behind_its_title() -> None:
    read = from_plain_text("EXHIBIT 6 SUPPLY AGREEMENT THIS SUPPLY AGREEMENT (the “Agreement”) is made.")
    assert outline(read)[0] == ("heading", 1, "EXHIBIT 6", "SUPPLY AGREEMENT")


def test_headings_that_plain_text_marks_as_markdown_does_are_headings() -> None:
    read = from_plain_text(f"### 2. Term\n\n{LONG}\n\n## Fees\n{LONG}\n\n**Secrets**\n\n{LONG}")
    assert [entry for entry in outline(read) if entry[0] == "heading"] == [
        ("heading", 3, "2", "Term"),
        ("heading", 2, "", "Fees"),
        ("heading", 2, "", "**Secrets**"),
    ]


def test_a_short_line_with_a_colon_heads_a_long_paragraph_and_an_address_does_not() -> None:
    read = from_plain_text(f"Limitation of Liability:\n\n{LONG}\n\nTo the Supplier:\n\n{LONG}")
    assert [kind for kind, *_ in outline(read)] == ["heading", "paragraph", "paragraph", "paragraph"]


def test_letters_in_one_long_line_count_on_from_the_first_behind_a_heading() -> None:
    read = from_plain_text(f"1. Duties (a) The Agent acts. {LONG * 3} (b) The Agent pays. (c) It reports.")
    assert [block.number for block in read.blocks] == ["1", "(a)", "(b)", "(c)"]


def test_letters_and_numerals_nest_below_the_section_before_them() -> None:
    lines = [
        "2.1 The parties agree that:",
        "(a) one thing;",
        "(i) its part;",
        "(ii) its other part;",
        "(b) another.",
    ]
    read = from_plain_text("\n\n".join([*lines, "2.2 They agree.", "(a) anew."]))
    assert [block.level for block in read.blocks] == [2, 3, 4, 4, 3, 2, 3]


def test_i_after_h_is_a_letter() -> None:
    items = [f"({letter}) the thing called {letter};" for letter in "abcdefghij"]
    assert {block.level for block in from_plain_text("\n\n".join(items)).blocks} == {1}


def test_lines_that_a_margin_broke_are_one_paragraph() -> None:
    text = (
        "This Agreement is made between Acme Corporation of Delaware and\n"
        "Beta Limited of London, and takes effect as set out in Section\n"
        "5.1 of this Agreement on the day of signature.\n\n"
        "1. Definitions. In this Agreement:"
    )
    assert [block.kind.value for block in from_plain_text(text).blocks] == [
        "paragraph",
        "heading",
        "paragraph",
    ]


def test_a_table_of_contents_is_no_second_set_of_headings() -> None:
    contents = (
        "TABLE OF CONTENTS\n\n1. Definitions .......... 2\n\n2. Term    3\n\nARTICLE 3 - PAYMENT 14\n\n"
    )
    read = from_plain_text(contents + "1. Definitions\n\n" + LONG)
    assert [block.kind.value for block in read.blocks] == [
        "heading",
        "row",
        "row",
        "row",
        "heading",
        "paragraph",
    ]


def test_page_numbers_and_repeated_feet_are_marked_and_a_number_in_a_table_is_not() -> None:
    foot = "Source: ACME CORPORATION, 10-K, 3/1/2020"
    pages = [f"{LONG}\n\n{number}\n\n{foot}" for number in (1, 2, 3)]
    read = from_plain_text("\n\n".join([*pages, "Price per unit:\n\n950"]))
    kinds = [block.kind.value for block in read.blocks]
    assert kinds == ["paragraph", "page", "page"] * 3 + ["paragraph", "paragraph"]


def test_sections_in_one_long_line_are_parted_where_the_numbers_count_on() -> None:
    first = f"1. Services. 1.1 Scope. {LONG} Under 4.2. The rest stays. 1.2 Fees. {LONG} (a) One. (b) Two."
    numbers = [block.number for block in from_plain_text(f"{first} 2. Term. {LONG}").blocks if block.number]
    assert numbers == ["1", "1.1", "1.2", "(a)", "(b)", "2"]


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("Exhibit 10.1\n\nSUPPLY AGREEMENT\n\n" + LONG, "SUPPLY AGREEMENT"),
        ("This Road Transportation Agreement is made between the parties.", "Road Transportation Agreement"),
        ("Words without any name.", "Words without any name."),
    ],
)
def test_a_contract_without_a_title_is_called_what_it_calls_itself(text: str, title: str) -> None:
    assert from_plain_text(text).title == title
    assert from_plain_text(text, title="Mine").title == "Mine"


@pytest.mark.parametrize("text", ["", " \n\t ", "\ufeff", "\u200b\u2060", "a\0b", "a\ud800b"])
def test_text_that_cannot_be_kept_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(Unreadable, match=r"\. .*\.$"):
        from_plain_text(text)


def test_line_ends_and_the_byte_order_mark_are_all_that_changes() -> None:
    odd = "\ufeffA\r\nB\rC\u2028D\u0085E\u200f\U000e0041 cafe\u0301 \xa0\t\x0b\x1f end  \n\n"
    assert from_plain_text(odd).text == "A\nB\nC" + odd.partition("C")[2]


_pieces = st.sampled_from([
    "1.", "1.1 ", "(a) ", "ARTICLE I", "Section 2 ", "\n", "\n\n", "\f", " ", "   ", "\t", "\xa0", "Term.",
    "a", "WORDS", "“b”", "...... 3", "• ", "TABLE OF CONTENTS\n\n", "12", "-3-\n", "\u2028", "\x1f", "文",
    "\U0001f600", "é", LONG,
])  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.one_of(st.lists(_pieces, max_size=40).map("".join), st.text(max_size=200)))
def test_blocks_are_ordered_and_leave_out_nothing_but_white_space(text: str) -> None:
    try:
        read = from_plain_text(text)
    except Unreadable:
        return
    assert read.text == text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    end = 0
    for block in read.blocks:
        assert end <= block.start <= block.body <= block.end
        assert block.start < block.end
        assert not read.text[end : block.start].strip()
        end = block.end
    assert not read.text[end:].strip()
    assert 0 < len(read.title) <= 200


def test_blocks_survive_the_way_through_json() -> None:
    blocks = from_plain_text("5. Term. It ends.\n\n(a) soon;").blocks
    assert blocks_from_json(blocks_to_json(blocks)) == blocks
    with pytest.raises(ValueError, match="not a block"):
        Block.from_json(["heading", "0", 1, 0, "", 0, None])


@pytest.mark.parametrize("pattern", [
    "a\n", "1.\n", "word " * 30, "x.   1.1 Term. ", "(a) x; ", "Aa ....... ", "((((",
    "-----\n", "1", "\t", "ARTICLE I TERM ", "Section 2 WORDS ", "Aa Bb Cc\n\n",
    "Name" + " " * 55 + "\n", "By" + " " * 50 + "__\n", "1.1.1.1.1.1.1.1.1.", "ARTICLE I  ",
])  # fmt: skip
def test_a_hostile_text_costs_no_more_than_its_length(pattern: str) -> None:
    text = (pattern * (100_000 // len(pattern))) + " end"
    before = time.process_time()
    read = from_plain_text(text)
    # It took 0.01 to 0.2 s on an idle machine; anything quadratic would take minutes.
    assert time.process_time() - before < 3
    assert read.blocks[-1].end == len(text)


def test_a_text_of_countless_paragraphs_ends_in_one_block() -> None:
    text = "a\n\n" * (MAX_BLOCKS + 500)
    read = from_plain_text(text)
    assert len(read.blocks) < MAX_BLOCKS
    assert read.blocks[-1].end == len(text.rstrip())
