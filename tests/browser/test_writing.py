"""Nobody loses a word that they typed, whether the network, the server, a tab or the browser fails."""

import os
import signal
from contextlib import suppress
from pathlib import Path

import pytest
from playwright.sync_api import Error, Page, Route, expect

from tests.browser.desks import Desk, new_desk, summary_field
from tests.browser.saving import TYPED, change_person, expect_saved, offered, refuse, save_state, stored
from tests.browser.site import Site


def test_what_is_typed_is_saved_without_pressing_anything(page: Page, site: Site, desk: Desk) -> None:
    summary_field(page).press_sequentially(TYPED)
    expect_saved(page)
    assert stored(site, desk) == TYPED


def test_the_field_keeps_cursor_and_undo_while_it_is_saved(page: Page) -> None:
    summary_field(page).press_sequentially("It runs for two years.")
    for _ in "years.":
        page.keyboard.press("ArrowLeft")
    expect_saved(page)
    page.keyboard.type("long ")
    expect(summary_field(page)).to_have_value("It runs for two long years.")
    page.keyboard.press("Control+z")
    expect(summary_field(page)).not_to_have_value("It runs for two long years.")


def test_clauses_are_saved_with_the_text(page: Page, site: Site, desk: Desk) -> None:
    page.get_by_role("group", name="Term").get_by_text("Not in it").click()
    expect_saved(page)
    page.reload()
    expect(page.get_by_role("group", name="Term").get_by_label("Not in it")).to_be_checked()


def test_offline_it_says_within_two_seconds_that_nothing_is_saved_and_goes_on_by_itself(
    page: Page, site: Site, desk: Desk
) -> None:
    page.context.set_offline(True)
    summary_field(page).press_sequentially("Offline.")
    expect(save_state(page)).to_contain_text("Not saved", timeout=2_000)
    page.keyboard.type(" Still writing.")
    page.context.set_offline(False)
    expect_saved(page)
    assert stored(site, desk) == "Offline. Still writing."


def test_a_save_whose_answer_is_lost_is_no_conflict(page: Page, site: Site, desk: Desk) -> None:
    lost = []

    def lose_the_answer(route: Route) -> None:
        route.fetch()
        lost.append(route.request)
        route.abort("connectionreset")

    page.route("**/draft", lose_the_answer, times=1)
    # The page says so for a second at most before it tries again: too short a time to look for it.
    with page.expect_event("requestfailed"):
        summary_field(page).press_sequentially(TYPED)
    expect_saved(page)
    assert len(lost) == 1
    expect(page.locator("#conflict[data-number]")).to_have_count(0)
    assert stored(site, desk) == TYPED


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="the server's processes are found in /proc")
@pytest.mark.parametrize("what", ["app.operation.web_process", "bin/postgres"])
def test_a_server_that_is_killed_while_somebody_types_loses_nothing(
    page: Page, site: Site, desk: Desk, what: str
) -> None:
    summary_field(page).press_sequentially("Before the fall.")
    expect_saved(page)
    os.kill(_process(site, what), signal.SIGKILL)
    page.keyboard.type(" And after it.")
    expect_saved(page)
    assert stored(site, desk) == "Before the fall. And after it."


def _process(site: Site, what: str) -> int:
    """The server's own child with this in its command line."""
    tasks = Path(f"/proc/{site.pid}/task").glob("*/children")
    children = [int(pid) for task in tasks for pid in task.read_text().split()]
    return next(pid for pid in children if what.encode() in Path(f"/proc/{pid}/cmdline").read_bytes())


def test_two_tabs_that_write_one_draft_show_both_texts(page: Page, site: Site, desk: Desk) -> None:
    other = page.context.new_page()
    other.goto(desk.path)
    summary_field(other).press_sequentially("Written in the other tab.")
    expect_saved(other)
    summary_field(page).press_sequentially("Written in this tab.")

    conflict = page.get_by_role("alert").filter(has_text="Saved elsewhere too")
    expect(conflict.locator(".output")).to_have_text(["Written in this tab.", "Written in the other tab."])
    expect(save_state(page)).to_contain_text("Not saved")
    expect(summary_field(page)).to_have_value("Written in this tab.")
    assert stored(site, desk) == "Written in the other tab."
    conflict.get_by_role("button", name="Go on with mine").click()
    expect_saved(page)
    assert stored(site, desk) == "Written in this tab."


def test_after_a_conflict_one_may_go_on_with_the_other_text(page: Page, desk: Desk) -> None:
    other = page.context.new_page()
    other.goto(desk.path)
    summary_field(other).press_sequentially("Written in the other tab.")
    expect_saved(other)
    summary_field(page).press_sequentially("Written in this tab.")
    page.get_by_role("button", name="Go on with the other").click()
    expect(summary_field(page)).to_have_value("Written in the other tab.")
    expect(offered(page)).to_be_hidden()


def test_text_that_could_not_be_sent_is_offered_after_the_browser_crashed(
    page: Page, site: Site, desk: Desk
) -> None:
    again = _crash_with_unsent_text(page, desk)
    _reopen(again, desk)
    expect(offered(again)).to_have_text(TYPED)
    expect(summary_field(again)).to_have_value("")
    again.get_by_role("button", name="Put it back").click()
    expect(summary_field(again)).to_have_value(TYPED)
    expect_saved(again)
    assert stored(site, desk) == TYPED
    again.reload()
    expect(offered(again)).to_be_hidden()


def test_somebody_else_who_signs_in_on_the_same_browser_is_not_offered_it(
    page: Page, site: Site, desk: Desk
) -> None:
    context = page.context
    again = _crash_with_unsent_text(page, desk)
    stranger = new_desk(site)
    change_person(context, site, stranger.annotator)
    _reopen(again, stranger)
    expect(offered(again)).to_be_hidden()
    assert TYPED not in again.content()

    change_person(context, site, desk.annotator)
    _reopen(again, desk)
    expect(offered(again)).to_have_text(TYPED)


def _crash_with_unsent_text(page: Page, desk: Desk) -> Page:
    """A new page of the same browser, after the first one died with text that was not sent."""
    context = page.context
    context.route("**/draft", refuse)
    summary_field(page).press_sequentially(TYPED)
    expect(save_state(page)).to_contain_text("Not saved")
    with page.expect_event("crash"), suppress(Error):  # who dies gives no answer
        page.goto("chrome://crash")
    page.close()
    context.unroute("**/draft")
    return context.new_page()


def _reopen(page: Page, desk: Desk) -> None:
    page.goto(desk.path)
    expect(summary_field(page)).to_be_visible()


def test_a_reload_in_the_middle_of_a_word_loses_nothing(page: Page) -> None:
    page.on("dialog", lambda dialog: dialog.accept())
    summary_field(page).press_sequentially(TYPED)
    page.reload()
    kept = offered(page)
    assert TYPED in (summary_field(page).input_value(), kept.inner_text())


def test_going_away_and_back_loses_nothing(page: Page) -> None:
    page.on("dialog", lambda dialog: dialog.accept())
    summary_field(page).press_sequentially(TYPED)
    page.get_by_role("link", name="My work").click()
    expect(page.get_by_role("heading", name="My work")).to_be_visible()
    page.go_back()
    page.wait_for_function(
        """typed => document.querySelector("#field-output")?.value === typed
            || document.querySelector("[data-recovered-text]")?.textContent === typed""",
        arg=TYPED,
    )
