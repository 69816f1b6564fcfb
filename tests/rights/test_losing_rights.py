"""Rights that are taken away are gone at the very next request, also in a page that stands open."""

from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.testclient import TestClient

from app import database
from app.accounts import people, sessions, tokens
from app.accounts.actors import OPERATOR
from app.accounts.models import User
from app.projects import members
from app.projects.models import Attestation, Project
from app.projects.rules import Role
from app.samples import submission
from app.samples.models import Sample
from app.tasks.models import Slot
from tests.factories import SUMMARY, Factory
from tests.rights.checksums import changed, of_database
from tests.rights.world import World
from tests.web.browsers import browser, program

WORDS = "Words that were typed while the right was taken away."
TEXT = {"output": WORDS, "based_on": "1", "editor": "page-1", "clause.term": "covered",
        "clause.governing_law": "covered"}  # fmt: skip
BODY = {"output": WORDS, "based_on": 1, "editor": "page-1"}
# What is taken from the person, and the answers of a page and of a program at their next request.
WAYS = {"removed": (404, 404), "role removed": (403, 403), "disabled": (303, 401), "ended": (303, 401)}
NOW = datetime.now(UTC)


@dataclass
class Desk:
    """Somebody who writes and somebody who reviews in a project of their own, both at work."""

    world: World
    project: Project
    lead: User
    writer: User
    reviewer: User
    draft: int
    submitted: int

    def take_away(self, way: str, user: User) -> None:
        """Take the right away, as the project's lead or the site's operator does."""
        change = {"slug": self.project.slug, "email": user.email, "actor": self.lead, "at": NOW}
        with database.transaction() as session:
            if way == "removed":
                members.remove_member(session, **change)
            elif way == "role removed":
                members.set_roles(session, roles=[Role.LEAD], **change)
            elif way == "disabled":
                people.disable(session, user_id=user.id, actor=OPERATOR, at=NOW)
            else:
                sessions.end_all(session, user_id=user.id)
                tokens.revoke_all(session, user=session.get_one(User, user.id), at=NOW)


@pytest.fixture
def desk(world: World) -> Desk:
    with database.transaction() as session:
        make = Factory(session)
        project = make.project(overlap=2)
        writer, reviewer, lead = (make.member(project, role) for role in ("annotator", "reviewer", "lead"))
        session.add(Attestation(project_id=project.id, user_id=writer.id, guidelines_version=1))
        draft, handed_in = (make.sample(project, annotator=writer) for _ in range(2))
        submission.submit(session, sample_id=handed_in.id, based_on=1, reasons={}, actor=writer, at=NOW)
    return Desk(world, project, lead, writer, reviewer, draft.id, handed_in.id)


def refused(client: TestClient, acts: list[tuple[str, str, dict[str, object]]]) -> set[int]:
    """How each act is answered."""
    return {client.request(method, path, **body).status_code for method, path, body in acts}  # type: ignore[arg-type]


@pytest.mark.parametrize("way", WAYS)
def test_an_open_writing_page_saves_nothing_after_the_right_is_gone(desk: Desk, way: str) -> None:
    page, api = browser(desk.world.app, desk.writer), program(desk.world.app, desk.writer)
    own, waiting = f"/samples/{desk.draft}", f"/samples/{desk.submitted}"
    assert SUMMARY in page.get(own).text
    assert api.put(f"/api/v1{own}/lease").status_code == 200
    desk.take_away(way, desk.writer)
    before = of_database(desk.world.engine)
    # Also the words that are handed in already: nobody is told that they submitted them.
    same = TEXT | {"output": SUMMARY}
    on_page = refused(
        page,
        [
            ("POST", f"{own}/draft", {"data": TEXT}),
            ("POST", f"{own}/submission", {"data": TEXT}),
            ("POST", f"{waiting}/submission", {"data": same}),
            ("POST", f"{waiting}/recall", {}),
            ("POST", f"{own}/skip", {"data": {"reason": "Gone."}}),
            ("PUT", f"{own}/lease", {}),
            ("POST", f"/projects/{desk.project.slug}/queue/writing", {}),
        ],
    )
    by_program = refused(
        api,
        [
            ("PUT", f"/api/v1{own}/draft", {"json": BODY}),
            ("PUT", f"/api/v1{own}/lease", {}),
            ("POST", f"/api/v1{own}/submission", {"json": {"based_on": 1}}),
            ("POST", f"/api/v1{waiting}/submission", {"json": {"based_on": 1}}),
            ("DELETE", f"/api/v1{waiting}/submission", {}),
            ("POST", f"/api/v1/projects/{desk.project.slug}/queue/writing", {}),
        ],
    )
    assert (on_page, by_program) == ({WAYS[way][0]}, {WAYS[way][1]})
    assert changed(before, of_database(desk.world.engine)) == []


