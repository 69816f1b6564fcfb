"""Facts: every amount, percentage, date, period, count, party and place of law is borne out by the contract.

What is compared is the meaning. A statement is held against its sentence's evidence first, then against
its clauses' likely passages, then against the whole contract. A value that stands elsewhere is not enough
where the evidence says another one of the same kind: then the sentence speaks of that. A date may follow
from a date and a period.
"""

import calendar
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

from app.checks.findings import Cited, Finding, Subject
from app.checks.sentences import sentences
from app.checks.spans import Span
from app.checks.values.amounts import same_amount
from app.checks.values.dates import in_order, same_date
from app.checks.values.fact import Fact, Kind
from app.checks.values.parties import Party, mentions, parties_of, tokens
from app.checks.values.reading import read_facts

_LONGEST = 90  # characters of a quote in a sentence
_DAY = len("2024-05-01")
_LONGEST_PERIOD = {"months": 1_200, "days": 36_500}
_HEAD = 3_000  # characters of a contract in which it says since when it runs
_BEGINS = re.compile(
    r"\b(?:effective|commenc\w{0,5}|dated|as of|begin\w{0,4}|start\w{0,3}|from)\b", re.IGNORECASE
)
_RUNS = re.compile(r"\b(?:terms?|expir\w{0,6}|from|after|anniversary|continue\w{0,2}|until)\b", re.IGNORECASE)
_ENDS = re.compile(
    r"\b(?:end|expir|until|through|terminat|anniversar|run|last|continu|remain|term\b|renew|matur|due\b)",
    re.IGNORECASE,
)
_ACTS = re.compile(r"\s(?:shall|may|will|must|can|cannot|agrees|is|has|warrants|represents)\b")
_YEAR = re.compile(r"(?:1[789]|20|21)\d\d")
_COMPARABLE = {Kind.DATE: {Kind.DATE, Kind.COUNT}, Kind.COUNT: {Kind.COUNT, Kind.DATE}}
_CAPITALS = re.compile(r"(?<![\w’'-])[A-Z][\w’'-]{2,40}(?:\s[A-Z][\w’'-]{2,40})*")
# Written with a capital in summaries, and nobody's name.
_COMMON_WORDS = """
act agreement agreements amendment annex appendix april arbitration article articles august business
clause clauses commission contract court courts date day days december effective english exhibit
february federal friday initial international january july june law laws license licence march may
monday november october parties party renewal rules saturday schedule section sections september
state states sunday term that the these this thursday tuesday united wednesday
"""
_COMMON = frozenset(_COMMON_WORDS.split())


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the contract says to one fact of the output.

    `document` is where it stands, or where another value stands that the sentence may have meant.
    """

    fact: Fact
    sentence: Span
    is_borne_out: bool
    message: str
    document: Span | None = None


def check_facts(subject: Subject) -> Iterator[Finding]:
    """One finding for each fact that the contract does not bear out."""
    for judged in judge(subject):
        if not judged.is_borne_out:
            yield Finding(
                "facts",
                judged.message,
                value=f"{judged.fact.kind} {judged.fact.meaning}",
                sentence=subject.output[judged.sentence.start : judged.sentence.end],
                output=judged.fact.span,
                document=judged.document,
            )


def judge(subject: Subject) -> list[Judgement]:
    """Every fact of the output, in its order, with what the contract says to it."""
    if not subject.contract.text:
        return []
    judge_ = _Judge(subject)
    facts = read_facts(subject.output)
    found = []
    for sentence in sentences(subject.output):
        sources = judge_.sources(sentence)
        stated = list(facts.within(sentence))
        found += [judge_.value(fact, sentence, sources) for fact in stated if fact.kind is not Kind.PARTY]
        named = [fact for fact in stated if fact.kind is Kind.PARTY and "=" not in fact.meaning]
        found += judge_.parties(sentence, named, [fact.span for fact in stated], sources)
    return sorted(found, key=lambda judged: judged.fact.start)


@dataclass(frozen=True)
class _Sources:
    """Where a sentence's facts are looked for first: spans of the contract, and what stands in them."""

    cited: Sequence[Fact]
    passages: Sequence[Fact]
    quotes: Sequence[Cited]


