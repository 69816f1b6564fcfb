"""A short history that one can count by hand."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.insights import service
from app.insights.numbers import Insights
from app.insights.periods import parse_range
from app.projects.models import Project
from app.projects.queries import roles_in
from app.reviews import service as reviews
from app.samples import submission
from app.samples.models import Sample
from app.samples.workflow import Action
from tests.factories import Factory

MONDAY = datetime(2026, 1, 5, 9, tzinfo=UTC)
TEN_WORDS = "This agreement runs for three years under the English law."


@dataclass
class History:
    """A project's people, and ways to make them work."""

    make: Factory
    project: Project
    annotator: User
    reviewer: User
    lead: User

    def begin(self, at: datetime, *, output: str = TEN_WORDS, by: User | None = None) -> Sample:
        sample = self.make.sample(self.project, annotator=by or self.annotator, output=output)
        sample.created_at = sample.updated_at = at
        self.make.session.flush()
        return sample

    def submit(self, sample: Sample, at: datetime) -> Sample:
        return submission.submit(
            self.make.session, sample_id=sample.id, based_on=1, reasons={}, actor=sample.annotator, at=at
        )

    def decide(self, sample: Sample, action: Action, at: datetime, *, comment: str = "See 7.2.") -> int:
        return reviews.decide(
            self.make.session, sample_id=sample.id, revision_number=sample.revision_count, action=action,
            comment=comment, actor=self.reviewer, at=at,
        ).review.id  # fmt: skip

    def look(self, user: User, **asked: str) -> Insights:
        wanted = {"since": "2026-01-05", "until": "2026-01-18", "by": "week"} | asked
        return service.insights(
            self.make.session,
            project=self.project,
            roles=roles_in(self.make.session, self.project.id, user),
            chosen=parse_range(**wanted, today=MONDAY.date()),
            actor=user,
            at=MONDAY + timedelta(days=14),
        )


@pytest.fixture
def history(session: Session, make: Factory) -> History:
    project = make.project()
    return History(make, project, make.annotator(project), make.reviewer(project), make.lead(project))
