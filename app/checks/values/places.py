"""Places of law: states, countries, and the courts and laws that are named after them. Pure.

Meaning: the place, in capitals as here; with "law:" before it where law, courts or arbitration are spoken of.
"""

import re
from collections.abc import Iterator

from app.checks.values.fact import Fact, Kind

_STATES = """
Alabama Alaska Arizona Arkansas California Colorado Connecticut Delaware Florida Georgia Hawaii
Idaho Illinois Indiana Iowa Kansas Kentucky Louisiana Maine Maryland Massachusetts Michigan
Minnesota Mississippi Missouri Montana Nebraska Nevada New_Hampshire New_Jersey New_Mexico New_York
North_Carolina North_Dakota Ohio Oklahoma Oregon Pennsylvania Rhode_Island South_Carolina
South_Dakota Tennessee Texas Utah Vermont Virginia Washington West_Virginia Wisconsin Wyoming
Puerto_Rico District_of_Columbia
"""
_PROVINCES = """
Ontario Quebec British_Columbia Alberta Manitoba Saskatchewan Nova_Scotia New_Brunswick Newfoundland
Prince_Edward_Island New_South_Wales Queensland South_Australia Tasmania Western_Australia
"""
_COUNTRIES = """
Afghanistan Albania Algeria Andorra Angola Antigua Argentina Armenia Australia Austria Azerbaijan
Bahamas Bahrain Bangladesh Barbados Belarus Belgium Belize Benin Bermuda Bhutan Bolivia Bosnia
Botswana Brazil Brunei Bulgaria Burundi Cambodia Cameroon Canada Cayman_Islands Chile China Colombia
Congo Costa_Rica Croatia Cuba Curacao Cyprus Czech_Republic Denmark Dominican_Republic Ecuador Egypt
El_Salvador England Eritrea Estonia Ethiopia Fiji Finland France Gabon Gambia Germany Ghana
Gibraltar Greece Grenada Guatemala Guernsey Guinea Guyana Haiti Honduras Hong_Kong Hungary Iceland
India Indonesia Iran Iraq Ireland Isle_of_Man Israel Italy Jamaica Japan Jersey Jordan Kazakhstan
Kenya Korea Kosovo Kuwait Kyrgyzstan Laos Latvia Lebanon Lesotho Liberia Libya Liechtenstein
Lithuania Luxembourg Macau Madagascar Malawi Malaysia Maldives Mali Malta Marshall_Islands
Mauritania Mauritius Mexico Moldova Monaco Mongolia Montenegro Morocco Mozambique Myanmar Namibia
Nepal Netherlands New_Zealand Nicaragua Niger Nigeria Northern_Ireland Norway Oman Pakistan Panama
Paraguay Peru Philippines Poland Portugal Qatar Romania Russia Rwanda Samoa Saudi_Arabia Scotland
Senegal Serbia Seychelles Sierra_Leone Singapore Slovakia Slovenia Somalia South_Africa Spain
Sri_Lanka Sudan Suriname Swaziland Sweden Switzerland Syria Taiwan Tajikistan Tanzania Thailand Togo
Trinidad Tunisia Turkey Uganda Ukraine United_Arab_Emirates United_Kingdom Uruguay Uzbekistan
Venezuela Vietnam Virgin_Islands Wales Yemen Zambia Zimbabwe
"""
_ADJECTIVES = {
    "English": "England",
    "French": "France",
    "German": "Germany",
    "Swiss": "Switzerland",
    "Dutch": "Netherlands",
    "Irish": "Ireland",
    "Scottish": "Scotland",
    "Scots": "Scotland",
    "Swedish": "Sweden",
    "Danish": "Denmark",
    "Norwegian": "Norway",
    "Finnish": "Finland",
    "Spanish": "Spain",
    "Portuguese": "Portugal",
    "Italian": "Italy",
    "Greek": "Greece",
    "Austrian": "Austria",
    "Belgian": "Belgium",
    "Polish": "Poland",
    "Russian": "Russia",
    "Turkish": "Turkey",
    "Israeli": "Israel",
    "Indian": "India",
    "Chinese": "China",
    "Japanese": "Japan",
    "Korean": "Korea",
    "Canadian": "Canada",
    "Mexican": "Mexico",
    "Brazilian": "Brazil",
    "Australian": "Australia",
    "Californian": "California",
    "Texan": "Texas",
}
_OTHER_NAMES = {
    "People’s Republic of China": "China",
    "People's Republic of China": "China",
    "PRC": "China",
    "P.R.C.": "China",
    "P.R. China": "China",
    "State of Israel": "Israel",
    "The Netherlands": "Netherlands",
    "Holland": "Netherlands",
    "Great Britain": "United Kingdom",
    "U.K.": "United Kingdom",
    "Washington, D.C.": "District of Columbia",
    "Washington, DC": "District of Columbia",
    "Washington D.C.": "District of Columbia",
    "D.C.": "District of Columbia",
    "Québec": "Quebec",
    "South Korea": "Korea",
    "Republic of Korea": "Korea",
    "Czechia": "Czech Republic",
    "UAE": "United Arab Emirates",
    "England and Wales": "England",
    "England & Wales": "England",
    "United States of America": "United States",
    "United States": "United States",
    "U.S.A.": "United States",
    "USA": "United States",
}
_NAMES = {
    name.replace("_", " "): name.replace("_", " ") for name in f"{_STATES} {_PROVINCES} {_COUNTRIES}".split()
}
_NAMES |= _OTHER_NAMES
_FROM_CAPITALS = {name.upper(): name for name in _NAMES}
_LONGEST_FIRST = sorted(_NAMES, key=len, reverse=True)
_ANY = "|".join(re.escape(name).replace(r"\ ", r"\s{1,30}") for name in _LONGEST_FIRST)
_ANY_IN_CAPITALS = "|".join(re.escape(name.upper()).replace(r"\ ", r"\s{1,30}") for name in _LONGEST_FIRST)
_PLACE = re.compile(rf"(?<![\w*])(?=[A-Z])(?:{_ANY}|{_ANY_IN_CAPITALS})(?!\w)")
_ADJECTIVE = re.compile(
    rf"(?<![\w*])({'|'.join(_ADJECTIVES)})(?=\s{{1,30}}(?:laws?|courts?|jurisdiction|legislation|statut))"
)
_LAW = re.compile(
    r"\b(?:law|laws|govern(?:ed|ing)?|courts?|jurisdiction|venue|forum|arbitrat\w{1,5}|litigat\w{1,5}|legislation|tribunals?)\b",
    re.IGNORECASE,
)
_BEFORE, _AFTER = 120, 40  # characters in which law is looked for
_SENTENCE = re.compile(r"[.;]\s")


def find_places(text: str) -> Iterator[Fact]:
    """The places that the text names, each with whether law is spoken of where it stands."""
    for found in _PLACE.finditer(text):
        place = _NAMES[_spelt(found[0])]
        yield Fact(
            Kind.PLACE, ("law:" if _is_of_law(text, found) else "") + place, found.start(), found.end()
        )
    for found in _ADJECTIVE.finditer(text):
        yield Fact(Kind.PLACE, f"law:{_ADJECTIVES[found[1]]}", found.start(), found.end())


def _spelt(words: str) -> str:
    name = " ".join(words.split())
    return name if name in _NAMES else _FROM_CAPITALS[name]


def _is_of_law(text: str, found: re.Match[str]) -> bool:
    before = _SENTENCE.split(text[max(0, found.start() - _BEFORE) : found.start()])[-1]
    after = _SENTENCE.split(text[found.end() : found.end() + _AFTER], maxsplit=1)[0]
    return bool(_LAW.search(before) or _LAW.search(after))
