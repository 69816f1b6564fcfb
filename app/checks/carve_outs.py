"""Exceptions that a contract makes and a sentence does not: "liability is capped", but for fraud. Pure."""

from collections.abc import Iterator, Sequence
from itertools import chain

from app.checks.exceptions import (
    AGREED,
    ASKS,
    CARVE_OUT,
    EXCLUSIVE,
    IS_SAID,
    IS_UNDERSTOOD,
    LIABILITY,
    LIMIT,
    OF_THE_LIMIT,
    PROVIDED,
    SOME,
    TAKES_OUT,
    UNLESS,
    WITHOUT,
)
from app.checks.modals import Act, Mode, acts
from app.checks.passages import Passage, nearest
from app.checks.spans import Span


def left_out(words: str, following: str, shown: Sequence[Passage]) -> Span | None:
    """Where the contract makes an exception to the sentence's limit of liability, ban or exclusivity.

    None where the sentence shows that there is one. The sentence that follows may be the one that makes it.
    """
    if IS_SAID.search(words) or (OF_THE_LIMIT.search(following) and IS_SAID.search(following)):
        return None
    is_limit = LIABILITY.search(words) and LIMIT.search(words) and not WITHOUT.search(words)
    is_exclusive = EXCLUSIVE.search(words)
    places: list[Span | None] = list(_exceptions_to_bans(words, shown))
    for passage in shown:
        if is_limit and LIABILITY.search(passage.text):
            places.append(passage.carve_out(OF_THE_LIMIT, CARVE_OUT))
        if is_exclusive and EXCLUSIVE.search(passage.text):
            places.append(passage.carve_out(EXCLUSIVE, UNLESS))
    return next(filter(None, places), None)


def _exceptions_to_bans(words: str, shown: Sequence[Passage]) -> Iterator[Span]:
    """Where the contract forbids the same, and says unless when."""
    for act in dict.fromkeys(acts(words)):
        bans = nearest(act, shown) if act.mode is Mode.MUST_NOT and not SOME.search(act.near) else []
        exceptions = [(passage, _exception_of(each, passage, words)) for each, passage in bans]
        if all(found for _, found in exceptions):
            yield from (passage.at(found) for passage, found in exceptions if found)


def _exception_of(ban: Act, passage: Passage, words: str) -> Span | None:
    """What the contract takes out of a ban, unless it is the consent that the sentence asks for too."""
    if ban.mode is not Mode.MUST_NOT:
        return None
    text, end = passage.text, ban.clause_start + len(ban.clause)
    exceptions = chain(
        TAKES_OUT.finditer(text, ban.clause_start, end), PROVIDED.finditer(text, ban.span.end, end)
    )
    for found in exceptions:
        is_of_consent = AGREED.search(text, found.end(), min(end, found.end() + 80)) and ASKS.search(words)
        is_other = ASKS.search(text, ban.clause_start, found.start())  # "not without consent, except …"
        if not IS_UNDERSTOOD.match(text, found.end()) and (is_other or not is_of_consent):
            return Span(found.start(), found.end())
    return None
