"""What part a name plays among the words around it: who acts, for whom, and whose something is. Pure."""

import re
from collections.abc import Iterator, Sequence, Set

from app.checks.spans import Span
from app.checks.values.parties import tokens
from app.checks.words import stem

Role = tuple[str, ...]
EXACT, MEANT = "exact", "meant"  # told by the words themselves, or by what they come to

_MOST_AROUND = 4  # words on each side of a name that tell its role
_REACH = 60  # characters in which these stand
_SMALL_WORDS = """
a all an and any are as at be been both but by can cannot each either for from has have hereby if in
is it its may must nor not of on or other shall such that the their then there this to under upon
was were which will with would
"""
_SMALL = frozenset(_SMALL_WORDS.split())
# What stands between who acts and the verb, whichever modal is used.
_LEADS_WORDS = """
a agree agrees agreed all also allowed an any are be been being can cannot could did do does duty each
either entitled hereby is has have may must no not obligation obligated obliged only own permitted
promptly required right shall should solely the then to undertakes was were will would
"""
_LEADS = frozenset(_LEADS_WORDS.split())
_BE = frozenset(("are", "be", "been", "being", "is", "was", "were"))
_LINKS_WORDS = "against between by for from of on through to under upon with"
_LINKS = frozenset(_LINKS_WORDS.split())
_ARTICLES = frozenset(("a", "an", "any", "each", "its", "said", "such", "the", "their"))
_STOP = re.compile(r"[,;:.()“”\"](?=\s|$)|[()“”\"]")
_POSSESSIVE = re.compile(r"['’]s?(?=\s)")
_BESIDE = re.compile(r"\s*(?:,|,?\s*(?:and|or|and/or|&)\s)\s*(?:the\s+)?", re.IGNORECASE)


def roles_of(words: str, names: Sequence[Span]) -> Sequence[Set[Role]]:
    """The roles of each name, as the words tell them exactly, and as they are meant.

    Names beside each other, "Supplier and Distributor", have their roles together.
    """
    found = list[Set[Role]]()
    first = 0
    for at, name in enumerate(names, start=1):
        if at == len(names) or not _BESIDE.fullmatch(words, name.end, names[at].start):
            together = Span(names[first].start, name.end)
            roles = {*_exact(words, together), *_meant(words, together)}
            found += [roles] * (at - first)
            first = at
    return found


def _exact(words: str, name: Span) -> Iterator[Role]:
    """The words right before a name, and those right after it, each up to the first that says something."""
    before = tokens(words[max(0, name.start - _REACH) : name.start])[::-1]
    after = tokens(words[name.end : name.end + _REACH])
    for side, neighbours in (("<", before[:_MOST_AROUND]), (">", after[:_MOST_AROUND])):
        telling = next((at for at, word in enumerate(neighbours) if word not in _SMALL), None)
        if telling:
            yield EXACT, side, *neighbours[: telling + 1]


def _meant(words: str, name: Span) -> Iterator[Role]:
    """Who does what: "notifies X", "by X" with what is done, "X shall not assign", "X's fees"."""
    before = tokens(_STOP.split(words[max(0, name.start - _REACH) : name.start])[-1])[::-1]
    link = before.pop(0) if before and before[0] in _LINKS else ""
    telling = next((word for word in before if word not in _ARTICLES), "")
    if telling and telling not in _SMALL:
        yield MEANT, "<", link, stem(telling)
    rest = words[name.end : name.end + _REACH]
    if possessive := _POSSESSIVE.match(rest):
        rest = rest[possessive.end() :]
    after = tokens(_STOP.split(rest, maxsplit=1)[0])
    led = next((at for at, word in enumerate(after) if word not in _LEADS), None)
    if led is not None and after[led] not in _SMALL:
        passive = "be" if led and after[led - 1] in _BE else ""
        yield MEANT, ">", "'s" if possessive else passive, stem(after[led])
