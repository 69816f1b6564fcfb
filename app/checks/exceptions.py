"""The words by which a text limits what it says, and takes something out of it. Pure."""

import re

from app.checks.words import one_of


def _words(*patterns: str) -> re.Pattern[str]:
    return re.compile(rf"\b{one_of(*patterns)}\b", re.IGNORECASE)


# "May not assign without consent" is "may assign with consent"; "shall not use for other purposes" is "shall
# only use for …".
EXCEPTION = _words(
    "without(?! limit)",
    "unless",
    "except",
    "other than",
    "save",
    "until",
    "before",
    "prior to",
    "subject to",
    "more than",
    "beyond",
)
CONDITION = _words(
    r"with (?:\S{1,30} ){0,4}(?:consent|approval|permission|authori[sz]ation|notice)",
    "only",
    "if",
    "provided",
    "long as",
    "some",
    "certain",
    "extent",
    "subject to",
    "after",
    "once",
    "when",
    "unless",
    "limited",
)
ONLY = _words("only", "solely", "exclusively")
UNLESS = _words("except(?!ion)", "unless", "save (?:for|as|that|in)")
TAKES_OUT = _words("except(?:ing)?", "unless", "save (?:for|as|that|in)", "other than")
_PROVIDED = "provided,?(?: however,?)? that"
PROVIDED = _words(_PROVIDED)
# What the law demands no contract can forbid; and "as provided in Section 9" does not say what it takes out.
IS_UNDERSTOOD = re.compile(
    r"(?:\W+\w+){0,7}\W+(?:by|under)(?:\W+\w+){0,2}\W+(?:laws?|courts?|regulat\w+)\b"
    r"|\W+as(?:\W+\w+){0,3}\W+(?:provided|permitted|set|stated|specified|described|contemplated)\b",
    re.IGNORECASE,
)
AGREED = _words("consent", r"approv\w+", r"agree\w*", r"permission", r"authori[sz]\w+", "writing", "written")
WITHOUT = _words("without(?! limit)")
ASKS = _words("without(?! limit)", "consent", r"approv\w+", "permission")
SOME = _words("some", "certain", "sometimes")
EXCLUSIVE = re.compile(r"(?<!non-)(?<!non)\bexclusiv", re.IGNORECASE)
LIABILITY = _words(r"liab\w+", "damages", r"indemni\w+")
LIMIT = _words(
    "cap(?:s|ped)?",
    "limit(?:s|ed|ation)?",
    r"exceed\w*",
    r"exclu(?:d\w+|sion)",
    "maximum",
    "not (?:be )?(?:held )?liable",
    "no liability",
    "neither",
    "no party",
    "in no event",
    "waive[sd]?",
    r"disclaim\w*",
    "up to",
    "at most",
    "(?:more|greater) than",
)
_CARVE_OUTS = (
    "except(?:ing|ion of)?",
    "other than",
    "unless",
    "save (?:for|as|that|in)",
    "excluding",
    "but not(?! limited)",
    "apart from",
    "(?:do(?:es)?|shall|will) not (?:apply|limit|affect|exclude|cap|cover|extend|protect)",
    "subject to(?! the (?:other )?(?:terms|provisions|conditions))",
    "nothing (?:in|herein|contained)",
)
CARVE_OUT = _words(*_CARVE_OUTS)
IS_SAID = _words(  # what else shows that a sentence has not left the exception out
    *_CARVE_OUTS,
    "exceptions?",
    _PROVIDED,
    "but(?! not)",
    "aside",
    "though",
    "only",
    "outside",
    "unlimited",
    "uncapped",
    r"exempt\w*",
    r"carve\w*",
    "beyond",
    "unaffected",
    "no (?:such )?(?:cap|limit)s?",
    "however(?=,)",
)
# The sentence behind a limit is about it.
OF_THE_LIMIT = _words("foregoing", r"limit\w*", "exclusion", r"liab\w+", "cap", "this section", "damages")
# A list that has an end, and one that has none.
CLOSED = _words(
    r"(?:only|solely|exclusively) (?:includ|mean|cover|consist|compris)\w+",
    r"(?:includ|mean|cover|compris)\w+ only",
)
OPEN = _words(
    r"includ\w+,? (?:but (?:is |are )?(?:not|without) (?:being )?limit\w+|without(?: any)? limit\w+)",
    r"(?:not|without) limit\w+ to",
)
