"""Facts: every amount, percentage, date, period, count, party and place of law is borne out by the contract.

What is compared is the meaning. A statement is held against its sentence's evidence first, then against
its clauses' likely passages, then against the whole contract. A value that stands elsewhere is not enough
where the evidence says another one of the same kind: then the sentence speaks of that. A date may follow
from a date and a period.
"""

import calendar
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

from app.checks.findings import Cited, Finding, Subject
from app.checks.sentences import sentences
from app.checks.spans import Span
from app.checks.values.dates import in_order, sayings_of_date
from app.checks.values.fact import Fact, Kind
from app.checks.values.index import Index
from app.checks.values.parties import Party, mentions, parties_of, tokens
from app.checks.values.reading import read_facts

_MOST_TRIES = 500  # places of a word at which a name is looked for
_LONGEST = 90  # characters of a quote in a sentence
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
    """Every fact of the output, in its order, with what the contract says to it; worked out once."""
    judged: list[Judgement] = subject.worked_out.get("facts") or _judge_all(subject)
    subject.worked_out["facts"] = judged
    return judged


def _judge_all(subject: Subject) -> list[Judgement]:
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
        self._read: dict[str, set[str]] = {}

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
        said = f"“{self._said(fact)}”"
        rivals = [each for each in sources.cited if _may_be_meant(fact, each)]
        in_passages = Index(sources.passages, self.subject.date_order)
        found = Index(sources.cited, self.subject.date_order, is_evidence=True).find(fact)
        elsewhere = in_passages.find(fact) or self._everywhere.find(fact)
        if found is None and (derived := self._derived(fact, sentence, sources)):
            return derived
        if found is None and not rivals:
            found = elsewhere
        if found:
            where = self.contract.where(found.span)
            return Judgement(fact, sentence, True, f"{said} stands {where}.", found.span)
        nearest = next((each for each in [*rivals, *sources.passages] if _may_be_meant(fact, each)), None)
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

    @cached_property
    def _everywhere(self) -> Index:
        return Index(self.contract.facts.all, self.subject.date_order)

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
            ends = self._ends(dates, [fact])
            found = next(((ends[end][0], each) for each in dates if (end := self._iso(each)) in ends), None)
        else:
            ends = self._ends(dates + self._beginnings, periods) if periods else self._ends_of_contract
            found = ends.get(self._iso(fact))
        if found is None:
            return None
        one, other = found
        how = f"“{self._said(fact)}” follows from {self._quote(one)} and {self._quote(other)}"
        return Judgement(fact, sentence, True, f"{how} {self.contract.where(other.span)}.", other.span)

    def _ends(self, dates: Iterable[Fact], periods: Iterable[Fact]) -> dict[str, tuple[Fact, Fact]]:
        """The dates on which these periods end from these dates on: the day itself, and the one before."""
        starts = {day: each for each in dates if (day := _day(self._iso(each)))}
        lengths = {each.meaning: each for each in periods if "|" not in each.meaning}
        ends = dict[str, tuple[Fact, Fact]]()
        for start, date_ in starts.items():
            for meaning, period in lengths.items():
                end = _later(start, meaning)
                for day in (end, end - timedelta(days=1)) if end else ():
                    for said in sayings_of_date(day.isoformat()):
                        ends.setdefault(said, (date_, period))
        return ends

    @cached_property
    def _ends_of_contract(self) -> dict[str, tuple[Fact, Fact]]:
        return self._ends(self._beginnings, self._terms)

    def _iso(self, date_: Fact) -> str:
        return in_order(date_.meaning, self.subject.date_order)

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
        in_quotes = {name for quote in sources.quotes for name in self._makers_in(quote.quote)}
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

    def _makers_in(self, quote: str) -> set[str]:
        """Which of those who make the contract the words of a piece of evidence name."""
        if quote not in self._read:
            known = (party for party in self._known if party.is_defined)
            self._read[quote] = {party.meaning for party, _ in mentions(quote, known)}
        return self._read[quote]

    def _place_of(self, name: str) -> Span | None:
        """Where words stand one after another in the contract, whatever is between them."""
        words = name.split(" ")
        rarest = max(words, key=len)
        pattern = re.compile(r"[\W_]{1,6}".join(rf"(?<!\w){re.escape(word)}(?!\w)" for word in words))
        at = self._lower.find(rarest)
        for _ in range(_MOST_TRIES):
            if at < 0:
                break
            # The others stand within reach of the longest word, which a search for itself finds at once.
            if found := pattern.search(
                self._lower, max(0, at - len(name) - 6 * len(words)), at + len(name) * 7
            ):
                return Span(found.start(), found.end())
            at = self._lower.find(rarest, at + len(rarest))
        return None

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


def _day(meaning: str) -> date | None:
    try:
        return date.fromisoformat(meaning) if len(meaning) == len("2024-05-01") else None
    except ValueError:  # February 30
        return None


def _later(start: date, period: str) -> date | None:
    """The date that is a period later, as calendars count; None for hours, and for what no calendar holds."""
    count, _, unit = period.partition(" ")
    if unit not in ("months", "days") or not count.isdigit() or int(count) > _LONGEST_PERIOD[unit]:
        return None
    try:
        if unit == "days":
            return start + timedelta(days=int(count))
        years, month = divmod(start.month - 1 + int(count), 12)
        year = start.year + years
        return date(year, month + 1, min(start.day, calendar.monthrange(year, month + 1)[1]))
    except (ValueError, OverflowError):
        return None


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
