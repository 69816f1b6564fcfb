"""Sentences that are true of a contract, with the words of it that bear them out."""

import hashlib
import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any

from app.checks.contract import Contract
from app.checks.sentences import sentences
from app.checks.spans import Span
from app.documents.extraction import from_plain_text
from app.documents.outline import read_contract
from bench.written import SUFFIX, Place, Value, forms, searched, stands, values

DATA = Path("../shared/data")
LeftOut = defaultdict[str, list[str]]  # why → of which contract what
SUMMARIES = "people's summaries"
DESCRIPTIONS = "descriptions of licences and templates"
WORKED_OUT = "dates of expiry that CUAD worked out"
_NAMED = {"document_name", "parties", "agreement_date"}  # categories whose spans are no sentences
_DATES = {
    "agreement_date": "This Agreement is dated {}.",
    "effective_date": "The agreement takes effect on {}.",
    "expiration_date": "The initial term ends on {}.",
}
_PERIODS = {
    "renewal_term": "The agreement renews for {}.",
    "notice_to_terminate_renewal": "Notice of {} is needed to end the renewal.",
}
_LAWS = ("The agreement is governed by the laws of {}.", "{} law governs the agreement.")
_COUNTRIES = {"England", "Israel", "Hong Kong", "Ontario", "British Columbia", "United States"}


@dataclass(frozen=True)
class Document:
    """A contract, or what is measured as one."""

    name: str
    contract: Contract
    group: str = ""  # whose halves stay together; else the name
    clauses: Mapping[str, Any] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """Its canonical text."""
        return self.contract.text

    @property
    def is_held_out(self) -> bool:
        """Whether it is in the half that nobody looks at."""
        return hashlib.sha256((self.group or self.name).encode()).digest()[-1] % 2 == 1

    @cached_property
    def searched(self) -> str:
        """Its text as `stands` wants it."""
        return searched(self.text)

    @cached_property
    def values(self) -> list[Value]:
        """Every value in it, each once."""
        return list(dict.fromkeys(place.value for place in values(self.text)))

    def spans(self, clause: str) -> tuple[Span, ...]:
        """What lawyers marked of a clause."""
        return tuple(Span(span["start"], span["end"]) for span in self.clauses[clause]["spans"])

    @cached_property
    def parties(self) -> list[str]:
        """The names of companies among what lawyers marked as parties, each once."""
        names = (" ".join(self.text[span.start : span.end].split()) for span in self.spans("parties"))
        companies = (name for name in names if SUFFIX.search(name) and not name.lower().startswith("the "))
        return list({name.lower(): name for name in companies}.values())


@dataclass(frozen=True, slots=True)
class Statement:
    """A true sentence, what it cites, and its values where it is one in which errors are planted."""

    source: str
    document: Document
    sentence: str
    evidence: tuple[Span, ...]
    places: tuple[Place, ...] = ()


def contracts() -> list[Document]:
    """The contracts of CUAD."""
    found = []
    for row in _rows("contracts/contracts.jsonl"):
        read = from_plain_text(row["text"])
        assert read.text == row["text"], "the annotations' offsets are those of the text as it came"
        found.append(Document(row["id"], read_contract(read.text, read.blocks), clauses=row["clauses"]))
    return found


