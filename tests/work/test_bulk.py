"""Acts on many rows: what the preview says is what is done, by whom, and what undoing it puts back."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.audit.models import Event
from app.documents import service as documents
from app.documents.models import Document
from app.errors import Conflict, Invalid, NotAllowed, NotFound
from app.projects.models import Project
from app.samples import submission
from app.samples.models import Sample
from app.settings import get_settings
from app.tasks import service as tasks
from app.tasks.models import Task
from app.work import bulk
from app.work.models import BulkAct
from app.work.rows import MISSING, Kind
from tests.factories import NOON, Factory
from tests.statements import recorded_statements

LATER = NOON + timedelta(minutes=3)


def prepare(
    session: Session, project: Project, lead: User, kind: Kind, chosen: Any, **values: object
) -> BulkAct:
    return bulk.prepare(
        session, slug=project.slug, kind=kind, chosen=chosen, values=values, actor=lead, at=NOON
    )


def perform(session: Session, act: BulkAct, lead: User) -> int:
    return bulk.perform(session, act_id=act.id, actor=lead, at=NOON).changed_count


def verbs(session: Session, subject_type: str) -> list[str]:
    statement = select(Event.verb).where(Event.subject_type == subject_type).order_by(Event.id)
    return list(session.scalars(statement))


def test_tasks_are_planned_together_each_with_its_event_and_put_back(session: Session, make: Factory) -> None:
    project = make.project()
    lead, anna = make.lead(project), make.annotator(project)
    first, second, same = make.task(project), make.task(project, priority=5), make.task(project, priority=-2)
    act = prepare(session, project, lead, Kind.PLAN, [first.id, second.id, same.id, 10**9], priority=-2)
    shown = bulk.preview(session, act, lead)
    assert [(row.id, row.now) for row in shown.changes] == [
        (first.id, "Priority: 0"),
        (second.id, "Priority: 5"),
    ]
    assert [(row.id, row.refusal) for row in shown.refusals] == [
        (same.id, tasks.SAME),
        (10**9, MISSING),
    ]
    assert perform(session, act, lead) == 2
    assert [task.priority for task in (first, second, same)] == [-2, -2, -2]
    assert verbs(session, "task") == ["task.plan", "task.plan"]
    # Somebody plans one of them again: that one stays as it is.
    tasks.plan_task(
        session, task_id=second.id, values={"priority": -3, "assignee": anna.email}, actor=lead, at=LATER
    )
    assert bulk.undo(session, act_id=act.id, actor=lead, at=LATER) == 1
    assert (first.priority, second.priority, second.assignee_id) == (0, -3, anna.id)


def test_a_due_date_and_an_assignee_are_set_and_put_back(session: Session, make: Factory) -> None:
    project = make.project()
    lead, anna = make.lead(project), make.annotator(project)
    task = make.task(project, due_on=date(2026, 3, 1))
    act = prepare(session, project, lead, Kind.PLAN, [task.id], due_on=None, assignee=anna.email)
    perform(session, act, lead)
    session.refresh(task)
    assert (task.due_on, task.assignee_id) == (None, anna.id)
    bulk.undo(session, act_id=act.id, actor=lead, at=LATER)
    session.refresh(task)
    assert (task.due_on, task.assignee_id) == (date(2026, 3, 1), None)


def test_a_task_is_not_kept_for_somebody_who_has_or_had_it(session: Session, make: Factory) -> None:
    project = make.project()
    lead, sample = make.lead(project), make.sample(project)
    act = prepare(session, project, lead, Kind.PLAN, [sample.task_id], assignee=sample.annotator.email)
    assert bulk.preview(session, act, lead).changes == []
    with pytest.raises(Conflict, match="has it, or had it"):
        tasks.plan_task(
            session, task_id=sample.task_id, values={"assignee": sample.annotator.email}, actor=lead, at=NOON
        )


def test_documents_are_withdrawn_and_restored_and_each_is_undone(session: Session, make: Factory) -> None:
    project = make.project()
    lead, other = make.lead(project), make.lead(project)
    first, second, gone = (make.document(project) for _ in range(3))
    documents.withdraw(session, document_id=gone.id, reason="Torn.", actor=lead, at=NOON)
    act = prepare(session, project, lead, Kind.WITHDRAW, {"state": ""}, reason="Wrong client.")
    assert perform(session, act, lead) == 2
    assert first.withdrawn_reason == "Wrong client."
    documents.restore(session, document_id=second.id, actor=other, at=LATER)
    documents.withdraw(session, document_id=second.id, reason="Mine.", actor=other, at=LATER)
    assert bulk.undo(session, act_id=act.id, actor=lead, at=LATER) == 1
    assert (first.withdrawn_at, second.withdrawn_reason, gone.withdrawn_reason) == (None, "Mine.", "Torn.")
    act = prepare(session, project, lead, Kind.RESTORE, [first.id, gone.id])
    assert perform(session, act, lead) == 1
    bulk.undo(session, act_id=act.id, actor=lead, at=LATER)
    assert gone.withdrawn_reason == "Torn."


def test_samples_are_released_and_reopened_by_the_rules_of_a_single_one(
    session: Session, make: Factory
) -> None:
    project = make.project()
    lead = make.lead(project)
    draft, submitted = make.sample(project), make.sample(project)
    submission.submit(
        session, sample_id=submitted.id, based_on=1, reasons={}, actor=submitted.annotator, at=NOON
    )
    act = prepare(session, project, lead, Kind.RELEASE, {}, reason="On leave.")
    shown = bulk.preview(session, act, lead)
    assert [row.id for row in shown.changes] == [draft.id]
    assert [row.refusal for row in shown.refusals] == ["This sample is waiting for review now."]
    assert perform(session, act, lead) == 1
    session.refresh(draft.slot)
    assert (draft.status, draft.slot.state, submitted.status) == ("skipped", "free", "submitted")
    with pytest.raises(Conflict, match="no longer be undone"):
        bulk.undo(session, act_id=act.id, actor=lead, at=LATER)


def test_a_lead_who_writes_a_task_acts_on_no_rival_of_it(session: Session, make: Factory) -> None:
    project = make.project(overlap=2)
    lead = make.member(project, "lead", "annotator")
    rival = make.sample(project)
    make.sample(project, annotator=lead, task=rival.task)
    act = prepare(session, project, lead, Kind.RELEASE, [rival.id], reason="Mine.")
    assert [row.refusal for row in bulk.preview(session, act, lead).refusals] == [MISSING]
    assert perform(session, act, lead) == 0
    assert rival.status == "draft"


def test_nothing_chosen_changes_nothing_and_says_so(session: Session, make: Factory) -> None:
    project = make.project()
    lead, document = make.lead(project), make.document(project)
    for chosen in ([], {"q": "in no title"}):
        with pytest.raises(Invalid, match="Nothing was chosen"):
            prepare(session, project, lead, Kind.WITHDRAW, chosen, reason="Why not.")
    assert document.withdrawn_at is None
    assert session.scalar(select(func.count()).select_from(BulkAct)) == 0


def test_what_matches_is_fixed_by_the_preview_and_is_not_too_much(
    session: Session, make: Factory, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = make.project()
    lead = make.lead(project)
    before = make.document(project)
    act = prepare(session, project, lead, Kind.WITHDRAW, {}, reason="Old.")
    after = make.document(project)
    perform(session, act, lead)
    assert (before.withdrawn_at, after.withdrawn_at) == (NOON, None)
    monkeypatch.setattr(
        bulk, "get_settings", lambda: get_settings().model_copy(update={"engross_bulk_ids": 1})
    )
    with pytest.raises(Invalid, match="at most 1 at a time"):
        prepare(session, project, lead, Kind.RESTORE, {})


def test_an_act_is_ones_own_is_done_once_and_undone_within_ten_minutes(
    session: Session, make: Factory
) -> None:
    project = make.project()
    lead, other, reviewer = make.lead(project), make.lead(project), make.reviewer(project)
    document = make.document(project)
    with pytest.raises(NotAllowed):
        prepare(session, project, reviewer, Kind.WITHDRAW, [document.id], reason="No.")
    act = prepare(session, project, lead, Kind.WITHDRAW, [document.id], reason="Yes.")
    with pytest.raises(NotFound):
        bulk.perform(session, act_id=act.id, actor=other, at=NOON)
    with pytest.raises(Conflict):
        bulk.undo(session, act_id=act.id, actor=lead, at=NOON)
    perform(session, act, lead)
    assert perform(session, act, lead) == 1
    assert verbs(session, "document") == ["document.withdraw"]
    with pytest.raises(Conflict):
        bulk.undo(session, act_id=act.id, actor=lead, at=NOON + timedelta(minutes=11))
    assert bulk.undo(session, act_id=act.id, actor=lead, at=LATER) == 1
    with pytest.raises(Conflict):
        bulk.undo(session, act_id=act.id, actor=lead, at=LATER)


def test_ids_of_another_project_are_not_there(session: Session, make: Factory) -> None:
    project, other = make.project(), make.project()
    lead = make.lead(project)
    theirs, task, sample = make.document(other), make.task(other), make.sample(other)
    for kind, row_id, values in (
        (Kind.WITHDRAW, theirs.id, {"reason": "Mine."}),
        (Kind.PLAN, task.id, {"priority": 1}),
        (Kind.RELEASE, sample.id, {"reason": "Mine."}),
    ):
        act = prepare(session, project, lead, kind, [row_id], **values)
        assert [row.title for row in bulk.preview(session, act, lead).refusals] == [""]
        assert perform(session, act, lead) == 0
    assert (theirs.withdrawn_at, task.priority, sample.status) == (None, 0, "draft")


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        (Kind.PLAN, {}),
        (Kind.PLAN, {"priority": 1_000_001}),
        (Kind.PLAN, {"assignee": "nobody@example.org"}),
        (Kind.WITHDRAW, {"reason": " "}),
        (Kind.RELEASE, {}),
    ],
)
def test_wrong_values_are_refused_before_the_preview(
    session: Session, make: Factory, kind: Kind, values: dict[str, Any]
) -> None:
    project = make.project()
    with pytest.raises(Invalid):
        prepare(session, project, make.lead(project), kind, [make.task(project).id], **values)


@pytest.mark.parametrize("kind", [Kind.PLAN, Kind.WITHDRAW, Kind.RELEASE])
def test_many_rows_cost_few_statements(session: Session, make: Factory, kind: Kind) -> None:
    project = make.project()
    lead = make.lead(project)
    for _ in range(12):
        make.sample(project)
    column = {"tasks": Task.id, "documents": Document.id, "samples": Sample.id}[kind.noun]
    ids = list(session.scalars(select(column).where(Task.project_id == project.id)) if kind is Kind.PLAN else
               session.scalars(select(column)))  # fmt: skip
    values: dict[str, object] = {"priority": 4} if kind is Kind.PLAN else {"reason": "All of them."}
    act = prepare(session, project, lead, kind, ids, **values)
    with recorded_statements(session) as statements:
        assert perform(session, act, lead) == 12
    assert len(statements) < 20
