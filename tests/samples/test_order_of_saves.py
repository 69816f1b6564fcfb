"""Saves of one page are numbered, because a network may deliver them late, twice or in another order."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import Conflict
from app.reviews import service as reviews
from app.samples import submission, writing
from app.samples.content import Sent
from app.samples.models import DraftSave, Sample
from app.samples.workflow import Action
from tests.factories import NOON, Factory

DECIDED = {"term": "covered", "governing_law": "covered"}


def save(session: Session, sample: Sample, text: str, editor: str, *, by_page: bool = True) -> int:
    """A save of a page that has heard of no draft but the first; the number of the draft after it."""
    outcome = writing.save_draft(
        session,
        sample_id=sample.id,
        sent=Sent(text, DECIDED, from_page=by_page),
        based_on=1,
        editor=editor,
        actor=sample.annotator,
        at=NOON,
    )
    assert outcome.conflict is None
    return outcome.number


def test_a_save_that_arrives_late_does_not_undo_a_later_one(session: Session, make: Factory) -> None:
    sample = make.sample(make.project())
    sample.draft.editor = "page.1"
    save(session, sample, "Early, and late.", "page.3")
    with pytest.raises(Conflict) as refusal:
        save(session, sample, "Early.", "page.2")
    assert refusal.value.code == "late_save"
    assert sample.draft.output == "Early, and late."


def test_a_save_that_arrives_twice_is_one_save(session: Session, make: Factory) -> None:
    sample = make.sample(make.project())
    sample.draft.editor = "page.1"
    assert save(session, sample, "Once.", "page.2") == save(session, sample, "Once.", "page.2") == 2
    assert session.scalars(select(DraftSave).where(DraftSave.sample_id == sample.id)).all() == []


def test_the_next_save_of_the_same_page_keeps_nothing_beside(session: Session, make: Factory) -> None:
    sample = make.sample(make.project())
    sample.draft.editor = "page.1"
    save(session, sample, "One.", "page.2")
    assert save(session, sample, "One. Two.", "page.10") == 3
    assert session.scalars(select(DraftSave).where(DraftSave.sample_id == sample.id)).all() == []


def test_a_program_may_call_its_editor_what_it_likes(session: Session, make: Factory) -> None:
    sample = make.sample(make.project())
    sample.draft.editor = "bot-1.2"
    save(session, sample, "By version 1.2.", "bot-1.2", by_page=False)
    assert save(session, sample, "By version 1.2 again.", "bot-1.2", by_page=False) == 3


def test_a_submission_that_is_repeated_after_it_was_sent_back_hands_in_nothing(
    session: Session, make: Factory
) -> None:
    project = make.project()
    sample, reviewer = make.sample(project), make.reviewer(project)
    assert _hand_in(session, sample, known_revisions=0) == ""
    assert _hand_in(session, sample, known_revisions=0) == ""
    reviews.decide(
        session,
        sample_id=sample.id,
        revision_number=1,
        action=Action.REQUEST_CHANGES,
        comment="Say more.",
        actor=reviewer,
        at=NOON,
    )
    assert _hand_in(session, sample, known_revisions=0) == "already_submitted"
    assert sample.revision_count == 1
    assert _hand_in(session, sample, known_revisions=1) == ""
    assert sample.revision_count == 2


def _hand_in(session: Session, sample: Sample, *, known_revisions: int) -> str:
    """The code of the refusal; nothing where it was handed in."""
    refusal = submission.save_and_submit(
        session,
        sample_id=sample.id,
        sent=Sent(sample.draft.output, DECIDED, from_page=True),
        based_on=1,
        editor="page.2",
        reasons={},
        known_revisions=known_revisions,
        actor=sample.annotator,
        at=NOON,
    )
    return refusal.code if refusal else ""
