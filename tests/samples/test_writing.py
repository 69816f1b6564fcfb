"""Taking work, saving, conflicts: on real Postgres, rolled back."""

from dataclasses import replace
from datetime import date, timedelta
from typing import NoReturn

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session
from structlog.testing import capture_logs

from app import logs
from app.audit.models import Event
from app.checks import registry
from app.checks.findings import Subject
from app.database import Base
from app.documents.models import Document
from app.errors import Conflict, Invalid, NotAllowed, NotFound
from app.paging import Wanted
from app.projects.models import Member
from app.samples import queries, submission, writing
from app.samples.content import Sent
from app.samples.models import DraftSave, Sample
from app.samples.workflow import Status
from app.tasks.models import Slot
from tests.conftest import PROGRAMS_BROKEN
from tests.factories import NOON, SUMMARY, Factory

DECIDED = {"term": "covered", "governing_law": "covered"}


def take(session: Session, project, user) -> Sample | None:
    return writing.take_next(session, project_slug=project.slug, actor=user, at=NOON)


def save(session: Session, sample: Sample, text: str, *, based_on: int, editor: str = "page-1", by=None):
    return writing.save_draft(
        session,
        sample_id=sample.id,
        sent=Sent(text, DECIDED),
        based_on=based_on,
        editor=editor,
        actor=by or sample.annotator,
        at=NOON,
    )


def end_lease(session: Session, sample: Sample) -> None:
    session.execute(
        update(Slot)
        .where(Slot.id == sample.slot_id)
        .values(lease_expires_at=func.clock_timestamp() - timedelta(minutes=1))
    )


def test_next_work_is_the_task_of_the_lowest_priority_number(session: Session, make: Factory) -> None:
    project = make.project()
    make.task(project, priority=5)
    urgent = make.task(project, priority=1)
    sample = take(session, project, make.annotator(project))
    assert sample is not None
    assert sample.task_id == urgent.id


def test_the_own_draft_comes_before_a_new_task(session: Session, make: Factory) -> None:
    project = make.project()
    make.task(project)
    make.task(project, priority=-1)
    annotator = make.annotator(project)
    first = take(session, project, annotator)
    assert first is not None
    again = take(session, project, annotator)
    assert again is not None
    assert again.id == first.id


def test_a_task_is_given_to_no_more_people_than_the_overlap(session: Session, make: Factory) -> None:
    project = make.project(overlap=2)
    make.task(project)
    taken = [take(session, project, make.annotator(project)) for _ in range(3)]
    assert [sample is not None for sample in taken] == [True, True, False]


def test_a_task_whose_lease_ended_goes_to_the_next_person(session: Session, make: Factory) -> None:
    project = make.project()
    make.task(project)
    slow = take(session, project, make.annotator(project))
    assert slow is not None
    assert take(session, project, make.annotator(project)) is None
    end_lease(session, slow)
    assert take(session, project, make.annotator(project)) is not None


def test_work_of_a_withdrawn_document_is_not_given_out(session: Session, make: Factory) -> None:
    project = make.project()
    task = make.task(project)
    session.execute(update(Document).where(Document.id == task.document_id).values(withdrawn_at=NOON))
    assert take(session, project, make.annotator(project)) is None


def test_a_task_assigned_to_somebody_waits_for_that_person(session: Session, make: Factory) -> None:
    project = make.project()
    wanted = make.annotator(project)
    make.task(project, assignee_id=wanted.id)
    assert take(session, project, make.annotator(project)) is None
    assert take(session, project, wanted) is not None


def test_what_is_kept_for_a_person_comes_first_then_priority_then_the_earlier_day(
    session: Session, make: Factory
) -> None:
    project = make.project()
    annotator = make.annotator(project)
    make.task(project, priority=-9, assignee_id=make.annotator(project).id)
    later, sooner = (make.task(project, due_on=date(2026, 5, day)) for day in (2, 1))
    undated, urgent = make.task(project), make.task(project, priority=-1)
    kept = make.task(project, priority=5, assignee_id=annotator.id)
    given = []
    while sample := take(session, project, annotator):
        given.append(sample.task_id)
        submission.skip(session, sample_id=sample.id, reason="Not today.", actor=annotator, at=NOON)
    assert given == [task.id for task in (kept, urgent, sooner, later, undated)]


