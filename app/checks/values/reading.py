"""Reads a text's facts. Pure."""

from collections.abc import Iterable, Iterator

from app.checks.values.amounts import amount_at, without_vague
from app.checks.values.counts import count_at
from app.checks.values.dates import find_dates, find_years
from app.checks.values.fact import Fact, Facts, Kind
from app.checks.values.numbers import Number, find_numbers
from app.checks.values.parties import find_parties
from app.checks.values.percentages import percentage_at
from app.checks.values.periods import find_periods, period_at
from app.checks.values.places import find_places


def read_facts(text: str) -> Facts:
    """The facts of a contract or of an output, with offsets in code points of `text`."""
    found = [*find_dates(text)]
    for number in find_numbers(text):
        found += _of_number(text, number)
    # A name of a month or of a unit may hide a number that belongs to another fact: the longer one counts.
    taken = _without_overlaps([*found, *find_periods(text), *find_years(text)])
    merged = _with_brackets(text, taken)
    return Facts(sorted([*merged, *find_parties(text), *find_places(text)], key=_order))


def _of_number(text: str, number: Number) -> list[Fact]:
    for reader in (amount_at, percentage_at, period_at, count_at):
        if facts := [*reader(text, number)]:
            return facts
    return []


def _order(fact: Fact) -> tuple[int, int]:
    return fact.start, fact.end


def _without_overlaps(facts: Iterable[Fact]) -> Iterator[Fact]:
    last = None
    for fact in sorted(facts, key=lambda fact: (fact.start, -fact.end)):
        if last is None or fact.start >= last.end:
            if last:
                yield last
            last = fact
        elif fact.end - fact.start > last.end - last.start:
            last = fact
    if last:
        yield last


def _with_brackets(text: str, facts: Iterable[Fact]) -> Iterator[Fact]:
    """One fact for what is said twice: "One Million Dollars ($1,000,000)", "ten percent (10%)"."""
    last = None
    for fact in facts:
        if last and last.kind == fact.kind and _is_bracketed(text, last, fact):
            meanings = dict.fromkeys([*last.meaning.split("|"), *fact.meaning.split("|")])
            told = without_vague(meanings) if fact.kind is Kind.AMOUNT else meanings
            last = Fact(last.kind, "|".join(told), last.start, fact.end + 1)
            continue
        if last:
            yield last
        last = fact
    if last:
        yield last


def _is_bracketed(text: str, one: Fact, other: Fact) -> bool:
    between = text[one.end : other.start]
    return len(between) <= 4 and between.strip() == "(" and text[other.end : other.end + 1] == ")"
