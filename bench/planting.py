"""Errors that a summary might have, planted in true sentences. Pure.

A planted value is one that contracts have: it is drawn from the same contract, or from the other ones. What
is drawn depends on a hash of where it is planted, so the same contract always gets the same errors.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from bench.written import CURRENCIES, Place, Value, drawn, forms


@dataclass(frozen=True, slots=True)
class Error:
    """A sentence with an error at `start` to `end`, or with something left out before `end`."""

    family: str
    sentence: str
    start: int
    end: int
    value: Value | None = None  # none where the error is one of polarity


def wrong_values(
    sentence: str, place: Place, here: Sequence[Value], elsewhere: Sequence[Value], where: str
) -> Iterator[Error]:
    """The sentence with another value in a place, in each way in which a value can be wrong.

    `here` are the values of the same contract, `elsewhere` those of the other ones.
    """
    own = sentence[place.start : place.end]
    for family, value in _wrong(place.value, here, elsewhere, where):
        acts = " who acts" if family == "party" and _ACTS.match(sentence, place.end) else ""
        yield _error(family + acts, sentence, place.start, place.end, _like(own, value), value)
        if family == "amount, figure" and "(" in own:
            start = place.start + own.index("(") + 1
            yield _error(
                "amount, figures not as in words", sentence, start, place.end - 1, forms(value)[0], value
            )


def _error(
    family: str, sentence: str, start: int, end: int, written: str, value: Value | None = None
) -> Error:
    return Error(family, sentence[:start] + written + sentence[end:], start, start + len(written), value)


def _wrong(
    value: Value, here: Sequence[Value], elsewhere: Sequence[Value], where: str
) -> Iterator[tuple[str, Value]]:
    for name, pool in (("of the same contract", here), ("of another contract", elsewhere)):
        alike = [other for other in pool if _is_alike(value, other)]
        other = drawn(alike, where, name)
        if other is not None:
            figure = value.kind if value.kind in ("place", "party", "date") else f"{value.kind}, figure"
            yield figure, replace(other, of=value.of) if value.kind == "count" else other
    if value.kind == "amount":
        sign = drawn([sign for sign in CURRENCIES if sign != value.of], where)
        yield "amount, currency", replace(value, of=sign or "$")
        yield (
            "amount, scale",
            replace(value, figure=value.figure / 1000 if value.figure >= 10**6 else value.figure * 1000),
        )
    if value.kind == "period":
        other_unit = {
            "month": "year",
            "day": "month",
            "year": "month",
            "week": "month",
            "hour": "day",
            "business day": "month",
        }
        yield "period, unit", replace(value, of=other_unit[value.of])
    if value.day is not None:
        yield from _wrong_dates(value, value.day, elsewhere, where)


def _is_alike(value: Value, other: Value) -> bool:
    """Whether the other value could stand in the same place and says something else."""
    if value.kind != other.kind or value == other or set(forms(value)) & set(forms(other)):
        return False
    return value.of == other.of or value.kind in ("place", "party", "date", "count")


def _wrong_dates(
    value: Value, day: date, elsewhere: Sequence[Value], where: str
) -> Iterator[tuple[str, Value]]:
    others = [other.day for other in elsewhere if other.day is not None]
    for part in ("day", "month", "year"):
        figures = [getattr(other, part) for other in others if getattr(other, part) != getattr(day, part)]
        figure: int | None = drawn(figures, where)
        try:
            yield f"date, {part}", replace(value, day=day.replace(**{part: figure or 0}))
        except ValueError:
            continue  # the 30th of February, or no other date to draw from


def _like(written: str, value: Value) -> str:
    """The value in words like those that it replaces, where there are such; else in its first form."""
    choices = forms(value)
    if value.kind == "party":
        return next((form for form in choices if not form.isupper()), choices[0])
    if value.kind in ("amount", "date"):
        return choices[0]
    has_both, has_word = "(" in written, written[0].isalpha()
    alike = [form for form in choices if ("(" in form) == has_both and form[0].isalpha() == has_word]
    return alike[0] if alike else choices[0]


_ACTS = re.compile(r"\s(?:shall|may|will|must|agrees|has|is)\b")
_AT_LEAST = "at least"
_AT_MOST = "at most"
# What is said → its contrary.
_CONTRARIES: Mapping[str, Sequence[tuple[str, str]]] = {
    "at least → at most": (
        (r"\bat least\b", _AT_MOST),
        (r"\b(?:not|no) (?:less|fewer) than\b", "no more than"),
        (r"\ba minimum of\b", "a maximum of"),
    ),
    "at most → at least": (
        (r"\bat most\b", _AT_LEAST),
        (r"\b(?:not|no) (?:more|greater) than\b", "no less than"),
        (r"\b(shall|will|may|does|do|must) not exceed\b", r"\1 be no less than"),
        (r"\bnot to exceed\b", "not less than"),
        (r"\ba maximum of\b", "a minimum of"),
        (r"\bup to (?=(?:an? )?[$\d])", "at least "),
    ),
    "may → shall": ((r"\bmay\b(?! not\b| \d)", "shall"),),
    "shall → may": ((r"\bshall\b(?! not\b)", "may"),),
    "may not → may": ((r"\b(?:may|shall|will|must) not\b", "may"),),
}
_CONTRARIES_COMPILED = {
    family: [(re.compile(pattern, re.IGNORECASE), other) for pattern, other in pairs]
    for family, pairs in _CONTRARIES.items()
}
_MODALS = ("may → shall", "shall → may")
_MODAL = re.compile(r"\b(?:may|shall)\b(?! not\b| \d)", re.IGNORECASE)
# Where "may" and "shall" mean the same: in a ban, before a right, or beside an "only".
_BAN = re.compile(
    r"\b(?:no(?! (?:later|less|more|fewer|longer|charge|cost)\b)|none|neither|nor|nothing)\b"
    r"(?:(?!\b(?:shall|may|will|must)\b)[^.;:]){0,80}\Z",
    re.IGNORECASE,
)
_SAME = re.compile(
    r"\s+(?:(?:\w+\s+){0,3}only\b|(?:also\s+)?be\s+(?:entitled|permitted|allowed|free)\b"
    r"|(?:also\s+)?have\s+(?:[\w-]+\s+){0,4}(?:rights?|option)\b)",
    re.IGNORECASE,
)
# What is the case whether or not anybody may or shall do anything.
_STATE = re.compile(
    r"\s+(?:also\s+|automatically\s+)?(?:have|mean|include|apply|remain|survive|become|expire|constitute|continue"
    r"|terminate|commence|begin|inure|be\s+(?!\w+ed\b))\b",
    re.IGNORECASE,
)
_POSSIBLE = re.compile(r"\b(?:as|which|that)\s+\Z", re.IGNORECASE)
_TAKEN_OUT = r"(?:except(?:ing)?(?! that)|other than|excluding|unless)\b"
_ADDED = r"(?:except that|provided,?(?: however,?)? that)\b"
_REST = r"(?:[^.;]|\.(?=\d))*"
_GOES_ON = r",\s(?!which|but|and|however)(?:\S+\s){1,4}(?:shall|may|will|must)\b"
_CARVE_OUT = re.compile(
    rf"\s+\((?:{_TAKEN_OUT}|{_ADDED})[^()]*\)|[,;]?\s+{_ADDED}{_REST}"
    rf"|[,;]?\s+{_TAKEN_OUT}{_REST}?(?={_GOES_ON}|[.;](?!\d)|\Z)",
    re.IGNORECASE,
)
_NEAR = 200  # characters before a carve-out in which the ban stands that it is taken out of
_BESIDE = {
    " beside a cap": re.compile(
        r"\bexceed|\bliab\w+\b.*\blimited to\b|\bin the aggregate\b|\bmaximum liability\b", re.IGNORECASE
    ),
    " beside a ban": re.compile(
        r"\b(?:shall|may|will|must|agrees?) not\b|\b(?:neither|nor|no party)\b", re.IGNORECASE
    ),
    " beside an exclusivity": re.compile(r"(?<!non-)(?<!non)\bexclusiv", re.IGNORECASE),
}
# What is said → other words for the same.
_SYNONYMS = tuple(
    (re.compile(pattern, re.IGNORECASE), same)
    for pattern, same in (
        (r"\bat least\b", "no less than"),
        (r"\bnot less than\b", "at least"),
        (r"\bnot more than\b", "at most"),
        (r"\b(shall|will|may) not exceed\b", r"must not exceed"),
        (r"\b(?:shall|may) not\b", "must not"),
        (r"\bshall\b", "must"),
        (r"\bmay\b", "is entitled to"),
    )
)


def contraries(sentence: str, where: str) -> Iterator[Error]:
    """The sentence with one word of its polarity turned, for each family of which it has a word."""
    for family, pairs in _CONTRARIES_COMPILED.items():
        places = [
            (match, other)
            for pattern, other in pairs
            for match in pattern.finditer(sentence)
            if not (family in _MODALS and _is_same_either_way(sentence, match))
        ]
        if chosen := drawn(places, where, family):
            match, other = chosen
            of_a_state = family in _MODALS and (
                _STATE.match(sentence, match.end()) or _POSSIBLE.search(sentence[: match.start()])
            )
            named = family + (", of a state" if of_a_state else "")
            yield _error(named, sentence, match.start(), match.end(), match.expand(other))


def _is_same_either_way(sentence: str, modal: re.Match[str]) -> bool:
    is_ban = _BAN.search(sentence, 0, modal.start())
    return is_ban is not None or _SAME.match(sentence, modal.end()) is not None


def interchanged(sentence: str) -> str:
    """The sentence with "may" for "shall" and "shall" for "may" wherever both mean the same."""
    return _MODAL.sub(_interchanged, sentence)


def _interchanged(modal: re.Match[str]) -> str:
    other = {"may": "shall", "shall": "may"}[modal[0].lower()]
    return other if _is_same_either_way(modal.string, modal) else modal[0]


def without_carve_out(sentence: str) -> Iterator[Error]:
    """The sentence without its first exception, where that is not its beginning."""
    found = _CARVE_OUT.search(sentence, 40)
    if found:
        rest = sentence[: found.start()] + sentence[found.end() :]
        clause = re.split("[;:]", sentence[: found.start()])[-1][-_NEAR:]
        parts = {" beside a cap": rest, " beside a ban": clause, " beside an exclusivity": clause}
        beside = next(
            (name for name, part in parts.items() if _BESIDE[name].search(part)), ", of anything else"
        )
        yield Error(f"dropped carve-out{beside}", rest, 0, found.start())


def synonymous(sentence: str) -> str:
    """The sentence with other words for what it allows, demands and limits."""
    for pattern, same in _SYNONYMS:
        sentence = pattern.sub(same, sentence)
    return sentence


def reworded(sentence: str, places: Sequence[Place], turn: int, where: str) -> str:
    """The sentence with each value written in another way, the same one for the same turn."""
    for number, place in reversed(list(enumerate(places))):
        own = sentence[place.start : place.end]
        others = [form for form in forms(place.value) if form.lower() != own.lower()]
        written = drawn(others, where, number, turn)
        if written is not None:
            sentence = sentence[: place.start] + written + sentence[place.end :]
    return sentence
