"""Values as contracts write them, and other words for the same value. Pure.

Nothing here knows how the checks read: values are found by few plain patterns, and whether one *stands* in a
text is a search for its commonest forms in the text without capitals, commas and brackets. That misses rare
forms, so a value that is called absent may stand there in words that nobody would search for.
"""

import hashlib
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TypeVar

T = TypeVar("T")
MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
_ONES = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
_TENS = dict(
    zip(
        ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"],
        range(20, 100, 10),
        strict=True,
    )
)
WORDS = {word: number for number, word in enumerate(_ONES)} | _TENS | {
    f"{ten}-{_ONES[one]}": number + one for ten, number in _TENS.items() for one in range(1, 10)
} | {"one hundred": 100, "one hundred twenty": 120, "one hundred eighty": 180}  # fmt: skip
SPELLED = {number: word for word, number in WORDS.items()}
CURRENCIES = {"$": ("USD", "dollars"), "€": ("EUR", "euros"), "£": ("GBP", "pounds")}
SCALES = {"thousand": 1_000, "million": 1_000_000, "billion": 1_000_000_000}
UNITS = ("hour", "day", "business day", "week", "month", "year")
PLACES = (
    "Alabama|Alaska|Arizona|Arkansas|California|Colorado|Connecticut|Delaware|Florida|Georgia|Hawaii|Idaho|"
    "Illinois|Indiana|Iowa|Kansas|Kentucky|Louisiana|Maine|Maryland|Massachusetts|Michigan|Minnesota|"
    "Mississippi|Missouri|Montana|Nebraska|Nevada|New Hampshire|New Jersey|New Mexico|New York|"
    "North Carolina|North Dakota|Ohio|Oklahoma|Oregon|Pennsylvania|Rhode Island|South Carolina|South Dakota|"
    "Tennessee|Texas|Utah|Vermont|Virginia|Washington|West Virginia|Wisconsin|Wyoming|District of Columbia|"
    "England|Israel|Hong Kong|Ontario|British Columbia"
)

_SPELLED = "|".join(sorted((word.replace("-", "[- ]") for word in WORDS), key=len, reverse=True))
_NUMBER = r"\d+(?:,\d{3})*"
_FIGURE = (
    rf"(?:(?:(?:{_SPELLED})\s*\(\s*)(?P<both>{_NUMBER})\s*\)"
    rf"|(?P<figure>{_NUMBER}(?:\.\d+)?)|(?P<word>{_SPELLED}))"
)
_MONTH = "|".join(MONTHS)
_ORDINAL = r"(?:st|nd|rd|th)?"
_NO_COUNT = (  # words behind a figure that make it no count
    "hours?|days?|weeks?|months?|years?|calendar|business|working|consecutive|successive|full|percent|per|"
    "dollars|cents|this|unless|its|has|was|does|others|parts|quarters|" + _MONTH.lower()
)
_PATTERNS = {
    "date": rf"(?P<month>{_MONTH})\s+(?P<day>\d{{1,2}}){_ORDINAL},?\s+(?P<year>(?:19|20)\d\d)\b"
    rf"|(?P<day2>\d{{1,2}}){_ORDINAL}\s+(?:day\s+of\s+)?(?P<month2>{_MONTH})\s*,?\s+(?P<year2>(?:19|20)\d\d)\b",
    "amount": rf"(?:\b(?:(?:{_SPELLED}|hundred|thousand|million|billion|and|no/100)[-\s]+)+"
    r"(?:U\.?S\.?\s+|United\s+States\s+)?Dollars\s*(?P<open>\(\s*))?"
    rf"(?:US\s?)?(?P<sign>[$€£])\s?(?P<figure>{_NUMBER}(?:\.\d+)?)(?:\s+(?P<scale>{'|'.join(SCALES)}))?"
    r"(?!\w|[.,]\d|\s?%)(?(open)\s*\))",
    "percentage": rf"(?<![.,\d])\b{_FIGURE}\s*(?:%|per\s?cent\b)(?:\s*\(\s*(?P<again>[\d.]+)\s*%\s*\))?",
    "period": rf"\b{_FIGURE}\s+(?:calendar\s+)?(?P<unit>(?:business\s+)?(?:hour|day|week|month|year)s?)\b",
    "count": rf"(?<![$€£#.,\d(])\b{_FIGURE}[ \n]+(?!(?:{_NO_COUNT})\b)(?P<noun>(?-i:[a-z]{{3,}}s))\b",
    "place": r"(?<=of\s)(?P<place>" + PLACES.replace(" ", r"\s+") + r")\b",
}
_NAME_BEFORE = re.compile(r"\b[A-Z]\w*\s+$")  # Exhibit 7 pertains
_COMPILED = {kind: re.compile(pattern, re.IGNORECASE) for kind, pattern in _PATTERNS.items()}


