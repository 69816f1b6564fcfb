"""How well the checks check: true sentences that must pass, errors that must be found, and how fast it goes.

The contracts are those of CUAD in `../shared/data/contracts`, with ContractNLI and summaries by people beside
them (see the READMEs there), which are no part of this repository; without them there is nothing to measure.
A hash of its name puts each contract into one of two halves: readers of facts may be tuned by looking at the
first, "dev"; `--worst` shows examples of that one only.
"""

import json
import statistics
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from itertools import chain

from app.checks.contract import Contract
from app.checks.facts import judge
from app.checks.findings import Cited, Finding, Subject
from app.checks.registry import CHECKS, run_checks
from app.checks.spans import Span
from app.checks.values.reading import read_facts
from bench.counting import Figures
from bench.planting import (
    Error,
    contraries,
    interchanged,
    reworded,
    synonymous,
    without_carve_out,
    wrong_values,
)
from bench.truths import (
    DATA,
    SUMMARIES,
    WORKED_OUT,
    Document,
    LeftOut,
    Statement,
    answers,
    contracts,
    judged_statements,
    marked_sentences,
    summaries,
)
from bench.written import Value, searched, stands

TURNS = 3  # in which a marked sentence is reworded
RUNS = 50
WORDS = 150  # of the summary that is timed
CITED, UNCITED = "evidence cited", "no evidence"
ABSENT, ELSEWHERE = "absent", "elsewhere"


def run(*, full: bool = False, worst: int = 0) -> dict[str, str]:  # noqa: ARG001 -- it has one size
    """False alarms for each kind of fact, errors found of each family, and the time it takes."""
    if not DATA.exists():
        return {"": f"{DATA} is not here"}
    figures, left_out = Figures(), LeftOut(list)
    documents = contracts()
    _measure_facts(figures, documents, left_out)
    if any(check.name == "polarity" for check in CHECKS):
        _measure_polarity(figures, documents)
    return (
        dict(figures.rows())
        | {f"left out: {why}": _listed(which, worst) for why, which in sorted(left_out.items())}
        | _speed(documents)
        | dict(figures.worst(worst) if worst else ())
    )


def _listed(which: list[str], worst: int) -> str:
    """How many were left out, and which, where examples are asked for."""
    return f"{len(which)}" + (f": {', '.join(sorted(which))}" if worst and len(which) < 100 else "")


def _subject(statement: Statement, sentence: str, cited: bool) -> Subject:
    text = statement.document.text
    evidence = (
        Cited(span, text[span.start : span.end], Span(0, len(sentence))) for span in statement.evidence
    )
    return Subject(
        output=sentence,
        clauses={},
        project_clauses=(),
        min_words=0,
        max_words=10**6,
        evidence=tuple(evidence) if cited else (),
        contract=statement.document.contract,
    )


# Facts


def _measure_facts(figures: Figures, documents: list[Document], left_out: LeftOut) -> None:
    companies = [(document, Value("party", name)) for document in documents for name in document.parties]
    pool = [(document, value) for document in documents for value in document.values] + companies
    for document in documents:
        stated = list(answers(document, left_out))
        marked = [statement for statement in marked_sentences(document) if statement.places]
        for statement in stated:
            _let_pass(figures, statement, statement.sentence)
        for statement in marked:
            sentences = (
                reworded(statement.sentence, statement.places, turn, document.name) for turn in range(TURNS)
            )
            for sentence in dict.fromkeys(sentences):
                _let_pass(figures, statement, sentence)
        here = document.values + [Value("party", name) for name in document.parties]
        others = [value for other, value in pool if other is not document]
        planted_in = (each for each in stated if each.source != WORKED_OUT)
        for statement in chain(_first_forms(planted_in), marked):
            for error in _planted(statement, here, others):
                _find(figures, statement, error, left_out)
    for statement in summaries():
        _let_pass(figures, statement, statement.sentence)


def _first_forms(statements: Iterable[Statement]) -> Iterable[Statement]:
    """One sentence for each value: an error in each of its forms would be the same one."""
    return {
        (each.document.name, each.evidence, each.places[0].value): each for each in reversed(list(statements))
    }.values()


def _planted(statement: Statement, here: list[Value], others: list[Value]) -> Iterator[Error]:
    for place in statement.places:
        where = f"{statement.document.name} {statement.evidence[0].start} {place.start}"
        yield from wrong_values(statement.sentence, place, here, others, where)


def _let_pass(figures: Figures, statement: Statement, sentence: str) -> None:
    for cited, column in ((True, CITED), (False, UNCITED)):
        for judged in judge(_subject(statement, sentence, cited)):
            for row in (
                f"false alarms, {statement.source}: {judged.fact.kind}",
                f"false alarms, {statement.source}",
            ):
                is_hit = not judged.is_borne_out
                figures.count(row, column, statement.document.is_held_out, is_hit=is_hit)
            if not judged.is_borne_out:
                if statement.source == SUMMARIES:
                    said = sentence[judged.fact.start : judged.fact.end]
                    row = "alarms in people's summaries whose words do not stand in the text"
                    is_hit = searched(said).strip() not in statement.document.searched
                    figures.count(row, column, statement.document.is_held_out, is_hit=is_hit)
                row = f"false alarms, {statement.source}: {judged.fact.kind}, {column}"
                figures.example(row, statement, judged.message, sentence, judged.fact.span)


