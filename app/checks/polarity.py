"""Polarity: the contract says the opposite of a sentence, or the sentence drops its exception."""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import chain, pairwise

from app.checks.bounds import Number, numbers
from app.checks.exceptions import (
    AGREED,
    CARVE_OUT,
    CLOSED,
    CONDITION,
    EXCEPTION,
    EXCLUSIVE,
    IS_SAID,
    IS_UNDERSTOOD,
    LIABILITY,
    LIMIT,
    OF_THE_LIMIT,
    ONLY,
    OPEN,
    PROVIDED,
    SOME,
    TAKES_OUT,
    UNLESS,
    WITHOUT,
)
from app.checks.findings import Finding, Subject
from app.checks.modals import Act, Mode, acts
from app.checks.sentences import opening, sentences
from app.checks.spans import Span
from app.checks.squeezed import Squeezed
from app.checks.words import FOLLOWING, said, stem

LONGEST = 4_000  # characters of a passage that are compared: a longer one says the one thing and the other
# Where no evidence is marked: how much of a sentence's words a passage has that stands for it; and its words.
LIKENESS, LEAST_WORDS = 0.7, 4
LEAST_COMMON = 2  # words that a verb and its like have in common, itself among them
NEAR = 0.7  # how much of the words that the likest has in common with ours another verb has that counts too

_OPPOSED = {
    Mode.MAY: {Mode.MUST, Mode.MUST_NOT},
    Mode.MUST: {Mode.MAY, Mode.MUST_NOT, Mode.NEED_NOT},
    Mode.MUST_NOT: {Mode.MAY, Mode.MUST},
    Mode.NEED_NOT: {Mode.MUST},
}
# Whether they "may" or "shall" is no question of right or duty.
_STATES = """
apply arise become belong come constitute contain cover differ exceed exist expire include inure involve
know last lie mean need occur prevail remain result seem survive understand want
"""
_STATE_STEMS = frozenset(map(stem, _STATES.split()))
_END = re.compile(r"[.;](?=\s)")
_AROUND = 800  # characters on both sides of a passage in which its sentence begins, and the next one ends

# What a message says, where in the sentence, the value, where in the contract.
Contrary = tuple[str, Span, str, Span]


@dataclass(frozen=True)
class Passage:
    """Words of the contract with which a sentence is compared."""

    contract: str
    span: Span

    @cached_property
    def _squeezed(self) -> Squeezed:
        return Squeezed(self.contract, self._compared)

    @cached_property
    def _compared(self) -> Span:
        return Span(self.span.start, min(self.span.end, self.span.start + LONGEST))

    @property
    def text(self) -> str:
        """The words, with single spaces."""
        return self._squeezed.text

    @cached_property
    def numbers(self) -> list[Number]:
        """Its numbers and what they bound."""
        return list(numbers(self.text))

    @cached_property
    def acts(self) -> list[Act]:
        """Its verbs with modals."""
        return list(acts(self.text))

    @cached_property
    def stems(self) -> frozenset[str]:
        """Its words, without those that say nothing."""
        return _stems(self.text)

    def carve_out(self, about: re.Pattern[str], taken_out: re.Pattern[str]) -> Span | None:
        """Where one of its sentences about this, or the one behind them, takes something out."""
        start, end = self._compared.start, self._compared.end
        before = [stop.end() for stop in _END.finditer(self.contract, max(0, start - _AROUND), start)]
        last = min(end + _AROUND, len(self.contract))
        behind = [*(stop.end() for stop in _END.finditer(self.contract, end - 1, last)), last]
        within = [stop.end() for stop in _END.finditer(self.contract, start, end)]
        for begin, finish in pairwise([*(before[-1:] or [start]), *within, *behind[:2]]):
            found = taken_out.search(self.contract, begin, finish)
            if found and about.search(self.contract, begin, finish):
                return Span(found.start(), found.end())
        return None

    def at(self, span: Span) -> Span:
        """A span of the passage as one of the contract."""
        return self._squeezed.place(span)


