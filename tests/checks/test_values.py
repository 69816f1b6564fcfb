"""Facts are read in every common form, mean the same where they say the same, and redactions are none."""

import json
import time

import pytest

from app.checks.values.dates import in_order, sayings_of_date
from app.checks.values.fact import Facts, Kind
from app.checks.values.parties import by_first_word, mentions, parties_of
from app.checks.values.reading import read_facts


def read(text: str) -> list[tuple[str, str]]:
    return [(fact.kind, fact.meaning) for fact in read_facts(text).all]


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("$1,000,000", "1000000 $"),
        ("USD 1 million", "1000000 USD"),
        ("US$1.5 million", "1500000 USD"),
        ("U.S. $1.5mm", "1500000 USD"),
        ("One Million Dollars ($1,000,000)", "1000000 $"),
        ("one million five hundred thousand U.S. dollars", "1500000 USD"),
        ("Twenty-Five Thousand and No/100 Dollars", None),
        ("€250,000", "250000 EUR"),
        ("250.000 euros", "250 EUR"),  # figures are read as English has them
        ("EUR 2,5", None),
        ("fifty cents", "0.5 $"),
        ("£10k", "10000 GBP"),
        ("CHF 3'000", None),
        ("C$40", "40 CAD"),
        ("40 Canadian dollars", "40 CAD"),
        ("Rs. 500", "500 INR"),
        ("RMB 20 million", "20000000 CNY"),
        ("100 pounds sterling", "100 GBP"),
        ("$ 12.50 per unit", "12.5 $"),
        ("5 (five) U.S. dollars", "5 USD"),
    ],
)
def test_an_amount_is_its_number_and_its_currency(text: str, meaning: str | None) -> None:
    amounts = [found for kind, found in read(text) if kind == Kind.AMOUNT]
    if meaning is None:
        assert meaning not in amounts  # that it is not read as something wrong is told below
    else:
        assert amounts == [meaning]


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("ten percent (10%)", "10"),
        ("12.5 %", "12.5"),
        ("one and one-half percent (1.5%)", "1.5"),
        ("one-half percent", "0.5"),
        ("2½%", "2.5"),
        ("fifty per cent", "50"),
        ("10 (ten) percent", "10"),
        ("1-1/2%", "1.5"),
        ("50 basis points", "0.5"),
        ("a 25-percent share", "25"),
        ("twenty (25) percent", "25|20"),
    ],
)
def test_a_percentage_is_so_many_hundredths(text: str, meaning: str) -> None:
    assert read(text) == [(Kind.PERCENTAGE, meaning)]


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("twelve (12) months", "12 months"),
        ("one year", "12 months"),
        ("one (1) year", "12 months"),
        ("a five-year term", "60 months"),
        ("18-month", "18 months"),
        ("two (2) additional one", None),
        ("thirty (30) days'", "30 days"),
        ("30 calendar days", "30 days"),
        ("ten (10) business days", "10 business days"),
        ("10 Working Days", "10 business days"),
        ("two weeks", "14 days"),
        ("48 hours", "48 hours"),
        ("the third anniversary", "36 months"),
        ("the fifth (5th) anniversary", "60 months"),
        ("the 21st anniversary", "252 months"),
        ("the twenty-first anniversary", "252 months"),
        ("three consecutive Contract Years", "36 months"),
        ("one and one-half years", "18 months"),
        ("eight calendar quarters", "24 months"),
        ("36 (thirty-six) months", "36 months"),
        ("thirty- (30-) day", "30 days"),
        ("a five-(5)-year term", "60 months"),
        ("two and a half years", "30 months"),
        ("2-1/2 years", "30 months"),
        ("two and one-half (2 1/2) years", "30 months"),
        ("18 mos.", "18 months"),
        ("24-hour", "24 hours"),
        ("twelve (12) full calendar months", "12 months"),
        ("five (5) Lease Years", "60 months"),
        ("fourteen clear days", "14 days"),
        ("two fortnights", "28 days"),
        ("the end of the fifth (5th) Contract Year", "60 months"),
        ("until the last day of the third year", "36 months"),
        ("from year to year", "12 months"),
        ("month-to-month", "1 months"),
        ("successive annual periods", "12 months"),
        ("it renews annually", "12 months"),
        ("each additional year", "12 months"),
        ("a period of a year", "12 months"),
        ("half a year", "6 months"),
        ("a month’s notice", "1 months"),
        ("$5 a month, twice a year", None),
        ("the first day of a month", None),
        ("for a year-end audit", None),
        ("paid in annual installments", None),
    ],
)
def test_a_period_is_a_number_of_months_days_or_hours(text: str, meaning: str | None) -> None:
    assert [found for kind, found in read(text) if kind == Kind.PERIOD] == ([meaning] if meaning else [])


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("January 5, 2024", "2024-01-05"),
        ("Jan. 5th 2024", "2024-01-05"),
        ("JANUARY 5, 2024", "2024-01-05"),
        ("5 January 2024", "2024-01-05"),
        ("the 5th day of January, 2024", "2024-01-05"),
        ("the fifth day of January 2024", "2024-01-05"),
        ("the twenty-first (21st) day of January, 2024", "2024-01-21"),
        ("05-Jan-2024", "2024-01-05"),
        ("2024-01-05", "2024-01-05"),
        ("25/1/24", "2024-01-25"),
        ("May 1st of 2015", "2015-05-01"),
        ("June 30th, in the year 2005", "2005-06-30"),
        ("15-May-99", "1999-05-15"),
        ("2015/05/01", "2015-05-01"),
        ("5/1/24", "mdy:2024-05-01|dmy:2024-01-05"),
        ("5.1.2024", "mdy:2024-05-01|dmy:2024-01-05"),
        ("5/5/1999", "1999-05-05"),
        ("1/31/98", "1998-01-31"),
        ("January 2024", "2024-01"),
        ("December 31", "--12-31"),
        ("in 2024", "2024"),
        ("February 30, 2024", "2024-02-30"),
    ],
)
def test_a_date_is_said_as_far_as_it_is_known(text: str, meaning: str) -> None:
    assert read(text) == [(Kind.DATE, meaning)]


