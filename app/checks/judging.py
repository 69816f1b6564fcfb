"""A sentence of an output with its sources, and what the contract says to one of its facts. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.checks.findings import Cited
from app.checks.spans import Span
from app.checks.values.fact import Fact


@dataclass(frozen=True, slots=True)
class Sentence:
    """What a sentence of the output states, and where that is looked for first.

    `cited` are the contract's facts in its evidence, `passages` those in its clauses' likely passages.
    """

    span: Span
    words: str
    facts: Sequence[Fact]
    quotes: Sequence[Cited]
    cited: Sequence[Fact]
    passages: Sequence[Fact]


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the contract says to one fact of the output.

    `document` is where it stands, or where another value stands that the sentence may have meant.
    """

    fact: Fact
    sentence: Sentence
    is_borne_out: bool
    message: str
    document: Span | None = None
