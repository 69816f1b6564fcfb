"""Facts: what the contract says is borne out in whatever form; what it does not say is found."""

import pytest

from app.checks.contract import Contract
from app.checks.facts import check_facts, judge
from app.checks.findings import Cited, ClauseFacts, Subject
from app.checks.judging import Judgement
from app.checks.spans import Span
from app.checks.values.reading import read_facts

TEXT = """Distribution Agreement, made as of May 8, 2014 between Kestrelle Systems Pte. Ltd., a company of
Singapore (the “Supplier”), and Northgate Foods, Inc., a Delaware corporation (“Distributor”).
2.1 The initial term is three (3) years from the Effective Date, renewed for successive one (1) year terms
unless either party gives sixty (60) days’ notice. An audit takes ten (10) business days and two (2) auditors.
9.1 Supplier’s liability shall not exceed One Million Dollars ($1,000,000) or ten percent (10%) of the fees.
9.2 Distributor pays $[***] for each of the 5[***] units and €2,500 for support. Insurance is $250,000.
12.3 This Agreement is governed by the laws of the State of New York; its courts have jurisdiction."""
NUMBERS = ("2.1", "9.1", "9.2", "12.3")
CONTRACT = Contract(TEXT, read_facts(TEXT), [(TEXT.index(f"\n{number} ") + 1, number) for number in NUMBERS])


def paragraph(number: str) -> Span:
    start = TEXT.index(f"\n{number} ") + 1
    return Span(start, TEXT.find("\n", start) if number != "2.1" else TEXT.index("\n9.1"))


def judged(output: str, *cited: str, date_order: str = "mdy") -> list[Judgement]:
    return judge(subject(output, *cited, date_order=date_order))


def subject(output: str, *cited: str, date_order: str = "mdy") -> Subject:
    """All of the output has these paragraphs as its evidence."""
    evidence = tuple(
        Cited(span, TEXT[span.start : span.end], Span(0, len(output))) for span in map(paragraph, cited)
    )
    return Subject(output, {}, (), 0, 1000, evidence, CONTRACT, date_order)


def wrong(output: str, *cited: str) -> list[str]:
    return [
        output[each.fact.start : each.fact.end] for each in judged(output, *cited) if not each.is_borne_out
    ]


@pytest.mark.parametrize(
    "output",
    [
        "The cap is USD 1 million.",
        "The cap is $1,000,000 or 10 per cent of fees.",
        "It runs for 36 months and renews for 12 months.",
        "It was made on 8 May 2014.",
        "It was made in May 2014.",
        "It was made on 5/8/14.",
        "Notice is 60 days.",
        "The audit takes ten working days and two auditors.",
        "Support costs EUR 2,500.",
        "New York law governs.",
        "Kestrelle Systems supplies Northgate Foods, Inc., a corporation of Delaware.",
        "Supplier’s cap binds the Distributor.",
        "It renews from year to year.",
        "Northgate is a corporation of the United States.",
    ],
)
def test_what_means_the_same_is_borne_out(output: str) -> None:
    assert judged(output)
    assert wrong(output) == []


@pytest.mark.parametrize(
    ("output", "found"),
    [
        ("The cap is $2,000,000.", "$2,000,000"),
        ("The cap is €1,000,000.", "€1,000,000"),
        ("The cap is $1 billion.", "$1 billion"),
        ("The share is 12%.", "12%"),
        ("It runs for three months.", "three months"),
        ("It runs for 5 years.", "5 years"),
        ("The audit takes ten days.", "ten days"),
        ("It was made on May 9, 2014.", "May 9, 2014"),
        ("It was made on May 8, 2015.", "May 8, 2015"),
        ("It was made on June 8, 2014.", "June 8, 2014"),
        ("Seven auditors come.", "Seven"),
        ("The laws of Delaware govern.", "Delaware"),
        ("Texas law governs.", "Texas"),
        ("German law governs.", "German"),
        ("It is governed by the laws of the United States.", "United States"),
        ("It renews from month to month.", "month to month"),
        ("Harbour Lines Ltd. guarantees it.", "Harbour Lines Ltd."),
        ("It costs $5 for each unit.", "$5"),
    ],
)
def test_what_the_contract_does_not_say_is_found(output: str, found: str) -> None:
    assert wrong(output) == [found]