def test_a_kept_task_is_for_all_once_it_was_begun(session: Session, make: Factory) -> None:
    project = make.project(overlap=2)
    annotator, other = make.annotator(project), make.annotator(project)
    task = make.task(project, assignee_id=annotator.id)
    assert take(session, project, other) is None
    assert take(session, project, annotator) is not None
    assert take(session, project, other) is not None
    session.refresh(task)
    assert task.assignee_id is None


@pytest.mark.parametrize("role", ["reviewer", "lead", "engineer"])
def test_only_annotators_take_writing_work(session: Session, make: Factory, role: str) -> None:
    project = make.project()
    make.task(project)
    with pytest.raises(NotAllowed):
        take(session, project, make.member(project, role))
    with pytest.raises(NotFound):
        take(session, project, make.user())


def test_taking_work_is_one_event(session: Session, make: Factory) -> None:
    project = make.project()
    make.task(project)
    sample = take(session, project, make.annotator(project))
    assert sample is not None
    verbs = session.scalars(
        select(Event.verb).where(Event.subject_type == "sample", Event.subject_id == sample.id)
    )
    assert list(verbs) == ["sample.start"]


def test_a_save_is_the_draft_and_renews_the_lease(session: Session, make: Factory) -> None:
    sample = make.sample(make.project())
    outcome = save(session, sample, "New words.", based_on=1)
    assert (outcome.number, outcome.conflict) == (2, None)
    assert outcome.lease_expires_at is not None
    assert queries.get_visible(session, sample.id, sample.annotator).draft.output == "New words."


def test_a_save_after_the_lease_ended_is_kept_and_says_that_the_place_is_gone(
    session: Session, make: Factory
) -> None:
    project = make.project()
    sample = make.sample(project)
    end_lease(session, sample)
    assert take(session, project, make.annotator(project)) is not None
    outcome = save(session, sample, "Late words.", based_on=1)
    assert outcome.conflict is None
    assert outcome.lease_expires_at is None
    with pytest.raises(Conflict) as refusal:
        submission.submit(
            session, sample_id=sample.id, based_on=outcome.number, reasons={}, actor=sample.annotator, at=NOON
        )
    assert refusal.value.code == "slot_taken"


def test_a_stale_save_of_another_page_loses_and_its_text_is_kept(session: Session, make: Factory) -> None:
    sample = make.sample(make.project())
    save(session, sample, "First page.", based_on=1)
    outcome = save(session, sample, "Second page.", based_on=1, editor="page-2")
    assert outcome.conflict is not None
    assert outcome.conflict.code == "stale_draft"
    assert sample.draft.output == "First page."
    kept = session.scalars(select(DraftSave.output).where(DraftSave.sample_id == sample.id)).all()
    assert "Second page." in kept


def test_a_lost_answer_is_no_conflict_with_oneself(session: Session, make: Factory) -> None:
    sample = make.sample(make.project())
    save(session, sample, "Sent, and the answer was lost.", based_on=1)
    outcome = save(session, sample, "Sent again, with more.", based_on=1)
    assert outcome.conflict is None
    assert sample.draft.output == "Sent again, with more."


def test_the_last_save_of_the_other_page_is_kept_when_one_goes_on(session: Session, make: Factory) -> None:
    sample = make.sample(make.project())
    save(session, sample, "Page one's last words.", based_on=1)
    save(session, sample, "Page two goes on.", based_on=2, editor="page-2")
    kept = session.scalars(select(DraftSave.output).where(DraftSave.sample_id == sample.id)).all()
    assert list(kept) == ["Page one's last words."]


def test_a_save_after_submission_changes_nothing_and_loses_nothing(session: Session, make: Factory) -> None:
    sample = make.sample(make.project())
    submission.submit(session, sample_id=sample.id, based_on=1, reasons={}, actor=sample.annotator, at=NOON)
    outcome = save(session, sample, "Too late.", based_on=1)
    assert outcome.conflict is not None
    assert outcome.conflict.code == "not_editable"
    assert sample.draft.output == SUMMARY
    assert session.scalars(select(DraftSave.output).where(DraftSave.sample_id == sample.id)).all() == [
        "Too late."
    ]


@pytest.mark.parametrize("text", ["a\0b", "a\ud800b", "x" * 20_001])
def test_a_text_that_cannot_be_kept_is_refused_with_a_sentence(
    session: Session, make: Factory, text: str
) -> None:
    sample = make.sample(make.project())
    with pytest.raises(Invalid) as refusal:
        save(session, sample, text, based_on=1)
    assert refusal.value.fields["output"]


