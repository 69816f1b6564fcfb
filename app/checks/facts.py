"""Facts: every amount, percentage, date, period, count, party and place of law is borne out by the contract.

What is compared is the meaning. A statement is held against its sentence's evidence first, then against
its clauses' likely passages, then against the whole contract. A value that stands elsewhere is not enough
where the evidence says another one of the same kind: then the sentence speaks of that. A date may follow
from a date and a period.
"""

import re
from collections.abc import Iterable, Iterator
from functools import cached_property
from itertools import islice

from app.checks.findings import Finding, Subject
from app.checks.judging import Judgement, Sentence
from app.checks.naming import Names
from app.checks.sentences import sentences
from app.checks.spans import Span
from app.checks.values.dates import in_order
from app.checks.values.deriving import Ends, day_of, ends, find_turns, last_days
from app.checks.values.fact import Fact, Kind
from app.checks.values.index import Index
from app.checks.values.parties import tokens
from app.checks.values.reading import read_facts
from app.checks.words import STOP_WORDS

_MOST_BESIDE = 4  # words on each side of a fact that tell what it is about
_MOST_DATES = 100  # near a sentence, from which others may follow
_REACH = 50  # characters in which these stand
_Sort = tuple[Kind, bool]
_Words = tuple[str, ...]
_SAY_NOTHING = STOP_WORDS | {"least", "less"}
_WORD_BEFORE = re.compile(r"[^\W\d_][\w’'-]*\s{1,3}$")
_HEAD = 3_000  # characters of a contract in which it says since when it runs
_BEGINS = re.compile(
    r"\b(?:as of|begin\w{0,4}|commenc\w{0,5}|date[ds]?|effective|entered|executed|from|made|signed"
    r"|start\w{0,3})\b",
    re.IGNORECASE,
)
_RUNS = re.compile(
    r"\b(?:terms?|expir\w{0,6}|from|after|anniversary|continue\w{0,2}|until|remain\w{0,2}|initial|commenc\w{0,4}"
    r"|thereafter|thereof|following|(?:force|effect)\b.{0,20}\bfor)\b",
    re.IGNORECASE,
)
_NOTICE = re.compile(
    r"\b(?:notice|notif\w{1,8}|prior|advance|cure|remed\w{1,4}|within|before)\b", re.IGNORECASE
)
_ENDS = re.compile(
    r"\b(?:ceas|conclu|complet|end|expir|exten|finish|laps|until|through|terminat|anniversar|run|last|continu|remain"
    r"|term\b|renew|matur|due\b|up to\b|valid)",
    re.IGNORECASE,
)


def check_facts(subject: Subject) -> Iterator[Finding]:
    """One finding for each fact that the contract does not bear out."""
    for judged in judge(subject):
        if not judged.is_borne_out:
            yield Finding(
                "facts",
                judged.message,
                value=f"{judged.fact.kind} {judged.fact.meaning}",
                sentence=judged.sentence.words,
                output=judged.fact.span,
                document=judged.document,
            )


def judge(subject: Subject) -> list[Judgement]:
    """Every fact of the output, in its order, with what the contract says to it; worked out once."""
    if "facts" not in subject.worked_out:
        subject.worked_out["facts"] = _judge_all(subject)
    judged: list[Judgement] = subject.worked_out["facts"]
    return judged


def _judge_all(subject: Subject) -> list[Judgement]:
    if not subject.contract.text:
        return []
    return sorted(_Judge(subject).judge(), key=lambda judged: judged.fact.start)


