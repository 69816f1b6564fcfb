"""Amounts of money. Pure.

Meaning: the number and the currency's ISO code, "1000000 USD"; with "$" where only "dollars" are said, which
any dollar may be.
"""

import re
from collections.abc import Iterable, Iterator

from app.checks.values.fact import Fact, Kind
from app.checks.values.numbers import Number, plain, scale_at

_CODES = "USD|EUR|GBP|CHF|CAD|AUD|NZD|HKD|SGD|JPY|CNY|RMB|INR|SEK|NOK|DKK|ILS|MXN|BRL|KRW|ZAR|NT|TWD"
_DOLLARS = {
    "us": "USD",
    "u.s.": "USD",
    "c": "CAD",
    "ca": "CAD",
    "cdn": "CAD",
    "cad": "CAD",
    "a": "AUD",
    "au": "AUD",
    "aus": "AUD",
    "nz": "NZD",
    "hk": "HKD",
    "s": "SGD",
    "sg": "SGD",
    "nt": "TWD",
    "usd": "USD",
    "": "$",
}
_SIGNS = {
    "€": "EUR",
    "£": "GBP",
    "¥": "JPY",
    "₹": "INR",
    "rs": "INR",
    "rs.": "INR",
    "rmb": "CNY",
    "nis": "ILS",
}
_BEFORE = re.compile(
    rf"(?:(?<![\w.])(?:(?P<dollar>u\.s\.|us|ca|c|cdn|cad|au|aus|a|nz|hk|sg|s|nt|usd)\s?)?\$"
    rf"|(?P<sign>[€£¥₹])|(?<!\w)(?P<code>{_CODES}|rs\.?|nis))\s{{0,3}}$",
    re.IGNORECASE,
)
_LONGEST_BEFORE = 9
_AFTER = re.compile(
    r"\s{0,30}-?(?:(?P<country>U\.?S\.?A?\.?|United\s{1,30}States|American|Canadian|Australian|Hong\s{1,30}Kong|Singapore|New"
    r"\s{1,30}Zealand)\s{1,30})?"
    rf"(?:(?P<dollars>dollars?)|(?P<cents>cents?)|(?P<name>euros?|pounds(?:\s{{1,30}}sterling)?|yen|francs?|renminbi|rupees?|yuan|won"
    rf"|kronor|kroner)|(?P<code>{_CODES})|(?P<sign>[€£]))(?![\w])",
    re.IGNORECASE,
)
_COUNTRIES = {"u": "USD", "a": "USD", "c": "CAD", "h": "HKD", "s": "SGD", "n": "NZD"}
_NAMES = {
    "eu": "EUR",
    "po": "GBP",
    "ye": "JPY",
    "fr": "CHF",
    "re": "CNY",
    "yu": "CNY",
    "ru": "INR",
    "wo": "KRW",
    "kr": "SEK",
}


def amount_at(text: str, number: Number) -> Iterator[Fact]:
    """The amount of which this is the number; nothing where it is none of money."""
    factor, end = scale_at(text, number.end)
    before = _BEFORE.search(text, max(0, number.start - _LONGEST_BEFORE), number.start)
    after = _AFTER.match(text, end)
    if before:
        currency = _currency_before(before)
        if after and currency in ("$", _currency_after(after)):
            currency, end = _currency_after(after), after.end()
    elif after:
        currency, end = _currency_after(after), after.end()
    else:
        return
    if after and after["cents"] and not before:
        values = [value * factor / 100 for value in number.values]
    else:
        values = [value * factor for value in number.values]
    meaning = "|".join(f"{plain(value)} {currency}" for value in values)
    yield Fact(Kind.AMOUNT, meaning, before.start() if before else number.start, end)


def _currency_before(before: re.Match[str]) -> str:
    said = (before["sign"] or before["code"] or "").lower()
    return _SIGNS.get(said, said.upper()) if said else _DOLLARS[(before["dollar"] or "").lower()]


def _currency_after(after: re.Match[str]) -> str:
    if after["code"]:
        return _SIGNS.get(after["code"].lower(), after["code"].upper())
    if after["sign"]:
        return _SIGNS[after["sign"]]
    if after["name"]:
        return _NAMES[after["name"][:2].lower()]
    country = (after["country"] or "").lower()
    if country.startswith("australian"):
        return "AUD"
    return _COUNTRIES.get(country[:1], "$")


def without_vague(meanings: Iterable[str]) -> list[str]:
    """The meanings without dollars of no country, where the same number of a country's stands beside them."""
    known = list(meanings)
    told = {meaning.split(" ")[0] for meaning in known if not meaning.endswith("$")}
    return [meaning for meaning in known if not meaning.endswith("$") or meaning.split(" ")[0] not in told]


def sayings_of_amount(meaning: str) -> set[str]:
    """The meanings that an amount of the contract bears out: dollars without a country are any dollars."""
    number, currency = meaning.split(" ")
    if currency == "$":
        return {f"{number} {each}" for each in _DOLLARS.values()}
    return {meaning, f"{number} $"} if currency in _DOLLARS.values() else {meaning}