@dataclass(frozen=True, slots=True)
class Value:
    """What a text says: a figure and its unit (currency, %, unit of time, noun), or a date, or a name."""

    kind: str
    of: str  # currency's sign, "%", unit, noun; the name of a place or party
    figure: Decimal = Decimal(0)
    day: date | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """A value where it stands in a text."""

    value: Value
    start: int
    end: int


def values(text: str) -> list[Place]:
    """The values in a text that plain patterns find; of two that overlap, the kind that is named first."""
    found: list[Place] = []
    taken = bytearray(len(text) + 1)
    for kind, pattern in _COMPILED.items():
        for match in pattern.finditer(text):
            value = _value(kind, match)
            if kind == "count" and _NAME_BEFORE.search(text, max(0, match.start() - 20), match.start()):
                continue
            if value is not None and not any(taken[match.start() : match.end()]):
                taken[match.start() : match.end()] = b"x" * (match.end() - match.start())
                found.append(Place(value, match.start(), match.end()))
    return sorted(found, key=lambda place: place.start)


def _value(kind: str, match: re.Match[str]) -> Value | None:
    named = match.groupdict()
    if kind == "date":
        month = MONTHS.index((named["month"] or named["month2"]).capitalize()) + 1
        try:
            day = date(int(named["year"] or named["year2"]), month, int(named["day"] or named["day2"]))
        except ValueError:
            return None
        return Value(kind, "", day=day)
    if kind == "place":
        return Value(kind, " ".join(named["place"].title().replace(" Of ", " of ").split()))
    figures = named.get("again") or named.get("both") or named["figure"]
    figure = (
        Decimal(figures.replace(",", "").rstrip("."))
        if figures
        else Decimal(
            WORDS[re.sub(r"\s", "-" if "hundred" not in named["word"] else " ", named["word"].lower())]
        )
    )
    if kind == "amount":
        return Value(kind, named["sign"], figure * SCALES.get((named["scale"] or "").lower(), 1))
    if kind == "percentage":
        return Value(kind, "%", figure)
    unit = named["unit"] if kind == "period" else named["noun"]
    unit = re.sub(r"\s+", " ", unit.lower())
    if not figure or (kind == "count" and (figure == 1 or figure != int(figure))):
        return None
    return Value(kind, unit.removesuffix("s") if kind == "period" else unit, figure)


def forms(value: Value) -> list[str]:
    """Several ways to write a value; all of them mean the same."""
    return list(dict.fromkeys(_FORMS[value.kind](value)))


def _plain(figure: Decimal) -> str:
    return f"{figure:,f}".rstrip("0").rstrip(".") if "." in f"{figure:f}" else f"{figure:,f}"


def _figures(figure: Decimal) -> list[str]:
    """ "3", "three" and "three (3)"."""
    spelled = SPELLED.get(int(figure)) if figure == int(figure) else None
    return [_plain(figure), *([spelled, f"{spelled} ({_plain(figure)})"] if spelled else [])]


