"""An original is read again at the moment at which somebody takes the contract to write."""

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from app import clock, database
from app.documents.extraction import from_plain_text
from app.documents.models import DocumentText
from app.imports import rereading
from app.operation.invariants import find_broken
from app.samples import writing
from app.samples.models import Sample
from app.tasks.making import ToPut, make_tasks
from app.tasks.models import Task
from tests.factories import NOON, Factory
from tests.races.together import Act, held_before_commit


@pytest.mark.parametrize("is_read_first", [True, False], ids=["reading first", "claim first"])
def test_who_takes_a_task_while_its_contract_is_read_again_keeps_the_text_that_they_got(
    site: Engine, is_read_first: bool
) -> None:
    with database.transaction() as session:
        make = Factory(session)
        project = make.project()
        annotator, task = make.annotator(project), make.task(project)
        document = task.document
        make.reading(document)
    given: list[int] = []

    def claim(session: Session) -> str:
        sample = writing.take_next(session, project_slug=project.slug, actor=annotator, at=clock.now())
        assert isinstance(sample, Sample)
        given.append(sample.task.text_id)
        return "done"

    new = from_plain_text(f"Read anew {document.id}.")

    def read(session: Session) -> str:
        rereading.take_over(session, document_id=document.id, found=new, at=NOON)
        return "done"

    acts: tuple[Act, Act] = (read, claim) if is_read_first else (claim, read)
    assert held_before_commit(*acts) == ("done", "done")
    with database.transaction() as session:
        texts = session.scalars(
            select(DocumentText.id).where(DocumentText.document_id == document.id).order_by(DocumentText.id)
        ).all()
        assert given == [texts[1] if is_read_first else texts[0]]
        assert session.get_one(Task, task.id).text_id == given[0]
        assert find_broken(session.connection()) == []


def test_an_instruction_that_comes_while_a_contract_is_read_again_is_put_to_the_new_text(
    site: Engine,
) -> None:
    with database.transaction() as session:
        make = Factory(session)
        document = make.document(make.project())
        make.reading(document)
    new = from_plain_text(f"Read anew {document.id}.")
    held_before_commit(
        lambda session: rereading.take_over(session, document_id=document.id, found=new, at=NOON),
        lambda session: make_tasks(session, [ToPut(document)], at=NOON),
    )
    with database.transaction() as session:
        put = session.scalars(select(Task.text_id).where(Task.document_id == document.id)).one()
        latest = select(DocumentText.id).where(DocumentText.document_id == document.id)
        assert put == max(session.scalars(latest))
