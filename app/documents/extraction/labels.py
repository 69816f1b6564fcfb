"""Reading the number that a paragraph begins with: "5.1", "(a)", "ARTICLE IV", "Schedule A", a bullet.

Every expression here looks at the first few dozen characters of a paragraph and has bounded repeats, so that
no text, however hostile, costs more than its length.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

HEAD = 200  # characters of a paragraph that are ever looked at

# One look that most paragraphs do not pass, before five closer ones.
_PERHAPS = re.compile(
    r"[\d§(•●○◦▪■□☐☒☑▫‣⁃·–—*+-]|[a-z]{1,6}[.)]|o\t|(?:art|sec|sch|exh|ann|app|att|add|par|cha|cla)",
    re.IGNORECASE,
)
_NAMED = re.compile(
    r"(article|section|schedule|exhibit|annex|appendix|attachment|addendum|part|chapter|clause)[ \t\xa0]{1,4}"
    r"(?:no\.[ ]?)?([\"“'‘]?([0-9A-Z]{1,5}(?:[.-][0-9A-Z]{1,3}){0,4})[\"”'’]?(?:\([a-z0-9]{1,4}\)){0,2})"
    r"(?![0-9A-Za-z(,;/])",
    re.IGNORECASE,
)
_NAMED_END = re.compile(r"[.:]?[ \t\xa0]{0,80}(?:[-–—:][ \t\xa0]{0,80})?")
_DECIMAL = re.compile(
    r"(§{0,2}[ \xa0]?\d{1,3}[A-Z]?(?:\.\d{1,3}[A-Z]?){0,5}(?:\([A-Za-z0-9]{1,4}\)){0,3})([.):]?)"
)
_PARENTHESIS = re.compile(
    r"(\((?:[A-Za-z]|([A-Za-z])\2|[ivxlc]{1,6}|[IVXLC]{1,6}|\d{1,3})\)|(?:[a-z]|[ivx]{1,5})\))"
)
_LETTER = re.compile(r"([A-Za-z]|[IVX]{1,6}|[ivx]{1,6})\.")
_BULLET = re.compile(r"[•●○◦▪■□☐☒☑▫‣⁃·–—*+-](?=[ \t\xa0])|o(?=\t)")
_SPACE = re.compile(r"[ \t\xa0\u2002\u2003\u2009\u202f\u3000]{0,160}")
_ROMAN = re.compile(r"(?=[ivxlc])(?:c{0,3})(?:xc|xl|l?x{0,3})(?:ix|iv|v?i{0,3})")
_GLUED = re.compile(r"[A-Z][a-z]|[a-z]{3,20}[ \t\xa0,]")  # "10.2Each Party", as some files have it
# "3.5 million" and "2.5 percent" are amounts, "5.1 the Supplier shall" is a paragraph.
_UNITS = re.compile(
    r"(?:million|billion|thousand|hundred|per|percent|basis|times|x|days?|months?|years?|hours?|and|or|to|of|%)\b"
)


class Style(StrEnum):
    """The families of numbers, which nest in one another."""

    NAMED = "named"
    DECIMAL = "decimal"
    PARENTHESIS = "parenthesis"
    LETTER = "letter"
    BULLET = "bullet"


@dataclass(frozen=True, slots=True)
class Label:
    """A number as it stands at the head of a paragraph."""

    style: Style
    shown: str  # without the dot that follows it
    body: int  # characters from the paragraph's start to the text after the number
    parts: int = 0  # of a decimal number: 2 for "5.1"
    token: str = ""  # what counts upwards: "a", "iv", "3"


def read_label(paragraph: str) -> Label | None:
    """The number at the head of a paragraph, or None. The paragraph begins without white space."""
    head = paragraph[:HEAD]
    if not _PERHAPS.match(head):
        return None
    return _named(head) or _decimal(head) or _parenthesis(head) or _letter(head) or _bullet(head)


def roman(token: str) -> int:
    """The value of a roman numeral of either case up to 399; 0 where it is none."""
    lower = token.lower()
    if not _ROMAN.fullmatch(lower):
        return 0
    values = [{"i": 1, "v": 5, "x": 10, "l": 50, "c": 100}[letter] for letter in lower]
    following = [*values[1:], 0]
    return sum(-here if here < after else here for here, after in zip(values, following, strict=True))


def alphabetic(token: str) -> int:
    """The value of "a", "b" … "z", "aa", "bb" …; 0 where it is none of those."""
    if not token or len(set(token.lower())) != 1 or not token[0].isascii() or not token[0].isalpha():
        return 0
    return ord(token[0].lower()) - ord("a") + 1 + 26 * (len(token) - 1)


def _named(head: str) -> Label | None:
    """ "ARTICLE IV", "Section 3.2", "Schedule A": as a heading, not as a reference in a sentence."""
    found = _NAMED.match(head)
    if not found or not head[0].isupper():
        return None
    value = found[3]
    first = re.split(r"[.-]", value)[0]
    if not (first[0].isdigit() or roman(first) or len(first) == 1):
        return None
    if first[0].islower() and head[1].islower():
        return None
    end = _NAMED_END.match(head, found.end())
    body = end.end() if end else found.end()
    rest = head[body:]
    if rest and not _opens_text(rest):
        return None
    parts = 1 + value.count(".") if first[0].isdigit() and found[1].lower() in ("section", "clause") else 1
    return Label(Style.NAMED, found[0].strip(), body, parts=parts, token=value)


def _decimal(head: str) -> Label | None:
    """ "5", "5.", "5.1", "5.1.2", "5)", "5.1(a)": followed by a text, and neither an amount nor a year."""
    found = _DECIMAL.match(head)
    if not found:
        return None
    number, mark = found[1], found[2]
    body = _after_space(head, found.end())
    gap, rest = body - found.end(), head[body:]
    parts = 1 + number.count(".")
    if rest:
        glued = gap == 0 and not (rest[0] in "\"“'‘[" or _GLUED.match(rest))
        if glued or _UNITS.match(rest) or (rest[0].isdigit() and not mark):
            return None
        if not mark and not _opens_text(rest) and parts < 2:
            return None
        bare = parts == 1 and not mark and not number.startswith("§")
        if bare and (gap < 2 and "\t" not in head[found.end() : body]):
            return None
    elif parts == 1 and not mark:
        return None
    shown = number.strip() + (mark if mark == ")" else "")
    return Label(Style.DECIMAL, shown, body, parts=parts, token=number)


def _parenthesis(head: str) -> Label | None:
    """ "(a)", "(iv)", "(12)", "a)"."""
    found = _PARENTHESIS.match(head)
    if not found:
        return None
    body = _after_space(head, found.end())
    return Label(Style.PARENTHESIS, found[0], body, token=found[0].strip("()"))


def _letter(head: str) -> Label | None:
    """ "A.", "a.", "IV.": whether it counts on from one before it is for the caller to say."""
    found = _LETTER.match(head)
    if not found:
        return None
    body = _after_space(head, found.end())
    rest = head[body:]
    if rest and body == found.end() and rest[0] not in "\"“'‘":
        return None
    return Label(Style.LETTER, found[1], body, token=found[1])


def _bullet(head: str) -> Label | None:
    found = _BULLET.match(head)
    if not found:
        return None
    body = _after_space(head, found.end())
    return Label(Style.BULLET, found[0], body) if head[body:] else None


def _after_space(head: str, at: int) -> int:
    space = _SPACE.match(head, at)
    return space.end() if space else at


def _opens_text(rest: str) -> bool:
    """Whether a text begins here, as against a sentence that goes on: "Section 3 of this Agreement"."""
    return rest[0].isupper() or rest[0] in "\"“'‘([*_§|" or not rest[0].isascii()
