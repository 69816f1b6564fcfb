"""Polarity: what the evidence has the other way round is found, and what only says it otherwise is not."""

import pytest

from app.checks.bounds import numbers
from app.checks.findings import ClauseFacts
from app.checks.modals import acts
from app.checks.polarity import check_polarity
from app.checks.spans import Span
from tests.checks.subjects import quote, shown, subject, words

CAP = "Supplier’s total liability shall not exceed $2,000,000"
TURNED_ROUND = [
    # Bounds.
    ("Notice is at most 30 days.", "Either party may end it on at least thirty (30) days’ notice."),
    ("It gives no more than 60 days’ notice.", "on not less than sixty days prior notice"),
    ("The insurance is up to $1,000,000.", "insurance of no less than One Million Dollars ($1,000,000.00)"),
    (
        "The insurance is at most $5 million.",
        "insurance of not less than five million U.S. Dollars (US$5,000,000)",
    ),
    ("The cap is at least $2 million.", CAP),
    (
        "It pays at least 45 days after the invoice.",
        "Buyer pays within\n    forty-five (45) days of the invoice.",
    ),
    (
        "It must deliver no earlier than 10 business days.",
        "delivery no later than ten (10) days after the order",
    ),
    ("Two or fewer employees do the work.", "The work is done by two or more employees."),
    ("The uptime is below, at a maximum, 99.9%.", "an uptime of a minimum of 99.9 per cent"),
    ("Liability is more than 10%.", "in no event shall liability exceed ten percent (10%) of the price"),
    ("Notice is given at most 60 days before the end.", "not later than sixty (60) days prior to the end"),
    # May, shall, may not, need not.
    ("The Buyer shall inspect the goods.", "Buyer may inspect the goods."),
    ("The Buyer is required to inspect the goods.", "Buyer is entitled to inspect the goods."),
    ("The Buyer must terminate.", "Buyer shall have the right, in its discretion, to terminate."),
    ("The Supplier may insure the goods.", "Supplier agrees to insure the goods."),
    ("The Supplier may insure the goods.", "Supplier shall, at its own expense, insure the goods."),
    ("The Supplier may assign this contract.", "Neither party may assign this contract."),
    ("The Supplier can assign this contract.", "No party shall assign, transfer or pledge this contract."),
    ("It may be assigned without consent.", "This contract may not be assigned without consent."),
    ("The Licensee may not sublicense the marks.", "Licensee has the right to sublicense the marks."),
    ("The Licensee must not copy it.", "Licensee is permitted to copy it."),
    ("The Recipient may disclose the terms.", "nor shall the Recipient disclose the terms"),
    ("The Agent may compete.", "Agent is prohibited from competing."),
    ("The Buyer must purchase 100 units.", "Buyer shall not be required to purchase 100 units."),
    ("The Buyer is not required to pay the freight.", "Buyer shall pay the freight."),
    ("The Supplier shall be liable for delay.", "In no event shall Supplier be liable for delay."),
    ("The Buyer may assign it.", "Seller may assign it. Buyer shall not assign it."),
    # The verb stands away from its modal, in a list, or in a sentence about somebody.
    (
        "The Client may solicit the staff.",
        "Client shall not, during the Term or at any time thereafter, solicit the staff.",
    ),
    (
        "The Tenant may without the landlord’s prior consent sublet the store.",
        "Tenant shall not without the landlord’s prior consent sublet the store.",
    ),
    (
        "The Board must, taken at a meeting, extend the date.",
        "The Board may by a unanimous vote, taken before May, extend the date.",
    ),
    ("The Carrier may insure the goods.", "The Carrier shall: (a) load the goods; and (b) insure them."),
    (
        "The Carrier may unload the goods.",
        "The Carrier shall (i) load the goods and (ii) not unload the goods.",
    ),
    ("The Carrier may insure the goods.", "This contract requires the Carrier to insure the goods."),
    ("The contract allows the Bank to sell the shares.", "The Bank shall not sell the shares."),
    ("The contract requires the Bank to sell the shares.", "The Bank may sell the shares."),
    ("The contract does not allow the Bank to sell the shares.", "The Bank may sell the shares."),
    ("The Guest must have access to the gym.", "Guest may have access to the gym."),
    ("Either side may have a claim on the Bank.", "No party shall have any claim on the Bank but for fraud."),
    # The likeliest of several is the one that counts.
    (
        "The Buyer may inspect the plant in Leeds.",
        "Buyer shall inspect the plant in Leeds. Buyer may inspect all other goods on the road to the docks.",
    ),
    # A verb of state, word for word.
    ("The order may remain in full force for a year.", "The order shall remain in full force for a year."),
    # Bounds of what is no number.
    (
        "It is audited at most annually by the board’s staff.",
        "audited at least annually by the board’s staff",
    ),
    (
        "The fee is no less than the fee charged to others.",
        "a fee that does not exceed the fee charged to others",
    ),
    ("It pays at most 80% of the fee.", "at least 80% of the fee, of which 80% is paid at once"),
    # A closed list.
    ("Secrets only include drawings.", "Secrets include, without limitation, drawings and prices."),
    # Exceptions.
    ("The Supplier’s liability is capped at $2 million.", CAP + ", except for fraud."),
    ("The Supplier’s liability is capped at $2 million.", "Save for fraud, " + CAP + "."),
    ("The Supplier’s liability is capped at $2 million.", CAP + ". This limit does not apply to fraud."),
    (
        "Neither party is liable for lost profits.",
        "Neither party is liable for lost profits, other than for fraud.",
    ),
    ("The Distributor is the exclusive seller.", "Distributor is the exclusive seller, except in Texas."),
    ("The Supplier may not assign it.", "Unless Buyer agrees, Supplier may not assign it."),
    (
        "Neither party may assign it without consent.",
        "Neither party may assign it without consent, except that none is needed for an affiliate.",
    ),
    (
        "The Agent shall not hire the Buyer’s staff.",
        "Agent shall not hire Buyer’s staff; provided, however, that it may hire whoever answers an ad.",
    ),
    ("The Agent must not serve anybody.", "Agent shall not serve anybody other than the Buyer."),
]
SAID_OTHERWISE = [
    ("Notice is at least 30 days.", "on not less than thirty (30) days’ notice"),
    ("Notice is 30 days.", "on at least 30 days’ notice"),
    ("Notice is at least 30 days.", "on at least 30 days’ notice, but a cure within 30 days"),
    ("The cap is at most $2 million.", CAP),
    ("Notice is given at least 60 days before the end.", "not later than sixty (60) days prior to the end"),
    ("The Licensee may use it solely in Texas.", "Licensee shall use it only in Texas."),
    (
        "It needs more than 50% of the votes.",
        "by not less than 30% and more than fifty percent (50%) of the votes",
    ),
    ("It must deliver within 10 days.", "delivery no later than ten (10) days after the order"),
    (
        "It keeps records for at least 2 years.",
        "no more than two audits; records for a minimum of two (2) years",
    ),
    ("The Buyer can inspect the goods.", "Buyer is entitled to inspect the goods."),
    ("The Buyer must inspect the goods.", "Buyer will inspect the goods."),
    ("The Buyer may terminate.", "Buyer shall have the right to terminate."),
    ("The Buyer may terminate.", "Buyer shall be entitled, and Seller shall not, to terminate."),
    ("The Supplier may assign it only with consent.", "Supplier may not assign it without consent."),
    ("The Supplier may assign it with the Buyer’s consent.", "Supplier shall not assign it without consent."),
    (
        "The Recipient shall not use it for any other purpose.",
        "Recipient shall use it solely for the purpose.",
    ),
    (
        "The Recipient may use it only to evaluate the deal.",
        "Recipient shall not use it except for the deal.",
    ),
    ("The Buyer need not pay the freight.", "Buyer shall not be required to pay the freight."),
    ("Some duties may survive the end.", "These duties shall survive the end."),
    ("Secrets may include plans.", "Secrets shall include plans."),
    ("The Buyer may not assign it.", "Neither party shall assign it."),
    ("The Agent must not compete.", "Agent agrees not to compete."),
    ("The Buyer may assign it.", "Seller shall not assign it. Buyer may assign it."),
    (
        "The Buyer may develop similar goods.",
        "Nothing requires that the Buyer shall not develop similar goods.",
    ),
    ("It ended on May 5, 2024 and shall be renewed.", "It may end on May 5, 2024, and shall be renewed."),
    ("It can not only be ended but renewed.", "It may be ended or renewed."),
    ("Liability is capped at $2 million, except for fraud.", CAP + ", except for fraud."),
    ("Liability is capped at $2 million, but not for fraud.", CAP + ", except for fraud."),
    ("Liability is capped at $2 million.", CAP + ", including but not limited to fraud."),
    ("Liability is capped at $2 million.", CAP + ". Notices go to the Buyer, except for invoices."),
    ("The license is non-exclusive.", "The license is nonexclusive, except in Texas."),
    (
        "The Supplier may not assign it unless the Buyer agrees.",
        "Unless Buyer agrees, Supplier may not assign it.",
    ),
    ("Acme is the exclusive seller.", "Acme is the exclusive seller, subject to this contract."),
    ("Liability is capped at $2 million.", "Subject to the terms of this contract, " + CAP + "."),
    ("The Supplier delivers in Texas.", "The Supplier shall not deliver outside Texas."),
    ("The Agent may hire staff.", "This contract does not prohibit Agent from hiring staff."),
    (
        "The Buyer may have the right to inspect the goods.",
        "Buyer shall have the right to inspect the goods.",
    ),
    ("In no event may it be liable.", "In no event shall it be liable."),
    ("It makes no promise that faults will be mended.", "No warranty is made that faults will be mended."),
    (
        "Neither party may sell it, and all sales shall be void.",
        "Nobody may sell it, and all sales shall be void.",
    ),
    ("Some guests may swim in the pool.", "Guests shall swim in the pool."),
    ("Users can delete their posts.", "Dormant accounts will be deleted after a year."),
    ("The Carrier must load it.", "The Carrier may: (a) refuse it. The Carrier shall: (b) load it."),
    ("It is audited at most annually.", "It is audited at least annually."),  # too few words to be sure
    ("Secrets include drawings only.", "Secrets are drawings. Notices include, without limitation, faxes."),
    (
        "The Recipient shall not disclose the terms.",
        "Except as required by applicable law, Recipient shall not disclose the terms.",
    ),
    (
        "The Recipient shall not disclose the terms.",
        "Except as otherwise provided in Section 9, Recipient shall not disclose the terms.",
    ),
    ("The Tenant may not sublet without consent.", "Tenant may not sublet except with Landlord’s consent."),
    (
        "The order lasts a year, provided that it must not exceed a ton.",
        "The order lasts a year, provided that it shall not exceed a ton.",
    ),
    (
        "Liability is capped at $2 million. The cap does not protect against fraud.",
        CAP + ". This limit does not apply to fraud.",
    ),
]


