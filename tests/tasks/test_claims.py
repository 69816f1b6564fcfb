"""Claims and decisions by many at once, on real connections: who comes second loses."""

from collections import Counter

import pytest
from sqlalchemy import Engine, func, select

from app import clock, database
from app.accounts.models import User
from app.projects.models import Project
from app.reviews import leases, service
from app.reviews.models import Review
from app.samples import submission, writing
from app.samples.models import Revision, Sample
from app.samples.workflow import Action, Status
from app.tasks.models import Slot
from tests.factories import Factory
from tests.races.together import at_once


@pytest.fixture
def project(live_database: Engine) -> Project:
    with database.transaction() as session:
        return Factory(session).project(overlap=2)


def people(project: Project, count: int, kind: str) -> list[User]:
    with database.transaction() as session:
        return [getattr(Factory(session), kind)(project) for _ in range(count)]


def test_sixteen_people_never_take_more_places_than_there_are(project: Project) -> None:
    with database.transaction() as session:
        make = Factory(session)
        row = session.get_one(Project, project.id)
        for _ in range(5):
            make.task(row)
    annotators = people(project, 16, "annotator")
    taken = at_once(
        [
            lambda session, who=who: writing.take_next(
                session, project_slug=project.slug, actor=who, at=clock.now()
            )
            for who in annotators
        ]
    )
    given = [sample for sample in taken if isinstance(sample, Sample)]
    assert len(given) == 10
    with database.transaction() as session:
        counts = Counter(session.scalars(select(Slot.task_id)))
    assert set(counts.values()) == {2}


def test_one_person_pressing_twice_gets_one_task(project: Project) -> None:
    with database.transaction() as session:
        make = Factory(session)
        row = session.get_one(Project, project.id)
        make.task(row)
        make.task(row)
    (who,) = people(project, 1, "annotator")
    taken = at_once(
        [lambda session: writing.take_next(session, project_slug=project.slug, actor=who, at=clock.now())] * 4
    )
    assert len({sample.id for sample in taken if isinstance(sample, Sample)}) == 1


def submitted(project: Project) -> Sample:
    with database.transaction() as session:
        sample = Factory(session).sample(session.get_one(Project, project.id))
        return submission.submit(
            session, sample_id=sample.id, based_on=1, reasons={}, actor=sample.annotator, at=clock.now()
        )


PAIRS = [
    (Action.APPROVE, Action.APPROVE),
    (Action.APPROVE, Action.REJECT),
    (Action.REJECT, Action.REQUEST_CHANGES),
]


@pytest.mark.parametrize("pair", PAIRS)
def test_of_two_decisions_at_once_one_wins(project: Project, pair: tuple[Action, Action]) -> None:
    first, second = people(project, 2, "reviewer")
    for _ in range(5):
        sample = submitted(project)
        outcomes = at_once(
            [
                lambda session, who=who, action=action, sample=sample: service.decide(
                    session,
                    sample_id=sample.id,
                    revision_number=1,
                    action=action,
                    comment="Because.",
                    actor=who,
                    at=clock.now(),
                )
                for who, action in zip((first, second), pair, strict=True)
            ]
        )
        assert sum(isinstance(outcome, str) for outcome in outcomes) == 1
        with database.transaction() as session:
            decided = select(func.count()).join(Revision).where(Revision.sample_id == sample.id)
            assert session.scalar(decided.select_from(Review)) == 1
            assert session.get_one(Sample, sample.id).status != Status.SUBMITTED


def test_a_recall_and_a_reviewer_at_once_leave_one_of_the_two(project: Project) -> None:
    (reviewer,) = people(project, 1, "reviewer")
    for _ in range(5):
        sample = submitted(project)
        recalled, taken = at_once(
            [
                lambda session, sample=sample: submission.recall(
                    session, sample_id=sample.id, actor=sample.annotator, at=clock.now()
                ),
                lambda session: leases.take_next(session, project_slug=project.slug, actor=reviewer),
            ]
        )
        was_recalled = isinstance(recalled, Sample)
        was_taken = isinstance(taken, Sample) and taken.id == sample.id
        assert was_recalled != was_taken
        if was_taken:
            with database.transaction() as session:
                service.decide(
                    session,
                    sample_id=sample.id,
                    revision_number=1,
                    action=Action.REJECT,
                    comment="Done.",
                    actor=reviewer,
                    at=clock.now(),
                )


def test_sixteen_reviewers_each_get_another_submission(project: Project) -> None:
    samples = [submitted(project) for _ in range(10)]
    reviewers = people(project, 16, "reviewer")
    taken = at_once(
        [
            lambda session, who=who: leases.take_next(session, project_slug=project.slug, actor=who)
            for who in reviewers
        ]
    )
    ids = [sample.id for sample in taken if isinstance(sample, Sample)]
    assert sorted(ids) == sorted(sample.id for sample in samples)
