"""Adding, withdrawing, restoring, reporting; lists that cost the same at any length."""

import hashlib

import pytest
from sqlalchemy import event, func, select
from sqlalchemy.orm import Session

from app.audit.models import Event
from app.documents import queries, service
from app.documents.extraction import from_plain_text
from app.documents.models import Document
from app.documents.rules import Metadata
from app.errors import Conflict, Invalid, NotAllowed, NotFound
from app.paging import Wanted
from app.projects.models import Instruction, Phrasing
from app.tasks.making import ToPut, make_tasks
from app.tasks.models import Slot, Task
from app.tasks.queries import documents_held_by
from tests.factories import CONTRACT, NOON, Factory


def test_an_exact_duplicate_is_answered_with_the_document_that_is_there(
    session: Session, make: Factory
) -> None:
    project = make.project()
    lead = make.lead(project)
    original = service.Original("a.txt", "0" * 64, len(CONTRACT), "text/plain")
    added = []
    for titles in (["First", "Second"], ["Third"]):
        contracts = [
            service.Contract(from_plain_text(CONTRACT), original, title, Metadata(client="Acme"))
            for title in titles
        ]
        added += service.add_documents(session, contracts, project=project, actor=lead, at=NOON)
    assert added[0].text is not None
    assert [again.text for again in added[1:]] == [None, None]
    assert {again.document.id for again in added} == {added[0].document.id}
    assert added[0].document.title == "First"
    assert added[0].document.text_sha256 == hashlib.sha256(CONTRACT.encode()).digest()
    imported = select(func.count()).select_from(Event).where(Event.verb == "document.import")
    assert session.scalar(imported.where(Event.project_id == project.id)) == 1


def test_each_instruction_gets_one_task_and_the_phrasing_hangs_on_the_document_alone(
    session: Session, make: Factory
) -> None:
    project = make.project()
    second = Instruction(project_id=project.id, key="second")
    session.add(second)
    session.flush()
    session.add_all(Phrasing(instruction_id=second.id, position=n, text=f"Wording {n}") for n in (1, 2, 3))
    session.flush()
    document = make.document(project)
    made = make_tasks(session, [ToPut(document)], at=NOON)
    assert len(made) == 2
    assert make_tasks(session, [ToPut(document)], at=NOON) == []

    other = make.project()
    twin = make.document(other, text=queries.get_text(session, document.id).text)
    again = Instruction(project_id=other.id, key="second")
    session.add(again)
    session.flush()
    session.add_all(Phrasing(instruction_id=again.id, position=n, text=f"Wording {n}") for n in (1, 2, 3))
    session.flush()
    make_tasks(session, [ToPut(twin)], at=NOON)
    positions = session.scalars(
        select(Phrasing.position)
        .join(Task, Task.phrasing_id == Phrasing.id)
        .where(Task.instruction_id.in_([second.id, again.id]))
    ).all()
    assert len(positions) == 2
    assert len(set(positions)) == 1


def test_a_lead_withdraws_with_a_reason_and_restores(session: Session, make: Factory) -> None:
    project = make.project()
    lead, document = make.lead(project), make.document(project)
    with pytest.raises(Invalid, match="why"):
        service.withdraw(session, document_id=document.id, reason="  ", actor=lead, at=NOON)
    service.withdraw(session, document_id=document.id, reason="No right to it.", actor=lead, at=NOON)
    assert (document.withdrawn_at, document.withdrawn_by_id) == (NOON, lead.id)
    with pytest.raises(Conflict, match="already"):
        service.withdraw(session, document_id=document.id, reason="Again.", actor=lead, at=NOON)
    service.restore(session, document_id=document.id, actor=lead, at=NOON)
    with pytest.raises(Conflict, match="not withdrawn"):
        service.restore(session, document_id=document.id, actor=lead, at=NOON)
    events = session.scalars(
        select(Event.verb).where(Event.subject_type == "document", Event.subject_id == document.id)
    ).all()
    assert sorted(events) == ["document.restore", "document.withdraw"]


