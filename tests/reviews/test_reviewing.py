"""Taking, deciding, undoing, editing: on real Postgres, rolled back."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.accounts.actors import OPERATOR
from app.accounts.models import User
from app.documents.models import Document
from app.errors import Conflict, Invalid, NotAllowed, NotFound
from app.projects.models import Member, Project
from app.reviews import leases, queries, service
from app.reviews.models import Review, ReviewLease
from app.samples import submission, writing
from app.samples.checking import check
from app.samples.content import Sent
from app.samples.models import Revision, Sample
from app.samples.revisions import last_reasons
from app.samples.workflow import Action, Status
from app.tasks.models import Slot
from tests.factories import LENIENT, NOON, SUMMARY, Factory


def submitted(session: Session, make: Factory, project: Project | None = None) -> Sample:
    sample = make.sample(project or make.project())
    return submission.submit(
        session, sample_id=sample.id, based_on=1, reasons={}, actor=sample.annotator, at=NOON
    )


def decide(
    session: Session, sample: Sample, by: User, action: Action = Action.APPROVE, *, comment: str = "See 7.2."
) -> Review:
    return service.decide(
        session,
        sample_id=sample.id,
        revision_number=sample.revision_count,
        action=action,
        comment=comment,
        actor=by,
        at=datetime.now(UTC),
    ).review


def project_of(sample: Sample) -> Project:
    return sample.task.document.project


@pytest.mark.parametrize(
    ("action", "status", "slot"),
    [
        (Action.APPROVE, Status.APPROVED, "held"),
        (Action.REQUEST_CHANGES, Status.CHANGES_REQUESTED, "held"),
        (Action.REJECT, Status.REJECTED, "free"),
    ],
)
def test_a_decision_moves_the_sample_and_its_slot_follows(
    session: Session, make: Factory, action: Action, status: Status, slot: str
) -> None:
    sample = submitted(session, make)
    decide(session, sample, make.reviewer(project_of(sample)), action)
    assert sample.status == status
    assert session.scalar(select(Slot.state).where(Slot.id == sample.slot_id)) == slot


def test_nobody_approves_their_own_work(session: Session, make: Factory) -> None:
    project = make.project()
    both = make.annotator(project)
    session.add(Member(project_id=project.id, user_id=both.id, role="reviewer"))
    session.flush()
    sample = make.sample(project, annotator=both)
    submission.submit(session, sample_id=sample.id, based_on=1, reasons={}, actor=both, at=NOON)
    with pytest.raises(NotAllowed, match="did not write or import it"):
        decide(session, sample, both)


def test_nobody_reviews_a_task_that_they_held(session: Session, make: Factory) -> None:
    sample = submitted(session, make)
    project = project_of(sample)
    reviewer = make.reviewer(project)
    session.add(Slot(task_id=sample.task_id, user_id=reviewer.id, state="free"))
    session.flush()
    with pytest.raises(NotFound):
        decide(session, sample, reviewer)
    assert leases.take_next(session, project_slug=project.slug, actor=reviewer) is None


@pytest.mark.parametrize("role", ["annotator", "lead", "engineer"])
def test_only_reviewers_decide(session: Session, make: Factory, role: str) -> None:
    sample = submitted(session, make)
    with pytest.raises((NotFound, NotAllowed)):
        decide(session, sample, make.member(project_of(sample), role))
    with pytest.raises(NotFound):
        decide(session, sample, make.user())
    assert session.scalars(select(Review)).all() == []


def test_the_database_itself_refuses_an_approval_of_ones_own_text(session: Session, make: Factory) -> None:
    sample = submitted(session, make)
    revision = session.scalars(select(Revision).where(Revision.sample_id == sample.id)).one()
    session.add(Review(revision_id=revision.id, reviewer_id=sample.annotator_id, action="approve"))
    with pytest.raises(IntegrityError, match="own work"), session.begin_nested():
        session.flush()


def test_the_database_itself_keeps_decisions_as_they_are(session: Session, make: Factory) -> None:
    sample = submitted(session, make)
    review = decide(session, sample, make.reviewer(project_of(sample)))
    for statement in ("UPDATE reviews SET action = 'reject', reason = 'x'", "DELETE FROM reviews"):
        with pytest.raises(IntegrityError), session.begin_nested():
            session.execute(text(f"{statement} WHERE id = {review.id}"))


def test_the_database_itself_lets_no_approval_go_while_the_sample_stays_approved(
    session: Session, make: Factory
) -> None:
    sample = submitted(session, make)
    review = decide(session, sample, make.reviewer(project_of(sample)))
    session.execute(text("UPDATE reviews SET undone_at = now() WHERE id = :id"), {"id": review.id})
    with pytest.raises(IntegrityError, match="stays decided"), session.begin_nested():
        session.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))


@pytest.mark.parametrize("action", [Action.REQUEST_CHANGES, Action.REJECT])
@pytest.mark.parametrize("comment", ["", "  \n", "x" * 5_001])
def test_sending_back_needs_a_reason(session: Session, make: Factory, action: Action, comment: str) -> None:
    sample = submitted(session, make)
    with pytest.raises(Invalid):
        decide(session, sample, make.reviewer(project_of(sample)), action, comment=comment)
    assert sample.status == Status.SUBMITTED


def test_a_decision_on_an_earlier_revision_is_refused(session: Session, make: Factory) -> None:
    sample = submitted(session, make)
    submission.recall(session, sample_id=sample.id, actor=sample.annotator, at=NOON)
    submission.submit(session, sample_id=sample.id, based_on=1, reasons={}, actor=sample.annotator, at=NOON)
    with pytest.raises(Conflict) as refusal:
        service.decide(
            session,
            sample_id=sample.id,
            revision_number=1,
            action=Action.APPROVE,
            comment="",
            actor=make.reviewer(project_of(sample)),
            at=NOON,
        )
    assert refusal.value.code == "stale_revision"


def test_two_approvals_are_needed_where_the_policy_says_so(session: Session, make: Factory) -> None:
    project = make.project(approvals=2)
    sample = submitted(session, make, project)
    first, second = make.reviewer(project), make.reviewer(project)
    decide(session, sample, first)
    assert sample.status == Status.SUBMITTED
    with pytest.raises(Conflict) as refusal:
        decide(session, sample, first)
    assert refusal.value.code == "already_decided"
    decide(session, sample, second)
    assert sample.status == Status.APPROVED


def test_approvals_count_for_one_revision_only(session: Session, make: Factory) -> None:
    project = make.project(approvals=2)
    sample = submitted(session, make, project)
    first, second = make.reviewer(project), make.reviewer(project)
    decide(session, sample, first)
    decide(session, sample, second, Action.REQUEST_CHANGES)
    submission.submit(session, sample_id=sample.id, based_on=1, reasons={}, actor=sample.annotator, at=NOON)
    decide(session, sample, second)
    assert sample.status == Status.SUBMITTED


def test_the_queue_gives_the_oldest_submission_and_keeps_it_for_its_reviewer(
    session: Session, make: Factory
) -> None:
    project = make.project()
    old, new = submitted(session, make, project), submitted(session, make, project)
    session.execute(update(Sample).where(Sample.id == old.id).values(submitted_at=NOON - timedelta(days=1)))
    first, second = make.reviewer(project), make.reviewer(project)
    taken = [
        leases.take_next(session, project_slug=project.slug, actor=who) for who in (first, second, first)
    ]
    assert [sample.id if sample else None for sample in taken] == [old.id, new.id, old.id]
    assert leases.take_next(session, project_slug=project.slug, actor=make.reviewer(project)) is None


def test_a_submission_that_a_reviewer_took_is_not_recalled(session: Session, make: Factory) -> None:
    sample = submitted(session, make)
    leases.take_next(session, project_slug=project_of(sample).slug, actor=make.reviewer(project_of(sample)))
    with pytest.raises(Conflict, match="already opened"):
        submission.recall(session, sample_id=sample.id, actor=sample.annotator, at=NOON)


def test_what_another_reviewer_has_before_them_is_not_decided_over_their_head(
    session: Session, make: Factory
) -> None:
    sample = submitted(session, make)
    project = project_of(sample)
    leases.take_next(session, project_slug=project.slug, actor=make.reviewer(project))
    late = make.reviewer(project)
    with pytest.raises(Conflict) as refusal:
        decide(session, sample, late)
    assert refusal.value.code == "leased_by_another"
    session.execute(update(ReviewLease).values(expires_at=NOON - timedelta(days=900)))
    decide(session, sample, late)
    assert sample.status == Status.APPROVED


def test_a_withdrawn_contract_is_not_reviewed(session: Session, make: Factory) -> None:
    sample = submitted(session, make)
    project = project_of(sample)
    session.execute(update(Document).where(Document.id == sample.task.document_id).values(withdrawn_at=NOON))
    reviewer = make.reviewer(project)
    assert leases.take_next(session, project_slug=project.slug, actor=reviewer) is None
    with pytest.raises(Conflict) as refusal:
        decide(session, sample, reviewer)
    assert refusal.value.code == "withdrawn"


@pytest.mark.parametrize("action", [Action.APPROVE, Action.REQUEST_CHANGES, Action.REJECT])
def test_a_decision_is_undone_once_by_whoever_took_it(
    session: Session, make: Factory, action: Action
) -> None:
    sample = submitted(session, make)
    reviewer = make.reviewer(project_of(sample))
    review = decide(session, sample, reviewer, action)
    other = make.reviewer(project_of(sample))
    with pytest.raises(Conflict):
        service.undo(session, sample_id=sample.id, review_id=review.id, actor=other, at=NOON)
    service.undo(session, sample_id=sample.id, review_id=review.id, actor=reviewer, at=NOON)
    assert sample.status == Status.SUBMITTED
    assert session.scalar(select(Slot.state).where(Slot.id == sample.slot_id)) == "held"
    assert queries.list_reviews(session, sample.id) == []
    with pytest.raises((Conflict, NotFound)):
        service.undo(session, sample_id=sample.id, review_id=review.id, actor=reviewer, at=NOON)


def test_a_decision_is_not_undone_after_the_annotator_acted(session: Session, make: Factory) -> None:
    sample = submitted(session, make)
    reviewer = make.reviewer(project_of(sample))
    review = decide(session, sample, reviewer, Action.REQUEST_CHANGES)
    submission.submit(
        session, sample_id=sample.id, based_on=1, reasons={}, actor=sample.annotator, at=datetime.now(UTC)
    )
    with pytest.raises(Conflict):
        service.undo(session, sample_id=sample.id, review_id=review.id, actor=reviewer, at=NOON)


def test_an_old_decision_is_not_undone(session: Session, make: Factory) -> None:
    sample = submitted(session, make)
    reviewer = make.reviewer(project_of(sample))
    review = service.decide(
        session,
        sample_id=sample.id,
        revision_number=1,
        action=Action.APPROVE,
        comment="",
        actor=reviewer,
        at=datetime.now(UTC) - timedelta(seconds=queries.UNDO_SECONDS + 1),
    ).review
    with pytest.raises(Conflict, match="ten seconds"):
        service.undo(session, sample_id=sample.id, review_id=review.id, actor=reviewer, at=NOON)


def test_a_reviewers_edit_needs_another_reviewer(session: Session, make: Factory) -> None:
    sample = submitted(session, make)
    project = project_of(sample)
    editor, other = make.reviewer(project), make.reviewer(project)
    service.edit(
        session,
        sample_id=sample.id,
        revision_number=1,
        sent=Sent(f"{SUMMARY} Corrected.", sample.draft.clauses),
        reasons={},
        actor=editor,
        at=NOON,
    )
    assert (sample.status, sample.revision_count) == (Status.SUBMITTED, 2)
    with pytest.raises(NotAllowed):
        decide(session, sample, editor)
    decide(session, sample, other)
    assert sample.status == Status.APPROVED


def test_reasons_for_what_stays_go_with_an_edit_and_come_back_to_the_writer(
    session: Session, make: Factory
) -> None:
    project = make.project(min_words=100, severities=LENIENT | {"too_short": "warning", "shape": "warning"})
    sample = make.sample(project, output=f"{SUMMARY}\n- A list.")
    keys = {each.check: each.key for each in check(session, sample, writing.draft_content(sample)).findings}
    reasons = {keys["length"]: "There is no more to say.", keys["shape"]: "A list is clearer."}
    with pytest.raises(Invalid) as refused:
        submission.submit(
            session, sample_id=sample.id, based_on=1, reasons={}, actor=sample.annotator, at=NOON
        )
    assert refused.value.code == "reasons_missing"
    submission.submit(
        session, sample_id=sample.id, based_on=1, reasons=reasons, actor=sample.annotator, at=NOON
    )
    assert last_reasons(session, sample) == reasons
    service.edit(
        session,
        sample_id=sample.id,
        revision_number=1,
        sent=Sent(SUMMARY),
        reasons={},
        actor=make.reviewer(project),
        at=NOON,
    )
    assert last_reasons(session, sample) == {keys["length"]: "There is no more to say."}


def test_what_an_edit_is_newly_warned_of_asks_the_reviewer_for_a_reason(
    session: Session, make: Factory
) -> None:
    project = make.project(severities=LENIENT | {"shape": "warning"})
    sample = submitted(session, make, project)
    reviewer = make.reviewer(project)

    def edit(reasons: dict[str, str]) -> None:
        service.edit(
            session,
            sample_id=sample.id,
            revision_number=1,
            sent=Sent(f"{SUMMARY}\n- A list."),
            reasons=reasons,
            actor=reviewer,
            at=NOON,
        )

    with pytest.raises(Invalid) as refused:
        edit({})
    assert refused.value.code == "reasons_missing"
    assert sample.revision_count == 1
    (field,) = refused.value.fields
    key = field.removeprefix("reason.")
    edit({key: " A list is clearer. ", "0000": "Of nothing."})
    assert last_reasons(session, sample) == {key: "A list is clearer."}


def test_an_edit_that_the_checks_block_changes_nothing(session: Session, make: Factory) -> None:
    sample = submitted(session, make)
    with pytest.raises(Invalid):
        service.edit(
            session,
            sample_id=sample.id,
            revision_number=1,
            sent=Sent("", {}),
            reasons={},
            actor=make.reviewer(project_of(sample)),
            at=NOON,
        )
    assert sample.revision_count == 1


def test_a_lead_reopens_what_was_decided_and_is_told_who_holds_the_place(
    session: Session, make: Factory
) -> None:
    sample = submitted(session, make)
    project = project_of(sample)
    decide(session, sample, make.reviewer(project), Action.REJECT)
    lead = make.lead(project)
    taker = make.annotator(project)
    other = writing.take_next(session, project_slug=project.slug, actor=taker, at=NOON)
    assert other is not None
    with pytest.raises(Conflict) as refusal:
        submission.reopen(session, sample_id=sample.id, reason="Look again.", actor=lead, at=NOON)
    assert refusal.value.details["sample_id"] == other.id
    submission.skip(session, sample_id=other.id, reason="Given back.", actor=taker, at=NOON)
    submission.reopen(session, sample_id=sample.id, reason="Look again.", actor=lead, at=NOON)
    assert sample.status == Status.CHANGES_REQUESTED


def test_what_nobody_may_review_is_listed_for_the_lead(session: Session, make: Factory) -> None:
    sample = submitted(session, make)
    project = project_of(sample)
    assert [row.id for row in queries.list_unreviewable(session, project.id, OPERATOR)] == [sample.id]
    editor = make.reviewer(project)
    assert queries.list_unreviewable(session, project.id, OPERATOR) == []
    service.edit(
        session,
        sample_id=sample.id,
        revision_number=1,
        sent=Sent(f"{SUMMARY} Corrected.", sample.draft.clauses),
        reasons={},
        actor=editor,
        at=NOON,
    )
    assert [row.id for row in queries.list_unreviewable(session, project.id, OPERATOR)] == [sample.id]


def test_what_a_reviewer_did_on_one_submission_hinders_them_on_no_other(
    session: Session, make: Factory
) -> None:
    project = make.project(approvals=2)
    decided, waiting = submitted(session, make, project), submitted(session, make, project)
    decide(session, decided, make.reviewer(project))
    assert [row.id for row in queries.list_unreviewable(session, project.id, OPERATOR)] == [decided.id]
    assert waiting.status == Status.SUBMITTED


def test_a_policy_that_asks_for_fewer_approvals_leaves_no_sample_that_none_can_decide(
    session: Session, make: Factory
) -> None:
    project = make.project(approvals=2)
    sample = submitted(session, make, project)
    first = make.reviewer(project)
    decide(session, sample, first)
    project.approvals = 1
    session.flush()
    assert queries.list_unreviewable(session, project.id, OPERATOR) == [sample]
    second = make.reviewer(project)
    assert queries.list_unreviewable(session, project.id, OPERATOR) == []
    assert leases.open_for_review(session, sample_id=sample.id, actor=second) == ""
    assert leases.take_next(session, project_slug=project.slug, actor=second) is sample
    third = make.reviewer(project)
    assert "is reviewing" in leases.open_for_review(session, sample_id=sample.id, actor=third)
    decide(session, sample, second)
    assert sample.status == Status.APPROVED
