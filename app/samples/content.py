"""What a writer hands over in one save. Pure: it is held against the limits before anything is locked."""

import re
from dataclasses import dataclass, field, replace

from app.errors import Invalid
from app.samples import evidence as marks
from app.samples.evidence import Entry

_SURROGATE = re.compile("[\ud800-\udfff]")
_COUNTED = re.compile(r"(.+)\.([0-9]{1,9})")
CLAUSE_STATES = frozenset({"covered", "absent"})


@dataclass(frozen=True, slots=True)
class Content:
    """The output, its evidence and the state of each clause ("covered" or "absent")."""

    output: str
    clauses: dict[str, str] = field(default_factory=dict)
    evidence: list[Entry] = field(default_factory=list)


def as_in_a_field(content: Content) -> Content:
    """The content as a browser's field holds it: with LF alone at ends of lines, and spans that count so."""
    output = content.output
    if "\r\n" not in output:
        return content

    def at(place: int) -> int:
        return place - output.count("\r\n", 0, place)

    evidence = [
        entry | {"output": {name: at(place) for name, place in entry["output"].items()}}
        if "output" in entry
        else entry
        for entry in content.evidence
    ]
    return replace(content, output=output.replace("\r\n", "\n"), evidence=evidence)


@dataclass(frozen=True, slots=True)
class Named:
    """Evidence that is named by its words: those, the number of their paragraph or "", what it supports."""

    quote: str
    paragraph: str
    supported: Entry


@dataclass(frozen=True, slots=True)
class Sent:
    """One save as it arrives. What is None stays as it stands; evidence may be added to it, or removed.

    A page may be older than the project's clauses: what it says of a clause that is gone is dropped, and its
    text is saved all the same. A program that names an unknown clause is told so.
    """

    output: str
    clauses: dict[str, str] | None = None
    evidence: list[Entry] | None = None
    from_page: bool = False
    removed: int | None = None  # its place, from 0
    named: Named | None = None  # to be found in the contract, and then `added`
    added: Entry | None = None  # with spans of what `evidence` belongs to: this output, or the one before

    def name_of(self, editor: str) -> tuple[str, int]:
        """The editor's name, and which of its saves this is: a page counts them, as in `f3a1.7`."""
        counted = _COUNTED.fullmatch(editor) if self.from_page else None
        return (counted[1], int(counted[2])) if counted else (editor, 0)


def completed(sent: Sent, before: Content, *, clause_keys: frozenset[str]) -> Content:
    """What is to be stored: the parts that were sent, and the others carried over to the new output."""
    clauses = before.clauses if sent.clauses is None else sent.clauses
    if sent.clauses is None or sent.from_page:
        clauses = {key: state for key, state in clauses.items() if key in clause_keys}
    return Content(sent.output, clauses, _evidence(sent, before, clause_keys))


def _evidence(sent: Sent, before: Content, clause_keys: frozenset[str]) -> list[Entry]:
    added = [] if sent.added is None else [sent.added]
    entries = [*(before.evidence if sent.evidence is None else sent.evidence), *added]
    if sent.evidence is None:
        entries = marks.carried_over(entries, before.output, sent.output, clause_keys)
    if sent.removed is not None:
        del entries[sent.removed : sent.removed + 1]
    if not sent.from_page:
        return entries
    known = [marks.without_strange_clause(entry, clause_keys) for entry in entries]
    whole = marks.completed(known, sent.output)[: marks.MOST]
    return marks.quoted(whole, marks.quotes_of(before.evidence))


def check_text(text: str, *, name: str, most: int) -> None:
    """Raise Invalid, with a sentence for the field `name`, where the database could not keep `text`.

    `most` is the limit in Unicode code points.
    """
    problem = ""
    if "\0" in text:
        problem = "The text holds a NUL character, which cannot be stored: remove it and try again."
    elif _SURROGATE.search(text):
        problem = "The text holds half of a character (a lone surrogate): remove it and try again."
    elif len(text) > most:
        problem = f"The text has {len(text):,} characters; the limit is {most:,}."
    if problem:
        raise Invalid(problem, fields={name: problem}, code="text_refused")


def check_content(
    content: Content, *, clause_keys: frozenset[str], document_characters: int, most: int
) -> None:
    """Raise Invalid where the content names a clause that the project has not, or a span out of range."""
    check_text(content.output, name="output", most=most)
    unknown = sorted(set(content.clauses) - clause_keys)
    if unknown:
        raise Invalid(
            f"This project has no clause “{unknown[0]}”.",
            fields={"clauses": "Unknown clause."},
            code="unknown_clause",
        )
    if set(content.clauses.values()) - CLAUSE_STATES:
        raise Invalid("A clause is “covered” or “absent”.", fields={"clauses": "Unknown state."})
    for entry in content.evidence:
        _check_evidence(entry, clause_keys, document_characters, len(content.output))


def _check_evidence(
    entry: Entry, clause_keys: frozenset[str], document_characters: int, output_characters: int
) -> None:
    clause = entry.get("clause")
    if clause is not None and clause not in clause_keys:
        raise Invalid(f"This project has no clause “{clause}”.", fields={"evidence": "Unknown clause."})
    for name, most in (("document", document_characters), ("output", output_characters)):
        span = entry.get(name)
        if span is not None and not 0 <= span["start"] < span["end"] <= most:
            raise Invalid(
                f"An evidence span ends outside of the {name}.",
                fields={"evidence": "The span is out of range."},
            )
    if entry["document"]["end"] - entry["document"]["start"] > marks.LONGEST:
        raise Invalid(
            f"A piece of evidence takes up at most {marks.LONGEST:,} characters of the contract.",
            fields={"evidence": "The span is too long."},
        )
