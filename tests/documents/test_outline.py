"""A contract's paragraphs bear the names by which a reader would speak of them."""

from app.documents.extraction import from_plain_text
from app.documents.outline import names_of

TEXT = """\
SUPPLY AGREEMENT

1. TERM

1.1 The term is two years.

1.2 It ends early:

(a) on notice of:

(i) ninety days; or

(ii) thirty days; or

(b) at once, for cause.

A closing remark without a number.

2. LAW

2.1 Irish law governs."""


def test_a_number_in_brackets_stands_behind_those_above_it() -> None:
    read = from_plain_text(TEXT)
    beginnings = [read.text[block.body : block.end][:8] for block in read.blocks]
    names = dict(zip(beginnings, names_of(read.blocks), strict=True))
    assert names["SUPPLY A"] == ""
    assert names["The term"] == "1.1"
    assert names["ninety d"] == "1.2(a)(i)"
    assert names["thirty d"] == "1.2(a)(ii)"
    assert names["at once,"] == names["A closin"] == "1.2(b)"
    assert names["Irish la"] == "2.1"
