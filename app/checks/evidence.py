"""Evidence: every sentence rests on words of the contract, and these are still there."""

import re
from collections.abc import Iterator

from app.checks.findings import Cited, Finding, Subject
from app.checks.sentences import opening, sentences
from app.checks.spans import Span
from app.checks.words import one_of

_WORD = re.compile(r"[^\W_]")
_CONTRACT = r"\b(?i:agreement|contract|document|lease|licen[cs]e|deed|text|parties|it)(?: also)?"
_SAYS = """
address agree allocate contain cover deal define describe establish fix give grant have impose include
limit mention name provide regulate require restrict say set specify state
"""
_SAID = """
addressed agreed contained covered defined dealt described fixed found given granted imposed included
limited mentioned named placed provided regulated required restricted set specified stated
"""
_SAYS_NOT = re.compile(
    "|".join(
        (
            rf"{_CONTRACT} (?:does not|doesn[’']t|do not|did not) (?:\w+ly )?{one_of(*_SAYS.split())}\b",
            rf"{_CONTRACT} (?:is (?:entirely )?silent|says nothing)\b",
            rf"{_CONTRACT} (?:has|{one_of(*_SAYS.split())}(?:e?s)?)(?: for)? (?:no|neither)\b",
            r"\b[Tt]here (?:is|are) (?:also )?(?:no|neither)\b",
            rf"\b(?:No|Neither|Nothing)\b[^.;]{{0,200}}\b(?:is|are) (?:\w+ly )?{one_of(*_SAID.split())}\b",
        )
    )
)


def check_evidence(subject: Subject) -> Iterator[Finding]:
    """One warning for each sentence without evidence that stands, and for evidence without a sentence."""
    has_absent = "absent" in subject.clauses.values()
    stale = {cited for cited in subject.evidence if not subject.stands(cited)}
    for sentence in sentences(subject.output):
        words = subject.output[sentence.start : sentence.end]
        if not _WORD.search(words):
            continue
        shown = subject.cited_for(sentence)
        if not shown and not (has_absent and _SAYS_NOT.search(words)):
            yield Finding(
                "evidence",
                f"{opening(words)} has no evidence: mark the words of the contract that it rests on, "
                "or take it out.",
                value="none",
                sentence=words,
                output=sentence,
            )
        elif old := next((each for each in shown if each in stale), None):
            yield _out_of_date(subject, old, f"The evidence for {opening(words)}", words, sentence)
    for cited in subject.evidence:
        if cited.output is None and cited.clause is None:
            yield Finding(
                "evidence",
                f"The evidence {opening(cited.quote)} {subject.contract.where(cited.document)} has lost its "
                "sentence: attach it to one, or take it away.",
                value=f"lost: {cited.quote}",
                document=cited.document,
            )
        elif cited.output is None and cited in stale:
            name = next(
                (each.name for each in subject.project_clauses if each.key == cited.clause), cited.clause
            )
            yield _out_of_date(subject, cited, f"The evidence for the clause “{name}”")


def _out_of_date(
    subject: Subject, cited: Cited, what: str, sentence: str = "", output: Span | None = None
) -> Finding:
    return Finding(
        "evidence",
        f"{what} is out of date, since the contract does not have the words {opening(cited.quote)} "
        f"{subject.contract.where(cited.document)}: mark them anew.",
        value=f"out of date, for {cited.clause}: {cited.quote}",
        sentence=sentence,
        output=output,
        document=cited.document,
    )
