"""A count written the way a list asks for: 4, iv, D, fourth."""

from collections.abc import Callable

_ROMAN = (
    (1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"),
    (50, "l"), (40, "xl"), (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"),
)  # fmt: skip
_ONES = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
_TENS = ("", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_ORDINALS = {
    "one": "first", "two": "second", "three": "third", "five": "fifth", "eight": "eighth", "nine": "ninth",
    "twelve": "twelfth",
}  # fmt: skip
_LARGEST = 100_000  # beyond it, and for what has no such form, plain digits


def formatted(value: int, style: str) -> str:
    """The number in a Word number format; formats that are not known are written as digits."""
    if style == "none":
        return ""
    writer = _WRITERS.get(style)
    return writer(value) if writer and 0 < value < _LARGEST else str(value)


def roman(value: int) -> str:
    """Lower-case roman numerals of a number from 1."""
    written = ""
    for size, letters in _ROMAN:
        count, value = divmod(value, size)
        written += letters * count
    return written


def letters(value: int) -> str:
    """a, b … z, aa, bb …: Word repeats the letter."""
    times, index = divmod(value - 1, 26)
    return chr(ord("a") + index) * min(times + 1, 10)


def cardinal(value: int) -> str:
    """One, Two … Ninety-Nine in words; digits from a hundred on."""
    if value < 20:
        return _ONES[value].capitalize()
    if value >= 100:
        return str(value)
    tens, ones = divmod(value, 10)
    return (_TENS[tens] + (f"-{_ONES[ones]}" if ones else "")).capitalize()


def ordinal_words(value: int) -> str:
    """First, Second … in words; "100th" and so on from a hundred on."""
    if value >= 100:
        return ordinal(value)
    head, hyphen, last = cardinal(value).lower().rpartition("-")
    last = _ORDINALS.get(last) or (last[:-1] + "ieth" if last.endswith("y") else f"{last}th")
    return f"{head}{hyphen}{last}".capitalize()


def ordinal(value: int) -> str:
    """1st, 2nd, 3rd, 4th."""
    if value % 100 in (11, 12, 13):
        return f"{value}th"
    return f"{value}{ {1: 'st', 2: 'nd', 3: 'rd'}.get(value % 10, 'th') }"


_WRITERS: dict[str, Callable[[int], str]] = {
    "lowerRoman": roman,
    "upperRoman": lambda value: roman(value).upper(),
    "lowerLetter": letters,
    "upperLetter": lambda value: letters(value).upper(),
    "decimalZero": lambda value: f"{value:02d}",
    "ordinal": ordinal,
    "ordinalText": ordinal_words,
    "cardinalText": cardinal,
    "decimalEnclosedParen": lambda value: f"({value})",
    "numberInDash": lambda value: f"- {value} -",
}
