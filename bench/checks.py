"""How well the checks check: true sentences that must pass, errors that must be found, and how fast it goes.

The contracts are those of CUAD in `../shared/data/contracts`, with ContractNLI and summaries by people beside
them (see the READMEs there), which are no part of this repository; without them there is nothing to measure.
A hash of its name puts each contract into one of two halves: readers of facts may be tuned by looking at the
first, "dev"; `--worst` shows examples of that one only.
"""

import hashlib
import json
import statistics
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from itertools import chain

from app.checks.contract import Contract
from app.checks.facts import judge
from app.checks.findings import Cited, Finding, Subject
from app.checks.registry import CHECKS, run_checks
from app.checks.spans import Span
from app.checks.values.reading import read_facts
from bench.clauses import share_of
from bench.planting import Error, contraries, reworded, synonymous, without_carve_out, wrong_values
from bench.truths import (
    DATA,
    SUMMARIES,
    Document,
    LeftOut,
    Statement,
    answers,
    contracts,
    entailed,
    marked_sentences,
    summaries,
)
from bench.written import Value, searched, stands

TURNS = 3  # in which a marked sentence is reworded
RUNS = 50
WORDS = 150  # of the summary that is timed
LONGEST_QUOTE = 120
CITED, UNCITED = "evidence cited", "no evidence"
ABSENT, ELSEWHERE = "absent", "elsewhere"