class _Judge:
    """The facts of one contract, ready to be asked."""

    def __init__(self, subject: Subject) -> None:
        self.subject = subject
        self.contract = subject.contract
        self.output = subject.output

    def sources(self, sentence: Span) -> _Sources:
        cited = self.subject.cited_for(sentence)
        keys = {each.clause for each in cited if each.clause}
        words = self.output[sentence.start : sentence.end].lower()
        clauses = [
            clause
            for clause in self.subject.project_clauses
            if clause.key in keys or clause.name.lower() in words
        ]
        passages = [span for clause in clauses for span in clause.passages]
        return _Sources(self._within(each.document for each in cited), self._within(passages), cited)

    def _within(self, spans: Iterable[Span]) -> list[Fact]:
        """The facts of these spans, each once; none that reaches out of its span."""
        found = {
            fact: None for span in spans for fact in self.contract.facts.within(span) if fact.end <= span.end
        }
        return list(found)

    # Values

    def value(self, fact: Fact, sentence: Span, sources: _Sources) -> Judgement:
        same = self._comparison(fact)
        said = f"“{self.output[fact.start : fact.end]}”"

        def borne_out(at: Fact, how: str = "stands") -> Judgement:
            return Judgement(fact, sentence, True, f"{said} {how} {self.contract.where(at.span)}.", at.span)

        cited, passages = (
            [each for each in facts if each.kind in _COMPARABLE.get(fact.kind, {fact.kind})]
            for facts in (sources.cited, sources.passages)
        )
        if found := _first(cited, same):
            return borne_out(found)
        rivals = [each for each in cited if _may_be_meant(fact, each)]
        if not rivals and (found := _first(passages, same)):
            return borne_out(found)
        if derived := self._derived(fact, sentence, sources):
            return derived
        elsewhere = _first(self._all_like(fact), same)
        if elsewhere and not rivals:
            return borne_out(elsewhere)
        nearest = _first([*rivals, *passages], lambda each: _may_be_meant(fact, each))
        if elsewhere:
            message = (
                f"{said} stands {self.contract.where(elsewhere.span)}, not in the evidence of this sentence, "
                f"which says {self._quote(rivals[0])}."
            )
        elif nearest:
            message = (
                f"{said} stands nowhere in the contract; {self._quote(nearest)} does, "
                f"{self.contract.where(nearest.span)}."
            )
        else:
            message = f"{said} stands nowhere in the contract: correct it, or say where it comes from."
        place = nearest or elsewhere
        return Judgement(fact, sentence, False, message, place.span if place else None)

    def _comparison(self, fact: Fact) -> Callable[[Fact], bool]:
        """Whether another fact means the same."""
        order = self.subject.date_order
        if fact.kind is Kind.DATE:
            said = in_order(fact.meaning, order)
            return lambda other: same_date(said, in_order(other.meaning, order))
        if fact.kind is Kind.PLACE:
            return lambda other: _place(fact) == _place(other)
        same = same_amount if fact.kind is Kind.AMOUNT else str.__eq__
        meanings = fact.meaning.split("|")
        return lambda other: any(same(one, each) for one in meanings for each in other.meaning.split("|"))

    def _all_like(self, fact: Fact) -> Sequence[Fact]:
        """What the contract has of this kind; of law, only where it speaks of law."""
        facts = self.contract.facts
        if fact.kind is Kind.PLACE and _is_of_law(fact):
            return [each for each in facts.of(Kind.PLACE) if _is_of_law(each)]
        if _YEAR.fullmatch(fact.meaning):  # whether 2000 is a year or a number of things, its place tells
            return [*facts.of(Kind.DATE), *facts.of(Kind.COUNT)]
        return facts.of(fact.kind)

    def _quote(self, fact: Fact) -> str:
        return self._quote_span(fact.span)

    def _quote_span(self, span: Span) -> str:
        words = " ".join(self.contract.text[span.start : span.end].split())
        return f"“{words[:_LONGEST]}”"

    # Dates that follow from a date and a period, and periods between two dates

    def _derived(self, fact: Fact, sentence: Span, sources: _Sources) -> Judgement | None:
        """A date that is another one and a period later, or the period between two dates."""
        words = self.output[sentence.start : sentence.end]
        if fact.kind not in (Kind.DATE, Kind.PERIOD) or not _ENDS.search(words):
            return None
        near = [*sources.cited, *sources.passages]
        dates = [each for each in near if each.kind is Kind.DATE]
        periods = [each for each in near if each.kind is Kind.PERIOD]
        if fact.kind is Kind.PERIOD:
            steps = ((one, fact, other) for one in dates for other in dates)
        else:
            dates += self._beginnings
            steps = ((one, period, fact) for one in dates for period in periods or self._terms)
        order = self.subject.date_order
        for one, period, other in steps:
            if _follows(in_order(one.meaning, order), period.meaning, in_order(other.meaning, order)):
                first, second = (one, other) if fact.kind is Kind.PERIOD else (one, period)
                said = f"“{self.output[fact.start : fact.end]}”"
                how = f"{said} follows from {self._quote(first)} and {self._quote(second)}"
                message = f"{how} {self.contract.where(second.span)}."
                return Judgement(fact, sentence, True, message, second.span)
        return None

    @cached_property
    def _beginnings(self) -> list[Fact]:
        """Dates from which the contract may run: those of its head, and where it speaks of a beginning."""
        return [
            each
            for each in self.contract.facts.of(Kind.DATE)
            if each.start < _HEAD or _BEGINS.search(self._around(each, 60, 30))
        ]

    @cached_property
    def _terms(self) -> list[Fact]:
        """Periods for which the contract may run."""
        return [
            each
            for each in self.contract.facts.of(Kind.PERIOD)
            if each.meaning.endswith("months") and _RUNS.search(self._around(each, 80, 40))
        ]

    def _around(self, fact: Fact, before: int, after: int) -> str:
        return self.contract.text[max(0, fact.start - before) : fact.end + after]

    # Parties

    @cached_property
    def _known(self) -> list[Party]:
        return parties_of(self.contract.facts)

    def parties(
        self, sentence: Span, named: Sequence[Fact], known: Sequence[Span], sources: _Sources
    ) -> Iterator[Judgement]:
        """Who the sentence speaks of: each party once, and every other name; `known` are spans of facts."""
        words = self.output[sentence.start : sentence.end]
        found: dict[str, tuple[Party, Span]] = {}
        taken = list[Span]()
        for party, span in mentions(words, self._known):
            place = Span(sentence.start + span.start, sentence.start + span.end)
            taken.append(place)
            found.setdefault(party.meaning, (party, place))
        in_quotes = {
            party.meaning
            for quote in sources.quotes
            for party, _ in mentions(quote.quote, self._known)
            if party.is_defined
        }
        is_strange = bool(in_quotes) and not in_quotes & set(found)
        for party, place in found.values():
            fact = Fact(Kind.PARTY, party.meaning, place.start, place.end)
            is_subject = _ACTS.match(self.output, place.end) is not None
            if (
                party.is_defined
                and party.meaning not in in_quotes
                and in_quotes
                and (is_strange or is_subject)
            ):
                theirs = " and ".join(sorted(f"“{each.title()}”" for each in in_quotes))
                message = f"The evidence of this sentence speaks of {theirs}, not of “{self._said(fact)}”."
                yield Judgement(fact, sentence, False, message, sources.quotes[0].document)
            else:
                where = self.contract.where(party.place)
                yield Judgement(fact, sentence, True, f"“{self._said(fact)}” is named {where}.", party.place)
        others = (name for name in _other_names(self.output, sentence) if not _overlaps(name.span, known))
        for fact in (*named, *others):
            if _overlaps(fact.span, taken):
                continue
            taken.append(fact.span)
            at = self._place_of(fact.meaning)
            if at:
                message = f"“{self._said(fact)}” is named {self.contract.where(at)}."
            else:
                names = [self._quote_span(party.place) for party in self._known if party.is_defined][:3]
                message = f"The contract does not name “{self._said(fact)}”" + (
                    f"; it is made by {' and '.join(names)}." if names else ": correct the name."
                )
            yield Judgement(fact, sentence, at is not None, message, at)

    def _place_of(self, name: str) -> Span | None:
        """Where words stand one after another in the contract, whatever is between them."""
        words = r"[\W_]{1,6}".join(re.escape(word) for word in name.split(" "))
        found = re.search(rf"(?<!\w){words}(?!\w)", self._lower)
        return Span(found.start(), found.end()) if found else None

    @cached_property
    def _lower(self) -> str:
        return self.contract.text.lower()

    def _said(self, fact: Fact) -> str:
        return self.output[fact.start : fact.end]


