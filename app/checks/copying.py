"""Copying: long runs of the contract's own words, and an output that is nearly another sample's."""

import re
from collections.abc import Iterator
from itertools import repeat

from app.checks.findings import Finding, Subject
from app.checks.sentences import words_by_place
from app.checks.spans import Span
from app.checks.words import STOP_WORDS, WORD, plain, plain_words

# Words in a row, and different ones among them that are neither names nor stop words. What a summary has to
# say in the contract's words is shorter or has fewer: "governed by and construed in accordance with the laws
# of the State of New York" has four; the names and addresses of two companies have none.
LEAST_WORDS = 12
LEAST_OWN = 5
MOST_FINDINGS = 5  # of runs: the longest
NEARLY_EQUAL = 0.8  # of the runs of three words
_GAP = "\0"
_STRETCH = re.compile(f"[^{_GAP}]{{{LEAST_WORDS},}}")


def check_copying(subject: Subject) -> Iterator[Finding]:
    """The longest runs that are the contract's, and the samples that are nearly equal."""
    words = list(WORD.finditer(subject.output))
    found = _copied([word[0].casefold() for word in words], plain_words(subject.contract.text))
    longest = sorted(found, key=lambda run: run[0] - run[1])
    own = [run for run in longest if _own([word[0] for word in words[run[0] : run[1]]]) >= LEAST_OWN]
    words_at = words_by_place(subject.output)
    theirs = list(WORD.finditer(subject.contract.text)) if own else []
    for first, end, place in own[:MOST_FINDINGS]:
        span = Span(words[first].start(), words[end - 1].end())
        document = Span(theirs[place].start(), theirs[place + end - first - 1].end())
        yield Finding(
            "copying",
            f"{end - first} words in a row are the contract's own, {subject.contract.where(document)}: "
            "say it in other words.",
            value=plain(subject.output[span.start : span.end]),
            sentence=words_at(span.start),
            output=span,
            document=document,
        )
    for likeness in subject.likenesses:
        if likeness.share >= NEARLY_EQUAL:
            yield Finding(
                "copying",
                f"The summary is nearly equal to that of sample {likeness.sample_id} "
                f"({likeness.share:.0%} of its words are the same): write this contract's own.",
                value=f"sample {likeness.sample_id}",
            )


def _copied(words: list[str], theirs: list[str]) -> Iterator[tuple[int, int, int]]:
    """The runs that stand in the contract: first word, word behind the last, and the first's place there.

    Each word of the output is a letter here, and each other one of the contract a gap: then only stretches
    without a gap have to be gone through, once, whatever stands there.
    """
    letters = {word: chr(number) for number, word in enumerate(dict.fromkeys(words), start=ord(_GAP) + 1)}
    output = "".join(letters[word] for word in words)
    contract = "".join(map(letters.get, theirs, repeat(_GAP)))
    runs = {output[at : at + LEAST_WORDS] for at in range(len(output))}
    places = dict[str, int]()
    for stretch in _STRETCH.finditer(contract):
        for at in range(stretch.start(), stretch.end() - LEAST_WORDS + 1):
            if (run := contract[at : at + LEAST_WORDS]) in runs:
                places.setdefault(run, at)
    first = 0
    while first < len(output):
        place = places.get(output[first : first + LEAST_WORDS])
        if place is None:
            first += 1
            continue
        end, place = _extended(output, first, place, contract)
        yield first, end, place
        first = end


def _extended(output: str, first: int, place: int, contract: str) -> tuple[int, int]:
    """How far a run goes on, and its place: the first one, or a later one that has more of it."""
    end = first + LEAST_WORDS
    while True:
        while end < len(output) and contract.startswith(output[end], place + end - first):
            end += 1
        later = contract.find(output[first : end + 1], place) if end < len(output) else -1
        if later < 0:
            return end, place
        place, end = later, end + 1


def _own(run: list[str]) -> int:
    """How many different words of a run are neither names (by their capitals) nor stop words."""
    is_loud = all(word.upper() == word for word in run)
    return len({word.casefold() for word in run if is_loud or not word[0].isupper()} - STOP_WORDS)