class _Judge:
    """Asks one contract about the facts of one output."""

    def __init__(self, subject: Subject) -> None:
        self.subject = subject
        self.contract = subject.contract
        self.names = Names(subject.contract)
        self._ends_near: dict[Span, Ends] = {}

    def judge(self) -> Iterator[Judgement]:
        for sentence in self._sentences():
            yield from self._values(sentence)
            yield from self.names.judge(sentence)

    def _sentences(self) -> Iterator[Sentence]:
        output = self.subject.output
        facts = read_facts(output)
        for span in sentences(output):
            words = output[span.start : span.end]
            quotes = self.subject.cited_for(span)
            keys = {each.clause for each in quotes if each.clause}
            passages = [
                passage
                for clause in self.subject.project_clauses
                if clause.key in keys or clause.name.lower() in words.lower()
                for passage in clause.passages
            ]
            cited = self._within(each.document for each in quotes)
            yield Sentence(span, words, list(facts.within(span)), quotes, cited, self._within(passages))

    def _within(self, spans: Iterable[Span]) -> list[Fact]:
        """The contract's facts in these spans, each once; none that reaches out of its span."""
        facts = self.contract.facts
        found = (fact for span in spans for fact in facts.within(span) if fact.end <= span.end)
        return list(dict.fromkeys(found))

    def _values(self, sentence: Sentence) -> Iterator[Judgement]:
        """All facts of the sentence but its names.

        A value that the evidence does not have is not borne out by another place where the evidence has one
        that may be meant: of the same kind, and said nowhere else in the sentence.
        """
        order = self.subject.date_order
        in_cited, in_passages = (
            Index(sentence.cited, order, is_evidence=True),
            Index(sentence.passages, order),
        )
        values = [fact for fact in sentence.facts if fact.kind is not Kind.PARTY]
        found = {fact: in_cited.find(fact) for fact in values}
        spoken_of = {(each.kind, each.meaning) for each in found.values() if each}
        unsaid = _firsts(each for each in sentence.cited if (each.kind, each.meaning) not in spoken_of)
        alike = self._between(sentence.cited) if None in found.values() else {}
        passages = _firsts(sentence.passages)
        speaks_of_end = _ENDS.search(sentence.words) is not None
        for fact in values:
            derived = self._derived(fact, sentence) if speaks_of_end and not found[fact] else None
            beside = _beside(self.subject.output, fact) if alike and not found[fact] else ()
            said_there = (alike[_sort(fact), words] for words in beside if (_sort(fact), words) in alike)
            rival = unsaid.get(_sort(fact)) or next(said_there, None)
            elsewhere = in_passages.find(fact) or self._everywhere.find(fact) or self._figure(fact)
            stands = found[fact] or (None if rival else elsewhere)
            if derived:
                yield derived
            elif stands:
                message = f"{self._said(fact)} stands {self.contract.where(stands.span)}."
                yield Judgement(fact, sentence, True, message, stands.span)
            else:
                yield self._not_borne_out(fact, sentence, elsewhere, rival or passages.get(_sort(fact)))

    def _between(self, cited: Iterable[Fact]) -> dict[tuple[_Sort, _Words], Fact]:
        """The first fact of the evidence by its sort and the words beside it, enough to tell what is meant.

        No counts: what is counted may be anything.
        """
        found: dict[tuple[_Sort, _Words], Fact] = {}
        for fact in (each for each in cited if each.kind is not Kind.COUNT):
            for words in _beside(self.contract.text, fact):
                found.setdefault((_sort(fact), words), fact)
        return found

    def _not_borne_out(
        self, fact: Fact, sentence: Sentence, elsewhere: Fact | None, meant: Fact | None
    ) -> Judgement:
        said = self._said(fact)
        if elsewhere and meant:
            message = (
                f"{said} stands {self.contract.where(elsewhere.span)}, not in the evidence of this sentence, "
                f"which says {self._quote(meant)}."
            )
        elif meant:
            where = self.contract.where(meant.span)
            message = f"{said} stands nowhere in the contract; {self._quote(meant)} does, {where}."
        else:
            message = f"{said} stands nowhere in the contract: correct it, or say where it comes from."
        return Judgement(fact, sentence, False, message, meant.span if meant else None)

    @cached_property
    def _everywhere(self) -> Index:
        return Index(self.contract.facts.all, self.subject.date_order)

    def _figure(self, fact: Fact) -> Fact | None:
        """A number in a name: "3.0", or one that the contract has behind the same word, "Kestrel 2"."""
        output = self.subject.output
        is_figure = "." in output[fact.start : fact.end]
        before = _WORD_BEFORE.search(output, max(0, fact.start - _REACH), fact.start)
        if fact.kind is not Kind.COUNT or not (is_figure or before):
            return None
        start = before.start() if before and not is_figure else fact.start
        place = self.names.find(output[start : fact.end].lower())
        return Fact(fact.kind, fact.meaning, place.start, place.end) if place else None

    def _derived(self, fact: Fact, sentence: Sentence) -> Judgement | None:
        """A date that is another one and a period later, or the period between two dates."""
        if fact.kind not in (Kind.DATE, Kind.PERIOD):
            return None
        order = self.subject.date_order
        near = [*sentence.cited, *sentence.passages]
        dates = list(islice((each for each in near if each.kind is Kind.DATE), _MOST_DATES))
        whole = [each for each in dates if day_of(each, order)]
        steps: tuple[Fact, ...] | None
        if fact.kind is Kind.PERIOD:
            known = ends(dates, [fact], order)
            both = ((known.get(in_order(each.meaning, order)), each) for each in whole)
            steps = next(((start[0], end) for start, end in both if start), None)
        else:
            begun = ends([fact], (each for each in sentence.cited if each.kind is Kind.PERIOD), order)
            stand = ((each, begun.get(in_order(each.meaning, order))) for each in whole)
            back = ((end, start[1]) for end, start in stand if start)
            if sentence.span not in self._ends_near:
                self._ends_near[sentence.span] = self._ends(sentence, dates, near)
            steps = self._ends_near[sentence.span].get(in_order(fact.meaning, order)) or next(back, None)
        if steps is None:
            return None
        how = " and ".join(self._quote(each) for each in steps)
        message = f"{self._said(fact)} follows from {how} {self.contract.where(steps[-1].span)}."
        return Judgement(fact, sentence, True, message, steps[-1].span)

    def _ends(self, sentence: Sentence, dates: list[Fact], near: list[Fact]) -> Ends:
        """The dates that follow from what stands near; of the whole contract where that names no term."""
        order, text = self.subject.date_order, self.contract.text
        periods = [each for each in near if each.kind is Kind.PERIOD]
        turns = [turn for quote in sentence.quotes for turn in find_turns(text, quote.document)]
        found = last_days(dates, text) | ends([*dates, *self._beginnings], periods, order, turns)
        names_term = any(not _NOTICE.search(self._around(each, 30, 30)) for each in periods)
        if names_term or any(each.kind is Kind.DATE for each in sentence.cited):
            return found
        return self._ends_of_contract | found

    @cached_property
    def _ends_of_contract(self) -> Ends:
        terms = [
            each
            for each in self.contract.facts.of(Kind.PERIOD)
            if each.meaning.endswith("months") and _RUNS.search(self._around(each, 80, 40))
        ]
        return ends(self._beginnings, terms, self.subject.date_order)

    @cached_property
    def _beginnings(self) -> list[Fact]:
        """Dates from which the contract may run: of its head, of its signatures, and of a beginning."""
        last = len(self.contract.text) - _HEAD
        return [
            each
            for each in self.contract.facts.of(Kind.DATE)
            if each.start < _HEAD or each.start > last or _BEGINS.search(self._around(each, 60, 30))
        ]

    def _around(self, fact: Fact, before: int, after: int) -> str:
        return self.contract.text[max(0, fact.start - before) : fact.end + after]

    def _said(self, fact: Fact) -> str:
        return f"“{self.subject.output[fact.start : fact.end]}”"

    def _quote(self, fact: Fact) -> str:
        return self.contract.quote(fact.span)


def _beside(text: str, fact: Fact) -> Iterator[_Words]:
    """The words before a fact, and those after it: two at least, and up to the first that says something."""
    before = tokens(text[max(0, fact.start - _REACH) : fact.start])[::-1]
    after = tokens(text[fact.end : fact.end + _REACH])
    for side, words in (("<", before), (">", after)):
        telling = next((at for at, word in enumerate(words[:_MOST_BESIDE]) if word not in _SAY_NOTHING), None)
        if telling is not None and len(words) > 1:
            yield side, *words[: max(telling + 1, 2)]


def _sort(fact: Fact) -> _Sort:
    """What another fact must have too, to be another value of what this one states."""
    return fact.kind, fact.meaning.startswith("law:")


def _firsts(facts: Iterable[Fact]) -> dict[_Sort, Fact]:
    """The first fact of each sort."""
    found: dict[_Sort, Fact] = {}
    for fact in facts:
        found.setdefault(_sort(fact), fact)
    return found