def test_a_reviewer_reads_and_does_not_withdraw_and_others_know_of_nothing(
    session: Session, make: Factory
) -> None:
    project = make.project()
    document = make.document(project)
    with pytest.raises(NotAllowed):
        service.withdraw(session, document_id=document.id, reason="x", actor=make.reviewer(project), at=NOON)
    strangers = [
        make.annotator(project),
        make.engineer(project),
        make.lead(make.project()),
        make.user(admin=True),
    ]
    for person in strangers:
        with pytest.raises(NotFound):
            service.withdraw(session, document_id=document.id, reason="x", actor=person, at=NOON)


def test_an_annotator_reads_what_they_held_until_they_leave_the_project(
    session: Session, make: Factory
) -> None:
    project = make.project()
    annotator = make.annotator(project)
    held, other = make.task(project).document, make.document(project)
    task = session.scalars(select(Task).where(Task.document_id == held.id)).one()
    session.add(Slot(task_id=task.id, user_id=annotator.id, state="free"))
    session.flush()
    readable = (queries.visible_to(annotator), documents_held_by(annotator))
    assert queries.get_document(session, held.id, *readable).id == held.id
    with pytest.raises(NotFound):
        queries.get_document(session, other.id, *readable)


def test_a_list_costs_the_same_number_of_statements_at_any_length_and_reads_no_text(
    session: Session, make: Factory
) -> None:
    project = make.project()
    statements: list[str] = []
    connection = session.connection()

    def note(_c: object, _cur: object, statement: str, *_: object) -> None:
        statements.append(statement)

    def cost() -> int:
        statements.clear()
        session.expire_all()
        rows = queries.list_documents(session, project.id, wanted=Wanted("-created")).items
        assert all(row.document.title and row.word_count for row in rows)
        return len(statements)

    project_id = project.id  # loaded before counting
    assert project_id
    make.document(project)
    event.listen(connection, "before_cursor_execute", note)
    first = cost()
    event.remove(connection, "before_cursor_execute", note)
    for _ in range(5):
        make.document(project)
    event.listen(connection, "before_cursor_execute", note)
    assert cost() == first
    assert not any("document_texts.text" in statement for statement in statements)
    event.remove(connection, "before_cursor_execute", note)


def test_the_list_pages_newest_first_and_finds_words_by_their_beginnings(
    session: Session, make: Factory
) -> None:
    project = make.project()
    titles = ("Lease (2nd amendment)", "lease-back, M.2026/17", "Release", "Hülle_GmbH: NDA.v2", "“Ærø” loan")
    for title in titles:
        make.document(project, title=title).client = "Harbour & Sons"
    session.flush()

    def found(**filters: object) -> list[str]:
        rows = queries.list_documents(session, project.id, wanted=Wanted("-created"), **filters)
        return [row.document.title for row in rows.items]

    assert found(q="LEASE") == [titles[1], titles[0]]
    assert found(q="amend lea") == [titles[0]]
    assert found(q="m.2026/1") == found(q="2026 17 harb") == [titles[1]]
    assert found(q="hülle-gmbh v2") == found(q="NDA") == [titles[3]]
    assert found(q="ærø") == [titles[4]]
    assert found(q="harbour & sons") == found() == found(q=" ")
    assert found(q="easeback") == found(q="%") == found(q="a:* | b") == found(q="'\\") == []
    page = queries.list_documents(session, project.id, wanted=Wanted("-created", limit=2))
    rest = queries.list_documents(session, project.id, wanted=Wanted("-created", page.next or ""))
    assert [row.document.title for row in page.items + rest.items] == found()
    assert (len(rest.items), rest.next) == (3, None)
    withdrawn = session.scalars(select(Document).where(Document.title == titles[1])).one()
    withdrawn.withdrawn_at = NOON
    session.flush()
    assert found(state="withdrawn") == [titles[1]]
    assert titles[1] not in found(state="active")
    page = queries.list_documents(
        session, project.id, wanted=Wanted("-created", limit=2), counts=True, state="active"
    )
    assert page.total == 4