def test_a_whole_contract_names_everybody_and_an_excerpt_need_not() -> None:
    whole = TEXT + "\n13.1 Notices are given in writing to the address above." * 60
    for text, names in ((whole, ["Zarquon"]), (TEXT, [])):
        contract = Contract(text, read_facts(text))
        found = check_facts(
            Subject("The agreement binds Zarquon and Northgate.", {}, (), 0, 99, (), contract)
        )
        assert [finding.value.removeprefix("party ").title() for finding in found] == names


@pytest.mark.parametrize(
    ("output", "found"),
    [
        ("The work of Kestrel 2 uses OSL 3.0.", []),
        ("The board has 2 members.", ["2"]),
        ("It is of Kestrel 7.", ["7"]),
    ],
)
def test_a_number_is_borne_out_as_a_part_of_a_name_by_that_name_alone(output: str, found: list[str]) -> None:
    contract = Contract("Item 2. Kestrel 2 follows v. 3.0, says Section 7.")
    checked = judge(Subject(output, {}, (), 0, 1000, contract=contract))
    wrong = [output[each.fact.start : each.fact.end] for each in checked if not each.is_borne_out]
    assert wrong == found


def test_spaces_in_a_number_do_not_stop_the_search_for_it() -> None:
    contract = Contract(f"Item twenty {'.' * 60} five. The board has six directors.")
    output = f"The board has twenty{' ' * 28}five directors."
    assert not judge(Subject(output, {}, (), 0, 1000, contract=contract))[0].is_borne_out


def test_what_is_said_twice_must_be_right_twice() -> None:
    assert wrong("The cap is one million dollars ($1,000,000).", "9.1") == []
    assert wrong("The cap is one million dollars ($250,000).", "9.1") == ["one million dollars ($250,000)"]


def test_a_value_that_stands_elsewhere_is_not_enough_where_the_evidence_says_another() -> None:
    assert wrong("The cap is $250,000.") == []
    (finding,) = check_facts(subject("The cap is $250,000.", "9.1"))
    assert finding.message == (
        "“$250,000” stands in 9.2, not in the evidence of this sentence, "
        "which says “One Million Dollars ($1,000,000)”."
    )
    assert (finding.output, finding.document) == (Span(11, 19), CONTRACT.facts.of("amount")[0].span)  # type: ignore[arg-type]


def test_a_value_of_another_paragraph_is_borne_out_where_the_evidence_says_none_of_its_kind() -> None:
    (date,) = judged("It was made on May 8, 2014.", "9.1")
    assert date.is_borne_out
    assert date.message == "“May 8, 2014” stands at its beginning."


@pytest.mark.parametrize("date", ["May 8, 2017", "May 7, 2017", "7 May 2017", "5/7/2017", "May 2017"])
def test_a_date_that_follows_from_a_date_and_a_period_is_borne_out_and_says_how(date: str) -> None:
    (found,) = judged(f"It ends on {date}.", "2.1")
    assert found.is_borne_out
    assert found.message == f"“{date}” follows from “May 8, 2014” and “three (3) years” in 2.1."


def test_a_date_from_which_a_period_ends_on_the_evidence_s_date_is_borne_out() -> None:
    text = "2.1 The term continues for thirty-six (36) months ending on 30 June 2027."
    contract = Contract(text, read_facts(text), [(0, "2.1")])
    evidence = (Cited(Span(0, len(text)), text, Span(0, 40)),)
    for output, is_borne_out in (("It runs from 1 July 2024.", True), ("It runs from 2 July 2024.", False)):
        (found,) = judge(Subject(output, {}, (), 0, 99, evidence, contract))
        assert found.is_borne_out == is_borne_out


