"""Modals: what a text permits, demands, forbids or leaves undone, and by which verb: "may assign". Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from app.checks.spans import Span
from app.checks.words import FOLLOWING, STOP_WORDS, one_of, said, stem


class Mode(StrEnum):
    """How a verb is meant."""

    MAY = "may"
    MUST = "must"
    MUST_NOT = "may not"
    NEED_NOT = "need not"


Key = str | tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Act:
    """A verb, by its stem, with its mode.

    The span is that of the modal; `following` are the three words behind it that say something; `near` is the
    text around it, with all the `words` of it that say something; `clause` is all that stands between two
    stops. The verb is empty where none was read.
    """

    mode: Mode
    verb: str
    span: Span = field(compare=False)
    following: tuple[str, ...]
    near: str
    words: frozenset[str]
    clause: str
    clause_start: int = field(compare=False)

    @property
    def keys(self) -> list[Key]:
        """By what the same act is found: its verb, and the words that follow where they are enough."""
        return [key for key in (self.verb, self.following) if key and (key is self.verb or self.is_followed)]

    @property
    def is_followed(self) -> bool:
        """Whether enough words follow to tell that they are the same."""
        return len(self.following) == FOLLOWING


_BE, _HAVE = "(?:is|are|be|was|were)", "(?:has|have|having|reserves?|retains?)"
_PROMISE = "(?:agrees?|undertakes?|covenants?|promises?)"
_ABLE = "(?:also )?(?:entitled|permitted|allowed|authori[sz]ed|free) to"
_BOUND = "(?:also )?(?:required|obliged|obligated|bound) to"
_BARRED = "(?:prohibited|barred|precluded|restricted|forbidden) from"
_RIGHT = "(?:[a-z]+ ){0,4}(?:right|option|discretion)(?:, [a-z ]{1,60},)? to"
_GIVEN = "(?:have (?:[a-z-]+ ){0,4}(?:rights?|options?)|be (?:entitled|permitted|allowed))"
_DUTY = "(?:obligation|duty) to"
_NOT = "(?:may|shall|must|will|can|should) ?not"
_SOMEBODY = "(?:the |each |either |both |any )?(?!consent|approval|notice|permission)[^ .;]{1,30}"
# Those that "shall" and "will" only lead in: "shall have the right to".
_RELEASES = (f"{_BE} under no {_DUTY}", f"{_HAVE} no {_DUTY}")
_BANS = (f"{_BE} {_BARRED}", f"{_HAVE} no {_RIGHT}", "refrains? from")
_PERMITS = (f"{_BE} {_ABLE}", f"{_HAVE} {_RIGHT}")
_DEMANDS = (f"{_BE} {_BOUND}", f"{_HAVE} (?:an? |the )?{_DUTY}")
_MODALS = {
    Mode.NEED_NOT: (
        f"(?:shall|will|do(?:es)?|is|are|need) not (?:be )?(?:{_BOUND}|have (?:any |an |a )?{_DUTY})",
        *_RELEASES,
        "do(?:es)? not (?:need|have) to",
        f"do(?:es)? not (?:require|oblige|obligate) {_SOMEBODY} to",
        "need not",
    ),
    Mode.MUST_NOT: (
        f"{_NOT} (?:be {_ABLE}|have {_RIGHT})",
        f"(?:is|are|be) not {_ABLE}",
        *_BANS,
        f"do(?:es)? not (?:allow|permit|entitle) {_SOMEBODY} to",
        f"(?:prohibits|bars|forbids) {_SOMEBODY} from",
        f"{_PROMISE} not to",
        f"{_NOT}(?! only)",
        "(?:can|won|mustn|shan)[’']t",
        "(?<!or )(?<!as )(?<!order )(?<!elect )(?<!elects )not to(?! exceed)",
    ),
    Mode.MAY: (*_PERMITS, f"(?:allows|permits|entitles|authori[sz]es) {_SOMEBODY} to", "may", "can"),
    Mode.MUST: (
        *_DEMANDS,
        f"(?:requires|obliges|obligates) {_SOMEBODY} to",
        "(?:has|have) to",
        f"{_PROMISE} to",
        "shall",
        "must",
        "will",
    ),
}
# The longer stand before the shorter: "shall not be required to" is no "shall".
_MODAL = re.compile(
    rf"\b{one_of(*(f'(?P<{mode.name}>{one_of(*patterns)})' for mode, patterns in _MODALS.items()))}\b"
    r"|(?P<ITEM>\([a-z0-9]{1,4}\)(?=\s))",
    re.IGNORECASE,
)
# "Shall: (a) …; (b) …".
_LISTS = re.compile(r"\s*(?:,[^,.;]{1,120},\s*)?(?::|\([a-z0-9]{1,4}\)\s)", re.IGNORECASE)
_LED_IN = re.compile(
    r"\s(?:also |at all times )?"
    rf"{one_of(*_RELEASES, *_BANS, *_PERMITS, *_DEMANDS, 'not (?:be|have)', _GIVEN)}\b",
    re.IGNORECASE,
)
_NOBODY = re.compile(
    r"\b(?:neither|none|nor|nobody|in no (?:event|case)|under no circumstances?|at no time)\b[^.;:]{0,150}$"
    r"|(?:(?:^|[.;:,(])\s*|\b(?:and|but|that|or|except)\s+)no\s+"
    r"(?!later|more|less|fewer|earlier)(?:(?! that )[^.;:]){0,150}$"
    r"|(?<!at )(?<!with )(?<!for )(?<!is )(?<!are )(?<!has )(?<!have )\bno "
    r"(?!later|more|less|fewer|earlier|longer|charge|cost)(?:(?!that |which |who )\w{1,30} ){1,10}$",
    re.IGNORECASE,
)
_NOTHING = re.compile(r"\bnothing\b", re.IGNORECASE)  # "in this agreement requires that … shall"
_INVERTED = re.compile(r"\b(?:nor|in no event|under no circumstances?|neither|at no time)\s$", re.IGNORECASE)
_ADVERBS = (
    "be",
    "been",
    "have(?: (?:an?|any|the|no))?",
    "also",
    "then",
    "only",
    "further",
    "thereafter",
    "hereby",
    "always",
    "each",
    "both",
    "first",
    "otherwise",
    "at (?:any|all) times?",
    "from time to time",
    "(?:at|in) its (?:own |sole |absolute ){0,3}(?:discretion|option|expense|cost|election)",
    "(?:elect|choose) to",
    r"\w{2,20}ly(?: (?:or|and) \w{2,20}ly)?",
)
_BETWEEN = re.compile(  # a modal and its verb
    r"\s*(?:,[^,.;]{1,120},|\([a-z0-9]{1,4}\)"
    r"|(?:by|upon|on|in|at|for|with|without|during|within|after|before|until|to the extent)"
    r"\s[^,.;]{1,100}(?=,)"
    rf"|\b(?:(?P<not>not(?! only)|never|in no event|under no circumstances?)|{one_of(*_ADVERBS)})\b)",
    re.IGNORECASE,
)
_VERB = re.compile(r"[\s,]*([a-z]{2,30})", re.IGNORECASE)
_NEXT = re.compile(
    r"(?:,? ?/ ?|,? (?:or|and|nor|and/or) |, )(?:otherwise |in any way |\w{2,20}ly )?([a-z]{3,30})",
    re.IGNORECASE,
)
_STOP = re.compile(r"[.;:](?=\s|$)(?!\s(?:and |or )?(?:except|provided|unless|but)\b)", re.IGNORECASE)
_EMPTY = frozenset(("party", "parties")) | STOP_WORDS
_SUBJECT, _OBJECT = 40, 120  # characters before a modal that say whose it is, and behind it that say of what


def acts(text: str) -> Iterator[Act]:
    """Every verb with a modal in a text that has single spaces; several for "shall not sell or transfer"."""
    stops = [0, *(stop.end() for stop in _STOP.finditer(text)), len(text)]
    at, last, lead, clause = 0, 0, None, text[: stops[1]]
    for found in _MODAL.finditer(text):
        while stops[at + 1] < found.end():
            at += 1
            lead = lead if text[stops[at] - 1] != "." else None
            clause = text[stops[at] : stops[at + 1]]
        begin = max(stops[at], found.start() - 160)
        before = text[begin : found.start()]
        span = Span(found.start(), found.end())
        if found["ITEM"]:
            if lead is None:
                continue
            mode, before, span = lead
        elif _LED_IN.match(text, found.end()) or _is_month(text, found) or _NOTHING.search(before):
            continue
        else:
            mode = Mode[str(found.lastgroup)]
            nobody = _NOBODY.search(text[max(last, begin) : found.start()])
            if mode in {Mode.MAY, Mode.MUST} and nobody:
                mode = Mode.MUST_NOT
                span = Span(found.start() - len(nobody[0].lstrip(" .;:,(")), found.end())
            last = found.end()
            if _LISTS.match(text, found.end()):
                lead = mode, before, span
        is_inverted = _INVERTED.search(before) is not None
        is_not, verbs = _verbs(text, found.end(), stops[at + 1], is_inverted=is_inverted)
        if is_not and mode in {Mode.MAY, Mode.MUST}:
            mode = Mode.MUST_NOT
        behind = found.end() + _OBJECT
        following = tuple(said(text[found.end() : behind])[:FOLLOWING])
        near = before[-_SUBJECT:] + text[found.start() : min(behind, stops[at + 1])]
        for verb in verbs or [""]:
            yield Act(mode, verb, span, following, near, frozenset(said(near)), clause, stops[at])


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
