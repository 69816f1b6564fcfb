"""The lead's page, the reviewing page and the calls, over HTTP."""

from collections.abc import Callable

import pytest
from lxml import html

from app import clock, database
from app.audit.models import Event
from app.rechecks import service
from tests.factories import Factory
from tests.rechecks.test_service import SWAN, handed_in
from tests.work.conftest import World, built, world

__all__ = ["built", "world"]


def run(world: World) -> None:
    service.catch_up(now=clock.now)


def test_a_lead_has_all_checked_again_and_a_program_follows_it(
    world: World, add_check: Callable[[], None]
) -> None:
    lead = world.browser("lead")
    page, path = f"/projects/{world.project.slug}/checks", f"/api/v1/projects/{world.project.slug}/checks"
    assert "have changed" not in lead.get(page).text
    add_check()
    assert "Checks or settings have changed." in lead.get(page).text
    pressed = lead.post(f"{page}/runs")
    assert (pressed.status_code, pressed.headers["Location"]) == (303, page)
    shown = lead.get(page).text
    assert "Samples checked again" in shown
    assert "Check all again" not in shown

    client = world.program("lead")
    began = client.post(f"{path}/runs")
    assert began.status_code == 202
    assert (began.json()["status"], began.json()["done"], began.json()["total"]) == ("running", 0, 4)
    run(world)
    report = client.get(path).json()
    assert (report["run"]["id"], report["run"]["status"]) == (began.json()["id"], "done")
    assert (report["run"]["done"], report["outdated"], report["samples"]) == (4, 0, 4)
    shown = lead.get(page).text
    assert "Check all again" in shown
    assert "have changed" not in shown
    with database.transaction() as session:
        assert session.query(Event).where(Event.verb == "project.check").count() == 1


def test_the_reviewing_page_says_that_a_submission_was_checked_again(world: World) -> None:
    reviewer = world.browser("reviewer")
    path = f"/samples/{world.samples['submitted']}/review"
    assert "Checked again on" not in reviewer.get(path).text
    world.browser("lead").post(f"/projects/{world.project.slug}/checks/runs")
    run(world)
    assert "Checked again on" in reviewer.get(path).text


@pytest.mark.parametrize("state", ["kept", "open", "new"])
def test_each_list_says_that_it_is_empty_and_how_to_see_more(world: World, state: str) -> None:
    lead, path = world.browser("lead"), f"/projects/{world.project.slug}/checks"
    assert html.fromstring(lead.get(path, params={"state": state}).text).xpath("//*[@class='empty']")
    found = world.program("lead").get(f"/api/v1{path}/findings", params={"state": state})
    assert found.json() == {"items": [], "next": None}
    assert lead.get(path, params={"state": "lost"}).status_code == 422


def test_a_chosen_check_narrows_the_counts_of_the_lists_too(
    world: World, add_check: Callable[[], None]
) -> None:
    add_check()
    with database.transaction() as session:
        make = Factory(session)
        handed_in(make, make.session.merge(world.project), output=SWAN)
    world.browser("lead").post(f"/projects/{world.project.slug}/checks/runs")
    run(world)
    counted = {}
    for check in ("swans", "facts"):
        page = world.browser("lead").get(
            f"/projects/{world.project.slug}/checks", params={"state": "open", "check": check}
        )
        tabs = html.fromstring(page.text).xpath("//nav[@aria-label='Findings']/a")
        counted[check] = [tab.text for tab in tabs]
    assert counted["swans"] == ["Kept with a reason 1", "Without a reason 0", "New in approved samples 0"]
    assert counted["facts"] == ["Kept with a reason 0", "Without a reason 0", "New in approved samples 0"]


def test_a_project_without_samples_has_a_page_too(world: World) -> None:
    with database.transaction() as session:
        make = Factory(session)
        project = make.project()
        world.people["other lead"] = make.lead(project)
    page = world.browser("other lead").get(f"/projects/{project.slug}/checks")
    assert "Nothing was handed in yet" in page.text