@pytest.mark.parametrize(("sentence", "evidence"), TURNED_ROUND)
def test_what_is_turned_round_is_found(sentence: str, evidence: str) -> None:
    found = list(check_polarity(shown(sentence, evidence)))
    assert len(found) == 1
    assert "in 7.1: correct it" in found[0].message


@pytest.mark.parametrize(("sentence", "evidence"), SAID_OTHERWISE)
def test_what_is_only_said_otherwise_is_not_found(sentence: str, evidence: str) -> None:
    assert [finding.message for finding in check_polarity(shown(sentence, evidence))] == []


def test_a_finding_quotes_both_and_marks_both() -> None:
    output = "It is governed by Irish law. Notice is at  most 30 days."
    contract = "Either party may end it on at\n   least thirty (30) days’ notice."
    (finding,) = check_polarity(shown(output, contract))
    assert finding.message == (
        "“Notice is at most 30 days.” says “at most 30 days”, where the contract says "
        "“at least thirty (30) days” in 7.1: correct it, or mark other evidence."
    )
    assert finding.sentence == "Notice is at  most 30 days."
    assert finding.value == "at most 30 day"
    assert words(output, finding.output) == "at  most 30 days"
    assert words(contract, finding.document) == "at\n   least thirty (30) days"


def test_a_ban_is_quoted_with_whom_it_binds() -> None:
    (finding,) = check_polarity(
        shown("The Buyer may sell it.", "In Texas, neither Buyer nor Agent may sell it.")
    )
    assert "says “may”, where the contract says “neither Buyer nor Agent may” in" in finding.message