@pytest.mark.parametrize(
    "text", ["\u2028 \u0085 \u202e", "e\u0301 é", "👩‍⚖️" * 100, "x" * 20_000, "a\r\nb\tc"]
)
def test_every_character_of_a_text_is_kept(session: Session, make: Factory, text: str) -> None:
    sample = make.sample(make.project())
    save(session, sample, text, based_on=1)
    session.expire_all()
    assert queries.get_visible(session, sample.id, sample.annotator).draft.output == text


@pytest.mark.parametrize("role", ["annotator", "reviewer", "lead", "engineer"])
def test_nobody_else_saves_a_draft(session: Session, make: Factory, role: str) -> None:
    project = make.project()
    sample = make.sample(project)
    with pytest.raises((NotFound, NotAllowed)):
        save(session, sample, "Not mine.", based_on=1, by=make.member(project, role))
    assert sample.draft.output == SUMMARY


@pytest.mark.parametrize("role", ["annotator", "reviewer", "engineer"])
def test_a_draft_does_not_exist_for_others(session: Session, make: Factory, role: str) -> None:
    project = make.project()
    sample = make.sample(project)
    with pytest.raises(NotFound):
        queries.get_visible(session, sample.id, make.member(project, role))


def test_one_person_holds_one_writing_lease_in_a_project(session: Session, make: Factory) -> None:
    project = make.project()
    annotator = make.annotator(project)
    first = make.sample(project, annotator=annotator)
    second = make.sample(project, annotator=annotator)
    end_lease(session, second)
    session.expire_all()
    save(session, queries.get_visible(session, second.id, annotator), "Here now.", based_on=1)
    live = session.scalars(
        select(Slot.id).where(Slot.user_id == annotator.id, Slot.lease_expires_at > func.clock_timestamp())
    ).all()
    assert live == [second.slot_id]
    assert first.slot_id not in live


def test_a_list_is_of_one_project_also_for_somebody_in_two(session: Session, make: Factory) -> None:
    project, other = make.project(), make.project()
    lead = make.lead(project)
    session.add(Member(project_id=other.id, user_id=lead.id, role="lead"))
    here, _there = make.sample(project), make.sample(other)
    listed = queries.list_samples(session, project_id=project.id, actor=lead, wanted=Wanted("-created")).items
    assert [sample.id for sample in listed] == [here.id]


def test_statuses_other_than_the_own_are_hidden_until_handed_in(session: Session, make: Factory) -> None:
    project = make.project()
    sample = make.sample(project)
    reviewer = make.reviewer(project)
    wanted = Wanted("-created")
    listed = queries.list_samples(session, project_id=project.id, actor=reviewer, wanted=wanted)
    assert listed.items == []
    submission.submit(session, sample_id=sample.id, based_on=1, reasons={}, actor=sample.annotator, at=NOON)
    listed = queries.list_samples(session, project_id=project.id, actor=reviewer, wanted=wanted)
    assert [(row.id, row.status) for row in listed.items] == [(sample.id, Status.SUBMITTED)]


def test_no_index_has_what_an_autosave_changes() -> None:
    """Else Postgres could not write a save in place, and every save would write to indexes."""
    changing = {
        "samples": {"updated_at"},
        "drafts": {"number", "output", "evidence", "clauses", "editor", "author_id", "saved_at"},
        "slots": {"lease_expires_at"},
    }
    indexed = {
        (name, column.name)
        for name in changing
        for index in Base.metadata.tables[name].indexes
        for column in index.columns
    }
    assert indexed.isdisjoint({(name, column) for name in changing for column in changing[name]})


def test_a_check_that_breaks_loses_no_words_and_the_log_quotes_none(
    session: Session, make: Factory, monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_down(subject: Subject) -> NoReturn:
        raise ZeroDivisionError(subject.output)

    broken = [replace(each, find=break_down) if each.name == "facts" else each for each in registry.CHECKS]
    monkeypatch.setattr(registry, "CHECKS", broken)
    sample = make.sample(make.project())
    with pytest.raises(ZeroDivisionError):
        save(session, sample, "Secret words.", based_on=1)
    monkeypatch.setattr(logs, "broken", PROGRAMS_BROKEN)
    with capture_logs() as lines:
        outcome = save(session, sample, "Secret words again.", based_on=sample.draft.number)
    assert sample.draft.output == "Secret words again."
    assert "facts" in {each.check for each in outcome.checked.findings}
    assert outcome.checked.facts == {"borne_out": 0, "all": 0}
    (line,) = lines
    assert (line["event"], line["check"], line["sample_id"]) == ("check_broken", "facts", sample.id)
    assert "Secret" not in str(line)
