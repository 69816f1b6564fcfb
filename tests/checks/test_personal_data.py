"""Personal data: addresses and numbers of people are found, and the contract's own figures are not."""

import pytest

from app.checks.personal_data import check_personal_data
from tests.checks.subjects import subject, words


def found(output: str) -> list[str]:
    return [finding.value for finding in check_personal_data(subject(output))]


@pytest.mark.parametrize(
    ("output", "value"),
    [
        ("Write to jane.doe+law@mail.example.co.uk.", "jane.doe+law@mail.example.co.uk"),
        ("Notices go to LEGAL@EXAMPLE.COM, by mail.", "LEGAL@EXAMPLE.COM"),
        ("Call (212) 555-0134.", "(212) 555-0134"),
        ("Call 212-555-0134 or write.", "212-555-0134"),
        ("Call 212.555.0134.", "212.555.0134"),
        ("Call 1-800-555-0199.", "1-800-555-0199"),
        ("Call +1 (212) 555-0100.", "+1 (212) 555-0100"),
        ("Call +44 20 7946 0018.", "+44 20 7946 0018"),
        ("Call +49-30-901820.", "+49-30-901820"),
        ("Telephone: 020 7946 0018.", "020 7946 0018"),
        ("Fax no. 2846-1888.", "2846-1888"),
        ("Pay into GB82 WEST 1234 5698 7654 32.", "GB82 WEST 1234 5698 7654 32"),
        ("Pay into DE89370400440532013000.", "DE89370400440532013000"),
        ("Charge 4111 1111 1111 1111.", "4111 1111 1111 1111"),
        ("Charge 378282246310005.", "378282246310005"),
        ("Charge 3782-822463-10005.", "3782-822463-10005"),
        ("His number is 123-45-6789.", "123-45-6789"),
        ("Her number is 900-70-1234.", "900-70-1234"),
        ("Its number is 12-3456789.", "12-3456789"),
        ("Pay into account no. 000123456.", "000123456"),
        ("Account Number: 866180198510001.", "866180198510001"),
        ("It has routing number 021000021.", "021000021"),
        ("He has passport No. X1234567.", "X1234567"),
        ("He has driver’s license S123-4567-8901.", "S123-4567-8901"),
        ("Her taxpayer identification number is 912345678.", "912345678"),
        ("His SSN 123456789 is given.", "123456789"),
    ],
)
def test_what_belongs_to_a_person_is_found(output: str, value: str) -> None:
    assert found(output) == [value]


@pytest.mark.parametrize(
    "output",
    [
        "",
        "The fee is $1,000,000.00, or 1 250 000 euros, on January 5, 2024.",
        "From 2024-01-05 to 05.01.2026, or 1/5/24 to 12-31-2026, it costs $212.555.",
        "Sections 12.3, 4.1.2 and 10.2(a)(iii) apply for 30-60 days.",
        "Agreement No. 415-555-0134 and Contract # 12-3456789 were made.",
        "Registered corporation no. 52-0036872 sells Patent No. 5,123,456.",
        "Commission File No. 333-123456 and docket number 21-1234567 are cited.",
        "Order number 4111111111111111 is open.",
        "The account is 90 days overdue, and the tax year 2024 counts.",
        "The cell line 293 and the fax machine of 2019 are sold.",
        "Pay into DE89370400440532013001, charge 4111 1111 1111 1112.",
        "It is due @ 5% on 1,234 units @ $3.50.",
        "ISO 9001-2015 and 49 CFR 172.101 apply within +/- 5 %.",
        "The ratio is 3.14159265358979 and the unit ABC1234567.",
        "The number 000-12-3456 and 666-12-3456 are nobody's.",
        "Its identification number LAW-19 is given.",
    ],
)
def test_the_figures_of_a_contract_are_not_found(output: str) -> None:
    assert found(output) == []


def test_a_number_is_found_as_one_thing_only() -> None:
    assert found("SSN 123-45-6789; account no. 4111 1111 1111 1111.") == [
        "4111 1111 1111 1111",
        "123-45-6789",
    ]


def test_a_message_says_where_but_never_repeats_the_number() -> None:
    output = "Acme sells valves. Call (212) 555-0134 or write to jane@example.com today."
    findings = list(check_personal_data(subject(output)))
    assert [finding.message for finding in findings] == [
        "An e-mail address stands in the sentence “Call … or write to … today.”: leave it out.",
        "A phone number stands in the sentence “Call … or write to … today.”: leave it out.",
    ]
    for finding in findings:
        assert words(output, finding.output) == finding.value
        assert finding.value not in str(finding.to_json())