def test_the_order_of_days_and_months_is_the_project_s() -> None:
    (date,) = read_facts("5/1/24").all
    assert (in_order(date.meaning, "mdy"), in_order(date.meaning, "dmy")) == ("2024-05-01", "2024-01-05")
    assert in_order("2024-05-01", "dmy") == "2024-05-01"


def test_a_date_may_say_less_than_the_contract_and_never_more() -> None:
    assert sayings_of_date("2014-05-08") == {"2014-05-08", "2014-05", "2014", "--05-08"}
    assert sayings_of_date("2014-05") == {"2014-05", "2014"}
    assert sayings_of_date("2014") == {"2014"}
    assert sayings_of_date("--05-08") == {"--05-08"}


@pytest.mark.parametrize(
    "text",
    [
        "$[***]",
        "$5[***]",
        "[*]5%",
        "5*** days",
        "***,000 dollars",
        "$1,[***]",
        "____ day of January",
        "[●] percent",
        "$_____ and ___%",
        "XX,000 units",
        "20__",
        "[5[*]] years",
        "[* * *]%",
        "January __, 20__",
        "May [*], 2004",
    ],
)
def test_a_redaction_or_a_blank_is_no_number(text: str) -> None:
    assert [meaning for kind, meaning in read(text) if kind != Kind.DATE or len(meaning) > 4] == []


@pytest.mark.parametrize(
    "text",
    [
        "Section 12.3 and Exhibit 10.1",
        "No. 7",
        "Rule 144",
        "12(a)",
        "one of the parties",
        "AB-12 and 12/345",
        "\n12. Term",
        "Article 5",
    ],
)
def test_what_names_a_place_or_a_thing_is_no_count(text: str) -> None:
    assert [meaning for kind, meaning in read(text) if kind == Kind.COUNT and meaning != "10.1"] == []


def test_a_count_is_its_number_however_it_is_written() -> None:
    assert read("three (3) directors hold 1,933 shares") == [(Kind.COUNT, "3"), (Kind.COUNT, "1933")]
    assert read("two-thirds of the votes")[0][1].startswith("0.66")


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("the laws of the State of New York", "law:New York"),
        ("New York law applies", "law:New York"),
        ("LAWS OF THE STATE OF NEW  YORK", "law:New York"),
        ("governed by English law", "law:England"),
        ("the laws of England and Wales", "law:England"),
        ("courts of the People's Republic of China", "law:China"),
        ("the Romanian laws", "law:Romania"),
        ("English and Welsh law", "law:England"),
        ("Swiss substantive law", "law:Switzerland"),
        ("U.S. federal law", "law:United States"),
        ("the law of the PRC", "law:China"),
        ("the laws of the Russian Federation", "law:Russia"),
        ("UK courts", "law:United Kingdom"),
        ("a Delaware corporation", "Delaware"),
        ("It was made in Texas. The law is kept.", "Texas"),
        ("offices in West Virginia", "West Virginia"),
    ],
)
def test_a_place_is_known_by_its_names_and_whether_law_is_spoken_of(text: str, meaning: str) -> None:
    assert [found for kind, found in read(text) if kind == Kind.PLACE] == [meaning]


@pytest.mark.parametrize("text", ["a German company", "U.S. dollars", "Swiss cheese", "LET US KNOW"])
def test_an_adjective_that_qualifies_no_law_is_no_place(text: str) -> None:
    assert [found for kind, found in read(text) if kind == Kind.PLACE] == []


