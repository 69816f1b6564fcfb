"""Whether taking work takes longer where more of it waits: a thousand tasks, and a million.

Nine of ten tasks were done before, and they are the first in the queue's order.
"""

import statistics
import time

from sqlalchemy import text
from sqlalchemy.orm import Session

from app import clock, database
from app.accounts.models import User
from app.projects.models import Project
from app.samples import writing
from bench.filling import CONTRACTS, as_sqlalchemy, scratch_database, tidy
from tests.factories import Factory

FEW, MANY, FULL_MANY = 1_000, 100_000, 1_000_000
PEOPLE = 60  # each claims once
# The guards, which look at single acts, sleep meanwhile; what they note is noted here.
GUARDED = ("documents", "document_texts", "tasks", "slots")
DONE = """
    INSERT INTO slots (task_id, user_id, state)
    SELECT id, :person, 'held' FROM tasks WHERE project_id = :project ORDER BY id LIMIT :count * 9 / 10;
    UPDATE tasks SET is_full = true WHERE id IN (SELECT task_id FROM slots) AND project_id = :project
"""


def run(*, full: bool) -> dict[str, str]:
    """Milliseconds of a claim in process, at half of several, and the ratio of the larger to the smaller."""
    many = FULL_MANY if full else MANY
    with scratch_database() as engine:
        filled = [_fill(count) for count in (FEW, many)]
        tidy(engine)
        few, most = (_claim(project, people) for project, people in filled)
    return {
        f"claim among {FEW:,} tasks, p50": f"{few:.1f} ms",
        f"claim among {many:,} tasks, p50": f"{most:.1f} ms, {most / few:.2f} of that",
    }


def _fill(count: int) -> tuple[Project, list[User]]:
    with Session(database.get_engine(), expire_on_commit=False) as session, session.begin():
        make = Factory(session)
        project = make.project()
        people = [make.annotator(project) for _ in range(PEOPLE + 1)]
        instruction = project.instructions[0]
        values = {"project": project.id, "count": count, "person": people.pop().id}
        values |= {"instruction": instruction.id, "phrasing": instruction.phrasings[0].id}
        for statement in (
            *(f"ALTER TABLE {table} DISABLE TRIGGER USER" for table in GUARDED),
            as_sqlalchemy(CONTRACTS),
            *DONE.split(";"),
            *(f"ALTER TABLE {table} ENABLE TRIGGER USER" for table in GUARDED),
        ):
            session.execute(text(statement), values)
    return project, people


def _claim(project: Project, people: list[User]) -> float:
    times = []
    for person in people:
        began = time.perf_counter()
        with database.transaction() as session:
            taken = writing.take_next(session, project_slug=project.slug, actor=person, at=clock.now())
        times.append((time.perf_counter() - began) * 1000)
        assert taken is not None
    return statistics.median(times[5:])
