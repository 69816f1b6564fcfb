"""Residue: what is left over from a template, a machine, a word processor or a hurried hand."""

import re
import unicodedata
from collections.abc import Iterator
from itertools import chain

from app.checks.findings import Finding, Subject
from app.checks.length import is_blank
from app.checks.sentences import opening, words_by_place
from app.checks.spans import Span

Found = tuple[str, str, Span, str]  # what it is called, what is said of it, where, its value

_BLANKS = (
    r"(?:[a-z]{1,20}[ _-]){0,3}(?:name|date|amount|number|party|company|address|state|place|term|title)s?"
)
# What comes first has the words: a later pattern does not speak of them again. Every repetition has a bound,
# since a text is whatever somebody sends.
_LEFT_OVER = tuple(
    (re.compile("|".join(patterns)), says)
    for says, patterns in (
        (
            "is a redaction mark of the contract: say that this is not disclosed",
            (
                r"\[ ?(?:\* ?){1,10}\]",
                r"(?<![*\w])\*{3,9}(?![*\w])",
                r"\[(?i:redacted|omitted)\]",
                r"[█■]{2,40}",
            ),
        ),
        (
            "is a placeholder: write what the contract says",
            (
                r"\b(?i:lorem ipsum)\b",
                r"\b(?:TODO|TBD|TBC|FIXME)\b",
                r"(?<!Article )(?<!Section )\bX{3,40}\b",
                r"_{3,80}",
                r"\{\{[^{}]{0,80}\}\}",
                r"\{[a-z_ ]{1,40}\}",
                r"\[ ?[•●… ._]{0,20}\]",
                rf"[\[<](?i:{_BLANKS})[\]>]",
                r"[\[<](?i:insert|enter|fill in|your|name of|date of|to be)\b[^\[\]<>]{0,80}[\]>]",
            ),
        ),
        (
            "is what a machine says of itself: take it out",
            (
                r"\b(?i:as|I[’']m|I am) an? (?i:AI|(?:large )?language model)\b",
                r"\b(?i:my (?:training data|knowledge cut-?off))\b",
            ),
        ),
        (
            "is an answer to somebody, not part of a summary: take it out",
            (
                r"(?im:^(?:certainly|sure|of course|absolutely)[!,.](?= ))",
                r"\b(?i:here(?:[’']s| is) (?:a|the|your) (?:[a-z]{1,20} ){0,2}summary)\b",
                r"\b(?i:I hope this helps|let me know if|feel free to)\b",
            ),
        ),
        (
            "is a citation mark: take it out, and mark the words that it rests on as evidence",
            (
                r"【[^【】]{0,80}】",
                r"\[\^?\d{1,3}(?:[,–-] ?\d{1,3}){0,9}\](?!\()",
                r"\[(?i:citation needed|source)\b[^\[\]]{0,40}\]",
            ),
        ),
        (
            "is markup: write plain words",
            (
                r"!?\[[^\[\]\n]{1,100}\]\([^()\s]{1,200}\)",
                r"(?<![*\w])\*{1,3}(?=[^\s*])[^*\n]{1,200}\*{1,3}(?!\w)",
                r"(?<!\w)__(?=\w)[^_\n]{1,200}__(?!\w)",
                r"`{1,3}",
                r"</?(?:a|b|br|div|em|i|li|ol|p|span|strong|u|ul)\b[^<>]{0,80}>",
                r"&(?:nbsp|amp|lt|gt|quot|apos|#x?[0-9a-fA-F]{1,6});",
            ),
        ),
        (
            "is a broken character: write it anew",
            (
                r"â€.?",
                r"Ã[\x80-\xbf‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]",
                r"Â[\xa0-\xbf]",
                r"ï»¿",
                r"\ufffd",
            ),
        ),
        ("stands twice: take one out", (r"\b(?!had |that )(?i:([a-z]{1,20})) (?=[a-z])(?i:\1)\b",)),
        ("is more than one space: leave one", (r"(?<=\S) {2,80}(?=\S)",)),
    )
)
_STRAIGHT = re.compile(r"(?<!\d)[\"']")  # not the inches of a 19" rack
_CURLY = re.compile(r"[“”‘’]")
_OPENING = {")": "(", "]": "[", "}": "{", "”": "“"}
_BRACKET = re.compile(r"[()\[\]{}]|[“”]")
_ENUMERATED = re.compile(r"(?:^|[\s(])(?:[a-z]|[ivx]{1,5}|\d{1,2})$")  # "a) the goods, b) the service"
_QUOTATION = re.compile(r"(?<!\d)\"")


def check_residue(subject: Subject) -> Iterator[Finding]:
    """One note for each thing that is left over in a sentence."""
    text = subject.output
    words_at = words_by_place(text)
    seen = set[tuple[str, str]]()
    for what, says, span, value in chain(_left_over(text), _unseen(text), _quotes(text), _brackets(text)):
        words = words_at(span.start)
        if (words, value) not in seen:
            seen.add((words, value))
            where = f" in the sentence {opening(words)}" if words else ""
            yield Finding("residue", f"{what}{where} {says}.", value=value, sentence=words, output=span)


def _left_over(text: str) -> Iterator[Found]:
    taken = bytearray(len(text))
    for pattern, says in _LEFT_OVER:
        for found in pattern.finditer(text):
            if not any(taken[found.start() : found.end()]):
                taken[found.start() : found.end()] = b"\1" * len(found[0])
                what = opening(found[0]) if found[0].strip() else "A gap"
                yield what, says, Span(found.start(), found.end()), found[0]


def _unseen(text: str) -> Iterator[Found]:
    text = text.replace("\r\n", " \n")  # a program's end of a line: a page shows it as any other
    for character in sorted(set(text) - {" ", "\n"}):
        if is_blank(character):
            code = f"U+{ord(character):04X}"
            name = unicodedata.name(character, "control character").lower()
            at = text.index(character)
            if character.isspace():
                yield f"A space ({name}, {code})", "is not a plain one: write one", Span(at, at + 1), code
            else:
                yield f"A character ({name}, {code})", "cannot be seen: take it out", Span(at, at + 1), code


def _quotes(text: str) -> Iterator[Found]:
    straight = [found.start() for found in _QUOTATION.finditer(text)]
    if (plain := _STRAIGHT.search(text)) and _CURLY.search(text):
        span = Span(plain.start(), plain.end())
        yield (
            "A straight quotation mark",
            "stands beside curly ones: write all of one kind",
            span,
            "mixed quotes",
        )
    elif len(straight) % 2:
        span = Span(straight[-1], straight[-1] + 1)
        yield "A quotation mark", "has no other one: write it, or take this one out", span, "odd quote"


def _brackets(text: str) -> Iterator[Found]:
    """The first bracket or curly quotation mark that is not closed, or closes nothing."""
    says = "has no other one: write it, or take this one out"
    opened = list[re.Match[str]]()
    for found in _BRACKET.finditer(text):
        if found[0] not in _OPENING:
            opened.append(found)
        elif opened and opened[-1][0] == _OPENING[found[0]]:
            opened.pop()
        elif not _ENUMERATED.search(text[max(0, found.start() - 7) : found.start()]):
            yield f"“{found[0]}”", says, Span(found.start(), found.end()), found[0]
            return
    if opened:
        yield f"“{opened[0][0]}”", says, Span(opened[0].start(), opened[0].end()), opened[0][0]