def test_a_date_that_follows_from_nothing_is_found() -> None:
    assert wrong("It ends on May 9, 2017.", "2.1") == ["May 9, 2017"]
    assert wrong("It ends on May 8, 2018.", "2.1") == ["May 8, 2018"]


HEAD = """This Agreement is made as of May 8, 2014 (the “Effective Date”) by Kestrelle Ltd. and Northgate Inc.
"""


def ends_on(date: str, term: str) -> Judgement:
    """What is found of a date of expiry whose evidence is the first line of a contract's term."""
    text = HEAD + term
    evidence = term.partition("\n")[0]
    output = f"The term ends on {date}."
    cited = Cited(Span(len(HEAD), len(HEAD) + len(evidence)), evidence, Span(0, len(output)))
    (found,) = judge(Subject(output, {}, (), 0, 99, (cited,), Contract(text, read_facts(text), [(0, "2.1")])))
    return found


@pytest.mark.parametrize(
    ("term", "right", "wrong"),
    [
        ("It continues through the 3rd anniversary of the Effective Date.", "May 8, 2017", "May 8, 2018"),
        ("It runs 36 (thirty-six) months following the date above.", "May 7, 2017", "May 6, 2017"),
        ("It commences on June 1, 2014 and runs for a further year.", "May 31, 2015", "May 31, 2016"),
        ("It lasts twelve full calendar months.", "May 31, 2015", "June 30, 2015"),
        (
            "It begins on the first day of the month after the Effective Date, for two years.",
            "June 1, 2016",
            "July 1, 2016",
        ),
        (
            "It ends with the end of the calendar quarter of the second anniversary.",
            "June 30, 2016",
            "September 30, 2016",
        ),
        (
            "It ends on the last day of the year in which three years are over.",
            "December 31, 2017",
            "December 31, 2018",
        ),
        ("It runs until the end of the fifth (5th) Contract Year.", "May 7, 2019", "May 7, 2020"),
        ("It continues through December 2016.", "December 31, 2016", "December 30, 2016"),
        ("It expires at the end of 2016.", "December 31, 2016", "December 31, 2017"),
        ("It is one year, renewed from year to year.", "May 8, 2015", "May 8, 2016"),
        (
            "It runs for the Initial Term, save on ninety days’ notice.\n9.1 The Initial Term is four years.",
            "May 8, 2018",
            "May 8, 2019",
        ),
    ],
)
def test_a_term_tells_one_day_on_which_it_ends(term: str, right: str, wrong: str) -> None:
    assert ends_on(right, term).is_borne_out
    assert not ends_on(wrong, term).is_borne_out


def test_all_that_a_date_follows_from_is_said() -> None:
    found = ends_on("June 30, 2016", "It ends at the end of the quarter of the second anniversary.")
    assert found.message == (
        "“June 30, 2016” follows from “May 8, 2014” and “second anniversary” and “end of the quarter” in 2.1."
    )


def test_a_yearly_date_is_not_said_to_follow_from_any_other() -> None:
    assert not ends_on("May 1, 2019", "It has annual periods that end on May 1st of each year.").is_borne_out


def test_a_value_between_the_words_of_another_one_is_found_though_that_is_said_elsewhere() -> None:
    text = """1.1 A shortfall under 80% of the quota ends it. Of 80% of the price half is paid.
2.1 Interest is 20%."""
    contract = Contract(text, read_facts(text), [(0, "1.1"), (text.index("2.1"), "2.1")])
    cited = (Cited(Span(0, text.index("\n")), text[: text.index("\n")], Span(0, 60)),)

    def found(output: str) -> list[bool]:
        return [each.is_borne_out for each in judge(Subject(output, {}, (), 0, 99, cited, contract))]

    assert found("It ends under 20% of the quota, and 80% of the price count.") == [False, True]
    assert found("It ends under 80% of the quota, with interest of 20%.") == [True, True]


def test_the_project_says_how_figures_of_a_date_are_read() -> None:
    assert [each.is_borne_out for each in judged("Made on 8/5/14.", date_order="dmy")] == [True]
    assert [each.is_borne_out for each in judged("Made on 8/5/14.")] == [False]