class Figures:
    """Shares, in a row and a column each, for both halves; and examples of what counts against the checks."""

    def __init__(self) -> None:
        self._counts: dict[tuple[str, str, bool], list[int]] = defaultdict(lambda: [0, 0])
        self._examples: dict[str, list[str]] = defaultdict(list)

    def count(self, row: str, column: str, is_held_out: bool, *, is_hit: bool) -> None:
        """One more in a row and column, that counts as hit or not."""
        counts = self._counts[row, column, is_held_out]
        counts[0] += is_hit
        counts[1] += 1

    def example(self, row: str, statement: Statement, said: str, sentence: str, at: Span) -> None:
        """What went wrong, unless it is held out."""
        if not statement.document.is_held_out:
            start, end = max(0, at.start - LONGEST_QUOTE // 2), at.end + LONGEST_QUOTE // 2
            words = f"{sentence[start : at.start]}[{sentence[at.start : at.end]}]{sentence[at.end : end]}"
            quote = " ".join(statement.document.text[span.start : span.end] for span in statement.evidence)
            quote = " ".join(quote.split())[:LONGEST_QUOTE]
            self._examples[row].append(
                f"{statement.document.name[:40]}: {words}\n  evidence: {quote}\n  check: {said[:200]}"
            )

    def rows(self) -> Iterator[tuple[str, str]]:
        """All rows in the order of their first counts, both halves in each line."""
        rows: dict[str, dict[str, None]] = {}
        for row, column, _ in self._counts:
            rows.setdefault(row, {})[column] = None
        for row, columns in sorted(rows.items()):
            halves = (
                f"{column}: dev {self._share(row, column, False)}, held out {self._share(row, column, True)}"
                for column in sorted(columns)
            )
            yield row, "\n".join(halves)

    def _share(self, row: str, column: str, is_held_out: bool) -> str:
        hits, count = self._counts[row, column, is_held_out]
        return f"{hits} of {count}, {share_of(hits, count)}" if count else "none"

    def worst(self, most: int) -> Iterator[tuple[str, str]]:
        """Of each row so many examples, of as many contracts as there are, chosen by a hash."""
        for row, examples in sorted(self._examples.items()):
            nth: Counter[str] = Counter()
            ranked = []
            for example in sorted(
                dict.fromkeys(examples), key=lambda each: hashlib.sha256(each.encode()).digest()
            ):
                name = example.partition(":")[0]
                ranked.append((nth[name], example))
                nth[name] += 1
            ranked.sort(key=lambda each: each[0])
            yield f"worst: {row} ({len(examples)})", "\n".join(example for _, example in ranked[:most])


def run(*, full: bool = False, worst: int = 0) -> dict[str, str]:  # noqa: ARG001 -- it has one size
    """False alarms for each kind of fact, errors found of each family, and the time it takes."""
    if not DATA.exists():
        return {"": f"{DATA} is not here"}
    figures, left_out = Figures(), LeftOut(list)
    documents = contracts()
    _measure_facts(figures, documents, left_out)
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
        for statement in chain(_first_forms(stated), marked):
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


def _measure_polarity(figures: Figures, documents: list[Document]) -> None:
    check = next((check.find for check in CHECKS if check.name == "polarity"), None)
    if check is None:
        return

    def find(statement: Statement, sentence: str, cited: bool) -> list[Finding]:
        return list(check(_subject(statement, sentence, cited)))

    def let_pass(statement: Statement, sentence: str) -> None:
        for cited, column in ((True, CITED), (False, UNCITED)):
            found = find(statement, sentence, cited)
            row = f"false alarms of polarity, {statement.source}"
            figures.count(row, column, statement.document.is_held_out, is_hit=bool(found))
            if found:
                said = "; ".join(each.message for each in found)
                figures.example(f"{row}, {column}", statement, said, sentence, found[0].output or Span(0, 0))

    for document in documents:
        for statement in marked_sentences(document):
            if (sentence := synonymous(statement.sentence)) != statement.sentence:
                let_pass(statement, sentence)
            errors = [*contraries(statement.sentence, document.name)]
            if (cut := without_carve_out(statement.sentence)) is not None:
                errors.append(cut)
            for error in errors:
                _find_polarity(figures, statement, error, find)
    for statement in chain(entailed("Entailment"), summaries()):
        let_pass(statement, statement.sentence)
    for statement in entailed("Contradiction"):
        error = Error("contradicted statements", statement.sentence, 0, len(statement.sentence))
        _find_polarity(figures, statement, error, find)


def _find_polarity(
    figures: Figures,
    statement: Statement,
    error: Error,
    find: Callable[[Statement, str, bool], list[Finding]],
) -> None:
    for cited, column in ((True, CITED), (False, UNCITED)):
        before = (
            set()
            if error.sentence == statement.sentence
            else {each.value for each in find(statement, statement.sentence, cited)}
        )
        is_found = any(each.value not in before for each in find(statement, error.sentence, cited))
        figures.count(f"found, {error.family}", column, statement.document.is_held_out, is_hit=is_found)
        if cited and not is_found:
            row = f"missed, {error.family}, {column}"
            figures.example(row, statement, "nothing", error.sentence, Span(error.start, error.end))


# Speed


def _speed(documents: list[Document]) -> dict[str, str]:
    longest = max(documents, key=lambda document: len(document.text))
    stored = json.dumps(longest.contract.to_json())
    subject = _summary(longest)
    reading, loading, checking = [], [], []
    for _ in range(RUNS):
        started = time.perf_counter()
        contract = Contract.from_json(longest.text, json.loads(stored))
        loaded = time.perf_counter()
        run_checks(replace(subject, contract=contract))
        checking.append(time.perf_counter() - loaded)
        loading.append(loaded - started)
    for _ in range(3):
        started = time.perf_counter()
        read_facts(longest.text)
        reading.append(time.perf_counter() - started)
    started = time.perf_counter()
    for document in documents:
        read_facts(document.text)
    characters = sum(len(document.text) for document in documents)
    each = (time.perf_counter() - started) / characters * 10**6
    what = f"{len(longest.text):,} characters"
    loaded_facts = (
        f"its {len(longest.contract.facts.all)} facts loaded from {len(stored):,} characters of JSON"
    )
    facts = len(list(judge(subject)))
    return {
        f"all checks, {len(subject.output.split())} words with {facts} facts, {what}": _median(checking),
        f"its stored facts ({len(stored):,} characters of JSON, {len(longest.contract.facts.all)} facts) loaded": _median(
            loading
        ),
        f"facts read out of {what}": _median(reading),
        "facts read, for each million characters of all contracts": f"{each * 1000:,.0f} ms",
    }


def _median(seconds: list[float]) -> str:
    return f"{statistics.median(seconds) * 1000:,.1f} ms"


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
