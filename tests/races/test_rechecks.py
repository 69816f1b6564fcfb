"""A sample is checked again while its annotator takes it back and hands another text in."""

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from app import clock, database
from app.accounts.actors import OPERATOR
from app.checks import likeness
from app.rechecks import service
from app.samples import submission
from app.samples.models import LikenessBand
from tests.factories import LENIENT, SUMMARY, Factory
from tests.races.together import held_before_commit

NEW = "Quite another agreement, which never ends and which nobody can assign to anybody."


@pytest.mark.parametrize("is_checked_first", [True, False], ids=["check first", "new text first"])
def test_a_sample_that_is_checked_again_is_found_by_the_text_that_was_handed_in_last(
    site: Engine, is_checked_first: bool
) -> None:
    with database.transaction() as session:
        make = Factory(session)
        project = make.project(severities=LENIENT | {"facts": "note"})
        sample = make.sample(project, output=SUMMARY)
        annotator = sample.annotator
        assert annotator is not None
        submission.submit(
            session, sample_id=sample.id, based_on=1, reasons={}, actor=annotator, at=clock.now()
        )
        run_id = service.start(session, project_slug=project.slug, actor=OPERATOR, at=clock.now()).id

    def check(session: Session) -> int:
        return service.check_next(session, run_id, at=clock.now()).failed

    def rewrite(session: Session) -> int:
        taken_back = submission.recall(session, sample_id=sample.id, actor=annotator, at=clock.now())
        taken_back.draft.output = NEW
        taken_back.draft.number += 1
        session.flush()
        submission.submit(
            session, sample_id=sample.id, based_on=2, reasons={}, actor=annotator, at=clock.now()
        )
        return 0

    acts = (check, rewrite) if is_checked_first else (rewrite, check)
    assert held_before_commit(*acts) == (0, 0)
    with database.transaction() as session:
        kept = session.scalars(select(LikenessBand.band).where(LikenessBand.sample_id == sample.id)).all()
    assert set(kept) == set(likeness.bands(NEW))
