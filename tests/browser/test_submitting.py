"""A text is handed in once, whatever is pressed twice or lost on the way, and a refusal costs no word."""

import re

import pytest
from playwright.sync_api import Page, Route, expect
from sqlalchemy import select

from app import clock
from app.reviews import service as reviews
from app.samples import submission
from app.samples.models import Revision
from app.samples.workflow import Action
from tests.browser.desks import Desk, new_desk, summary_field
from tests.browser.saving import (
    TYPED,
    expect_not_saved,
    expect_nothing_kept,
    expect_saved,
    holding,
    kept_beside,
    refuse,
    stored,
)
from tests.browser.site import Site
from tests.factories import SUMMARY

MORE = f"{SUMMARY} It ends there."


@pytest.fixture
def desk(site: Site) -> Desk:
    """A sample that is ready to be handed in."""
    return new_desk(site, output=SUMMARY)


def _revisions(site: Site, desk: Desk) -> list[str]:
    with site.looking() as session:
        found = select(Revision.output).where(Revision.sample_id == desk.sample_id).order_by(Revision.number)
        return list(session.scalars(found))


def test_pressing_twice_during_a_save_hands_in_once(page: Page, site: Site, desk: Desk) -> None:
    held = holding(page, "**/draft")
    with page.expect_request("**/draft"):
        summary_field(page).fill(MORE)
    page.keyboard.press("Control+Enter")
    page.keyboard.press("Control+Enter")
    page.get_by_role("button", name="Submit for review").dblclick()
    held[0].continue_()
    expect(page.locator("#notice")).to_contain_text("for review")
    assert _revisions(site, desk) == [MORE]


def test_offline_nothing_is_handed_in_and_what_was_typed_stays(page: Page, site: Site, desk: Desk) -> None:
    page.context.set_offline(True)
    page.get_by_role("button", name="Submit for review").click()
    expect_not_saved(page, "no connection")
    expect(summary_field(page)).to_have_value(SUMMARY)
    page.context.set_offline(False)
    expect_saved(page)
    page.get_by_role("button", name="Submit for review").click()
    expect(page.locator("#notice")).to_contain_text("for review")
    assert _revisions(site, desk) == [SUMMARY]


def test_a_submission_whose_answer_is_lost_is_one_submission(page: Page, site: Site, desk: Desk) -> None:
    def lose_the_answer(route: Route) -> None:
        route.fetch(max_redirects=0)
        route.abort("connectionreset")

    page.route("**/submission", lose_the_answer, times=1)
    page.get_by_role("button", name="Submit for review").click()
    expect(page).to_have_url(re.compile("chrome-error:"))
    page.go_back()
    expect(page.get_by_role("banner")).to_contain_text("Submitted")
    assert _revisions(site, desk) == [SUMMARY]


def test_a_page_that_was_handed_in_elsewhere_shows_so_when_it_is_handed_in_again(
    page: Page, site: Site, desk: Desk
) -> None:
    other = page.context.new_page()
    other.goto(desk.path)
    other.keyboard.press("Control+Enter")
    expect(other.locator("#notice")).to_contain_text("for review")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("banner")).to_contain_text("Submitted")
    assert _revisions(site, desk) == [SUMMARY]
    assert kept_beside(site, desk) == set()


def test_a_text_that_was_sent_back_is_not_handed_in_again_by_the_page_that_was_left(
    page: Page, site: Site, desk: Desk
) -> None:
    """The answer was lost, the reviewer was fast, and then the browser repeats the form."""
    with page.expect_request("**/submission") as first:
        page.get_by_role("button", name="Submit for review").click()
    expect(page.locator("#notice")).to_contain_text("for review")
    with site.preparing() as make:
        reviews.decide(
            make.session,
            sample_id=desk.sample_id,
            revision_number=1,
            action=Action.REQUEST_CHANGES,
            comment="Say more.",
            actor=desk.reviewer,
            at=clock.now(),
        )
    headers = first.value.all_headers()
    answer = page.context.request.post(
        f"{desk.path}/submission", data=first.value.post_data or "", headers=headers, max_redirects=0
    )
    assert "handed in this very text already" in answer.text()
    assert _revisions(site, desk) == [SUMMARY]


