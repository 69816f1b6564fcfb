"""An original is read again: what nobody has begun goes over to a new text, and what was begun stays."""

import json
from dataclasses import replace

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy import text as sql
from sqlalchemy.orm import Session

from app import clock
from app.accounts.actors import OPERATOR, Actor
from app.audit.models import Event
from app.documents import queries, readings, service
from app.documents.extraction import Extracted, from_plain_text
from app.documents.models import Document, DocumentText
from app.documents.presenting import reading_view
from app.documents.storage import originals
from app.errors import Conflict, Invalid, NotAllowed, NotFound
from app.imports import rereading
from app.imports.jobs import read_again
from app.imports.processing import process
from app.imports.service import start_import
from app.operation.invariants import find_broken
from app.projects import instructions
from app.projects.models import Project
from app.reviews import service as reviews
from app.samples import importing
from app.samples.workflow import Action
from app.tasks.making import ToPut, make_tasks
from app.tasks.models import Slot, Task
from tests.factories import CONTRACT, NOON, SUMMARY, Factory
from tests.imports.conftest import stored
from tests.test_cli import at_head, run  # noqa: F401 -- a fixture

LONGER = from_plain_text(f"{CONTRACT}\n\n3 Notices\n\n3.1 In writing.")


@pytest.fixture
def project(make: Factory) -> Project:
    return make.project()


@pytest.fixture
def document(make: Factory, project: Project) -> Document:
    """A document whose original is to be read again."""
    document = make.document(project)
    make.reading(document)
    return document


def take_over(session: Session, document: Document, found: Extracted | str) -> None:
    rereading.take_over(session, document_id=document.id, found=found, at=NOON)


def statuses(session: Session, document: Document) -> list[str | None]:
    events = select(Event.after).where(Event.subject_type == "document", Event.subject_id == document.id)
    return list(session.scalars(events.order_by(Event.id)))


def texts(session: Session, document: Document) -> int:
    count = select(func.count()).select_from(DocumentText).where(DocumentText.document_id == document.id)
    return session.scalar(count) or 0


def test_what_is_begun_keeps_its_text_and_what_nobody_has_begun_goes_over(
    session: Session, make: Factory, project: Project, document: Document
) -> None:
    begun = make.sample(project, task=make.task(project, document=document)).task
    lead = make.lead(project)
    for key in ("parties", "left"):
        instructions.add_instruction(
            session, slug=project.slug, key=key, phrasings=[f"Name the {key}."], actor=lead, at=NOON
        )
    make_tasks(session, [ToPut(document)], at=NOON)
    untouched, left = session.scalars(select(Task).where(Task.id != begun.id).order_by(Task.id)).all()
    session.add(Slot(task_id=left.id, user_id=make.annotator(project).id, state="free"))  # it was skipped
    old = queries.get_text(session, document.id)
    take_over(session, document, LONGER)
    session.expire_all()
    new = queries.get_text(session, document.id)
    assert new.text == LONGER.text
    assert (begun.text_id, left.text_id, untouched.text_id) == (old.id, old.id, new.id)
    told = reading_view(readings.get(session, document.id))
    assert (told.status, told.tasks_moved) == ("new", 1)
    assert (told.words_before, told.words_now) == (old.word_count, new.word_count)
    assert (told.words_gone, told.words_added) == (2, 5)  # "Copy" and its number; the notices
    assert find_broken(session.connection()) == []


def test_the_task_of_an_imported_pair_keeps_its_text_whatever_was_decided(
    session: Session, make: Factory, project: Project
) -> None:
    sample = make.imported(project, make.lead(project))
    reviews.decide(
        session,
        sample_id=sample.id,
        revision_number=1,
        action=Action.REJECT,
        comment="It is about another contract.",
        actor=make.reviewer(project),
        at=NOON,
    )
    task = sample.task
    outcome = readings.take(session, task.document, LONGER, at=NOON)
    assert outcome.text is not None
    assert task.imported_count == 0
    assert rereading.move_untouched(session, task.document, outcome.text.id) == 0


def test_the_same_text_adds_nothing_and_the_same_words_in_other_blocks_do(
    session: Session, document: Document
) -> None:
    latest = queries.get_text(session, document.id)
    same = replace(from_plain_text(latest.text), extractor_version="2")
    take_over(session, document, same)
    assert (statuses(session, document), texts(session, document)) == (["waiting", "same"], 1)
    readings.start(session, document_id=document.id, actor=OPERATOR, at=NOON)
    take_over(session, document, replace(same, blocks=same.blocks[:1]))
    assert (statuses(session, document)[-1], texts(session, document)) == ("new", 2)
    told = reading_view(readings.get(session, document.id))
    assert (told.words_gone, told.words_added) == (0, 0)


@pytest.mark.parametrize("found", ["This file is damaged.", LONGER])
def test_what_cannot_be_taken_is_told_and_the_text_stays(
    session: Session, make: Factory, project: Project, document: Document, found: Extracted | str
) -> None:
    twin = make.document(project, text=LONGER.text, title="The twin")
    take_over(session, document, found)
    told = readings.get(session, document.id)
    reason = found if isinstance(found, str) else f"It says now what document {twin.id}, “The twin”, says."
    assert (told.after, told.comment) == ("failed", reason)
    assert texts(session, document) == 1