def test_without_evidence_a_sentence_is_compared_with_the_passage_that_has_its_words() -> None:
    contract = "1. Supplier shall deliver the goods to the Buyer’s warehouse in Leeds.\n2. Buyer shall pay."
    passages = (Span(0, contract.index("\n")), Span(contract.index("2."), len(contract)))
    clause = ClauseFacts("delivery", "Delivery", required=True, passages=passages)

    def found(output: str) -> int:
        return len(list(check_polarity(subject(output, contract, project_clauses=[clause]))))

    assert found("The Supplier may deliver the goods to the warehouse in Leeds.") == 1
    assert found("The Supplier may deliver later.") == 0
    assert found("The Buyer may pay the Supplier for goods of another kind altogether.") == 0


def test_evidence_that_is_out_of_date_is_not_compared() -> None:
    output, contract = "The Buyer shall inspect the goods.", "Buyer may inspect the goods."
    whole = Span(0, len(output))
    assert list(check_polarity(subject(output, contract, evidence=[quote(contract, contract, whole)])))
    later = "The " + contract
    assert not list(check_polarity(subject(output, later, evidence=[quote(contract, contract, whole)])))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("one hundred and eighty (180) days", ["180 day"]),
        ("two hundred thousand units; 5 million", ["200000", "5000000"]),
        ("90 (ninety) days and $1,000.50", ["90 day", "1000.5"]),
        ("fifty percent (50%) or 12.5 %", ["50 %", "12.5 %"]),
        ("Section 12.3 of 2024", ["12.3", "2024"]),
    ],
)
def test_numbers_are_what_they_mean(text: str, expected: list[str]) -> None:
    assert [number.value for number in numbers(text)] == expected


def test_a_modal_has_all_the_verbs_of_its_list() -> None:
    text = "Buyer shall not directly or indirectly sell, assign or otherwise transfer it, and may keep it."
    assert [f"{act.mode} {act.verb}" for act in acts(text)] == [
        "may not sel",
        "may not assign",
        "may not transfer",
        "may keep",
    ]
