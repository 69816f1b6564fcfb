"""Handing in and its way back, with the database's own guards behind it."""

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from app.audit.models import Event
from app.checks.findings import Finding, Severity
from app.documents.models import Document
from app.errors import Conflict, Invalid, NotAllowed, NotFound
from app.projects.models import Clause
from app.samples import submission, writing
from app.samples.content import Sent
from app.samples.models import Draft, Revision, Sample
from app.samples.progress import list_stuck_tasks
from app.samples.workflow import Status
from tests.factories import NOON, SUMMARY, Factory


def submit(session: Session, sample: Sample, *, based_on: int = 1, by=None) -> Sample:
    return submission.submit(
        session,
        sample_id=sample.id,
        based_on=based_on,
        reasons={},
        actor=by or sample.annotator,
        at=NOON,
    )


def test_a_submission_is_one_revision_one_event_and_a_held_slot(session: Session, make: Factory) -> None:
    sample = submit(session, make.sample(make.project()))
    revision = session.scalars(select(Revision).where(Revision.sample_id == sample.id)).one()
    assert (revision.number, revision.output, revision.draft_number) == (1, SUMMARY, 1)
    assert revision.contract_sha256 == sample.task.text.sha256
    assert revision.attested_at is not None
    assert sample.status == Status.SUBMITTED
    session.refresh(sample.slot)
    assert sample.slot.state == "held"
    events = session.execute(
        select(Event.verb, Event.before, Event.after).where(
            Event.subject_id == sample.id, Event.verb.like("sample.%")
        )
    ).all()
    assert events == [("sample.start", None, "draft"), ("sample.submit", "draft", "submitted")]


def test_submitting_twice_is_one_submission(session: Session, make: Factory) -> None:
    sample = make.sample(make.project())
    submit(session, sample)
    submit(session, sample)
    count = session.scalar(select(func.count()).where(Revision.sample_id == sample.id))
    assert count == 1


def test_a_draft_that_was_saved_elsewhere_since_is_not_submitted(session: Session, make: Factory) -> None:
    sample = make.sample(make.project())
    session.execute(update(Draft).where(Draft.sample_id == sample.id).values(number=2))
    with pytest.raises(Conflict) as refusal:
        submit(session, sample)
    assert refusal.value.code == "stale_draft"


def test_without_the_attestation_nothing_is_submitted(session: Session, make: Factory) -> None:
    project = make.project()
    sample = make.sample(project, annotator=make.annotator(project, attested=False))
    with pytest.raises(Invalid) as refusal:
        submit(session, sample)
    assert refusal.value.code == "attestation_missing"


@pytest.mark.parametrize("output", ["", " \n\u200b", "word " * 161])
def test_findings_of_severity_error_block(session: Session, make: Factory, output: str) -> None:
    sample = make.sample(make.project(), output=output)
    with pytest.raises(Invalid) as refusal:
        submit(session, sample)
    assert refusal.value.code == "findings_block"
    assert sample.status == Status.DRAFT


def test_an_undecided_required_clause_blocks_and_is_named(session: Session, make: Factory) -> None:
    project = make.project()
    sample = make.sample(project)
    session.add(Clause(project_id=project.id, position=3, key="cap", name="Liability cap", required=True))
    session.flush()
    session.expire(project)
    with pytest.raises(Invalid, match="Liability cap"):
        submit(session, sample)


def test_a_refused_form_keeps_the_text_that_came_with_it(session: Session, make: Factory) -> None:
    project = make.project()
    sample = make.sample(project, annotator=make.annotator(project, attested=False))
    refusal = submission.save_and_submit(
        session,
        sample_id=sample.id,
        sent=Sent("Words that must not be lost, though nothing is attested.", sample.draft.clauses),
        based_on=1,
        editor="page-1",
        reasons={},
        actor=sample.annotator,
        at=NOON,
    )
    assert refusal is not None
    assert refusal.code == "attestation_missing"
    session.expire_all()
    assert session.get_one(Draft, sample.id).output.startswith("Words that must not be lost")
    assert (
        session.scalar(select(func.count()).select_from(Revision).where(Revision.sample_id == sample.id)) == 0
    )