def check_polarity(subject: Subject) -> Iterator[Finding]:
    """One warning for each bound and modal that the evidence turns round, and for a lost exception."""
    passage = cache(lambda span: Passage(subject.contract.text, span))
    likely = [passage(span) for clause in subject.project_clauses for span in clause.passages]
    spans = sentences(subject.output)
    for at, sentence in enumerate(spans):
        squeezed = Squeezed(subject.output, sentence)
        words = squeezed.text
        cited = [each.document for each in subject.cited_for(sentence) if subject.stands(each)]
        shown = list(map(passage, cited)) or _likely(words, likely)
        found = dict[str, Contrary]()  # by value: what is said twice in a sentence is found once
        following = "".join(subject.output[span.start : span.end] for span in spans[at + 1 : at + 2])
        carve_outs = _carve_outs(words, following, shown)
        for each in chain(_bounds(words, shown), _modals(words, shown), _lists(words, shown), carve_outs):
            found.setdefault(each[2], each)
        for says, span, value, document in found.values():
            yield Finding(
                "polarity",
                f"{opening(words)} {says} {subject.contract.where(document)}: "
                "correct it, or mark other evidence.",
                value=value,
                sentence=subject.output[sentence.start : sentence.end],
                output=squeezed.place(span),
                document=document,
            )


def _likely(words: str, passages: Sequence[Passage]) -> list[Passage]:
    """The passage that has most of a sentence's words, where it has nearly all."""
    stems = _stems(words)
    if len(stems) < LEAST_WORDS or not passages:
        return []
    best = max(passages, key=lambda passage: len(stems & passage.stems))
    return [best] if len(stems & best.stems) >= LIKENESS * len(stems) else []


def _stems(words: str) -> frozenset[str]:
    return frozenset(said(words))


def _bounds(words: str, shown: Sequence[Passage]) -> Iterator[Contrary]:
    """Numbers that are a least here and a most there."""
    for number in numbers(words):
        if number.bound is None:
            continue
        theirs = [
            (each, passage)
            for passage in shown
            for each in passage.numbers
            if each.value == number.value and each.bound
        ]
        if theirs and all(each.bound is number.bound.opposite for each, _ in theirs):
            other, passage = theirs[0]
            says = _says(words, number.span, passage.text, other.span)
            yield says, number.span, f"{number.bound} {number.value}", passage.at(other.span)


def _modals(words: str, shown: Sequence[Passage]) -> Iterator[Contrary]:
    """Verbs that are allowed here and demanded or forbidden there, of the same people if they are named."""
    for act in acts(words):
        nearest = _nearest(act, shown)
        if nearest and all(_is_opposed(act, each) for each, _ in nearest):
            other, passage = nearest[0]
            says = _says(words, act.span, passage.text, other.span)
            yield says, act.span, f"{act.mode} {act.verb or act.following[0]}", passage.at(other.span)


def _nearest(act: Act, shown: Sequence[Passage]) -> list[tuple[Act, Passage]]:
    """The same verb in the passages, where most of the words around it are the same."""
    words = act.words
    theirs = [
        (each, passage, len(words & each.words))
        for passage in shown
        for each in passage.acts
        if _is_same(act, each)
    ]
    most = max((common for _, _, common in theirs), default=0)
    return [(each, passage) for each, passage, common in theirs if common >= max(NEAR * most, LEAST_COMMON)]


def _is_same(ours: Act, theirs: Act) -> bool:
    return bool(ours.verb and ours.verb == theirs.verb) or _is_word_for_word(ours, theirs)


def _is_word_for_word(ours: Act, theirs: Act) -> bool:
    return len(ours.following) == FOLLOWING and ours.following == theirs.following


