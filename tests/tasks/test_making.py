"""Each document meets each instruction, however the two come together."""

from threading import Event, Thread

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from app.database import transaction
from app.documents.models import Document
from app.projects import instructions
from app.projects.models import Instruction
from app.tasks.jobs import make_tasks_of_instruction
from app.tasks.making import ToPut, make_tasks
from app.tasks.models import Task
from tests.factories import NOON, Factory


def test_a_contract_that_comes_in_while_an_instruction_is_added_gets_its_task(live_database: Engine) -> None:
    with Session(live_database, expire_on_commit=False) as session, session.begin():
        make = Factory(session)
        project = make.project()
        lead = make.lead(project)
    imported = Event()

    def add_and_make() -> None:
        """The lead's act, and then at once the job that it queued."""
        imported.wait(10)
        with transaction() as session:
            added = instructions.add_instruction(
                session, slug=project.slug, key="parties", phrasings=["Name them."], actor=lead, at=NOON
            )
        make_tasks_of_instruction(instruction_id=added.id)

    adding = Thread(target=add_and_make)
    adding.start()
    with transaction() as session:
        document = Factory(session).document(project)
        make_tasks(session, [ToPut(document)], at=NOON)
        imported.set()
        adding.join(timeout=1)  # long enough to be over, were it not waiting for this import
    adding.join(timeout=20)
    with transaction() as session:
        found = session.scalars(
            select(Instruction.key)
            .join(Task, Task.instruction_id == Instruction.id)
            .join(Document, Document.id == Task.document_id)
            .where(Document.project_id == project.id)
        )
        assert set(found) == {"summary", "parties"}
