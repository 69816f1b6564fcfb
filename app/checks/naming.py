"""Names in an output: parties are those of whom the evidence speaks, and the contract knows all. Pure."""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property

from app.checks.contract import Contract
from app.checks.judging import Judgement, Sentence
from app.checks.spans import Span
from app.checks.values.fact import Fact, Kind
from app.checks.values.parties import Party, mentions, parties_of, tokens

_WHOLE = 3_000  # characters of a contract that names everybody; of an excerpt nothing is expected
_MOST_TRIES = 500  # places of a word at which a name is looked for
_MOST_NAMED = 3  # parties that a message names
_LONGEST_WORD = 20
_ACTS = re.compile(r"\s(?:hereby|shall|may|will|must|can|cannot|agrees|is|has|warrants|represents)\b")
_DEALS = re.compile(r"\b(?:between|and|binds|by|from|obliges|to|with)\s$")
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

_MOST_AROUND = 4  # words on each side of a name that tell what its part is
_REACH = 60  # characters in which these stand
_SMALL_WORDS = """
a all an and any are as at be been both but by can cannot each either for from has have hereby if in
is it its may must nor not of on or other shall such that the their then there this to under upon
was were which will with would
"""
_SMALL = frozenset(_SMALL_WORDS.split())
_Roles = dict[str, set[tuple[str, ...]]]  # a party → the words before and after it that tell its part


class Names:
    """Who is named in a contract."""

    def __init__(self, contract: Contract) -> None:
        self._contract = contract
        self._in_quotes: dict[str, _Roles] = {}

    @cached_property
    def _known(self) -> list[Party]:
        return parties_of(self._contract.facts)

    @cached_property
    def _small(self) -> str:
        # The one letter that becomes two in small would move what stands behind it.
        return self._contract.text.replace("İ", "I").lower()

    def judge(self, sentence: Sentence) -> Iterator[Judgement]:
        """What the contract says to each party that a sentence names, and to every other name, each once."""
        named = [each for each in sentence.facts if each.kind is Kind.PARTY and "=" not in each.meaning]
        parties: dict[str, Fact] = {}
        strangers = list[Fact]()
        for fact in named:
            party = self._party_of(fact)
            if party:
                parties.setdefault(party.meaning, fact)
            else:
                strangers.append(fact)
        taken = [fact.span for fact in named]
        for party, span in mentions(sentence.words, self._known):
            fact = Fact(
                Kind.PARTY, party.meaning, sentence.span.start + span.start, sentence.span.start + span.end
            )
            if not _overlaps(fact.span, taken):
                taken.append(fact.span)
                parties.setdefault(party.meaning, fact)
        taken += [fact.span for fact in sentence.facts]
        if len(self._contract.text) >= _WHOLE:
            strangers += [name for name in _other_names(sentence) if not _overlaps(name.span, taken)]
        evidence = [self._parties_in(quote.quote) for quote in sentence.quotes]
        for meaning, fact in parties.items():
            yield self._party(meaning, fact, sentence, evidence, others=set(parties))
        for fact in strangers:
            yield self._stranger(fact, sentence)

    def _party(
        self, party: str, fact: Fact, sentence: Sentence, evidence: Sequence[_Roles], *, others: set[str]
    ) -> Judgement:
        """Whether the evidence speaks of a party: of it and not of one that the sentence leaves out.

        Where the words around it stand in the evidence too, it is the party that stands between them there.
        """
        said = _said(fact, sentence)
        at = sentence.span.start
        acts = _ACTS.match(sentence.words, fact.end - at) is not None
        named = {each for roles in evidence for each in roles}
        in_role = {
            each
            for around in _around(sentence.words, Span(fact.start - at, fact.end - at))
            for roles in evidence
            for each in roles
            if around in roles[each]
        }
        is_instead = party not in named and bool(named - others or (named and acts))
        if is_instead or (in_role and party not in in_role):
            theirs = " and ".join(sorted(f"“{each.title()}”" for each in in_role or named)[:_MOST_NAMED])
            message = f"The evidence of this sentence speaks of {theirs}, not of {said}."
            return Judgement(fact, sentence, False, message, sentence.quotes[0].document)
        place = next(each.place for each in self._known if each.meaning == party)
        return Judgement(fact, sentence, True, f"{said} is named {self._contract.where(place)}.", place)

    def _stranger(self, fact: Fact, sentence: Sentence) -> Judgement:
        """Whether the contract names somebody at all."""
        place = self.find(fact.meaning)
        if place:
            message = f"{_said(fact, sentence)} is named {self._contract.where(place)}."
        else:
            makers = [self._contract.quote(each.place) for each in self._known if each.is_defined]
            named = " and ".join(makers[:_MOST_NAMED])
            instead = f"it is made by {named}" if named else "correct the name"
            message = f"The contract does not name {_said(fact, sentence)}: {instead}."
        return Judgement(fact, sentence, place is not None, message, place)

    def _party_of(self, named: Fact) -> Party | None:
        """Who is meant by a company's name, which may be shorter or longer than the contract has it."""
        words = named.meaning.split(" ")
        for party in self._known:
            theirs = party.meaning.split(" ")
            short = min(len(words), len(theirs))
            if tuple(words) in party.names or words[:short] == theirs[:short]:
                return party
        return None

    def _parties_in(self, quote: str) -> _Roles:
        """Which parties the words of a piece of evidence name, each with the words that stand around it."""
        if quote not in self._in_quotes:
            roles: _Roles = {}
            for party, span in mentions(quote, self._known):
                roles.setdefault(party.meaning, set()).update(_around(quote, span))
            self._in_quotes[quote] = roles
        return self._in_quotes[quote]

    def find(self, name: str) -> Span | None:
        """Where words, in small letters, stand one after another in the contract, whatever is between."""
        words = name.split(" ")
        longest = max(words, key=len)
        pattern = re.compile(r"[\W_]{1,6}".join(rf"(?<!\w){re.escape(word)}(?!\w)" for word in words))
        at = self._small.find(longest)
        for _ in range(_MOST_TRIES):
            if at < 0:
                break
            # The others stand within reach of the longest word, which is found at once.
            reach = len(name) + 6 * len(words)
            if found := pattern.search(self._small, max(0, at - reach), at + len(longest) + reach):
                return Span(found.start(), found.end())
            at = self._small.find(longest, at + len(longest))
        return None


