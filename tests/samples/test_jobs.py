"""What the worker does for tasks and samples, called as the worker calls it."""

import pytest
from sqlalchemy import Engine, delete, func, select, text

from app import clock, database
from app.accounts.actors import OPERATOR
from app.audit.models import Event
from app.projects.instructions import add_instruction
from app.projects.models import Member
from app.samples.jobs import release_departed
from app.samples.models import Sample
from app.tasks.jobs import make_tasks_of_instruction
from app.tasks.models import Slot, Task
from tests.factories import Factory


def test_a_new_instruction_is_put_to_every_document_once(live_database: Engine) -> None:
    with database.transaction() as session:
        make = Factory(session)
        project = make.project()
        for _ in range(3):
            make.task(project)
        added = add_instruction(
            session,
            slug=project.slug,
            key="risks",
            phrasings=["Name the risks."],
            actor=OPERATOR,
            at=clock.now(),
        )
        queued = session.scalar(
            text("SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'tasks.make'")
        )
    assert queued == 1
    make_tasks_of_instruction(added.id)
    make_tasks_of_instruction(added.id)
    with database.transaction() as session:
        count = session.scalar(select(func.count()).where(Task.instruction_id == added.id))
    assert count == 3


@pytest.mark.parametrize("how", ["removed", "disabled"])
def test_what_a_departed_person_held_goes_to_others(live_database: Engine, how: str) -> None:
    with database.transaction() as session:
        make = Factory(session)
        project = make.project()
        gone, stays = make.sample(project), make.sample(project)
        left, kept = (make.task(project, assignee_id=each.annotator_id) for each in (gone, stays))
        if how == "removed":
            session.execute(delete(Member).where(Member.user_id == gone.annotator_id))
        else:
            gone.annotator.disabled_at = clock.now()
    release_departed(0)
    release_departed(0)
    with database.transaction() as session:
        assert session.get_one(Sample, gone.id).status == "skipped"
        assert session.get_one(Slot, gone.slot_id).state == "free"
        assert session.get_one(Sample, stays.id).status == "draft"
        assert session.get_one(Task, left.id).assignee_id is None
        assert session.get_one(Task, kept.id).assignee_id == stays.annotator_id
        assert session.scalars(select(Event.subject_id).where(Event.verb == "task.plan")).all() == [left.id]
