"""Finds the fact of a contract that bears out what is said. Pure."""

from collections.abc import Iterable, Iterator

from app.checks.values.amounts import sayings_of_amount
from app.checks.values.dates import in_order, is_year, sayings_of_date
from app.checks.values.fact import Fact, Kind
from app.checks.values.places import whole_of


class Index:
    """Facts by all that may be said where they are written; of several the first counts.

    `date_order` is how 5/1/24 is read, "mdy" or "dmy". In evidence for a sentence every place bears out one
    of law; elsewhere only one of which the contract speaks as such.
    """

    def __init__(self, facts: Iterable[Fact], date_order: str, *, is_evidence: bool = False) -> None:
        self._order = date_order
        self._found: dict[tuple[Kind, str], Fact] = {}
        for fact in facts:
            for key in self._sayings(fact, is_evidence=is_evidence):
                self._found.setdefault(key, fact)

    def find(self, said: Fact) -> Fact | None:
        """The fact that means what is said, all of it: "five (3)" is two things. None where there is none."""
        return self._found.get((said.kind, "|".join(sorted(self._meanings(said)))))

    def _meanings(self, fact: Fact) -> list[str]:
        return [in_order(fact.meaning, self._order)] if fact.kind is Kind.DATE else fact.meaning.split("|")

    def _sayings(self, fact: Fact, *, is_evidence: bool) -> Iterator[tuple[Kind, str]]:
        meanings = self._meanings(fact)
        yield fact.kind, "|".join(sorted(meanings))
        for meaning in meanings:
            if fact.kind is Kind.AMOUNT:
                yield from ((fact.kind, each) for each in sayings_of_amount(meaning))
            elif fact.kind is Kind.DATE:
                yield from ((fact.kind, each) for each in sayings_of_date(meaning))
            else:
                yield fact.kind, meaning
            if fact.kind in (Kind.DATE, Kind.COUNT) and is_year(meaning):
                # Whether 2000 is a year or a number of things is told by what stands around it alone.
                yield from ((kind, meaning) for kind in (Kind.DATE, Kind.COUNT))
            if fact.kind is Kind.PLACE:
                place = meaning.removeprefix("law:")
                yield fact.kind, place
                if is_evidence:
                    yield fact.kind, f"law:{place}"
                if whole := whole_of(place):
                    yield fact.kind, whole