def test_a_country_behind_its_state_is_not_whose_law_it_is() -> None:
    assert read("the laws of Ontario, Canada") == [(Kind.PLACE, "law:Ontario"), (Kind.PLACE, "Canada")]
    assert read("the laws of Ontario and of Canada")[1] == (Kind.PLACE, "law:Canada")


def test_what_stands_before_an_amount_is_no_part_of_it() -> None:
    text = "a fee, $5"
    assert [text[fact.start : fact.end] for fact in read_facts(text).all] == ["$5"]


PREAMBLE = """Distribution Agreement between Kestrelle Systems Pte. Ltd., a company of Singapore (hereinafter
the “Supplier”), and NORTHGATE FOODS, INC. ("Distributor" or the "Company"), on goods (the “Products”)."""


def test_parties_are_known_by_their_names_and_their_terms() -> None:
    parties = parties_of(read_facts(PREAMBLE))
    assert [(party.meaning, party.is_defined) for party in parties] == [
        ("kestrelle systems", True),
        ("northgate foods", True),
    ]
    said = "Supplier’s cap is that of Northgate; the company and the Products are not, Kestrelle Systems is."
    assert [party.meaning for party, _ in mentions(said, by_first_word(parties))] == [
        "kestrelle systems",
        "northgate foods",
        "kestrelle systems",
    ]


def test_words_of_a_sentence_in_capitals_are_no_name() -> None:
    parties = parties_of(read_facts("NEITHER NORTHGATE INC. NOR WILL COMPANY BE LIABLE, INCLUDING COMPANY."))
    assert [party.meaning for party in parties] == ["northgate"]


def test_a_name_may_begin_with_a_small_letter_and_have_a_capital() -> None:
    parties = parties_of(read_facts("Made with EDIETS, INC."))
    assert [
        span.start for _, span in mentions("Here eDiets pays, and all diets end.", by_first_word(parties))
    ] == [5]


def test_facts_come_back_from_their_stored_form() -> None:
    facts = read_facts(PREAMBLE + " It ends on May 7, 2017, costs $5 and takes 3 days.")
    again = Facts.from_json(json.loads(json.dumps(facts.to_json())))
    assert list(again.all) == list(facts.all)
    assert len(facts.all) > 8


def test_offsets_are_code_points_of_the_text() -> None:
    text = "🜁🜁 The cap is $1,000,000 for twelve (12) months."
    assert [text[fact.start : fact.end] for fact in read_facts(text).all] == [
        "$1,000,000",
        "twelve (12) months",
    ]


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("this twenty\nfirst day of May, 2024", "2024-05-21"),
        ("this twenty-\nfirst day of May, 2024", "2024-05-21"),
        ("the twenty\nfifth anniversary", "300 months"),
        ("\u017fix years", "72 months"),  # a long s
        ("f\u0131ve dollars", "5 $"),  # an i without its dot
        ("5 \u017fept. 2024, u\u017f$5", "5 USD"),
        ("$12,345,678,901,234,567,891.5", "12345678901234567891.5 $"),
    ],
)
def test_lines_letters_and_long_numbers_that_patterns_accept_are_read(text: str, meaning: str) -> None:
    assert meaning in [fact.meaning for fact in read_facts(text).all]


def test_a_number_without_end_is_none() -> None:
    assert not read_facts(f"1{',111' * 1000}").all


HOSTILE = {
    "thousands": ",111",
    "hundreds": "hundred ",
    "figures": "1,234,",
    "words": "one hundred and ",
    "spaces": "one          ",
    "stops": "1.1.",
    "stars": "$1*",
    "months": "the first (1st) day of ",
    "dates": "Jan 1 May 5 of ",
    "names": "The A. B., C, Acme & ",
    "terms": "(the “A, ",
    "brackets": "one (1 (",
    "places": "New  New York West ",
    "ordinals": "twenty-first ",
    "dashes": "twenty-",
    "numbers": "12/12/",
    "both": "30 (thirty ",
    "parts": "2 1/2-",
    "ends": "end of the first ",
    "nths": "the fifth (5th) annual anniversary of ",
    "years": "a year-to-year ",
    "renewals": "renews automatically ",
    "laws": "English and Welsh federal ",
}


@pytest.mark.parametrize("piece", HOSTILE.values(), ids=HOSTILE)
def test_no_contract_makes_reading_slow(piece: str) -> None:
    def seconds(length: int) -> float:
        text = (piece * (length // len(piece) + 1))[:length]
        taken = []
        for _ in range(3):
            begun = time.perf_counter()
            read_facts(text)
            taken.append(time.perf_counter() - begun)
        return min(taken)

    # A search that goes back for each character would take 64 times as long for 8 times the text.
    assert seconds(32_000) < 24 * max(seconds(4_000), 0.002)
