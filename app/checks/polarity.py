"""Polarity: the contract says the opposite of a sentence, or the sentence drops its exception."""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property

from app.checks.bounds import Number, numbers
from app.checks.findings import Finding, Subject
from app.checks.modals import Act, Mode, acts, stem
from app.checks.sentences import opening, sentences
from app.checks.spans import Span
from app.checks.squeezed import Squeezed
from app.checks.words import STOP_WORDS, WORD

LONGEST = 4_000  # characters of a passage that are compared: a longer one says the one thing and the other
LIKENESS = (
    0.7  # of a sentence's words that a passage has, which is taken for its evidence where none is marked
)
LEAST_WORDS = 4  # of such a sentence

_OPPOSED = {
    Mode.MAY: {Mode.MUST, Mode.MUST_NOT},
    Mode.MUST: {Mode.MAY, Mode.MUST_NOT, Mode.NEED_NOT},
    Mode.MUST_NOT: {Mode.MAY, Mode.MUST},
    Mode.NEED_NOT: {Mode.MUST},
}
# Whether they "may" or "shall" is no question of right or duty.
_STATES = frozenset(
    stem(verb)
    for verb in (
        "apply arise become belong come constitute contain cover differ exceed exist expire include inure "
        "involve know last lie mean need occur prevail remain result seem survive understand want"
    ).split()
)
# "May not assign without consent" is "may assign with consent"; "shall not use for other purposes" is "shall use
# only for …".
_EXCEPTION = re.compile(
    r"\b(?:without(?! limit)|unless|except|other than|save|until|before|prior to|subject to|more than|beyond)\b",
    re.I,
)
_CONDITION = re.compile(
    r"\b(?:only|with (?:\w+ ){0,4}(?:consent|approval|permission|authori[sz]ation|notice)|if|provided|long as|some|certain|"
    r"extent|subject to|after|once|when|unless|limited)\b",
    re.I,
)
_EXCLUSIVE = re.compile(r"(?<!non-)(?<!non)\bexclusiv", re.I)
_UNLESS = re.compile(r"\b(?:except(?!ion)|unless|save (?:for|as|that|in))\b", re.I)
_ONLY = re.compile(r"\b(?:only|solely|sole|exclusively)\b", re.I)
_LIABILITY = re.compile(r"\b(?:liab\w+|damages|indemni\w+)\b", re.I)
_LIMIT = re.compile(
    r"\b(?:cap(?:s|ped)?|limit(?:s|ed|ation)?|exceed\w*|exclud\w+|exclusion|maximum|not (?:be )?(?:held )?liable|no liability|"
    r"neither|no party|in no event|waive[sd]?|disclaim\w*|up to|at most|more than|greater than)\b",
    re.I,
)
_CARVE_OUT = re.compile(
    r"\b(?:except(?:ing|ion of)?|other than|unless|save (?:for|as|that|in)|excluding|but not(?! limited)|apart from|"
    r"(?:do(?:es)?|shall|will) not (?:apply|limit|affect|exclude|cap)|subject to|nothing (?:in|herein|contained))\b",
    re.I,
)
_SAID = re.compile(
    _CARVE_OUT.pattern
    + r"|\b(?:exceptions?|except|but(?! not)|aside|though|only|outside|without(?! limit)|unlimited|"
    r"uncapped|exempt\w*|carve\w*|beyond|unaffected)\b|\bhowever,",
    re.I,
)
# The sentence behind a limit is about it.
_OF_THE_LIMIT = re.compile(r"\b(?:foregoing|limit\w*|exclusion|liab\w+|cap|this section|damages)\b", re.I)
_END = re.compile(r"[.;](?=\s)")
_AROUND = 800  # characters on both sides of a passage in which its sentence begins, and the next one ends

Contrary = tuple[
    str, Span, str, Span
]  # what a message says, where in the sentence, the value, where in the contract


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

    @cached_property
    def carve_out(self) -> Span | None:
        """Where its sentences, or the one behind them, take something out of a limit of liability."""
        start, end = self._compared.start, self._compared.end
        before = [found.end() for found in _END.finditer(self.contract, max(0, start - _AROUND), start)]
        first = before[-1] if before else start
        behind = self.contract[end : end + _AROUND]
        stops = [found.end() for found in _END.finditer(behind)]
        own = 0 if self.text.rstrip().endswith((".", ";")) else (stops[0] if stops else 0)
        following = next((stop for stop in stops if stop > own), own)
        for begin, finish, must_name in ((first, end + own, False), (end + own, end + following, True)):
            words = self.contract[begin:finish]
            found = _CARVE_OUT.search(words)
            if found and (not must_name or _OF_THE_LIMIT.search(words)):
                return Span(begin + found.start(), begin + found.end())
        return None

    def at(self, span: Span) -> Span:
        """A span of the passage as one of the contract."""
        return self._squeezed.place(span)