def test_the_party_that_the_evidence_speaks_of_is_the_one_that_counts() -> None:
    assert wrong("Supplier’s liability is capped at $1,000,000.", "9.1") == []
    assert wrong("Distributor may not be liable for more than $1,000,000.", "9.1") == ["Distributor"]


ROLES = """Agreement of Kestrelle Ltd. (“Supplier”), Northgate Inc. (“Distributor”) and
Harbour Lines Ltd. (“Carrier”). Supplier shall indemnify Distributor. Distributor’s fees are paid to Supplier
by giving Carrier notice. The goods are insured by Carrier and Distributor for Supplier, who is informed by
Distributor."""


def not_meant(output: str) -> list[str]:
    """The parties of an output that the evidence does not have in their role."""
    contract = Contract(ROLES, read_facts(ROLES))
    cited = (Cited(Span(0, len(ROLES)), ROLES, Span(0, len(output))),)
    judged = judge(Subject(output, {}, (), 0, 99, cited, contract))
    return [output[each.fact.start : each.fact.end] for each in judged if not each.is_borne_out]


@pytest.mark.parametrize(
    "output",
    [
        "The Supplier indemnifies the Distributor.",
        "Kestrelle has to indemnify Northgate Inc.",
        "Distributor’s fees go to Supplier.",
        "Distributor and Carrier insure the goods.",
        "Goods are insured by Distributor and Carrier.",
        "Supplier pays nobody.",
    ],
)
def test_a_party_in_its_role_is_borne_out_in_whatever_words(output: str) -> None:
    assert not_meant(output) == []


@pytest.mark.parametrize(
    ("output", "found"),
    [
        ("The Carrier indemnifies Distributor.", ["Carrier"]),
        ("Harbour Lines is obliged to indemnify Northgate.", ["Harbour Lines"]),
        ("Supplier must indemnify Carrier.", ["Carrier"]),
        ("Supplier’s fees are due.", ["Supplier"]),
        ("Distributor’s fees are paid to Carrier.", ["Carrier"]),
        ("Supplier is informed by Carrier.", ["Carrier"]),
        ("Supplier indemnifies; Carrier gets notice, and Carrier’s fees are due.", ["Carrier"]),
    ],
)
def test_a_party_in_the_role_of_another_is_found(output: str, found: list[str]) -> None:
    assert not_meant(output) == found


def test_a_name_that_begins_another_may_mean_the_same_party() -> None:
    text = (
        "Zyx Inc. and Zyx Games Ireland Ltd. (together, “Zyx”) deal with Northgate Inc.\n1.1 Zyx shall pay."
    )
    contract = Contract(text, read_facts(text))
    cited = (Cited(Span(text.index("1.1"), len(text)), "1.1 Zyx shall pay.", Span(0, 20)),)
    for output, is_right in (("Zyx Games Ireland Ltd. must pay.", True), ("Northgate Inc. must pay.", False)):
        assert all(each.is_borne_out for each in judge(Subject(output, {}, (), 0, 99, cited, contract))) == (
            is_right
        )


def test_what_the_contract_says_instead_is_named_from_the_clause_s_passages() -> None:
    output = "The cap on liability is $3,000,000."
    clause = ClauseFacts("cap", "Cap on liability", required=True, passages=(paragraph("9.1"),))
    (finding,) = check_facts(Subject(output, {}, (clause,), 0, 1000, (), CONTRACT))
    assert finding.message == (
        "“$3,000,000” stands nowhere in the contract; “One Million Dollars ($1,000,000)” does, in 9.1."
    )


def test_a_finding_keeps_its_key_while_its_sentence_stands() -> None:
    (first,) = check_facts(subject("The cap is $2."))
    (later,) = check_facts(subject("A new beginning. The cap is $2."))
    (other,) = check_facts(subject("The new cap is $2."))
    assert first.key == later.key != other.key


def test_without_a_contract_nothing_is_said() -> None:
    assert judge(Subject("The cap is $2.", {}, (), 0, 1000)) == []