def _said(fact: Fact, sentence: Sentence) -> str:
    return f"“{sentence.words[fact.start - sentence.span.start : fact.end - sentence.span.start]}”"


def _around(words: str, name: Span) -> list[tuple[str, ...]]:
    """The words right before a name, and those right after it, each up to the first that says something."""
    before = tokens(words[max(0, name.start - _REACH) : name.start])[::-1]
    after = tokens(words[name.end : name.end + _REACH])
    found = []
    for side, neighbours in (("<", before[:_MOST_AROUND]), (">", after[:_MOST_AROUND])):
        telling = next((at for at, word in enumerate(neighbours) if word not in _SMALL), None)
        if telling:
            found.append((side, *neighbours[: telling + 1]))
    return found


def _overlaps(span: Span, others: Iterable[Span]) -> bool:
    return any(other.start < span.end and span.start < other.end for other in others)


def _other_names(sentence: Sentence) -> Iterator[Fact]:
    """Words with capitals that no sentence asks for, where a party's name would stand."""
    for found in _CAPITALS.finditer(sentence.words):
        for word in re.finditer(r"\S+", found[0]):
            start, end = found.start() + word.start(), found.start() + word.end()
            is_name = start > 0 and word[0].lower() not in _COMMON and not word[0].isupper()
            if is_name and _is_somebody(sentence.words, start, end):
                at = sentence.span.start
                yield Fact(Kind.PARTY, " ".join(tokens(word[0])), at + start, at + end)


def _is_somebody(words: str, start: int, end: int) -> bool:
    """Whether a name stands where a party's does: who acts, who has something, with whom it is agreed."""
    acts = _ACTS.match(words, end) or words[end - 2 : end] in ("’s", "'s")
    return bool(acts or _DEALS.search(words, max(0, start - _LONGEST_WORD), start))
