"""Evidence: every sentence rests on words of the contract, and these are still there."""

import re
from collections.abc import Iterator

from app.checks.findings import Cited, Finding, Subject
from app.checks.sentences import opening, sentences
from app.checks.spans import Span

_WORD = re.compile(r"[^\W_]")
_CONTRACT = r"(?:agreement|contract|document|lease|licen[cs]e|deed|text|parties|it)"
# "The agreement does not limit liability", "It is silent on assignment", "There is no audit right".
_SAYS_NOT = re.compile(
    rf"\b{_CONTRACT} (?:also )?(?:does not|doesn[’']t|do not|did not) (?:\w+ly )?"
    r"(?:address|agree|allocate|contain|cover|deal|define|describe|establish|fix|give|grant|have|impose|include|"
    r"limit|mention|name|provide|regulate|require|restrict|say|set|specify|state)\b"
    rf"|\b{_CONTRACT} (?:also )?(?:is (?:entirely )?silent|says nothing|"
    r"(?:contains|gives|grants|has|imposes|includes|makes|names|provides|sets|states)(?: for)? (?:no|neither)\b)"
    r"|\b[Tt]here (?:is|are) (?:also )?(?:no|neither)\b"
    r"|\b(?:No|Neither|Nothing)\b[^.;]{0,200}\b(?:is|are|was|were) (?:\w+ly )?"
    r"(?:addressed|agreed|contained|defined|found|given|granted|included|mentioned|named|provided|set|specified|"
    r"stated)\b"
)


def check_evidence(subject: Subject) -> Iterator[Finding]:
    """One warning for each sentence whose evidence is missing or no longer stands, and for evidence without one."""
    has_absent = "absent" in subject.clauses.values()
    stale = {cited for cited in subject.evidence if not _stands(subject, cited)}
    for sentence in sentences(subject.output):
        words = subject.output[sentence.start : sentence.end]
        if not _WORD.search(words):
            continue
        cited = subject.cited_for(sentence)
        if not cited and not (has_absent and _SAYS_NOT.search(words)):
            yield Finding(
                "evidence",
                f"{opening(words)} has no evidence: mark the words of the contract that it rests on, "
                "or take it out.",
                value="none",
                sentence=words,
                output=sentence,
            )
        elif old := next((each for each in cited if each in stale), None):
            yield _out_of_date(subject, old, f"The evidence for {opening(words)}", words, sentence)
    for cited in subject.evidence:
        if cited.output is None and cited.clause is None:
            yield Finding(
                "evidence",
                f"The evidence {opening(cited.quote)} {subject.contract.where(cited.document)} has lost its "
                "sentence: attach it to one, or take it away.",
                value=cited.quote,
                document=cited.document,
            )
        elif cited.output is None and cited in stale:
            name = next(
                (each.name for each in subject.project_clauses if each.key == cited.clause), cited.clause
            )
            yield _out_of_date(subject, cited, f"The evidence for the clause “{name}”")


def _stands(subject: Subject, cited: Cited) -> bool:
    return subject.contract.text[cited.document.start : cited.document.end] == cited.quote


def _out_of_date(
    subject: Subject, cited: Cited, what: str, sentence: str = "", output: Span | None = None
) -> Finding:
    return Finding(
        "evidence",
        f"{what} is out of date: the contract does not have the words {opening(cited.quote)} "
        f"{subject.contract.where(cited.document)}. Mark them anew.",
        value=cited.quote,
        sentence=sentence,
        output=output,
        document=cited.document,
    )
