"""Copying: long runs of the contract's own words, and an output that is nearly another sample's."""

from collections.abc import Iterator
from functools import cache

from app.checks.findings import Finding, Subject
from app.checks.sentences import words_by_place
from app.checks.spans import Span
from app.checks.words import STOP_WORDS, WORD, plain

# Words in a row, and different ones among them that are neither names nor stop words. What a summary has to
# say in the contract's words is shorter or has fewer: "governed by and construed in accordance with the laws
# of the State of New York" has four; the names and addresses of two companies have none.
LEAST_WORDS = 12
LEAST_OWN = 5
MOST_FINDINGS = 5  # of runs: the longest
NEARLY_EQUAL = 0.8  # of the runs of three words


def check_copying(subject: Subject) -> Iterator[Finding]:
    """The longest runs that are the contract's, and the samples that are nearly equal."""
    words = list(WORD.finditer(subject.output))
    found = _copied([word[0].casefold() for word in words], f" {plain(subject.contract.text)} ")
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


def _copied(words: list[str], contract: str) -> Iterator[tuple[int, int, int]]:
    """The runs that stand in the contract: first word, word behind the last, and the first's place there.

    A run that begins at the next word, or at one of the six behind it, has the second half of the next twelve
    in it. Where the contract does not have these, seven beginnings are done with.
    """
    find = cache(contract.find)  # a text that repeats itself asks for the same words again and again
    half = LEAST_WORDS // 2
    first = 0
    while first + LEAST_WORDS <= len(words):
        if find(_joined(words[first + half : first + LEAST_WORDS])) < 0:
            first += half + 1
            continue
        end = first + LEAST_WORDS
        at = find(_joined(words[first:end]))
        if at < 0:
            first += 1
            continue
        end, at = _extended(words, first, end, at, contract)
        yield first, end, contract.count(" ", 0, at)
        first = end


def _extended(words: list[str], first: int, end: int, at: int, contract: str) -> tuple[int, int]:
    """How far a run goes on, and its place: the first one, or a later one that has more of it."""
    while True:
        behind = at + len(_joined(words[first:end]))
        while end < len(words) and contract.startswith(f"{words[end]} ", behind):
            behind += len(words[end]) + 1
            end += 1
        later = contract.find(_joined(words[first : end + 1]), at) if end < len(words) else -1
        if later < 0:
            return end, at
        at, end = later, end + 1


def _joined(words: list[str]) -> str:
    return f" {' '.join(words)} "


def _own(run: list[str]) -> int:
    """How many different words of a run are neither names (by their capitals) nor stop words."""
    is_loud = all(word.upper() == word for word in run)
    return len({word.casefold() for word in run if is_loud or not word[0].isupper()} - STOP_WORDS)
