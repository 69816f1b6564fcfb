"""Modals: what a text permits, demands, forbids or leaves undone, and by which verb: "may assign". Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from app.checks.spans import Span
from app.checks.words import STOP_WORDS


class Mode(StrEnum):
    """How a verb is meant."""

    MAY = "may"
    MUST = "must"
    MUST_NOT = "may not"
    NEED_NOT = "need not"


@dataclass(frozen=True, slots=True)
class Act:
    """A verb, by its stem, with its mode.

    The span is that of the modal; `subject` are the words before it, `clause` all words between two stops.
    """

    mode: Mode
    verb: str
    span: Span
    subject: str
    clause: str
    clause_start: int


_ABLE = r"(?:also )?(?:entitled|permitted|allowed|authori[sz]ed|free)"
_BOUND = r"(?:also )?(?:required|obliged|obligated|bound)"
_DUTY = r"(?:obligation|duty)"
_RIGHT = r"(?:[a-z]+ ){0,4}(?:right|option|discretion)(?:, [a-z ]{1,60},)?"
_PROMISES = r"(?:agrees?|undertakes?|covenants?|promises?)"
_BE = r"(?:is|are|be|was|were)"
_HAVE = r"(?:has|have|having|reserves?|retains?)"
# The longer before the shorter: "shall not be required to" and "shall have the right to" are no "shall".
_MODAL = re.compile(
    r"\b(?:"
    rf"(?P<NEED_NOT>(?:shall|will|do(?:es)?|is|are|need) not (?:be )?(?:{_BOUND}|have (?:any |an |a )?{_DUTY}) to"
    rf"|(?:{_BE} under|{_HAVE}) no {_DUTY} to|(?:do(?:es)?) not (?:need|have) to|need not)"
    rf"|(?P<MUST_NOT>(?:may|shall|must|will|can|should) ?not (?:be {_ABLE} to|have {_RIGHT} to)|(?:is|are|be) not {_ABLE} to"
    rf"|{_BE} (?:prohibited|barred|precluded|restricted|forbidden) from|{_HAVE} no {_RIGHT} to|{_PROMISES} not to"
    r"|(?:may|shall|must|will|can|should) ?not(?! only)|(?:can|won|mustn|shan)[’']t|(?:is|are) not to|refrains? from)"
    rf"|(?P<MAY>{_BE} {_ABLE} to|{_HAVE} {_RIGHT} to|may|can)"
    rf"|(?P<MUST>{_BE} {_BOUND} to|{_HAVE} (?:an? |the )?{_DUTY} to|(?:has|have) to|{_PROMISES} to|shall|must|will)"
    r")\b",
    re.IGNORECASE,
)
_LONGER = re.compile(  # a modal that only leads in another one: "shall have the right to"
    rf"\s(?:also |at all times )?(?:{_BE} {_ABLE} to|{_HAVE} {_RIGHT} to|{_BE} {_BOUND} to|{_HAVE} (?:an? |the )?{_DUTY} to"
    rf"|{_BE} (?:prohibited|barred|precluded|restricted|forbidden) from|(?:{_BE} under|{_HAVE}) no {_DUTY} to|{_HAVE} no {_RIGHT} to"
    rf"|refrain from|not (?:be|have)\b)",
    re.IGNORECASE,
)
_NOBODY = re.compile(
    r"(?:(?:^|[.;:,(])\s*|\b(?:and|but|that|or)\s+)(?:neither|no|none|nor)\s+(?!later|more|less|fewer|earlier)[^.;:]{0,90}$"
    r"|\b(?:in no (?:event|case)|under no circumstances?|at no time)\b[^.;:]{0,90}$",
    re.IGNORECASE,
)
_NOTHING = re.compile(r"\bnothing\b", re.IGNORECASE)  # "in this agreement requires that … shall"
_INVERTED = re.compile(r"\b(?:nor|in no event|under no circumstances?|neither|at no time)\s$", re.IGNORECASE)
_BETWEEN = re.compile(  # a modal and its verb
    r"\s*(?:,[^,.;]{1,120},|\([a-z0-9]{1,4}\)|"
    r"\b(?:(?P<not>not|never|in no event|under no circumstances?)|be|been|also|then|only|further|thereafter|hereby|always|each|both|first|otherwise|"
    r"at (?:any|all) times?|from time to time|[ai][tn] its (?:own |sole |absolute )*(?:discretion|option|expense|cost|election)|"
    r"(?:elect|choose) to|\w{2,20}ly(?: (?:or|and) \w{2,20}ly)?)\b)",
    re.IGNORECASE,
)
_VERB = re.compile(r"[\s,]*([a-z]{2,30})", re.IGNORECASE)
_NEXT = re.compile(
    r"(?:,? ?/ ?|,? (?:or|and|nor|and/or) |, )(?:otherwise |in any way |\w{2,20}ly )?([a-z]{3,30})",
    re.IGNORECASE,
)
_STOP = re.compile(r"[.;:](?=\s|$)")
_EMPTY = frozenset(("party", "parties")) | STOP_WORDS
_SUBJECT = 40  # characters before a modal that say whose it is
_ROOTS = ("ing", "ied", "ies", "ed", "es", "e", "s", "y")


def acts(text: str) -> Iterator[Act]:
    """Every verb with a modal in a text that has single spaces, in order; several for "shall not sell, assign or transfer"."""
    stops = [0, *(stop.end() for stop in _STOP.finditer(text)), len(text)]
    at = 0
    for found in _MODAL.finditer(text):
        if _LONGER.match(text, found.end()) or _is_month(text, found):
            continue
        while stops[at + 1] < found.end():
            at += 1
        before = text[max(stops[at], found.start() - 120) : found.start()]
        if _NOTHING.search(before):
            continue
        mode = Mode[str(found.lastgroup)]
        if mode in {Mode.MAY, Mode.MUST} and _NOBODY.search(before):
            mode = Mode.MUST_NOT
        is_inverted = _INVERTED.search(before) is not None
        is_not, verbs = _verbs(text, found.end(), stops[at + 1], is_inverted=is_inverted)
        if is_not and mode in {Mode.MAY, Mode.MUST}:
            mode = Mode.MUST_NOT
        clause = text[stops[at] : stops[at + 1]]
        for verb in verbs:
            yield Act(mode, verb, Span(found.start(), found.end()), before[-_SUBJECT:], clause, stops[at])


def _is_month(text: str, found: re.Match[str]) -> bool:
    return found[0] == "May" and text[found.end() : found.end() + 2].strip()[:1].isdigit()


def _verbs(text: str, at: int, end: int, *, is_inverted: bool) -> tuple[bool, list[str]]:
    """Whether a "not" stands before the verb, and the stems of the verbs."""
    is_not = False
    end = min(end, at + 300)
    while between := _BETWEEN.match(text, at, end):
        is_not = is_not or between["not"] is not None
        at = between.end()
    if is_inverted:  # "nor shall either party assign": the verb is one of the next words
        words = re.findall(r"[A-Za-z]{2,30}", text[at : min(end, at + 60)])[:6]
        return is_not, [stem(word) for word in words if word.lower() not in _EMPTY]
    verbs = []
    found = _VERB.match(text, at, end)
    while found and found[1].lower() not in STOP_WORDS:
        if found[1].lower() not in _EMPTY:
            verbs.append(stem(found[1]))
        found = _NEXT.match(text, found.end(), end)
    return is_not, verbs


def stem(word: str) -> str:
    """What the forms of a verb have in common: "assign" of assigned, "carr" of carries and carry."""
    word = word.lower()
    for ending in _ROOTS:
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            word = word[: -len(ending)]
            break
    return word[:-1] if len(word) > 3 and word[-1] == word[-2] else word
