"""Parties: names of companies, and the terms that a contract defines for them. Pure.

Meaning: the name's words in small letters without the form of the company, "kestrelle systems"; of a defined
term the term and the name that it stands for, "supplier=kestrelle systems", or "supplier=" where no company's
name stands before.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from app.checks.spans import Span
from app.checks.values.fact import Fact, Facts, Kind

_FORM = (
    r"(?:Inc(?:orporated)?|Corp(?:oration)?|Company|Co|L\.?L\.?C|Ltd|Limited|L\.?L\.?P|L\.?P|PLC|plc|GmbH|KG|AG|S\.?A\.?S?|S\.?r\.?l|S\.?p\.?A"
    r"|B\.?V|N\.?V|A/S|AB|Oy|Pty|Pte|Sdn|Bhd|K\.?K|N\.A|P\.?C|LLLP|Trust|Bank|Partners(?:hip)?|Holdings?|Group"
    r"|INC(?:ORPORATED)?|CORP(?:ORATION)?|COMPANY|CO|LTD|LIMITED|GMBH|PTY|PTE|TRUST|BANK|PARTNERS(?:HIP)?|HOLDINGS?|GROUP)"
)
_GAP = r"(?:[^\S\n]{1,3}|[^\S\n]{0,3}\n[^\S\n]{0,20})"
_SMALL = (
    "The|This|AND|ARE|AS|BE|BETWEEN|BY|FOR|FROM|IF|IN|IS|MAY|NOR|OF|ON|OR"
    "|SHALL|THAT|THE|THIS|TO|UPON|WILL|WITH"
)
_WORD = rf"(?!(?:{_SMALL})\b)(?:(?:[A-Z]\.){{1,4}}|[A-Z0-9][\w&'’/-]{{0,30}}(?:\.\w{{1,10}})?)"
_NAME = re.compile(
    rf"(?<![\w’'.-])(?=[A-Z0-9])(?P<name>{_WORD}(?:{_GAP}(?:(?:of|de|&|OF){_GAP})?(?!{_FORM}\b){_WORD}){{0,6}}?)"
    rf",?{_GAP}{_FORM}(?!\w)\.?(?:,?{_GAP}{_FORM}(?!\w)\.?){{0,2}}"
)
# `(the “Supplier”)`, `(hereinafter referred to as "Supplier" or the "Company")`
_QUOTED = r"[“\"](?P<{}>[A-Z][\w&'’ .,/-]{{0,40}}?),?[”\"]"
_OTHER = r"[^()\[\]“”\"]"
_DEFINED = re.compile(
    rf"[(\[]{_OTHER}{{0,80}}{_QUOTED.format('one')}(?:{_OTHER}{{0,20}}{_QUOTED.format('two')})?"
)
_NOT_NAMES_WORDS = """
a agreement all an and any as between by dear each either except for from if in including its neither no
nor notwithstanding of on or other per provided said subject such that the these this those to unless
upon when whereas whether with
"""
_NOT_NAMES = frozenset(_NOT_NAMES_WORDS.split())
# Of whom a contract's defined terms are no names.
_NOT_PARTIES_WORDS = """
agreement commencement confidential contract date effective information parties party products
services term territory
"""
_NOT_PARTIES = frozenset(_NOT_PARTIES_WORDS.split())
_PREAMBLE = 8_000  # characters in which the parties are named
_BEFORE_TERM = 400  # characters before a defined term in which its party's name stands
_POSSESSIVE = re.compile(r"[’']s$")
_TOKEN = re.compile(r"[^\W_]+(?:[’'&.-][^\W_]+)*")


def find_parties(text: str) -> Iterator[Fact]:
    """Names of companies anywhere, and defined terms for them where the contract begins."""
    names = []
    for found in _NAME.finditer(text):
        fact = _without_beginning(text, found)
        if fact:
            names.append(fact)
    yield from names
    yield from _defined_terms(text, names)


def _defined_terms(text: str, names: Sequence[Fact]) -> Iterator[Fact]:
    """Of the first bracket behind each name; what later ones define is no party: "(the “Products”)"."""
    names = [name for name in names if name.start < _PREAMBLE]
    taken = set[Fact]()
    for found in _DEFINED.finditer(text, 0, _PREAMBLE):
        before = (
            name for name in reversed(names) if found.start() - _BEFORE_TERM < name.end <= found.start()
        )
        owner = next(before, None)
        if owner in taken:
            continue
        if owner:
            taken.add(owner)
        for group in ("one", "two"):
            words = tokens(found[group] or "")
            if words and not set(words) <= _NOT_PARTIES:
                start, end = found.span(group)
                yield Fact(Kind.PARTY, f"{' '.join(words)}={owner.meaning if owner else ''}", start, end)


def _without_beginning(text: str, found: re.Match[str]) -> Fact | None:
    """The name without words that merely stand before it: "AND", "This Agreement between"."""
    start = found.start()
    words = list(_TOKEN.finditer(text, found.start(), found.end("name")))
    while words and words[0][0].lower() in _NOT_NAMES:
        words.pop(0)
    if not words:
        return None
    start = words[0].start()
    return Fact(Kind.PARTY, " ".join(tokens(text[start : found.end("name")])), start, found.end())


def tokens(words: str) -> list[str]:
    """The words in small letters, without what stands between them."""
    return [token.lower().replace("’", "'").replace(".", "") for token in _TOKEN.findall(words)]


@dataclass(frozen=True, slots=True)
class Party:
    """Somebody in a contract: the words by which they are named, each as small letters."""

    meaning: str
    names: tuple[tuple[str, ...], ...]
    place: Span
    is_defined: bool  # by a term of the contract: one of those who make it


ByFirstWord = Mapping[str, Sequence[tuple[tuple[str, ...], Party]]]


def parties_of(facts: Facts) -> list[Party]:
    """Every company that the contract names; first those for which it defines a term."""
    terms: dict[str, list[str]] = {}
    places: dict[str, Span] = {}
    for fact in facts.of(Kind.PARTY):
        term, defines, owner = fact.meaning.partition("=")
        if defines and owner:
            terms.setdefault(owner, []).append(term)
        elif not defines:
            terms.setdefault(fact.meaning, [])
            places.setdefault(fact.meaning, fact.span)
    firsts = Counter(meaning.split(" ")[0] for meaning in terms)
    parties = []
    for meaning, own_terms in terms.items():
        words = meaning.split(" ")
        names = [tuple(words), *(tuple(term.split(" ")) for term in own_terms)]
        if len(words) > 1 and len(words[0]) > 3 and firsts[words[0]] == 1:
            names.append((words[0],))
        parties.append(Party(meaning, tuple(dict.fromkeys(names)), places[meaning], bool(own_terms)))
    return sorted(parties, key=lambda party: not party.is_defined)


def by_first_word(parties: Iterable[Party]) -> ByFirstWord:
    """All names of the parties by the first of their words."""
    found: dict[str, list[tuple[tuple[str, ...], Party]]] = {}
    for party in parties:
        for name in party.names:
            found.setdefault(name[0], []).append((name, party))
    return found


def mentions(text: str, by_first: ByFirstWord) -> Iterator[tuple[Party, Span]]:
    """Where the text names a party, with a capital at the least; the longest name that fits counts."""
    words = list(_TOKEN.finditer(text))
    plain = [tokens(_POSSESSIVE.sub("", word[0]))[0] for word in words]
    at = 0
    while at < len(words):
        fitting = [
            (name, party)
            for name, party in by_first.get(plain[at], ())
            if tuple(plain[at : at + len(name)]) == name and not words[at][0].islower()
        ]
        if fitting:
            name, party = max(fitting, key=lambda each: len(each[0]))
            last = words[at + len(name) - 1]
            yield party, Span(words[at].start(), last.start() + len(_POSSESSIVE.sub("", last[0])))
            at += len(name)
        else:
            at += 1
