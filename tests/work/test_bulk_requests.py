"""Acts on many rows by page and by call: seen first, done once, by those who may, and taken back."""

import pytest
from sqlalchemy import func, select, update

from app import clock, database
from app.accounts.models import User
from app.audit.models import Event
from app.projects import members
from app.projects.rules import Role
from app.tasks.models import Task
from app.work.models import BulkAct
from tests.web.browsers import body_of
from tests.work.conftest import World

PRIORITY = {"noun": "tasks", "act": "priority", "scope": "all", "set_priority": "4"}


def priorities(world: World) -> list[int]:
    with database.transaction() as session:
        found = select(Task.priority).where(Task.project_id == world.project.id).order_by(Task.id)
        return list(session.scalars(found))


def planned(verb: str = "task.plan") -> int:
    with database.transaction() as session:
        return session.scalar(select(func.count()).where(Event.verb == verb)) or 0


def prepared(world: World, **instead: object) -> str:
    """The address of an act that the lead has prepared on the page of tasks."""
    address = f"/projects/{world.project.slug}/bulk-acts"
    answer = world.browser("lead").post(address, data=PRIORITY | instead)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


def test_what_was_shown_is_done_once_and_what_changed_since_is_named_and_left_out(world: World) -> None:
    lead = world.browser("lead")
    with database.transaction() as session:
        first, second, *rest = session.scalars(
            select(Task.id).where(Task.project_id == world.project.id).order_by(Task.id)
        )
        session.execute(update(Task).where(Task.id == first).values(priority=4))
        title = session.get_one(Task, second).document.title
    page = lead.get(f"/projects/{world.project.slug}/tasks").text
    assert page.count('name="ids"') == len(rest) + 2
    act = prepared(world)
    shown = lead.get(act).text
    assert f"Change {len(rest) + 1} of {len(rest) + 2} tasks?" in shown
    assert "It is so already." in shown
    assert planned() == 0
    answer = world.program("lead").patch(f"/api/v1/tasks/{second}", json={"priority": 9})
    assert answer.status_code == 200
    for _ in range(2):
        assert lead.post(f"{act}/completion").headers["location"] == act
    assert priorities(world) == [4, 9] + [4] * len(rest)
    assert planned() == 1 + len(rest)
    done = lead.get(act).text
    assert f"Changed {len(rest)} tasks" in done
    assert "It was changed after the preview." in done
    assert title in done
    answer = lead.post(f"{act}/undo", follow_redirects=True)
    assert f"Undone: {len(rest)} of {len(rest)} are as they were before." in answer.text
    assert priorities(world) == [4, 9] + [0] * len(rest)
    again = lead.post(f"{act}/undo")
    assert (again.status_code, "This can no longer be undone" in again.text) == (409, True)


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        ({"scope": "chosen"}, "Nothing was chosen"),
        ({"act": ""}, "Choose what is to be done."),
        ({"act": "withdraw"}, "Choose what is to be done."),
        ({"set_priority": "first"}, "whole number"),
        ({"act": "due_on", "set_due_on": "soon"}, "date"),
        ({"act": "assignee", "set_assignee": "stranger@example.org"}, "No annotator of this project"),
        ({"filter": "q=no+such+contract"}, "Nothing was chosen"),
        ({"filter": "colour=red"}, "There is no filter “colour” of tasks."),
        ({"noun": "documents", "act": "withdraw"}, "Say why this document is withdrawn."),
        ({"noun": "samples", "act": "release"}, "Write a sentence that helps the next person."),
    ],
)
def test_what_cannot_be_done_is_told_with_the_way_back_and_changes_nothing(
    world: World, form: dict[str, str], sentence: str
) -> None:
    sent = PRIORITY | form
    answer = world.browser("lead").post(f"/projects/{world.project.slug}/bulk-acts", data=sent)
    assert (answer.status_code, sentence in answer.text) == (422, True)
    back = f"/projects/{world.project.slug}/{sent['noun']}"
    assert f'href="{back}' in answer.text
    with database.transaction() as session:
        assert session.scalar(select(func.count()).select_from(BulkAct)) == 0


def test_rights_are_asked_again_when_it_is_done_and_an_act_is_nobody_elses(world: World) -> None:
    act = prepared(world)
    stranger = world.browser("stranger")
    for address in (act, "/bulk-acts/999999"):
        answers = [stranger.get(address), stranger.post(f"{address}/completion")]
        assert [answer.status_code for answer in answers] == [404, 404]
    assert body_of(stranger.get(act)) == body_of(stranger.get("/bulk-acts/999999"))
    lead, token = world.browser("lead"), world.program("lead")
    with database.transaction() as session:
        members.set_roles(
            session,
            slug=world.project.slug,
            email=world.people["reviewer"].email,
            roles=[Role.LEAD],
            actor=session.get_one(User, world.people["lead"].id),
            at=clock.now(),
        )
        members.set_roles(
            session,
            slug=world.project.slug,
            email=world.people["lead"].email,
            roles=[Role.ANNOTATOR],
            actor=session.get_one(User, world.people["reviewer"].id),
            at=clock.now(),
        )
    assert lead.post(f"{act}/completion").status_code == 403
    assert token.post(f"/api/v1{act}/completion").json()["code"] == "not_allowed"
    assert world.browser("reviewer").post(f"{act}/completion").status_code == 404
    assert (set(priorities(world)), planned()) == ({0}, 0)


def test_a_program_acts_on_all_that_a_filter_lets_through_and_takes_it_back(world: World) -> None:
    token = world.program("lead")
    address = f"/api/v1/projects/{world.project.slug}/bulk-acts"
    body = {"kind": "documents.withdraw", "filter": {"state": "active"}, "values": {"reason": "Torn."}}
    made = token.post(address, json=body)
    shown = made.json()
    act = made.headers["location"]
    assert (made.status_code, act) == (201, f"/api/v1/bulk-acts/{shown['id']}")
    assert (shown["chosen"], shown["will_change"], shown["refused"]) == (6, 6, 0)
    assert shown["changes"][0]["now"] == "in work"
    document = shown["changes"][0]["id"]
    assert token.put(f"/api/v1/documents/{document}/withdrawal", json={"reason": "Mine."}).status_code == 200
    done = token.post(f"{act}/completion").json()
    assert (done["changed"], done["can_be_undone"]) == (5, True)
    assert [(row["id"], row["reason"]) for row in done["refusals"]] == [
        (document, "This document is withdrawn already.")
    ]
    assert token.post(f"{act}/completion").json() == done == token.get(act).json()
    assert planned("document.withdraw") == 6
    assert token.delete(f"{act}/completion").json() == {"changed": 5}
    again = token.delete(f"{act}/completion")
    assert (again.status_code, again.json()["code"]) == (409, "undo_refused")
    for wrong in ({"ids": [document]}, {"filter": {"colour": "red"}}, {"kind": "documents.burn"}):
        assert token.post(address, json=body | wrong).status_code == 422
