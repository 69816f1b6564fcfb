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
_CANADIAN = """
Ontario Quebec British_Columbia Alberta Manitoba Saskatchewan Nova_Scotia New_Brunswick Newfoundland
Prince_Edward_Island
"""
_AUSTRALIAN = """
New_South_Wales Queensland South_Australia Tasmania Western_Australia
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
# Each with the place whose law and courts it names.
_ADJECTIVE_WORDS = """
Albanian Albania Algerian Algeria American United_States Argentine Argentina Argentinian Argentina
Armenian Armenia Australian Australia Austrian Austria Azerbaijani Azerbaijan Bahamian Bahamas
Bangladeshi Bangladesh Barbadian Barbados Belarusian Belarus Belgian Belgium Bermudian Bermuda
Bolivian Bolivia Bosnian Bosnia Brazilian Brazil British United_Kingdom Bulgarian Bulgaria
Californian California Canadian Canada Chilean Chile Chinese China Colombian Colombia
Croatian Croatia Cuban Cuba Cypriot Cyprus Czech Czech_Republic Danish Denmark Delawarean Delaware
Dutch Netherlands Ecuadorian Ecuador Egyptian Egypt Emirati United_Arab_Emirates
English_and_Welsh England English England
Estonian Estonia Ethiopian Ethiopia Finnish Finland Floridian Florida French France Georgian Georgia
German Germany Ghanaian Ghana Greek Greece Guatemalan Guatemala Hungarian Hungary Icelandic Iceland
Indian India Indonesian Indonesia Iranian Iran Iraqi Iraq Irish Ireland Israeli Israel Italian Italy
Jamaican Jamaica Japanese Japan Jordanian Jordan Kazakh Kazakhstan Kenyan Kenya Korean Korea
Kuwaiti Kuwait Latvian Latvia Lebanese Lebanon Lithuanian Lithuania Luxembourgish Luxembourg
Malaysian Malaysia Maltese Malta Mauritian Mauritius Mexican Mexico Moldovan Moldova
Monegasque Monaco Moroccan Morocco Nepalese Nepal Nigerian Nigeria Norwegian Norway Omani Oman
Pakistani Pakistan Panamanian Panama Paraguayan Paraguay Peruvian Peru Philippine Philippines
Polish Poland Portuguese Portugal Qatari Qatar Quebecois Quebec Romanian Romania Russian Russia
Saudi Saudi_Arabia Scots Scotland Scottish Scotland Serbian Serbia Singaporean Singapore
Slovak Slovakia Slovenian Slovenia Spanish Spain Swedish Sweden Swiss Switzerland Taiwanese Taiwan
Tanzanian Tanzania Texan Texas Thai Thailand Tunisian Tunisia Turkish Turkey Ukrainian Ukraine
Uruguayan Uruguay Venezuelan Venezuela Vietnamese Vietnam Welsh Wales Zambian Zambia
U.S. United_States US United_States
"""
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
    "UK": "United Kingdom",
    "Russian Federation": "Russia",
    "Macao": "Macau",
    "Peoples Republic of China": "China",
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
    name.replace("_", " "): name.replace("_", " ")
    for name in f"{_STATES} {_CANADIAN} {_AUSTRALIAN} {_COUNTRIES}".split()
}
_NAMES |= _OTHER_NAMES
_ADJECTIVES = {
    adjective.replace("_", " "): name.replace("_", " ")
    for adjective, name in zip(_ADJECTIVE_WORDS.split()[::2], _ADJECTIVE_WORDS.split()[1::2], strict=True)
}
_PARTS = {
    "United States": _STATES,
    "Canada": _CANADIAN,
    "Australia": _AUSTRALIAN,
    "United Kingdom": "England Northern_Ireland Scotland Wales",
}
_WHOLES = {part.replace("_", " "): whole for whole, parts in _PARTS.items() for part in parts.split()}
_FROM_CAPITALS = {name.upper(): name for name in _NAMES}
_LONGEST_FIRST = sorted(_NAMES, key=len, reverse=True)
_ANY = "|".join(re.escape(name).replace(r"\ ", r"\s{1,30}") for name in _LONGEST_FIRST)
_ANY_IN_CAPITALS = "|".join(re.escape(name.upper()).replace(r"\ ", r"\s{1,30}") for name in _LONGEST_FIRST)
_PLACE = re.compile(rf"(?<![\w*])(?=[A-Z])(?:{_ANY}|{_ANY_IN_CAPITALS})(?!\w)")
_ADJECTIVE = re.compile(
    rf"(?<![\w*])(?=[A-Z])({'|'.join(map(re.escape, _ADJECTIVES))})"
    r"(?=\s{1,30}(?:(?:and|or)\s{1,30}[A-Z][a-z]{1,20}\s{1,30})?(?:(?:civil|commercial|contract|domestic|federal|internal|national"
    r"|state|substantive)\s{1,30}){0,2}(?:laws?|courts?|jurisdiction|legislation|statut))"
)
_LAW = re.compile(
    r"\b(?:law|laws|govern(?:ed|ing)?|courts?|jurisdiction|venue|forum|arbitrat\w{1,5}|litigat\w{1,5}|legislation|tribunals?)\b",
    re.IGNORECASE,
)
_BEFORE, _AFTER = 120, 40  # characters in which law is looked for
_SENTENCE = re.compile(r"[.;]\s")


def find_places(text: str) -> Iterator[Fact]:
    """The places that the text names, each with whether law is spoken of where it stands."""
    before, end = "", 0
    for found in _PLACE.finditer(text):
        place = _NAMES[_spelt(found[0])]
        # "California, USA" is California's law.
        is_added = whole_of(before) == place and text[end : found.start()].strip() in ("", ",")
        is_of_law = not is_added and _is_of_law(text, found)
        yield Fact(Kind.PLACE, ("law:" if is_of_law else "") + place, found.start(), found.end())
        before, end = place, found.end()
    for found in _ADJECTIVE.finditer(text):
        yield Fact(Kind.PLACE, f"law:{_ADJECTIVES[found[1]]}", found.start(), found.end())


def whole_of(place: str) -> str | None:
    """The country of a state, a province or the like; None of any other place."""
    return _WHOLES.get(place)


def _spelt(words: str) -> str:
    name = " ".join(words.split())
    return name if name in _NAMES else _FROM_CAPITALS[name]


def _is_of_law(text: str, found: re.Match[str]) -> bool:
    before = _SENTENCE.split(text[max(0, found.start() - _BEFORE) : found.start()])[-1]
    after = _SENTENCE.split(text[found.end() : found.end() + _AFTER], maxsplit=1)[0]
    return bool(_LAW.search(before) or _LAW.search(after))
