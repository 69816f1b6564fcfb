"""Names in an output: parties are those of whom the evidence speaks, and the contract knows all. Pure."""

import re
from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import replace
from functools import cached_property

from app.checks.contract import Contract
from app.checks.judging import Judgement, Sentence
from app.checks.roles import EXACT, MEANT, Role, roles_of
from app.checks.spans import Span
from app.checks.values.fact import Fact, Kind
from app.checks.values.parties import ByFirstWord, Party, by_first_word, mentions, parties_of, tokens

_WHOLE = 3_000  # characters of a contract that names everybody; of an excerpt nothing is expected
_MOST_TRIES = 100  # places of a word at which a name is looked for
_MOST_NAMED = 3  # parties that a message names
_LONGEST_WORD = 20
_ACTS = re.compile(r"\s(?:hereby|shall|may|will|must|can|cannot|agrees|is|has|warrants|represents)\b")
_DEALS = re.compile(r"\b(?:between|and|binds|by|from|obliges|to|with)\s$")
# Each begins and ends with what can stand in no gap between two words, so that there is one way to find them.
_WORDS = re.compile(r"[^\W_](?:\S*[^\W_])?")
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

_Roles = dict[str, Set[Role]]  # each party that a piece of evidence names → its roles there


class Names:
    """Who is named in a contract."""

    def __init__(self, contract: Contract) -> None:
        self._contract = contract
        self._in_quotes: dict[str, _Roles] = {}
        self._found: dict[str, Span | None] = {}

    @cached_property
    def _known(self) -> list[Party]:
        return parties_of(self._contract.facts)

    @cached_property
    def _by_first(self) -> ByFirstWord:
        return by_first_word(self._known)

    @cached_property
    def _places(self) -> dict[str, Span]:
        return {party.meaning: party.place for party in self._known}

    @cached_property
    def _small(self) -> str:
        # The one letter that becomes two in small would move what stands behind it.
        return self._contract.text.replace("İ", "I").lower()

    def judge(self, sentence: Sentence) -> Iterator[Judgement]:
        """What the contract says to each party that a sentence names, and to every other name, each once."""
        at = sentence.span.start
        parties, strangers, taken = list[Fact](), list[Fact](), list[Span]()
        for fact in sentence.facts:
            if fact.kind is Kind.PARTY and "=" not in fact.meaning:
                taken.append(fact.span)
                if party := self._party_of(fact):
                    parties.append(replace(fact, meaning=party.meaning))
                else:
                    strangers.append(fact)
        for party, span in mentions(sentence.words, self._by_first):
            fact = Fact(Kind.PARTY, party.meaning, at + span.start, at + span.end)
            if not _overlaps(fact.span, taken):
                parties.append(fact)
        taken += [fact.span for fact in (*parties, *sentence.facts)]
        if len(self._contract.text) >= _WHOLE:
            strangers += [name for name in _other_names(sentence) if not _overlaps(name.span, taken)]
        yield from self._parties(sorted(parties, key=lambda fact: fact.start), sentence)
        for fact in strangers:
            yield self._stranger(fact, sentence)

    def _parties(self, parties: Sequence[Fact], sentence: Sentence) -> Iterable[Judgement]:
        """Of each party the first place that is not borne out, or else its first."""
        at = sentence.span.start
        roles = roles_of(sentence.words, [Span(fact.start - at, fact.end - at) for fact in parties])
        evidence: _Roles = {}
        for quote in sentence.quotes:
            for party, there in self._parties_in(quote.quote).items():
                evidence[party] = evidence.get(party, frozenset()) | there
        others = {fact.meaning for fact in parties}
        judged: dict[str, Judgement] = {}
        for fact, own in zip(parties, roles, strict=True):
            if fact.meaning not in judged or judged[fact.meaning].is_borne_out:
                found = self._party(fact, own, sentence, evidence, others)
                if fact.meaning not in judged or not found.is_borne_out:
                    judged[fact.meaning] = found
        return judged.values()

    def _party(
        self, fact: Fact, own: Set[Role], sentence: Sentence, evidence: _Roles, others: Set[str]
    ) -> Judgement:
        """Whether the evidence speaks of a party: of it and not of one that the sentence leaves out.

        Where its role in the sentence is one of the evidence too, it is the party that has it there.
        """
        party, said = fact.meaning, _said(fact, sentence)
        acts = _ACTS.match(sentence.words, fact.end - sentence.span.start) is not None
        is_named = any(_may_be_one(party, each) for each in evidence)
        is_instead = not is_named and bool(evidence.keys() - others or (evidence and acts))
        in_role = next(filter(None, (_in_role(own, evidence, how) for how in (EXACT, MEANT))), set[str]())
        if is_instead or (in_role and not any(_may_be_one(party, each) for each in in_role)):
            theirs = " and ".join(sorted(f"“{each.title()}”" for each in in_role or evidence)[:_MOST_NAMED])
            message = f"The evidence of this sentence speaks of {theirs}, not of {said}."
            return Judgement(fact, sentence, False, message, sentence.quotes[0].document)
        place = self._places[party]
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

        def shared(party: Party) -> int:
            """How many words agree, of the shorter name all; one more where the names are the same."""
            theirs = party.meaning.split(" ")
            if tuple(words) in party.names:
                return len(words) + 1
            short = min(len(words), len(theirs))
            return short if words[:short] == theirs[:short] else 0

        begin_alike = dict.fromkeys(party for _, party in self._by_first.get(words[0], ()))
        best = max(begin_alike, key=shared, default=None)
        return best if best and shared(best) else None

    def _parties_in(self, quote: str) -> _Roles:
        """Which parties the words of a piece of evidence name, each with its roles."""
        if quote not in self._in_quotes:
            named = list(mentions(quote, self._by_first))
            found: _Roles = {}
            roles = roles_of(quote, [span for _, span in named])
            for (party, _), there in zip(named, roles, strict=True):
                found[party.meaning] = found.get(party.meaning, frozenset()) | there
            self._in_quotes[quote] = found
        return self._in_quotes[quote]

    def find(self, name: str) -> Span | None:
        """Where words, in small letters, stand one after another in the contract, whatever is between."""
        if name not in self._found:
            self._found[name] = self._find(_WORDS.findall(name))
        return self._found[name]

    def _find(self, words: Sequence[str]) -> Span | None:
        longest = max(words, key=len, default="")
        if not longest:
            return None
        pattern = re.compile(r"[\W_]{1,6}".join(rf"(?<!\w){re.escape(word)}(?!\w)" for word in words))
        at = self._small.find(longest)
        for _ in range(_MOST_TRIES):
            if at < 0:
                break
            # The others stand within reach of the longest word, which is found at once.
            reach = sum(len(word) + 6 for word in words)
            if found := pattern.search(self._small, max(0, at - reach), at + len(longest) + reach):
                return Span(found.start(), found.end())
            at = self._small.find(longest, at + len(longest))
        return None


def _said(fact: Fact, sentence: Sentence) -> str:
    return f"“{sentence.words[fact.start - sentence.span.start : fact.end - sentence.span.start]}”"


def _may_be_one(party: str, other: str) -> bool:
    """Whether one name begins as the whole other does: "zynga" and "zynga game ireland" may be one or two."""
    return f"{party} ".startswith(f"{other} ") or f"{other} ".startswith(f"{party} ")


def _in_role(own: Set[Role], evidence: _Roles, how: str) -> set[str]:
    """The parties that have one of these roles in the evidence."""
    alike = {role for role in own if role[0] == how}
    return {party for party, there in evidence.items() if alike & there}


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