def test_a_recalled_sample_is_a_draft_with_a_lease_and_its_revision_stays(
    session: Session, make: Factory
) -> None:
    sample = submit(session, make.sample(make.project()))
    submission.recall(session, sample_id=sample.id, actor=sample.annotator, at=NOON)
    session.refresh(sample.slot)
    assert (sample.status, sample.slot.state) == (Status.DRAFT, "writing")
    assert session.scalar(select(func.count()).where(Revision.sample_id == sample.id)) == 1
    submit(session, sample)
    assert sample.revision_count == 2


def test_a_skipped_sample_frees_its_place_and_can_be_resumed_while_it_is_free(
    session: Session, make: Factory
) -> None:
    project = make.project()
    sample = make.sample(project)
    submission.skip(session, sample_id=sample.id, reason="Not my language.", actor=sample.annotator, at=NOON)
    other = writing.take_next(session, project_slug=project.slug, actor=make.annotator(project), at=NOON)
    assert other is not None
    assert other.task_id == sample.task_id
    with pytest.raises(Conflict) as refusal:
        submission.resume(session, sample_id=sample.id, actor=sample.annotator, at=NOON)
    assert refusal.value.code == "slot_taken"
    submission.skip(session, sample_id=other.id, reason="Nor mine.", actor=other.annotator, at=NOON)
    submission.resume(session, sample_id=sample.id, actor=sample.annotator, at=NOON)
    session.expire_all()
    assert session.get_one(Sample, sample.id).status == Status.DRAFT


def test_only_the_reasons_of_warnings_are_kept() -> None:
    note, warning = Finding("shape", "A note."), Finding("facts", "One.", severity=Severity.WARNING)
    reasons = {note.key: "So.", warning.key: " So. ", "0000": "Of nothing."}
    assert submission.settle([warning, note], reasons) == {warning.key: "So."}


@pytest.mark.parametrize("reason", ["", "  ", "x" * 5_001, "a\0"])
def test_a_skip_wants_a_reason_within_its_limits(session: Session, make: Factory, reason: str) -> None:
    sample = make.sample(make.project())
    with pytest.raises(Invalid):
        submission.skip(session, sample_id=sample.id, reason=reason, actor=sample.annotator, at=NOON)


def test_a_lead_releases_a_draft_without_reading_it(session: Session, make: Factory) -> None:
    project = make.project()
    sample = make.sample(project)
    submission.release(session, sample_id=sample.id, reason="On leave.", actor=make.lead(project), at=NOON)
    assert sample.status == Status.SKIPPED
    assert session.get_one(Draft, sample.id).output == SUMMARY


@pytest.mark.parametrize("role", ["annotator", "reviewer", "engineer"])
def test_nobody_else_releases(session: Session, make: Factory, role: str) -> None:
    project = make.project()
    sample = make.sample(project)
    with pytest.raises((NotFound, NotAllowed)):
        submission.release(
            session, sample_id=sample.id, reason="Mine!", actor=make.member(project, role), at=NOON
        )


def test_a_withdrawn_contract_cannot_be_submitted(session: Session, make: Factory) -> None:
    sample = make.sample(make.project())
    session.execute(update(Document).where(Document.id == sample.task.document_id).values(withdrawn_at=NOON))
    with pytest.raises(Conflict) as refusal:
        submit(session, sample)
    assert refusal.value.code == "withdrawn"


def test_a_task_that_everybody_skipped_is_listed_for_the_lead(session: Session, make: Factory) -> None:
    project = make.project()
    sample = make.sample(project)
    assert list_stuck_tasks(session, project.id) == []
    submission.skip(session, sample_id=sample.id, reason="Illegible.", actor=sample.annotator, at=NOON)
    assert [task.id for task in list_stuck_tasks(session, project.id)] == [sample.task_id]
    make.annotator(project)
    assert list_stuck_tasks(session, project.id) == []
