"""An import that waits in the queue acts with the rights that its person has when it is read."""

from io import BytesIO

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app import clock, database
from app.accounts.models import User
from app.documents.models import Document
from app.documents.storage import file_limit, originals
from app.imports import processing
from app.imports.models import Import, ImportFile
from app.imports.service import NO_LONGER, IncomingFile, start_import
from app.projects import members
from app.projects.models import Project
from app.projects.rules import Role
from tests.factories import CONTRACT, Factory
from tests.rights.world import World


def queued(world: World) -> tuple[Project, User, User, int]:
    """A project with two leads, of whom the first has just begun an import of two contracts."""
    with Session(world.engine, expire_on_commit=False) as session, session.begin():
        make = Factory(session)
        project = make.project()
        lead, another = make.lead(project), make.lead(project)
        files = []
        for number in range(2):
            kept = originals().put(
                BytesIO(f"{CONTRACT}\n\n{project.slug} {number}".encode()), limit=file_limit()
            )
            files.append(IncomingFile(f"{number}.txt", kept.sha256, kept.byte_count))
        started = start_import(session, project=project, files=files, actor=lead, at=clock.now())
        return project, lead, another, started.id


def report(import_id: int) -> tuple[str, str, list[tuple[str, str]]]:
    """The import's status and reason, and those of its files."""
    with database.transaction() as session:
        found = session.get_one(Import, import_id)
        files = session.execute(
            select(ImportFile.status, ImportFile.reason)
            .where(ImportFile.import_id == import_id)
            .order_by(ImportFile.id)
        )
        return found.status, found.reason, [(row.status, row.reason) for row in files]


def take_away(way: str, project: Project, lead: User, another: User) -> None:
    """Take the right to import away."""
    change = {"slug": project.slug, "email": lead.email, "actor": another, "at": clock.now()}
    with database.transaction() as session:
        if way == "removed":
            members.remove_member(session, **change)
        elif way == "role removed":
            members.set_roles(session, roles=[Role.ENGINEER], **change)
        else:
            session.execute(update(User).where(User.id == lead.id).values(disabled_at=clock.now()))


@pytest.mark.parametrize("way", ["removed", "role removed", "disabled"])
def test_an_import_of_somebody_who_may_not_any_more_takes_nothing_in_and_says_so(
    world: World, way: str
) -> None:
    project, lead, another, import_id = queued(world)
    take_away(way, project, lead, another)
    assert processing.process(import_id, now=clock.now)
    status, reason, files = report(import_id)
    assert (status, reason) == ("failed", NO_LONGER)
    assert files == [("failed", f"Not read. {NO_LONGER}")] * 2
    with database.transaction() as session:
        assert session.scalars(select(Document).where(Document.project_id == project.id)).all() == []


@pytest.mark.parametrize("way", ["removed", "disabled"])
def test_rights_that_end_in_the_middle_of_an_import_end_it_there(world: World, way: str) -> None:
    project, lead, another, import_id = queued(world)
    asked = 0

    def between_files() -> bool:
        nonlocal asked
        asked += 1
        if asked == 2:
            take_away(way, project, lead, another)
        return False

    assert processing.process(import_id, now=clock.now, should_stop=between_files)
    status, _, files = report(import_id)
    assert status == "done"
    assert files == [("created", ""), ("failed", NO_LONGER)]


def test_the_import_of_a_lead_who_still_is_one_goes_on(world: World) -> None:
    _, _, _, import_id = queued(world)
    assert processing.process(import_id, now=clock.now)
    assert [status for status, _ in report(import_id)[2]] == ["created", "created"]
