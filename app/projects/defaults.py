"""What a new project begins with: one instruction, three clauses, guidelines. Pure."""

from dataclasses import dataclass

from app.projects.clause_set import ClauseSpec


@dataclass(frozen=True, slots=True)
class InstructionSpec:
    """An instruction with its wordings, as a lead writes it."""

    key: str
    phrasings: tuple[str, ...]


INSTRUCTION = InstructionSpec(
    key="summary",
    phrasings=(
        (
            "Summarize the following contract in one paragraph that states its term, its limits on liability "
            "and its governing law: '{contract}'"
        ),
    ),
)

CLAUSES = (
    ClauseSpec(
        key="term",
        name="Term",
        heading_cues=("term", "duration", "commencement", "term and termination", "effective date"),
        phrase_cues=(
            "shall continue in force",
            "remain in force",
            "initial term",
            "for a period of",
            "commences on",
            "expires on",
            "unless terminated earlier",
        ),
    ),
    ClauseSpec(
        key="liability",
        name="Limits of liability",
        heading_cues=("limitation of liability", "limits of liability", "liability"),
        phrase_cues=(
            "aggregate liability",
            "total liability",
            "shall not exceed",
            "in no event",
            "indirect or consequential",
            "loss of profit",
            "nothing in this agreement limits",
        ),
    ),
    ClauseSpec(key="governing_law", name="Governing law"),  # its cues are the library's
)

GUIDELINES = """\
# Writing a contract summary

You write the one paragraph that tells a colleague what a contract is, how long it binds, what it can cost \
and whose law decides. A model will learn from your words. Be right first, then brief.

## The paragraph

- **One paragraph** of full sentences, within the project's bounds of words. No list, no heading.
- Name the kind of contract, the parties and the subject, then take the clauses in turn.
- **Every statement stands in the contract.** Mark the passage that bears it out.
- Use your own words; keep defined terms, figures, dates and names as the contract has them.

## The clauses

- **Term:** when it starts, how long it runs, and what ends or renews it.
- **Limits of liability:** the cap and what it is measured by, the losses that are excluded, and the \
exceptions. A cap without its exceptions is wrong.
- **Governing law:** the law and, where it is stated, the courts or the seat of arbitration. One \
does not follow from the other.

If the contract says nothing on a clause, mark it as “not in this contract”. Never fill the gap from what \
such contracts tend to say.

## Words that decide

“May” is not “shall”, “at least” is not “at most”, “the greater of” is not “the lesser of”. Calendar \
days are not business days. Look into schedules and special conditions before you write a figure: they often \
change the main text.

## Leave out

- Advice and opinion (“a generous cap”), and clause numbers: your evidence shows the place.
- E-mail addresses, telephone and account numbers, signatures.
- Anything written by a generative tool. You confirm that once for each version of these guidelines.
"""