def check_polarity(subject: Subject) -> Iterator[Finding]:
    """One warning for each bound and each modal that the evidence has the other way round, and for each exception
    that a limit of liability has lost.
    """
    passage = cache(lambda span: Passage(subject.contract.text, span))
    likely = [passage(span) for clause in subject.project_clauses for span in clause.passages]
    for sentence in sentences(subject.output):
        squeezed = Squeezed(subject.output, sentence)
        words = squeezed.text
        shown = [passage(cited.document) for cited in subject.cited_for(sentence)] or _likely(words, likely)
        for find in (_bounds, _modals, _carve_outs) if shown else ():
            for says, span, value, document in find(words, shown):
                yield Finding(
                    "polarity",
                    f"{opening(words)} {says} {subject.contract.where(document)}: correct it, or mark other evidence.",
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
    return frozenset(stem(word) for word in map(str.lower, WORD.findall(words)) if word not in STOP_WORDS)


def _bounds(words: str, shown: Sequence[Passage]) -> Iterator[Contrary]:
    """Numbers that are a least here and a most there."""
    for number in numbers(words):
        if number.bound is None:
            continue
        theirs = [
            (each, passage) for passage in shown for each in passage.numbers if each.value == number.value
        ]
        if theirs and all(each.bound is number.bound.opposite for each, _ in theirs):
            other, passage = theirs[0]
            says = _says(words, number.span, passage.text, other.span)
            yield says, number.span, f"{number.bound} {number.value}", passage.at(other.span)


def _modals(words: str, shown: Sequence[Passage]) -> Iterator[Contrary]:
    """Verbs that are allowed here and demanded or forbidden there."""
    for act in acts(words):
        theirs = [(each, passage) for passage in shown for each in passage.acts if each.verb == act.verb]
        same = [(each, passage) for each, passage in theirs if _stems(each.subject) & _stems(act.subject)]
        if theirs and all(_is_opposed(act, each) for each, _ in same or theirs):
            other, passage = (same or theirs)[0]
            says = _says(words, act.span, passage.text, other.span)
            yield says, act.span, f"{act.mode} {act.verb}", passage.at(other.span)


def _is_opposed(ours: Act, theirs: Act) -> bool:
    modes = {ours.mode, theirs.mode}
    if theirs.mode not in _OPPOSED[ours.mode]:
        return False
    if modes == {Mode.MAY, Mode.MUST}:
        return ours.verb not in _STATES
    if Mode.MUST_NOT in modes:
        allowed, forbidden = (theirs, ours) if ours.mode is Mode.MUST_NOT else (ours, theirs)
        if _ONLY.search(allowed.clause) and not _ONLY.search(forbidden.clause):
            return False
        exceptions = set(map(str.lower, _EXCEPTION.findall(forbidden.clause)))
        exceptions -= set(map(str.lower, _EXCEPTION.findall(allowed.clause)))
        return not (exceptions and _CONDITION.search(allowed.clause))
    return True


def _carve_outs(words: str, shown: Sequence[Passage]) -> Iterator[Contrary]:
    """A limit of liability, or a ban, without the exception that the contract makes to it."""
    if _SAID.search(words):
        return
    is_limit = _LIABILITY.search(words) and _LIMIT.search(words)
    is_exclusive = _EXCLUSIVE.search(words) is not None
    banned = {act.verb for act in acts(words) if act.mode is Mode.MUST_NOT}
    for passage in shown:
        place = _exception_to(banned, passage)
        if (is_limit and _LIABILITY.search(passage.text)) or (
            is_exclusive and _EXCLUSIVE.search(passage.text)
        ):
            place = place or passage.carve_out
        if place:
            yield "leaves out an exception that the contract makes", Span(0, len(words)), "exception", place
            return


def _exception_to(banned: Collection[str], passage: Passage) -> Span | None:
    """Where the contract forbids one of these verbs, and says unless when."""
    for act in passage.acts:
        if act.mode is Mode.MUST_NOT and act.verb in banned:
            found = _UNLESS.search(passage.text, act.clause_start, act.clause_start + len(act.clause))
            if found:
                return passage.at(Span(found.start(), found.end()))
    return None


def _says(words: str, ours: Span, text: str, theirs: Span) -> str:
    return (
        f"says “{words[ours.start : ours.end]}”, where the contract says “{text[theirs.start : theirs.end]}”"
    )
