"""Residue: what is left over is found and called what it is, and what a summary says is left alone."""

import pytest

from app.checks.residue import check_residue
from app.checks.spans import Span
from tests.checks.subjects import subject, words


def found(output: str) -> list[str]:
    return [finding.value for finding in check_residue(subject(output))]


@pytest.mark.parametrize(
    ("output", "value"),
    [
        # Placeholders.
        ("Lorem ipsum follows.", "Lorem ipsum"),
        ("The cap is TBD.", "TBD"),
        ("TODO: the cap.", "TODO"),
        ("The cap is $XXX,000.", "XXX"),
        ("It starts on [insert date] in Leeds.", "[insert date]"),
        ("It starts on [DATE].", "[DATE]"),
        ("Acme and [Company Name] agree.", "[Company Name]"),
        ("Acme pays <amount> a year.", "<amount>"),
        ("Acme pays {{ price }} a year.", "{{ price }}"),
        ("Acme pays {fee} a year.", "{fee}"),
        ("Acme pays ____ a year.", "____"),
        ("Acme pays [●] a year.", "[●]"),
        ("Acme pays [ ] a year.", "[ ]"),
        # A machine's words.
        ("As an AI language model, it ends.", "As an AI"),
        ("I'm a large language model.", "I'm a large language model"),
        ("Certainly! Acme sells valves.", "Certainly!"),
        ("Here is a short summary of it.", "Here is a short summary"),
        ("Let me know if more is needed.", "Let me know if"),
        # Citation marks.
        ("Acme sells valves.[1]", "[1]"),
        ("Acme sells valves [2, 4-6].", "[2, 4-6]"),
        ("Acme sells valves【4†source】.", "【4†source】"),
        ("Acme sells valves [citation needed].", "[citation needed]"),
        # Redactions.
        ("The fee is [***].", "[***]"),
        ("The fee is [* * *] a unit.", "[* * *]"),
        ("The fee is ***.", "***"),
        ("The fee is [REDACTED].", "[REDACTED]"),
        ("The fee is ██████.", "██████"),
        # Markup.
        ("The **cap** is $5.", "**cap**"),
        ("The *cap* is $5.", "*cap*"),
        ("The __cap__ is $5.", "__cap__"),
        ("The `cap` is $5.", "`"),
        ("See [the site](https://example.com).", "[the site](https://example.com)"),
        ("See [12](https://example.com).", "[12](https://example.com)"),
        ("The cap<br/> is $5.", "<br/>"),
        ("Acme &amp; Co sell valves.", "&amp;"),
        # Broken characters, twice and gaps.
        ("Acmeâ€™s cap is $5.", "â€™"),
        ("The cafÃ© is let.", "Ã©"),
        ("The fee is 5\ufffd.", "\ufffd"),
        ("The the cap is $5.", "The the"),
        ("It ends at at noon.", "at at"),
        ("It ends  at noon.", "  "),
        # Characters.
        ("The\u200b cap is $5.", "U+200B"),
        ("\ufeffThe cap is $5.", "U+FEFF"),
        ("The agree\u00adment ends.", "U+00AD"),
        ("The \u202ecap is $5.", "U+202E"),
        ("The cap\U000e0041 is $5.", "U+E0041"),
        ("The cap\x07 is $5.", "U+0007"),
        ("One line.\r\nThe cap\ris $5.", "U+000D"),
        ("The cap is\u00a0$5.", "U+00A0"),
        ("The\tcap is $5.", "U+0009"),
        # Quotes and brackets.
        ('The “cap" is $5.', "mixed quotes"),
        ("The “cap” is Acme's.", "mixed quotes"),
        ('The "cap is $5.', "odd quote"),
        ("The “cap is $5.", "“"),
        ("The cap (of $5 is fixed.", "("),
        ("The cap of $5) is fixed.", ")"),
        ("The cap [of $5) is fixed.", ")"),
    ],
)
def test_what_is_left_over_is_found(output: str, value: str) -> None:
    assert value in found(output)


@pytest.mark.parametrize(
    "output",
    [
        "",
        "In summary, this contract runs for two years (see Exhibit A).",
        "The “Supplier” (Acme’s affiliate) sells ‘valves’ to the Buyer’s customers.",
        'The "Supplier" (Acme\'s affiliate) sells valves.',
        "It covers a) goods, b) services and iv) advice, and (c) “all else [in Leeds]”.",
        "Article XXX and Section XXX apply.",
        "[the Supplier] pays 5 * 3 * 2 units at 2 * $4.",
        'The rack is 19" wide and costs £5–£7 – plus §4 fees of 10 %.',
        "He had had it, and that that is so is agreed; Walla Walla is the place.",
        "Notices go to legal_team_one; snake_case_names stay.",
        "The buyer certainly must, of course, pay; a summary is attached.",
        "Acme & Co, Crédit Société S.A. and Müller GmbH agree. À la carte.",
        "One line.\nAnother line.",
        "One line.\r\nAnother line.",
        "The amount named in [Section 4] and <5 units or >7 units.",
    ],
)
def test_what_a_summary_says_is_left_alone(output: str) -> None:
    assert found(output) == []


def test_a_message_names_the_thing_and_its_sentence_and_says_what_to_do() -> None:
    output = "Acme sells valves. The fee is [***] per unit. It ends in May."
    (finding,) = check_residue(subject(output))
    assert finding.message == (
        "“[***]” in the sentence “The fee is [***] per unit.” is a redaction mark of the contract: "
        "say that this is not disclosed."
    )
    assert words(output, finding.output) == "[***]"
    assert finding.sentence == "The fee is [***] per unit."


def test_each_thing_is_found_once_in_a_sentence_and_again_in_the_next() -> None:
    assert found("TBD and TBD. The cap is TBD.") == ["TBD", "TBD"]


def test_words_that_are_taken_for_one_thing_are_not_found_as_another() -> None:
    assert found("The fee is [***] and ____.") == ["[***]", "____"]


def test_the_carriage_return_that_is_found_is_the_one_without_a_line_feed() -> None:
    (finding,) = check_residue(subject("One line.\r\nThe cap\ris $5."))
    assert finding.output == Span(18, 19)
