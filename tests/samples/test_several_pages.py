"""Words of several open pages, and places under changed rules: what the state machine of tests/life found."""

import pytest
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.errors import NotAllowed
from app.projects.models import Member
from app.reviews import leases, service
from app.samples import submission, writing
from app.samples.content import Sent
from app.samples.models import DraftSave, Sample
from app.samples.workflow import Action, Status
from app.tasks.models import Slot
from tests.factories import NOON, SUMMARY, Factory

DECIDED = {"term": "covered", "governing_law": "covered"}


def save(session: Session, sample: Sample, output: str, *, based_on: int, editor: str) -> writing.SaveOutcome:
    return writing.save_draft(
        session,
        sample_id=sample.id,
        sent=Sent(output, DECIDED),
        based_on=based_on,
        editor=editor,
        actor=sample.annotator,
        at=NOON,
    )


def kept(session: Session, sample: Sample) -> list[str]:
    saves = select(DraftSave.output).where(DraftSave.sample_id == sample.id).order_by(DraftSave.id)
    return list(session.scalars(saves))


def hand_in(session: Session, sample: Sample) -> None:
    submission.submit(
        session,
        sample_id=sample.id,
        based_on=sample.draft.number,
        reasons={},
        actor=sample.annotator,
        at=NOON,
    )


def end_lease(session: Session, sample: Sample) -> None:
    ended = func.clock_timestamp() - func.make_interval(0, 0, 0, 0, 1)
    session.execute(update(Slot).where(Slot.id == sample.slot_id).values(lease_expires_at=ended))


def test_a_save_that_names_no_page_is_kept_when_another_one_follows(session: Session, make: Factory) -> None:
    sample = make.sample(make.project())
    save(session, sample, "One program's words.", based_on=1, editor="")
    save(session, sample, "Another program's words.", based_on=2, editor="")
    assert kept(session, sample) == [SUMMARY, "One program's words."]


@pytest.mark.parametrize("goes_on", ["page-1", "page-2"])
def test_words_that_two_pages_saved_are_kept_whichever_goes_on(
    session: Session, make: Factory, goes_on: str
) -> None:
    sample = make.sample(make.project())
    save(session, sample, "The same words.", based_on=1, editor="page-1")
    save(session, sample, "The same words.", based_on=2, editor="page-2")
    save(session, sample, "Other words.", based_on=2, editor=goes_on)
    assert kept(session, sample) == ["The same words."]


def test_a_late_save_from_before_another_page_s_does_not_replace_what_came_after(
    session: Session, make: Factory
) -> None:
    sample = make.sample(make.project())
    save(session, sample, "Page two.", based_on=1, editor="page-2")
    save(session, sample, "Page one, after it saw page two.", based_on=2, editor="page-1")
    late = save(session, sample, "Page one, delayed.", based_on=1, editor="page-1")
    assert late.conflict is not None
    assert late.conflict.code == "stale_draft"
    assert sample.draft.output == "Page one, after it saw page two."
    assert "Page one, delayed." in kept(session, sample)


def test_who_is_no_annotator_any_more_saves_nothing_and_keeps_no_place(
    session: Session, make: Factory
) -> None:
    project = make.project()
    sample = make.sample(project)
    make.session.add(Member(project_id=project.id, user_id=sample.annotator_id, role="engineer"))
    make.session.execute(
        delete(Member).where(Member.user_id == sample.annotator_id, Member.role == "annotator")
    )
    end_lease(session, sample)
    for role in ("lead", "reviewer"):  # as an engineer alone they do not even see it
        make.session.add(Member(project_id=project.id, user_id=sample.annotator_id, role=role))
    session.flush()
    with pytest.raises(NotAllowed):
        save(session, sample, "Late words.", based_on=1, editor="page-1")
    with pytest.raises(NotAllowed):
        writing.keep_lease(session, sample_id=sample.id, actor=sample.annotator)


def test_handing_in_again_with_other_clauses_is_not_said_to_be_handed_in(
    session: Session, make: Factory
) -> None:
    sample = make.sample(make.project())
    hand_in(session, sample)
    refusals = [
        submission.save_and_submit(
            session,
            sample_id=sample.id,
            sent=Sent(SUMMARY, {"term": "covered", "governing_law": law}),
            based_on=1,
            editor="page-2",
            reasons={},
            actor=sample.annotator,
            at=NOON,
        )
        for law in ("covered", "absent")
    ]
    assert [refusal and refusal.code for refusal in refusals] == [None, "not_editable"]
    assert kept(session, sample) == [SUMMARY]


def test_an_approved_sample_is_reopened_though_the_overlap_was_lowered(
    session: Session, make: Factory
) -> None:
    project = make.project(overlap=2)
    sample = make.sample(project)
    other = make.annotator(project)
    make.session.add(Slot(task_id=sample.task_id, user_id=other.id, state="held"))
    hand_in(session, sample)
    approve(session, make, sample)
    project.overlap = 1
    reopened = submission.reopen(
        session, sample_id=sample.id, reason="Once more.", actor=make.lead(project), at=NOON
    )
    assert (reopened.status, reopened.slot.state) == (Status.CHANGES_REQUESTED, "held")


def approve(session: Session, make: Factory, sample: Sample) -> User:
    reviewer = make.reviewer(sample.task.document.project)
    service.decide(
        session,
        sample_id=sample.id,
        revision_number=1,
        action=Action.APPROVE,
        comment="",
        actor=reviewer,
        at=NOON,
    )
    return reviewer


def test_who_has_decided_looks_on_without_taking_the_next_reviewer_s_place(
    session: Session, make: Factory
) -> None:
    project = make.project(approvals=2)
    sample = make.sample(project)
    hand_in(session, sample)
    first = approve(session, make, sample)
    assert leases.open_for_review(session, sample_id=sample.id, actor=first) == ""
    waiting = leases.take_next(session, project_slug=project.slug, actor=make.reviewer(project))
    assert waiting is not None
    assert waiting.id == sample.id
