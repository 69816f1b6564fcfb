"""Copying: long runs of the contract's words are found, whatever stands between them; formulae are not."""

from collections.abc import Iterator
from itertools import chain, takewhile
from random import Random
from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.checks.copying import LEAST_WORDS, _copied, check_copying
from app.checks.findings import Likeness
from app.checks.words import WORD, plain
from tests.checks.subjects import subject, words

RUN = "shall deliver every ordered valve to the southern warehouse within forty days of the invoice"
CONTRACT = f"3.1 Delivery. The “Supplier”\n   {RUN}; the Buyer shall store it.\n4. Law."


def copied(output: str, contract: str = CONTRACT) -> list[str]:
    found = check_copying(subject(output, contract, places=[(0, "3.1")]))
    return [words(output, finding.output) for finding in found]


def test_a_run_is_marked_from_its_first_word_to_its_last() -> None:
    output = f"It was agreed in Leeds that Acme {RUN}. More follows."
    (finding,) = check_copying(subject(output, CONTRACT, places=[(0, "3.1")]))
    assert words(output, finding.output) == RUN
    assert words(CONTRACT, finding.document) == RUN
    assert finding.message == ("15 words in a row are the contract's own, in 3.1: say it in other words.")
    assert finding.sentence == output.removesuffix(" More follows.")


@pytest.mark.parametrize(
    "written",
    [
        RUN.upper(),
        RUN.replace(" ", "  \n").replace("\n", " "),
        RUN.replace("ordered", "“ordered”"),
        RUN.replace(" within", ", within"),
        RUN.replace("warehouse", "'Warehouse'"),
    ],
)
def test_case_space_quotes_and_commas_do_not_hide_a_run(written: str) -> None:
    assert copied(f"Acme {written}.") == [written]


def test_eleven_words_are_no_run_and_twelve_are() -> None:
    run = RUN.split()
    assert copied(" ".join(run[:11])) == []
    assert copied(" ".join(run[:12])) == [" ".join(run[:12])]
    assert copied(f"{' '.join(run[:8])} quickly {' '.join(run[8:])}") == []


def test_a_run_is_found_at_the_place_that_has_most_of_it() -> None:
    contract = f"{' '.join(RUN.split()[:13])} or not. {CONTRACT}"
    assert copied(f"Acme {RUN}.", contract) == [RUN]


def test_the_longest_run_comes_first_and_there_are_never_more_than_five() -> None:
    longer = RUN + " which names its number and its weight"
    assert copied(f"{RUN}. {longer}.", f"{longer}.") == [longer, RUN]
    lines = [" ".join(f"w{line}x{word}" for word in range(12)) for line in range(9)]
    assert len(copied(". ".join(lines), "\n".join(reversed(lines)))) == 5


@pytest.mark.parametrize(
    "formula",
    [
        "governed by and construed in accordance with the laws of the State of New York",
        "Northgate Valve Company of Leeds Limited and Harbour Shipping and Storage Incorporated of Delaware",
        "Master Supply and Service Agreement by and between Northgate Valves Limited and Harbour Stores Inc",
        "as it is or may be or shall have been from time to time and at all times",
    ],
)
def test_names_and_formulae_are_no_copying(formula: str) -> None:
    assert copied(f"It is {formula}.", f"This is {formula}, and so on.") == []


def test_a_reason_stays_with_the_run_when_the_rest_is_rewritten() -> None:
    (one,) = check_copying(subject(f"{RUN}.", CONTRACT))
    (other,) = check_copying(subject(f"First. {RUN}.", CONTRACT))
    assert one.value == other.value == RUN


def test_only_a_sample_that_shares_most_of_the_words_is_named() -> None:
    likenesses = [Likeness(17, 0.93), Likeness(18, 0.8), Likeness(19, 0.79)]
    found = list(check_copying(subject("Text.", likenesses=likenesses)))
    assert [finding.value for finding in found] == ["sample 17", "sample 18"]
    assert "nearly equal to that of sample 17 (93%" in found[0].message


@settings(max_examples=60)
@given(st.text() | st.text(alphabet="aB ß'“.-\u00a0\u0130\n1"))
def test_the_plain_words_are_those_of_the_pattern(text: str) -> None:
    assert plain(text).split() == [part for word in WORD.findall(text) for part in word.casefold().split()]
    assert len(plain(text).split()) == len(WORD.findall(text))


def copied_plainly(output: list[str], contract: list[str]) -> Iterator[tuple[int, int, int]]:
    """From each word on the longest run that the contract has, at its first place; slowly."""
    first = 0
    while first < len(output):
        longest = 0
        for start in range(len(contract)):
            pairs = zip(output[first:], contract[start:], strict=False)
            length = len(list(takewhile(lambda pair: pair[0] == pair[1], pairs)))
            if length > longest:
                longest, place = length, start
        if longest >= LEAST_WORDS:
            yield first, first + longest, place
        first += longest if longest >= LEAST_WORDS else 1


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_the_runs_are_those_of_the_plain_definition(data: st.DataObject) -> None:
    piece = st.lists(st.sampled_from("abcd"), min_size=4, max_size=16)
    pieces = data.draw(st.lists(piece, min_size=1, max_size=4))
    mixed = st.lists(st.sampled_from([*pieces, ["e"]]), max_size=8).map(lambda some: list(chain(*some)))
    output, contract = data.draw(mixed), data.draw(mixed)
    assert list(_copied(output, contract)) == list(copied_plainly(output, contract))


def test_runs_that_are_nearly_there_all_over_the_contract_take_no_time() -> None:
    drawn = Random(7)  # noqa: S311 -- no secret
    output = drawn.choices("abcdefghijklmnopqrstuvwxyz", k=5_000)
    halves = [" ".join(output[at : at + 6]) for at in range(len(output) - 6)]
    contract = f"{'x ' * 400_000}{' zz '.join(halves)}"
    began = process_time()
    assert copied(" ".join(output), contract) == []
    assert process_time() - began < 3  # searching the contract for each of them took ten times as long