def test_a_document_that_is_withdrawn_meanwhile_keeps_its_text(session: Session, document: Document) -> None:
    service.withdraw(session, document_id=document.id, reason="No right.", actor=OPERATOR, at=NOON)
    take_over(session, document, LONGER)
    assert statuses(session, document) == ["waiting", "withdrawn", "failed"]
    assert texts(session, document) == 1


def test_a_job_that_runs_twice_tells_it_once(session: Session, document: Document) -> None:
    take_over(session, document, LONGER)
    take_over(session, document, from_plain_text("Something else."))
    assert (statuses(session, document), texts(session, document)) == (["waiting", "new"], 2)


def test_asking_twice_is_one_reading_that_has_its_job(session: Session, document: Document) -> None:
    session.execute(sql("DELETE FROM procrastinate_jobs"))  # as if it had been given up
    readings.start(session, document_id=document.id, actor=OPERATOR, at=NOON)
    readings.start(session, document_id=document.id, actor=OPERATOR, at=NOON)
    jobs = session.execute(sql("SELECT task_name, args FROM procrastinate_jobs")).all()
    assert jobs == [(readings.TASK, {"document_id": document.id})]
    assert statuses(session, document) == ["waiting"]


def test_only_a_lead_has_it_read_again_and_only_what_has_an_original(
    session: Session, make: Factory, project: Project, document: Document
) -> None:
    def start(document_id: int, actor: Actor) -> None:
        readings.start(session, document_id=document_id, actor=actor, at=NOON)

    with pytest.raises(NotAllowed):
        start(document.id, make.reviewer(project))
    for person in (make.annotator(project), make.lead(make.project())):
        with pytest.raises(NotFound):
            start(document.id, person)
    lead = make.lead(project)
    with pytest.raises(Conflict) as refused:
        start(make.document(project).id, lead)
    assert refused.value.code == "no_original"
    document.files[0].name = "contracts.csv:17"
    with pytest.raises(Conflict, match="a row of a list"):
        start(document.id, lead)
    service.withdraw(session, document_id=document.id, reason="No right.", actor=lead, at=NOON)
    with pytest.raises(Conflict) as refused:
        start(document.id, lead)
    assert refused.value.code == "withdrawn"


def test_an_instruction_that_is_added_later_is_put_to_the_latest_text(
    session: Session, make: Factory, project: Project, document: Document
) -> None:
    take_over(session, document, LONGER)
    (task,) = make_tasks(session, [ToPut(document)], at=NOON)
    assert task.text_id == queries.get_text(session, document.id).id


def test_a_pair_about_the_text_before_does_not_stand_on_the_new_one(
    session: Session, make: Factory, project: Project, document: Document
) -> None:
    task = make.task(project, document=document)
    take_over(session, document, LONGER)
    with pytest.raises(Invalid, match="was read again since"):
        importing.add_pair(
            session,
            document=document,
            text=queries.get_first_text(session, document.id),
            phrasing=task.phrasing,
            output=SUMMARY,
            priority=0,
            due_on=None,
            import_id=0,
            importer=OPERATOR,
            at=NOON,
        )


def test_the_job_reads_the_file_itself_and_says_what_is_wrong_with_it(
    live: Session, make_live: Factory
) -> None:
    project = make_live.project()
    lead = make_live.lead(project)
    sent = [stored("a.txt", CONTRACT), stored("b.txt", "Another contract.")]
    started = start_import(live, project=project, files=sent, actor=lead, at=NOON)
    live.commit()
    process(started.id, now=clock.now)
    one, other = live.scalars(select(Document).order_by(Document.id)).all()
    originals().path(other.files[0].sha256).unlink()
    for document in (one, other):
        readings.start(live, document_id=document.id, actor=lead, at=NOON)
        live.commit()
        read_again(document_id=document.id)
        read_again(document_id=document.id)
    assert statuses(live, one) == [None, "waiting", "same"]
    told = readings.get(live, other.id)
    assert (told.after, told.comment) == ("failed", "The file is no longer in storage.")


def test_the_command_has_all_originals_of_a_project_read_again_or_those_that_are_named(
    live: Session,
    make_live: Factory,
    at_head: Engine,  # noqa: F811 -- a fixture
    capsys: pytest.CaptureFixture[str],
) -> None:
    project = make_live.project()
    with_original, without, withdrawn = (make_live.document(project) for _ in range(3))
    elsewhere = make_live.document(make_live.project())
    for document in (with_original, withdrawn):
        make_live.reading(document)
    withdrawn.withdrawn_at = NOON
    live.commit()
    command = ("document", "read-again", project.slug)
    code, out, _ = run(capsys, *command, "--all", "--json")
    assert (code, json.loads(out)) == (0, [{"document": with_original.id, "why_not": ""}])
    code, out, _ = run(capsys, *command, str(without.id), str(with_original.id))
    assert code == 1
    assert "no original to read again" in out
    assert "1 to be read again, 1 refused" in out
    code, _, error = run(capsys, *command, str(elsewhere.id))
    assert (code, error) == (1, f"{project.slug} has no document {elsewhere.id}.\n")
    assert run(capsys, *command)[0] == run(capsys, *command, "1", "--all")[0] == 1