def _is_opposed(ours: Act, theirs: Act) -> bool:
    modes = {ours.mode, theirs.mode}
    if theirs.mode not in _OPPOSED[ours.mode]:
        return False
    if modes == {Mode.MAY, Mode.MUST}:
        is_only = ONLY.search(ours.near) and ONLY.search(theirs.near)
        is_some = SOME.search(ours.near) and not SOME.search(theirs.near)
        is_state = ours.verb in _STATE_STEMS and not _is_word_for_word(ours, theirs)
        return not (is_state or is_some or is_only)
    if Mode.MUST_NOT in modes:
        allowed, forbidden = (theirs, ours) if ours.mode is Mode.MUST_NOT else (ours, theirs)
        if ONLY.search(allowed.clause) and not ONLY.search(forbidden.clause):
            return False
        exceptions = set(map(str.lower, EXCEPTION.findall(forbidden.clause)))
        exceptions -= set(map(str.lower, EXCEPTION.findall(allowed.clause)))
        return not (exceptions and CONDITION.search(allowed.clause))
    return True


def _lists(words: str, shown: Sequence[Passage]) -> Iterator[Contrary]:
    """A list that is closed here and open there."""
    closed = CLOSED.search(words)
    for passage in shown if closed else ():
        for opened in OPEN.finditer(passage.text):
            before = passage.text[max(0, opened.start() - _AROUND) : opened.start()]
            if closed and _stems(words[: closed.start()]) <= _stems(before):
                ours, theirs = (Span(found.start(), found.end()) for found in (closed, opened))
                yield _says(words, ours, passage.text, theirs), ours, closed[0].lower(), passage.at(theirs)
                return


def _carve_outs(words: str, following: str, shown: Sequence[Passage]) -> Iterator[Contrary]:
    """A limit of liability, a ban or an exclusivity without the exception that the contract makes to it.

    The sentence that follows may be the one that makes it.
    """
    if IS_SAID.search(words) or (OF_THE_LIMIT.search(following) and IS_SAID.search(following)):
        return
    is_limit = LIABILITY.search(words) and LIMIT.search(words) and not WITHOUT.search(words)
    is_exclusive = EXCLUSIVE.search(words)
    places = list(_exceptions_to_bans(words, shown))
    for passage in shown:
        if is_limit and LIABILITY.search(passage.text):
            places.append(passage.carve_out(OF_THE_LIMIT, CARVE_OUT))
        if is_exclusive and EXCLUSIVE.search(passage.text):
            places.append(passage.carve_out(EXCLUSIVE, UNLESS))
    for place in filter(None, places):
        yield "leaves out an exception that the contract makes", Span(0, len(words)), "exception", place
        return


def _exceptions_to_bans(words: str, shown: Sequence[Passage]) -> Iterator[Span]:
    """Where the contract forbids the same, and says unless when."""
    for act in acts(words):
        nearest = _nearest(act, shown) if act.mode is Mode.MUST_NOT else []
        exceptions = [(passage, _exception_of(each, passage, words)) for each, passage in nearest]
        if all(found for _, found in exceptions):
            yield from (passage.at(found) for passage, found in exceptions if found)


def _exception_of(ban: Act, passage: Passage, words: str) -> Span | None:
    """What the contract takes out of a ban, unless it is the consent that the sentence asks for too."""
    if ban.mode is not Mode.MUST_NOT:
        return None
    text, end = passage.text, ban.clause_start + len(ban.clause)
    exceptions = chain(TAKES_OUT.finditer(text, ban.clause_start, end), PROVIDED.finditer(text, ban.span.end, end))
    for found in exceptions:
        is_of_consent = AGREED.search(text, found.end(), min(end, found.end() + 80)) and WITHOUT.search(words)
        is_other = WITHOUT.search(text, ban.clause_start, found.start())  # "not without consent, except …"
        if not IS_UNDERSTOOD.match(text, found.end()) and (is_other or not is_of_consent):
            return Span(found.start(), found.end())
    return None


def _says(words: str, ours: Span, text: str, theirs: Span) -> str:
    return (
        f"says “{words[ours.start : ours.end]}”, where the contract says “{text[theirs.start : theirs.end]}”"
    )
