"""Polarity: the contract says the opposite of a sentence, or the sentence drops its exception."""

from collections.abc import Iterator, Sequence
from functools import cache
from itertools import chain

from app.checks.bounds import numbers
from app.checks.carve_outs import left_out
from app.checks.exceptions import CLOSED, CONDITION, EXCEPTION, ONLY, OPEN, SOME
from app.checks.findings import Finding, Subject
from app.checks.modals import Act, Mode, acts
from app.checks.passages import LONGEST, Passage, nearest
from app.checks.sentences import opening, sentences
from app.checks.spans import Span
from app.checks.squeezed import Squeezed
from app.checks.words import said, stem

# Where no evidence is marked: how much of a sentence's words a passage has that stands for it; and its words.
LIKENESS, LEAST_WORDS = 0.7, 4

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
_BEFORE = 800  # characters before an open list in which it is said what is listed

# What a message says, where in the sentence, the value, where in the contract.
Contrary = tuple[str, Span, str, Span]


def check_polarity(subject: Subject) -> Iterator[Finding]:
    """One warning for each bound and modal that the evidence turns round, and for a lost exception."""
    passage = cache(lambda span: Passage(subject.contract.text, span))
    likely = [passage(span) for clause in subject.project_clauses for span in clause.passages]
    spans = sentences(subject.output)
    for at, sentence in enumerate(spans):
        squeezed = Squeezed(subject.output, sentence)
        words = squeezed.text[:LONGEST]
        cited = [each.document for each in subject.cited_for(sentence) if subject.stands(each)]
        shown = list(map(passage, cited)) or _likely(words, likely)
        found = dict[str, Contrary]()  # by value: what is said twice in a sentence is found once
        following = "".join(subject.output[span.start : span.end] for span in spans[at + 1 : at + 2])
        for each in chain(_bounds(words, shown), _modals(words, shown), _lists(words, shown)):
            found.setdefault(each[2], each)
        if place := left_out(words, following, shown):
            says = "leaves out an exception that the contract makes"
            found["exception"] = says, Span(0, len(words)), "exception", place
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
            (passage.bounds[number.value], passage) for passage in shown if number.value in passage.bounds
        ]
        if theirs and not any(number.bound in bounds for bounds, _ in theirs):
            bounds, passage = theirs[0]
            other = bounds[number.bound.opposite]
            says = _says(words, number.span, passage.text, other.span)
            yield says, number.span, f"{number.bound} {number.value}", passage.at(other.span)


def _modals(words: str, shown: Sequence[Passage]) -> Iterator[Contrary]:
    """Verbs that are allowed here and demanded or forbidden there, of the same people if they are named."""
    for act in dict.fromkeys(acts(words)):
        theirs = nearest(act, shown)
        if theirs and all(_is_opposed(act, each) for each, _ in theirs):
            other, passage = theirs[0]
            says = _says(words, act.span, passage.text, other.span)
            yield says, act.span, f"{act.mode} {act.verb or act.following[0]}", passage.at(other.span)


def _is_opposed(ours: Act, theirs: Act) -> bool:
    modes = {ours.mode, theirs.mode}
    if theirs.mode not in _OPPOSED[ours.mode]:
        return False
    if modes == {Mode.MAY, Mode.MUST}:
        is_only = ONLY.search(ours.near) and ONLY.search(theirs.near)
        is_some = SOME.search(ours.near) and not SOME.search(theirs.near)
        is_state = ours.verb in _STATE_STEMS and not (ours.is_followed and ours.following == theirs.following)
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
            before = passage.text[max(0, opened.start() - _BEFORE) : opened.start()]
            if closed and _stems(words[: closed.start()]) <= _stems(before):
                ours, theirs = (Span(found.start(), found.end()) for found in (closed, opened))
                yield _says(words, ours, passage.text, theirs), ours, closed[0].lower(), passage.at(theirs)
                return


def _says(words: str, ours: Span, text: str, theirs: Span) -> str:
    return (
        f"says “{words[ours.start : ours.end]}”, where the contract says “{text[theirs.start : theirs.end]}”"
    )
