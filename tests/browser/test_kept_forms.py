"""What is typed into any form survives an ended session, an error, a lost race and a crash."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from app import clock
from app.reviews import service as reviews
from app.samples.models import Sample
from app.samples.workflow import Action
from tests.browser.conftest import SignIn
from tests.browser.desks import Desk, new_desk
from tests.browser.saving import answering, change_person, expect_nothing_kept, kept_here, offered
from tests.browser.site import Site
from tests.factories import SUMMARY

REASON = "It runs for five years, not three; and say which law governs it."


@pytest.fixture
def desk(site: Site) -> Desk:
    """A submission that waits for its review."""
    return new_desk(site, output=SUMMARY, submitted=True)


@pytest.fixture
def page(desk: Desk, sign_in: SignIn) -> Page:
    """The reviewing page."""
    page = sign_in(desk.reviewer)
    page.goto(desk.review_path)
    return page


def _reason(page: Page) -> Locator:
    return page.locator("#field-comment-c")


def _write_reason(page: Page) -> None:
    page.get_by_text("Request changes…").click()
    _reason(page).fill(REASON)


def test_a_reason_survives_the_end_of_the_session_and_goes_to_its_author_alone(
    page: Page, site: Site, desk: Desk
) -> None:
    with site.preparing() as make:
        colleague = make.reviewer(make.session.get_one(Sample, desk.sample_id).task.document.project)
    change_person(page.context, site, None)
    _write_reason(page)
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    change_person(page.context, site, colleague)
    page.goto(desk.review_path)
    expect(page.get_by_text("Request changes…")).to_be_visible()
    expect(offered(page)).to_have_count(0)
    assert REASON not in page.content()

    change_person(page.context, site, desk.reviewer)
    page.goto(desk.review_path)
    expect(offered(page)).to_have_text(REASON)
    page.get_by_role("button", name="Put it back").click()
    expect(_reason(page)).to_have_value(REASON)
    expect(_reason(page)).to_be_visible()
    page.keyboard.press("Control+Enter")
    expect(page.locator("#notice")).to_contain_text("Nothing more waits")
    expect_nothing_kept(page)


@pytest.mark.parametrize("status", [500, 503])
def test_a_reason_survives_an_error_and_the_way_back(status: int, page: Page, desk: Desk) -> None:
    error = answering(status, "<main class='error-page'><h1>Something broke</h1></main>")
    page.route("**/reviews", error, times=1)
    _write_reason(page)
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("heading", name="Something broke")).to_be_visible()
    page.go_back()
    expect(offered(page)).to_have_text(REASON)


def test_a_reason_survives_a_lost_connection_and_the_way_back(page: Page, desk: Desk) -> None:
    _write_reason(page)
    page.route("**/reviews", lambda route: route.abort("connectionreset"), times=1)
    page.keyboard.press("Control+Enter")
    expect(page).to_have_url(re.compile("chrome-error:"))
    page.go_back()
    expect(offered(page)).to_have_text(REASON)


def test_a_reason_that_came_too_late_is_shown_with_who_decided(page: Page, site: Site, desk: Desk) -> None:
    _write_reason(page)
    with site.preparing() as make:
        reviews.decide(
            make.session,
            sample_id=desk.sample_id,
            revision_number=1,
            action=Action.REJECT,
            comment="No use.",
            actor=desk.reviewer,
            at=clock.now(),
        )
    page.keyboard.press("Control+Enter")
    refused = page.get_by_role("alert")
    expect(refused).to_contain_text(REASON)
    expect(page.get_by_role("main")).to_contain_text(desk.reviewer.name)
    assert REASON in kept_here(page)


def test_a_reload_offers_what_was_typed_until_it_is_thrown_away(page: Page) -> None:
    _write_reason(page)
    page.reload()
    expect(offered(page)).to_have_text(REASON)
    page.get_by_role("button", name="Throw it away").click()
    expect(offered(page)).to_have_count(0)
    page.reload()
    expect(page.get_by_text("Request changes…")).to_be_visible()
    expect(offered(page)).to_have_count(0)


def test_two_windows_keep_their_texts_apart_and_each_is_offered(page: Page, desk: Desk) -> None:
    _write_reason(page)
    other = page.context.new_page()
    other.goto(desk.review_path)
    expect(offered(other)).to_have_text([REASON])
    other.get_by_text("Reject…").click()
    other.locator("#field-comment-x").fill("No contract at all.")
    other.close()
    page.reload()
    expect(offered(page)).to_have_count(2)


def test_a_lead_who_wrote_guidelines_in_an_ended_session_is_offered_them(site: Site, sign_in: SignIn) -> None:
    with site.preparing() as make:
        project = make.project()
        lead = make.lead(project)
    page = sign_in(lead)
    path = f"/projects/{project.slug}/guidelines"
    page.goto(f"{path}/edit")
    change_person(page.context, site, None)
    page.get_by_label("Text").fill("# Twenty minutes of typing")
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    change_person(page.context, site, lead)
    page.goto(f"{path}/edit")
    expect(offered(page)).to_have_text("# Twenty minutes of typing")
    page.get_by_role("button", name="Put it back").click()
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_role("heading", name="Twenty minutes of typing")).to_be_visible()
    expect_nothing_kept(page)