def _find(figures: Figures, statement: Statement, error: Error, left_out: LeftOut) -> None:
    assert error.value is not None
    text = statement.document.text
    if any(stands(error.value, searched(text[span.start : span.end])) for span in statement.evidence):
        left_out["errors whose value stands in the evidence too"].append(error.family)
        return
    where = ELSEWHERE if stands(error.value, statement.document.searched) else ABSENT
    planted = Span(error.start, error.end)
    for cited, column in ((True, CITED), (False, UNCITED)):
        judged = [
            each
            for each in judge(_subject(statement, error.sentence, cited))
            if each.fact.start < planted.end and planted.start < each.fact.end
        ]
        is_found = any(not each.is_borne_out for each in judged)
        for row in (f"found, {error.family}", "found, all families"):
            figures.count(row, f"{where}, {column}", statement.document.is_held_out, is_hit=is_found)
        if not is_found and (cited or where == ABSENT):
            said = "; ".join(each.message for each in judged) or "it read no fact there"
            figures.example(
                f"missed, {error.family}, {where}, {column}", statement, said, error.sentence, planted
            )


# Polarity


Find = Callable[[Statement, str, bool], list[Finding]]


def _measure_polarity(figures: Figures, documents: list[Document]) -> None:
    check = next(check.find for check in CHECKS if check.name == "polarity")

    def find(statement: Statement, sentence: str, cited: bool) -> list[Finding]:
        return list(check(_subject(statement, sentence, cited)))

    for statement in (statement for document in documents for statement in marked_sentences(document)):
        for sentence, what in (
            (synonymous(statement.sentence), "marked sentences"),
            (interchanged(statement.sentence), "may and shall where both mean the same"),
        ):
            if sentence != statement.sentence:
                _let_polarity_pass(figures, replace(statement, source=what), sentence, find)
        for error in (
            *contraries(statement.sentence, statement.document.name),
            *without_carve_out(statement.sentence),
        ):
            _find_polarity(figures, statement, error, find)
    for statement in chain(judged_statements("Entailment"), summaries()):
        _let_polarity_pass(figures, statement, statement.sentence, find)
        for error in contraries(statement.sentence, statement.document.name):
            in_other_words = replace(error, family=f"{error.family}, in other words")
            _find_polarity(figures, statement, in_other_words, find)
    for statement in judged_statements("Contradiction"):
        error = Error("contradicted statements", statement.sentence, 0, len(statement.sentence))
        _find_polarity(figures, statement, error, find)


def _let_polarity_pass(figures: Figures, statement: Statement, sentence: str, find: Find) -> None:
    row = f"false alarms of polarity, {statement.source}"
    for cited, column in ((True, CITED), (False, UNCITED)):
        found = find(statement, sentence, cited)
        figures.count(row, column, statement.document.is_held_out, is_hit=bool(found))
        if found:
            said = "; ".join(each.message for each in found)
            figures.example(f"{row}, {column}", statement, said, sentence, found[0].output or Span(0, 0))


def _find_polarity(figures: Figures, statement: Statement, error: Error, find: Find) -> None:
    """Found is what the sentence did not have without the error."""
    for cited, column in ((True, CITED), (False, UNCITED)):
        is_changed = error.sentence != statement.sentence
        before = {each.value for each in find(statement, statement.sentence, cited)} if is_changed else set()
        is_found = any(each.value not in before for each in find(statement, error.sentence, cited))
        figures.count(f"found, {error.family}", column, statement.document.is_held_out, is_hit=is_found)
        if cited and not is_found:
            at = Span(error.start, error.end)
            figures.example(f"missed, {error.family}, {column}", statement, "nothing", error.sentence, at)


# Speed


def _speed(documents: list[Document]) -> dict[str, str]:
    longest = max(documents, key=lambda document: len(document.text))
    stored = json.dumps(longest.contract.to_json())
    subject = _summary(longest)
    reading, loading, checking = [], [], []
    for _ in range(RUNS):
        started = time.process_time()
        contract = Contract.from_json(longest.text, json.loads(stored))
        loaded = time.process_time()
        run_checks(replace(subject, contract=contract))
        checking.append(time.process_time() - loaded)
        loading.append(loaded - started)
    for _ in range(3):
        started = time.process_time()
        read_facts(longest.text)
        reading.append(time.process_time() - started)
    started = time.process_time()
    for document in documents:
        read_facts(document.text)
    characters = sum(len(document.text) for document in documents)
    each = (time.process_time() - started) / characters * 10**6
    what = f"{len(longest.text):,} characters"
    loaded_facts = (
        f"its {len(longest.contract.facts.all)} facts loaded from {len(stored):,} characters of JSON"
    )
    facts = len(judge(subject))
    return {
        f"all checks, {len(subject.output.split())} words with {facts} facts, {what}": _median(checking),
        loaded_facts: _median(loading),
        f"facts read out of {what}": _median(reading),
        "facts read, for each million characters of all contracts": f"{each * 1000:,.0f} ms of a core",
    }


def _median(seconds: list[float]) -> str:
    return f"{statistics.median(seconds) * 1000:,.1f} ms of a core"


def _summary(document: Document) -> Subject:
    """A summary of so many words, of sentences that lawyers marked, each with its evidence."""
    output, evidence = "", []
    for statement in marked_sentences(document):
        words = len(output.split())
        if statement.places and words + len(statement.sentence.split()) <= WORDS:
            start = len(output) + bool(output)
            output = f"{output} {statement.sentence}".strip()
            span = statement.evidence[0]
            quote = document.text[span.start : span.end]
            evidence.append(Cited(span, quote, Span(start, len(output))))
    return Subject(output, {}, (), 0, 10**6, tuple(evidence), document.contract)