def test_text_that_another_tab_saved_stops_a_submission_and_nothing_is_lost(
    page: Page, site: Site, desk: Desk
) -> None:
    other = page.context.new_page()
    other.goto(desk.path)
    summary_field(other).fill(MORE)
    expect_saved(other)
    page.keyboard.press("Control+Enter")
    conflict = page.get_by_role("alert").filter(has_text="Saved elsewhere too")
    expect(conflict.locator(".output")).to_have_text([SUMMARY, MORE])
    assert (_revisions(site, desk), stored(site, desk)) == ([], MORE)
    conflict.get_by_role("button", name="Go on with mine").click()
    expect_saved(page)
    assert (stored(site, desk), kept_beside(site, desk)) == (SUMMARY, {SUMMARY, MORE})


def test_after_a_refused_submission_the_other_text_is_chosen_without_handing_in_again(
    page: Page, site: Site, desk: Desk
) -> None:
    """The page that refuses lies at the submission's own address, which a reload would send once more."""
    _refused(page)
    other = page.context.new_page()
    other.goto(desk.path)
    summary_field(other).fill(MORE)
    expect_saved(other)
    summary_field(page).fill(TYPED)
    expect(page.get_by_role("button", name="Go on with the other")).to_be_visible()
    summary_field(page).fill(f"{TYPED} And more.")
    page.get_by_role("button", name="Go on with the other").click()
    expect(summary_field(page)).to_have_value(MORE)
    assert kept_beside(site, desk) >= {TYPED, f"{TYPED} And more."}
    assert (_revisions(site, desk), stored(site, desk)) == ([], MORE)


def _refused(page: Page) -> None:
    """A submission that the checks refuse."""
    page.get_by_role("group", name="Term").get_by_text("Open").click()
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("alert").filter(has_text="could not be submitted")).to_be_visible()


def test_the_page_before_a_refusal_does_not_overwrite_what_was_written_after_it(
    page: Page, site: Site, desk: Desk
) -> None:
    """Back to it from the browser's memory: two pages of one tab, of which the older one is shown again."""
    before = page.locator("[name=editor]").input_value().split(".")[0]
    _refused(page)
    assert page.locator("[name=editor]").input_value().split(".")[0] != before
    summary_field(page).fill(MORE)
    expect_saved(page)
    page.goto(desk.path)
    page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', {persisted: true}))")
    expect(summary_field(page)).to_have_value(MORE)


def test_a_page_that_the_browser_kept_whole_shows_how_it_stands_now(
    page: Page, site: Site, desk: Desk
) -> None:
    page.context.route("**/draft", refuse)
    summary_field(page).fill(TYPED)
    expect_not_saved(page)
    page.on("dialog", lambda dialog: dialog.accept())
    page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', {persisted: true}))")
    expect(page.locator("[data-recovered-text]")).to_have_text(TYPED)
    expect(summary_field(page)).to_have_value(SUMMARY)


def test_text_that_was_not_saved_before_a_submission_elsewhere_is_offered_for_copying(
    page: Page, site: Site, desk: Desk
) -> None:
    page.route("**/draft", refuse)
    summary_field(page).fill(TYPED)
    expect_not_saved(page)
    with site.preparing() as make:
        submission.submit(
            make.session,
            sample_id=desk.sample_id,
            based_on=1,
            reasons={},
            actor=desk.annotator,
            at=clock.now(),
        )
    page.on("dialog", lambda dialog: dialog.accept())
    page.goto(desk.path)
    expect(page.locator("[data-recovered-text]")).to_have_text(TYPED)
    expect(page.get_by_role("button", name="Put it back")).to_be_hidden()
    page.get_by_role("button", name="Throw it away").click()
    expect_nothing_kept(page)
