"""Personal data: addresses and numbers of people, which a model must not learn."""

import re
from collections.abc import Callable, Iterator

from app.checks.findings import Finding, Subject
from app.checks.sentences import opening, words_by_place
from app.checks.spans import Span
from app.checks.words import one_of

# Every repetition has a bound, and what a number begins with stands behind no other part of a number.
_BEFORE, _BEHIND = r"(?<![\w.,/$€£¥-])", r"(?![\w/]|[.,-]\d)"
_NAMED = r"(?i: {0,2}(?:nos?\b\.?|numbers?\b|#|code\b)[ :]{0,3}(?:is )?)"
_NUMBER = r"(?P<number>(?:[A-Z]{1,4}[ -]?)?\d(?:[ -]?[A-Z0-9]){3,33})(?!\w)"

# Numbers of papers, not of people: "Agreement No. 415-555-0134".
_PAPERS = """
agreement application article company contract corporation docket exhibit file invoice lease licence
license order patent policy project publication registration schedule section serial trademark
"""
_OF_PAPERS = re.compile(rf"(?i:\b{one_of(*_PAPERS.split())} {{0,2}}(?:nos?\b\.?|numbers?\b|#)?[ :]{{0,3}})$")
_DOTS = re.compile(r"…[ …]*…")


def _digits(number: str) -> str:
    return "".join(character for character in number if character.isdigit())


def _is_phone(number: str) -> bool:
    return 7 <= len(_digits(number)) <= 15


def _is_international(number: str) -> bool:
    return 8 <= len(_digits(number)) <= 15


def _is_iban(number: str) -> bool:
    plain = number.replace(" ", "")
    turned = plain[4:] + plain[:4]
    return 15 <= len(plain) <= 34 and int("".join(str(int(each, 36)) for each in turned)) % 97 == 1


def _is_card(number: str) -> bool:
    """Luhn's sum, and what cards begin with."""
    digits = [int(digit) for digit in _digits(number)]
    doubled = [digit * 2 - 9 * (digit > 4) for digit in digits[-2::-2]]
    return digits[0] in {2, 3, 4, 5, 6} and (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0


def _has_five_digits(number: str) -> bool:
    return len(_digits(number)) >= 5


def _always(_number: str) -> bool:
    return True


_PERSONAL: tuple[tuple[str, re.Pattern[str], Callable[[str], bool]], ...] = tuple(
    (name, re.compile(pattern), is_one)
    for name, pattern, is_one in (
        (
            "An e-mail address",
            r"(?<![\w.+-])(?P<number>[\w.+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,6})(?!\w)",
            _always,
        ),
        (
            "An IBAN",
            r"(?<!\w)(?P<number>[A-Z]{2}\d\d(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?)(?!\w)",
            _is_iban,
        ),
        (
            "An account number",
            r"\b(?i:account|acct\.?|a/c|routing|ABA|sort|SWIFT|BIC)" + _NAMED + _NUMBER,
            _has_five_digits,
        ),
        (
            "The number of an identity paper",
            r"\b(?:(?i:passport|driver(?:[’']?s|s[’'])? licen[cs]e|NRIC|SSN|TIN|EIN|ITIN)(?:"
            + _NAMED
            + r"|[ :]{1,3})"
            r"|(?i:(?:identity|identification|ID)(?: card)?|national insurance|social security|taxpayer|tax)"
            + _NAMED
            + r")"
            + _NUMBER,
            _has_five_digits,
        ),
        (
            "A social security or tax number",
            _BEFORE + r"(?P<number>(?!000|666)\d{3}-(?!00)\d\d-(?!0000)\d{4}|\d\d-\d{7})" + _BEHIND,
            _always,
        ),
        (
            "A card number",
            _BEFORE + r"(?P<number>\d{13,19}|\d{4}(?:[ -]\d{4}){3}|\d{4}[ -]\d{6}[ -]\d{5})" + _BEHIND,
            _is_card,
        ),
        (
            "A phone number",
            r"(?<![\w+])(?P<number>\+\d{1,3}(?:[ .-]?\(?\d{1,4}\)?){2,6})" + _BEHIND,
            _is_international,
        ),
        (
            "A phone number",
            r"(?<![\w.,/$€£¥+-])(?P<number>(?:1[ .-])?(?:\([2-9]\d\d\) ?|[2-9]\d\d[ .-])[2-9]\d\d[ .-]\d{4})"
            + _BEHIND,
            _is_phone,
        ),
        (
            "A phone number",
            r"\b(?i:tel|telephone|phone|fax|facsimile|mobile|cell)\b\.?(?:" + _NAMED + r"|[ :]{1,3})"
            r"(?P<number>[+(]?\d[\d ().-]{5,20}\d)(?!\w)",
            _is_phone,
        ),
    )
)


def check_personal_data(subject: Subject) -> Iterator[Finding]:
    """One warning for each address and number of a person. The messages do not repeat them."""
    text = subject.output
    words_at = words_by_place(text)
    found = list(_personal(text))
    unnamed = list(text)
    for _, span in found:
        unnamed[span.start : span.end] = "…" * (span.end - span.start)
    masked_at = words_by_place("".join(unnamed))
    for name, span in found:
        sentence = _DOTS.sub("…", opening(masked_at(span.start)))
        yield Finding(
            "personal_data",
            f"{name} stands in the sentence {sentence}: leave it out.",
            value=text[span.start : span.end],
            sentence=words_at(span.start),
            output=span,
        )


def _personal(text: str) -> Iterator[tuple[str, Span]]:
    taken = bytearray(len(text))
    for name, pattern, is_one in _PERSONAL:
        for found in pattern.finditer(text):
            span = Span(*found.span("number"))
            is_named = found.start() < span.start  # "passport no. …" is no number of a paper
            if (
                is_one(found["number"])
                and not any(taken[span.start : span.end])
                and (is_named or not _OF_PAPERS.search(text[max(0, span.start - 40) : span.start]))
            ):
                taken[span.start : span.end] = b"\1" * (span.end - span.start)
                yield name, span