def _may_be_meant(fact: Fact, other: Fact) -> bool:
    """Whether a fact of the evidence is another value of what the fact states."""
    if fact.kind is not other.kind:
        return False
    return fact.kind is not Kind.PLACE or _is_of_law(fact) == _is_of_law(other)


def _overlaps(span: Span, others: Iterable[Span]) -> bool:
    return any(other.start < span.end and span.start < other.end for other in others)


def _is_of_law(place: Fact) -> bool:
    return place.meaning.startswith("law:")


def _place(fact: Fact) -> str:
    return fact.meaning.removeprefix("law:")


def _follows(start: str, period: str, end: str) -> bool:
    """Whether `end` is the period behind `start`, or its last day."""
    if len(start) != _DAY or start.startswith("--") or "|" in period:
        return False
    count, _, unit = period.partition(" ")
    if unit not in ("months", "days") or not count.isdigit() or int(count) > _LONGEST_PERIOD[unit]:
        return False
    try:
        first = date.fromisoformat(start)
        last = _later(first, int(count)) if unit == "months" else first + timedelta(days=int(count))
    except (ValueError, OverflowError):
        return False
    return any(same_date(end, each.isoformat()) for each in (last, last - timedelta(days=1)))


def _later(start: date, months: int) -> date:
    years, month = divmod(start.month - 1 + months, 12)
    year = start.year + years
    return date(year, month + 1, min(start.day, calendar.monthrange(year, month + 1)[1]))


def _other_names(output: str, sentence: Span) -> Iterator[Fact]:
    """Names within a sentence that may be anybody's: words with capitals that no sentence asks for."""
    for found in _CAPITALS.finditer(output, sentence.start, sentence.end):
        words = found[0].split()
        if found.start() == sentence.start:
            words = words[1:]
        kept = [word for word in words if word.lower() not in _COMMON and not word.isupper()]
        for word in kept:
            start = found.start() + found[0].index(word)
            yield Fact(Kind.PARTY, " ".join(tokens(word)), start, start + len(word))


def _first(facts: Iterable[Fact], wanted: Callable[[Fact], bool]) -> Fact | None:
    return next((fact for fact in facts if wanted(fact)), None)