@pytest.mark.parametrize("way", WAYS)
def test_an_open_reviewing_page_decides_nothing_after_the_right_is_gone(desk: Desk, way: str) -> None:
    page, api = browser(desk.world.app, desk.reviewer), program(desk.world.app, desk.reviewer)
    waiting = f"/samples/{desk.submitted}"
    assert page.get(f"{waiting}/review").status_code == 200
    desk.take_away(way, desk.reviewer)
    before = of_database(desk.world.engine)
    decision = {"action": "approve", "revision": "1", "comment": ""}
    on_page = refused(
        page,
        [
            ("POST", f"{waiting}/reviews", {"data": decision}),
            ("POST", f"{waiting}/edits", {"data": {"output": SUMMARY, "revision": "1"}}),
            ("GET", f"{waiting}/review", {}),
            ("POST", f"/projects/{desk.project.slug}/queue/reviewing", {}),
        ],
    )
    by_program = refused(
        api,
        [
            ("POST", f"/api/v1{waiting}/reviews", {"json": decision | {"revision": 1}}),
            ("POST", f"/api/v1{waiting}/edits", {"json": {"output": SUMMARY, "revision": 1}}),
            ("POST", f"/api/v1/projects/{desk.project.slug}/queue/reviewing", {}),
        ],
    )
    assert (on_page, by_program) == ({WAYS[way][0]}, {WAYS[way][1]})
    assert changed(before, of_database(desk.world.engine)) == []


@pytest.mark.parametrize("way", WAYS)
def test_a_decision_cannot_be_undone_after_the_right_is_gone(desk: Desk, way: str) -> None:
    page, api = browser(desk.world.app, desk.reviewer), program(desk.world.app, desk.reviewer)
    path = f"/samples/{desk.submitted}/reviews"
    made = api.post(f"/api/v1{path}", json={"action": "approve", "revision": 1}).json()
    desk.take_away(way, desk.reviewer)
    rows = of_database(desk.world.engine)
    assert page.post(f"{path}/{made['id']}/undo").status_code == WAYS[way][0]
    assert api.delete(f"/api/v1{path}/{made['id']}").status_code == WAYS[way][1]
    assert changed(rows, of_database(desk.world.engine)) == []


@pytest.mark.parametrize("way", WAYS)
def test_an_answer_that_was_given_once_is_not_given_again(desk: Desk, way: str) -> None:
    api = program(desk.world.app, desk.writer)
    api.headers["Idempotency-Key"] = f"key-{way}"
    path = f"/api/v1/projects/{desk.project.slug}/queue/writing"
    assert SUMMARY in api.post(path).text
    assert api.post(path).headers["Idempotent-Replayed"] == "true"
    desk.take_away(way, desk.writer)
    answer = api.post(path)
    assert (answer.status_code, "Idempotent-Replayed" in answer.headers) == (WAYS[way][1], False)
    assert SUMMARY not in answer.text


def test_a_download_that_began_goes_on_and_a_new_one_is_refused(desk: Desk) -> None:
    path = f"/api/v1/projects/{desk.project.slug}/export"
    with database.transaction() as session:
        engineer, other_lead = (Factory(session).member(desk.project, role) for role in ("engineer", "lead"))
    api = program(desk.world.app, engineer)
    with api.stream("GET", path) as begun:
        change = {"slug": desk.project.slug, "actor": other_lead, "at": NOW}
        with database.transaction() as session:
            members.remove_member(session, email=engineer.email, **change)
        assert begun.status_code == 200
        assert begun.read() is not None
    assert api.get(path).status_code == 404
    page = browser(desk.world.app, engineer)
    assert page.get(f"/projects/{desk.project.slug}/export/download").status_code == 404


def test_a_lease_is_not_prolonged_for_whoever_is_no_annotator_any_more(desk: Desk) -> None:
    page = browser(desk.world.app, desk.writer)
    with Session(desk.world.engine) as session:
        until = session.scalars(
            select(Slot.lease_expires_at)
            .join(Sample, Sample.slot_id == Slot.id)
            .where(Sample.id == desk.draft)
        ).one()
    desk.take_away("role removed", desk.writer)
    assert page.put(f"/samples/{desk.draft}/lease").status_code == 403
    assert (
        page.put(f"/samples/{desk.draft}/draft", data=TEXT, headers={"HX-Request": "true"}).status_code == 403
    )
    with Session(desk.world.engine) as session:
        slot = session.scalars(
            select(Slot).join(Sample, Sample.slot_id == Slot.id).where(Sample.id == desk.draft)
        ).one()
        assert slot.lease_expires_at == until
