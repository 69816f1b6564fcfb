"""Lists: who sees what, each filter and sort, pages that stay when rows come in between, what they cost."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from app import paging
from app.accounts.models import User
from app.audit import service as audit
from app.documents import queries as documents
from app.errors import Invalid
from app.paging import Found, Wanted
from app.projects.models import Instruction, Phrasing, Project
from app.projects.queries import MEMBER_ORDERS, find_members
from app.samples import queries as samples
from app.samples import submission
from app.tasks import queries as tasks
from app.tasks.models import Task
from app.work import presenting, queries
from tests.factories import NOON, Factory
from tests.statements import recorded_statements


def listed(
    session: Session, project: Project, lead: User, name: str, wanted: Wanted, **filters: Any
) -> Found[Any]:
    lists: dict[str, Callable[..., Found[Any]]] = {
        "documents": lambda **more: documents.list_documents(session, project.id, **more),
        "tasks": lambda **more: tasks.list_tasks(session, project, **more),
        "samples": lambda **more: samples.list_samples(session, project_id=project.id, actor=lead, **more),
        "activity": lambda **more: queries.list_activity(session, project.id, lead, **more),
        "members": lambda **more: find_members(session, project.id, **more),
    }
    return lists[name](wanted=wanted, **({} if name == "activity" else {"counts": True}), **filters)


SORTS = [
    (name, sign + key)
    for name, orders in (
        ("documents", documents.ORDERS),
        ("tasks", tasks.ORDERS),
        ("samples", samples.ORDERS),
        ("activity", queries.ORDERS),
        ("members", MEMBER_ORDERS),
    )
    for key in orders
    for sign in ("", "-")
]


def key_of(row: Any) -> int:
    row = (
        row[0]
        if isinstance(row, tuple)
        else getattr(row, "document", row)
        if hasattr(row, "word_count")
        else row
    )
    return int(row.id)


def add(make: Factory, project: Project, number: int) -> None:
    """One row of every list; titles, priorities and days repeat, so that ties are cut too."""
    document = make.document(project, title=f"Title {number % 3}")
    due = date(2026, 5, 1 + number % 2) if number % 3 else None
    make.sample(project, task=make.task(project, document=document, priority=number % 2, due_on=due))


@pytest.mark.parametrize(("name", "sort"), SORTS)
def test_pages_follow_one_another_in_order_and_rows_that_come_in_between_shift_none(
    session: Session, make: Factory, name: str, sort: str
) -> None:
    project = make.project(overlap=2)
    lead = make.lead(project)
    for number in range(7):
        add(make, project, number)
    whole = [key_of(row) for row in listed(session, project, lead, name, Wanted(sort, limit=200)).items]
    page = listed(session, project, lead, name, Wanted(sort, limit=3))
    seen = [key_of(row) for row in page.items]
    assert len(whole) == len(set(whole))
    assert page.total == (None if name == "activity" else len(whole))
    while page.next:
        add(make, project, len(seen))
        page = listed(session, project, lead, name, Wanted(sort, page.next, limit=3))
        seen += [key_of(row) for row in page.items]
        assert len(seen) < 60
    assert [key for key in seen if key in whole] == whole
    assert len(seen) == len(set(seen))


def test_upwards_is_downwards_read_backwards(session: Session, make: Factory) -> None:
    project = make.project(overlap=2)
    lead = make.lead(project)
    for number in range(5):
        add(make, project, number)
    for name, sort in SORTS:
        if not sort.startswith("-"):
            up, down = (
                listed(session, project, lead, name, Wanted(each)).items for each in (sort, f"-{sort}")
            )
            assert [key_of(row) for row in up] == [key_of(row) for row in reversed(down)], (name, sort)


def test_a_cursor_of_another_sort_or_list_is_refused(session: Session, make: Factory) -> None:
    project = make.project()
    lead = make.lead(project)
    for number in range(3):
        add(make, project, number)
    cursor = listed(session, project, lead, "tasks", Wanted("queue", limit=1)).next or ""
    for name, sort in (("tasks", "-queue"), ("tasks", "due"), ("samples", "created")):
        with pytest.raises(Invalid, match="not one of this list's"):
            listed(session, project, lead, name, Wanted(sort, cursor))


def test_a_long_list_is_counted_to_a_limit(
    session: Session, make: Factory, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = make.project()
    lead = make.lead(project)
    for _ in range(5):
        make.document(project)
    monkeypatch.setattr(paging, "COUNTED", 3)
    assert listed(session, project, lead, "documents", Wanted("-created", limit=2)).total == 4


@pytest.mark.parametrize("name", ["documents", "tasks", "samples", "activity", "members"])
def test_a_list_costs_the_same_at_any_length_and_reads_no_text(
    session: Session, make: Factory, name: str
) -> None:
    project = make.project(overlap=2)
    lead = make.lead(project)
    slug, project_id, lead_id = project.slug, project.id, lead.id
    assert slug
    costs = []
    for count in (2, 9):
        for number in range(count):
            add(make, project, number)
        session.expire_all()
        found, person = session.get_one(Project, project_id), session.get_one(User, lead_id)
        with recorded_statements(session) as statements:
            page = listed(session, found, person, name, Wanted({"tasks": "queue", "members": "name"}.get(
                name, "-at" if name == "activity" else "-created"), limit=200))  # fmt: skip
            if name == "tasks":
                assert all(view.document.title for view in presenting.task_views(session, page.items, person))
            if name == "samples":
                assert all(row.task.document.title and row.annotator.name for row in page.items)
        costs.append(len(statements))
        assert not any("document_texts.text" in each or "drafts" in each for each in statements)
    assert costs[0] == costs[1]


def test_tasks_are_found_by_each_filter(session: Session, make: Factory) -> None:
    project = make.project()
    lead, anna = make.lead(project), make.annotator(project)
    other = Instruction(project_id=project.id, key="other")
    session.add(other)
    session.flush()
    phrasing = Phrasing(instruction_id=other.id, position=1, text="Otherwise.")
    session.add(phrasing)
    session.flush()
    plain = make.task(project, document=make.document(project, title="Plain lease"))
    kept = make.task(project, priority=2, assignee_id=anna.id, due_on=date(2026, 1, 1))
    document = make.document(project, title="Withdrawn")
    document.withdrawn_at = NOON
    gone = make.task(project, document=document)
    sample = make.sample(project)
    submission.submit(session, sample_id=sample.id, based_on=1, reasons={}, actor=sample.annotator, at=NOON)
    text_id = plain.text_id
    asked = Task(project_id=project.id, document_id=plain.document_id, text_id=text_id,
                 instruction_id=other.id, phrasing_id=phrasing.id)  # fmt: skip
    session.add(asked)
    session.flush()

    def found(**filters: Any) -> set[int]:
        return {task.id for task in listed(session, project, lead, "tasks", Wanted("queue"), **filters).items}

    assert found() == {plain.id, kept.id, gone.id, sample.task_id, asked.id}
    assert found(q="plain LEASE") == {plain.id, asked.id}
    assert found(q="%") == set()
    assert found(state="untouched") == {plain.id, kept.id, asked.id}
    assert found(state="withdrawn") == {gone.id}
    assert found(instruction="other") == {asked.id}
    assert found(assignee=anna.email.upper()) == {kept.id}
    assert found(assignee="nobody") == {plain.id, gone.id, sample.task_id, asked.id}
    assert found(priority=2) == {kept.id}
    assert found(due_before=date(2026, 1, 2)) == {kept.id}
    assert found(due_before=date(2026, 1, 1)) == set()


def test_samples_and_members_are_found_by_each_filter(session: Session, make: Factory) -> None:
    project = make.project()
    lead, sample, gone = make.lead(project), make.sample(project), make.sample(project)
    gone.task.document.withdrawn_at = NOON
    session.flush()

    def found(name: str, sort: str, **filters: Any) -> list[int]:
        return [key_of(row) for row in listed(session, project, lead, name, Wanted(sort), **filters).items]

    assert found("samples", "created", withdrawn=True) == [gone.id]
    assert found("samples", "created", annotator=sample.annotator.email) == [sample.id]
    assert found("samples", "created", instruction="summary") == [sample.id, gone.id]
    assert found("samples", "created", instruction="none") == found("samples", "created", status="approved")
    assert found("samples", "created", q=gone.task.document.title) == [gone.id]
    assert found("members", "name", role="lead") == [lead.id]
    assert found("members", "name", q=lead.email.upper()) == [lead.id]
    assert set(found("members", "email", q="annotator")) == {sample.annotator_id, gone.annotator_id}


def test_activity_is_found_by_person_family_and_day(session: Session, make: Factory) -> None:
    project = make.project()
    lead, other = make.lead(project), make.lead(project)
    yesterday = datetime(2026, 5, 1, 23, 59, tzinfo=UTC)
    for person, verb, at in (
        (lead, "document.withdraw", yesterday),
        (other, "document.restore", yesterday + timedelta(minutes=1)),
        (other, "guidelines.publish", yesterday + timedelta(days=3)),
    ):
        audit.record(session, verb=verb, subject_type="document", subject_id=1, actor=person, at=at,
                     project_id=project.id)  # fmt: skip
    session.flush()

    def found(**filters: Any) -> list[str]:
        return [
            event.verb for event in listed(session, project, lead, "activity", Wanted("at"), **filters).items
        ]

    assert found() == ["document.withdraw", "document.restore", "guidelines.publish"]
    assert found(person=other.email) == ["document.restore", "guidelines.publish"]
    assert found(family="document") == ["document.withdraw", "document.restore"]
    assert found(family="doc") == []
    assert found(day=date(2026, 5, 1)) == ["document.withdraw"]


def test_a_lead_who_writes_a_task_hears_nothing_of_a_rivals_sample(session: Session, make: Factory) -> None:
    project = make.project(overlap=2)
    lead = make.member(project, "lead", "annotator")
    rival, elsewhere = make.sample(project), make.sample(project)
    own = make.sample(project, annotator=lead, task=rival.task)

    def heard(person: User) -> set[int]:
        return {
            event.subject_id for event in listed(session, project, person, "activity", Wanted("-at")).items
        }

    assert heard(lead) == {own.id, elsewhere.id}
    assert heard(make.lead(project)) == {own.id, elsewhere.id, rival.id}
    page = listed(session, project, lead, "tasks", Wanted("created"))
    views = presenting.task_views(session, page.items, lead)
    assert [each.id for view in views for each in view.samples] == [own.id, elsewhere.id]
