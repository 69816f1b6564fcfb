"""No text makes a check slow: twice as much of it takes at most about twice as long."""

from functools import cache
from time import process_time

import pytest

from app.checks.contract import Contract
from app.checks.findings import Cited, ClauseFacts, Likeness, Subject
from app.checks.registry import CHECKS, Check
from app.checks.spans import Span
from app.checks.values.reading import read_facts

OUTPUT, CONTRACT = 10_000, 60_000  # characters; and twice as many
FLOOR = 0.2  # seconds under which a measure says nothing
SHAPES = {
    "digits": "1",
    "numbers": "1 ",
    "groups": "123-45-",
    "dots": ". ",
    "spaces": " ",
    "opening": "([{“",
    "closing": ")]}”",
    "quotes": "\"'“",
    "stars": "*a",
    "underscores": "__a",
    "links": "[a](",
    "tags": "<a ",
    "mail": "a.a@",
    "one_word": "a",
    "words": "a ",
    "doubled": "is is ",
    "bounds": "at least ",
    "comparisons": "not exceed 5 more than ",
    "written": "one hundred and ",
    "modals": "may not ",
    "adverbs": "may wholly and ",
    "lists": "may a, or ",
    "items": "shall: (a) not keep; (b) ",
    "phrases": "may by a, by b, ",
    "promises": "requires the ",
    "exceptions": "may not sell, except as provided by the ",
    "open": "it includes only, including without limitation ",
    "unnumbered": "at least once every day ",
    "rights": "shall have the right, ",
    "nobody": "neither ",
    "liability": "liability is capped except ",
    "absence": "No is ",
    "sentences": "A b. ",
    "lines": "a\n",
    "capitals": "GB12 ABCD ",
    "periods": "a a a a a a a a a a a b ",
    "spaced": f"twenty{' ' * 30}five ",
    "thousands": ",111",
    "hundreds": "hundred ",
    "dates": "from 1/2/1924, ",
    # "#" is another number each time.
    "companies": 'Ab# Cd# Inc. (the "X#") ',
    "terms": "term of # months from May 5, # ",
    "figures": "has # ",
    "verbs": "may #ing, ",
    "letters": "# a b ",
}


def repeated(shape: str, size: int) -> str:
    """So many characters of it."""
    return "".join(shape.replace("#", str(number)) for number in range(size // len(shape) + 1))[:size]


read = cache(read_facts)  # for all the checks of one text


def hostile(shape: str, times: int) -> Subject:
    """An output and a contract of one shape, with evidence for all of it."""
    output, text = (repeated(SHAPES[shape], size * times) for size in (OUTPUT, CONTRACT))
    places = [Span(start, start + 400 * times) for start in range(0, 8_000 * times, 400 * times)]
    return Subject(
        output=output,
        clauses={"cap": "covered", "law": "absent"},
        project_clauses=(
            ClauseFacts("cap", "Cap", required=True, passages=tuple(places)),
            ClauseFacts("law", "Law", required=False, passages=tuple(places)),
        ),
        min_words=1,
        max_words=100,
        evidence=tuple(Cited(place, text[place.start : place.end], place, "cap") for place in places),
        contract=Contract(text, read(text)),
        likenesses=(Likeness(7, 0.9),),
    )


def seconds(check: Check, subject: Subject) -> float:
    """How long the check works on it, the better of two."""
    taken = []
    for _ in range(2):
        began = process_time()
        list(check.find(subject))
        taken.append(process_time() - began)
        if taken[-1] < FLOOR:
            break
    return min(taken)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("check", CHECKS, ids=[check.name for check in CHECKS])
def test_twice_the_text_takes_at_most_three_times_as_long(check: Check, shape: str) -> None:
    twice = seconds(check, hostile(shape, 2))
    if twice > FLOOR:
        assert twice < 3 * max(seconds(check, hostile(shape, 1)), FLOOR / 2)