def _rows(name: str) -> Iterator[dict[str, Any]]:
    with (DATA / name).open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def answers(document: Document, left_out: LeftOut) -> Iterator[Statement]:
    """What CUAD answers for a contract, as plain sentences, with each value in all its forms.

    CUAD works some of its answers out, and some are wrong. An answer none of whose forms stands in the
    contract is left out, and counted; but a date of expiry, which mostly follows from a date and a period,
    is told apart.
    """
    for clause, template in (_DATES | _PERIODS | {"governing_law": _LAWS[0]}).items():
        if not document.spans(clause):
            continue
        answer = document.clauses[clause]["answer"]
        found = list(_answered(clause, answer))
        name = f"{document.name[5:25]} “{answer}”"
        if not found:
            left_out[f"{clause}: the answer is empty, a blank or no single value"].append(name)
        for value in found:
            source = "answers"
            if not stands(value, document.searched):
                left_out[f"{clause}: stands in the contract in no form that is searched for"].append(name)
                if clause != "expiration_date":
                    continue
                source = WORKED_OUT
            evidence = document.spans(clause)
            for form in forms(value):
                yield _stated(document, template, value, form, evidence, source)
            if value.kind == "place":
                yield _stated(document, _LAWS[1], value, value.of, evidence)
                if value.of not in _COUNTRIES:
                    yield _stated(document, _LAWS[0], value, f"the State of {value.of}", evidence)
    for name in document.parties:
        value = Value("party", name)
        for form in forms(value):
            yield _stated(document, "{} is a party to the agreement.", value, form, document.spans("parties"))


def _stated(
    document: Document,
    template: str,
    value: Value,
    form: str,
    evidence: tuple[Span, ...],
    source: str = "answers",
) -> Statement:
    start = template.index("{}")
    place = Place(value, start, start + len(form))
    return Statement(source, document, template.format(form), evidence, (place,))


def _answered(clause: str, answer: str) -> Iterator[Value]:
    if clause in _DATES and (found := re.fullmatch(r"(\d+)/(\d+)/(\d\d)", answer)):
        month, day, year = map(int, found.groups())
        yield Value("date", "", day=date(year + (1900 if year > 50 else 2000), month, day))
    if clause in _PERIODS:
        for figure, unit in re.findall(r"(\d+(?:\.\d+)?) (day|month|year)s?\b", answer):
            yield Value("period", unit, Decimal(figure))
    if clause == "governing_law" and answer and "," not in answer.removesuffix(", Canada"):
        yield Value("place", answer.removesuffix(", Canada"))


def marked_sentences(document: Document) -> Iterator[Statement]:
    """The sentences of the spans that lawyers marked, each once, with its values and its parties."""
    seen = set()
    for clause in document.clauses:
        for span in () if clause in _NAMED else document.spans(clause):
            text = " ".join(document.text[span.start : span.end].split())
            for at in sentences(text):
                sentence = text[at.start : at.end]
                if sentence not in seen and len(sentence) > 30:
                    seen.add(sentence)
                    places = (*values(sentence), *_named(sentence, document))
                    yield Statement("marked sentences", document, sentence, (span,), places)


def _named(sentence: str, document: Document) -> Iterator[Place]:
    """Where a sentence names one of the contract's companies, without the form of the company."""
    for name in document.parties:
        short = SUFFIX.sub("", name)
        for found in re.finditer(rf"(?<![\w.]){re.escape(short)}(?![\w.])", sentence):
            yield Place(Value("party", short), found.start(), found.end())


def judged_statements(choice: str) -> Iterator[Statement]:
    """The statements on confidentiality agreements that people judged so, with the words that they named."""
    hypotheses = json.loads((DATA / "contract_nli/hypotheses.json").read_text(encoding="utf-8"))
    for row in _rows("contract_nli/contract_nli.jsonl"):
        document = Document(str(row["id"]), Contract(row["text"]))
        for key, judged in row["hypotheses"].items():
            if judged["choice"] == choice:
                spans = tuple(Span(span["start"], span["end"]) for span in judged["spans"])
                yield Statement("judged statements", document, hypotheses[key]["hypothesis"], spans)


def summaries() -> Iterator[Statement]:
    """Summaries that people wrote, each against its whole text.

    Those of whole documents are descriptions: they speak of who uses a licence and of other licences too.
    """
    for row in _rows("summaries/summary_pairs.jsonl"):
        read = from_plain_text(row["input"])
        document = Document(row["id"], read_contract(read.text, read.blocks), row["group"])
        everything = (Span(0, len(document.text)),)
        source = DESCRIPTIONS if row["task"] == "document_summary" else SUMMARIES
        yield Statement(source, document, row["output"], everything)
