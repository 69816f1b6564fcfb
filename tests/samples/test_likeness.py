"""Outputs that are nearly the same: found by an index, and never those that a writer must not know of."""

from sqlalchemy.orm import Session

from app.samples import submission
from app.samples.checking import check
from app.samples.content import Content
from app.samples.likeness import MOST, find_likenesses
from app.samples.models import Sample
from tests.factories import NOON, Factory

LONG = (
    "This Agreement, made between two companies, runs for three years from the day on which both have signed "
    "it, and is governed by English law; neither of them may assign it, and liability is not limited by it."
)
NEARLY = LONG.replace("three years", "four years")


def handed_in(make: Factory, output: str, **of: object) -> Sample:
    sample = make.sample(of.pop("project"), output=output, **of)  # type: ignore[arg-type]
    found = check(make.session, sample, Content(output, sample.draft.clauses)).findings
    assert sample.annotator is not None
    return submission.submit(
        make.session,
        sample_id=sample.id,
        based_on=1,
        reasons={finding.key: "So." for finding in found},
        actor=sample.annotator,
        at=NOON,
    )


def like(session: Session, sample: Sample, output: str = LONG) -> list[int]:
    return [likeness.sample_id for likeness in find_likenesses(session, sample, output)]


def test_another_samples_output_is_found_when_it_is_nearly_the_same(session: Session, make: Factory) -> None:
    project = make.project()
    nearly, _ = (
        handed_in(make, NEARLY, project=project),
        handed_in(make, "Five words and no more.", project=project),
    )
    same = handed_in(make, LONG, project=project)
    handed_in(make, LONG, project=make.project())
    sample = make.sample(project, output=LONG)
    assert like(session, sample) == [same.id, nearly.id]
    assert [likeness.share >= 0.8 for likeness in find_likenesses(session, sample, LONG)] == [True, True]
    assert like(session, sample, "") == []
    assert like(session, same) == [nearly.id]


def test_a_rivals_output_is_not_told_of_nor_a_draft_nor_what_was_rejected(
    session: Session, make: Factory
) -> None:
    project = make.project(overlap=2)
    rival = handed_in(make, LONG, project=project)
    other = handed_in(make, LONG, project=project)
    writer = make.annotator(project)
    sample = make.sample(project, annotator=writer, task=rival.task, output=LONG)
    assert like(session, sample) == [other.id]
    make.sample(project, annotator=writer, task=other.task)  # the writer has work of that task, too
    assert like(session, sample) == []
    assert rival.annotator is not None
    submission.recall(session, sample_id=rival.id, actor=rival.annotator, at=NOON)
    assert like(session, make.sample(project, output=LONG)) == [other.id]


def test_of_many_that_are_the_same_only_some_are_read(session: Session, make: Factory) -> None:
    project = make.project()
    for _ in range(MOST + 2):
        handed_in(make, LONG, project=project)
    assert len(like(session, make.sample(project))) == MOST