def _of_amount(value: Value) -> Iterator[str]:
    code, name = CURRENCIES[value.of]
    plain = _plain(value.figure)
    cents = re.sub(r"\.(\d)$", r".\g<1>0", plain)
    yield from (f"{value.of}{cents}", f"{code} {cents}")
    if value.figure != 1:
        yield f"{cents} {name}"
    for scale, size in (("million", 1_000_000), ("billion", 1_000_000_000)):
        if size <= value.figure < size * 1000 and value.figure % (size // 100) == 0:
            figure = _plain(value.figure / size)
            yield from (f"{value.of}{figure} {scale}", f"{code} {figure} {scale}")


def _of_percentage(value: Value) -> Iterator[str]:
    for figure in _figures(value.figure)[:2]:
        yield f"{figure} percent"
    yield f"{_plain(value.figure)}%"


def _of_period(value: Value) -> Iterator[str]:
    pairs = [(value.figure, value.of)]
    for small, large, size in (("month", "year", 12), ("day", "week", 7)):
        if value.of == large:
            pairs.append((value.figure * size, small))
        elif value.of == small and value.figure % size == 0:
            pairs.append((value.figure / size, large))
    for figure, unit in pairs:
        yield from (f"{written} {unit}{'' if figure == 1 else 's'}" for written in _figures(figure))


def _of_count(value: Value) -> Iterator[str]:
    yield from (f"{written} {value.of}" for written in _figures(value.figure))


def _of_date(value: Value) -> Iterator[str]:
    day = value.day
    assert day is not None
    month = MONTHS[day.month - 1]
    nth = f"{day.day}{'th' if 10 < day.day < 14 else {1: 'st', 2: 'nd', 3: 'rd'}.get(day.day % 10, 'th')}"
    yield from (f"{month} {day.day}, {day.year}", f"{day.day} {month} {day.year}", day.isoformat())
    yield from (f"{day.month}/{day.day}/{day:%y}", f"{day:%m/%d/%Y}", f"the {nth} day of {month}, {day.year}")
    yield from (f"{month[:3]}. {day.day}, {day.year}" if len(month) > 3 else f"{month} {nth}, {day.year}",)


def _of_place(value: Value) -> Iterator[str]:
    yield value.of


SUFFIX = re.compile(
    r",?\s+(?:Inc|LLC|L\.L\.C|Ltd|Limited|Corp|Corporation|Co|Company|L\.?P|PLC|GmbH|AG)\.?$", re.IGNORECASE
)


def _of_party(value: Value) -> Iterator[str]:
    name = value.of
    yield from (name, SUFFIX.sub("", name), name.replace(", ", " "))
    if name.isupper():
        words = re.sub(r"\b(?:AND|OF|THE)\b", lambda word: word[0].lower(), name)
        yield re.sub(r"\b(?!LLC|PLC)[A-Z]{3,}", lambda word: word[0].capitalize(), words)


_FORMS: dict[str, Callable[[Value], Iterator[str]]] = {
    "amount": _of_amount,
    "percentage": _of_percentage,
    "period": _of_period,
    "count": _of_count,
    "date": _of_date,
    "place": _of_place,
    "party": _of_party,
}


def searched(text: str) -> str:
    """A text in the form in which `stands` searches it."""
    text = re.sub(r"(?<=\d),(?=\d{3}(?!\d))", "", text.lower())
    text = re.sub(r"[\s,()\"“”*_]+|(?<=[a-z])-(?=[a-z])", " ", text).replace("calendar ", "")
    text = re.sub(r"(?:\.0+|(?<=\.\d)0+)?\s*%", " percent", text).replace("per cent", "percent")
    return re.sub(r"(?:us)?([$€£]) ?", r" \1", text)


def stands(value: Value, text: str) -> bool:
    """Whether one of a value's commonest forms stands in a text as `searched` gives it; a count's figure."""
    if value.kind == "date":
        return _date_pattern(value).search(text) is not None
    for form in _figures(value.figure) if value.kind == "count" else forms(value):
        words = searched(form).strip()
        if value.kind == "period":
            words = words.removesuffix("s")  # a "three year" term
        begins = r"(?<![\w.])" if words[0].isalnum() else ""
        if value.kind == "party":
            words = SUFFIX.sub("", words).rstrip(".")
        ends = r"(?!\.?\d*[1-9]|\s(?:thousand|million|billion))" if value.kind == "amount" else ""
        ends = rf"(?:\.0+)?{ends}(?!\d)" if value.kind == "amount" else r"s?\b(?!\.\d)"
        if words in text and re.search(begins + re.escape(words) + ends, text):
            return True
    return False


def _date_pattern(value: Value) -> re.Pattern[str]:
    day = value.day
    assert day is not None
    month = MONTHS[day.month - 1].lower()
    month = rf"(?:{month}|{month[:3]}\.?)"
    written = (
        rf"(?:{month} 0?{day.day} ?{_ORDINAL} (?:day )?{day.year}"
        rf"|{day.day} ?{_ORDINAL} (?:day )?(?:of )?{month} {day.year})"
    )
    short = rf"0?{day.month}[/.-]0?{day.day}[/.-](?:{day.year}|{day:%y})"
    return re.compile(rf"(?<!\d)(?:{written}|{short}|{day.isoformat()})(?!\d)")


def drawn(options: Sequence[T], *where: object) -> T | None:
    """One of the options, the same one for the same place always; nothing of none."""
    if not options:
        return None
    return options[int(hashlib.sha256("\0".join(map(str, where)).encode()).hexdigest(), 16) % len(options)]
