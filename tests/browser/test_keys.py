"""Work from the keyboard, and letters that stay letters where somebody writes."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import SignIn
from tests.browser.desks import new_desk, summary_field
from tests.browser.site import Site
from tests.factories import SUMMARY


@pytest.fixture
def writing(site: Site, sign_in: SignIn) -> Page:
    """A writing page with a finished text."""
    desk = new_desk(site, output=SUMMARY)
    page = sign_in(desk.annotator)
    page.goto(desk.path)
    return page


@pytest.fixture
def reviewing(site: Site, sign_in: SignIn) -> Page:
    """A reviewing page."""
    desk = new_desk(site, output=SUMMARY, submitted=True)
    page = sign_in(desk.reviewer)
    page.goto(desk.review_path)
    return page


def test_control_s_saves_at_once(writing: Page) -> None:
    writing.clock.install()  # from here on no timer fires, so nothing is saved by itself
    summary_field(writing).press("End")
    writing.keyboard.type(" More.")
    with writing.expect_request("**/draft") as request:
        writing.keyboard.press("Control+s")
    assert "More." in (request.value.post_data or "")


def test_control_enter_hands_in_what_was_typed_a_moment_ago(writing: Page, site: Site) -> None:
    summary_field(writing).press("Control+End")
    writing.keyboard.type(" It ends there.")
    writing.keyboard.press("Control+Enter")
    expect(writing.locator("#notice")).to_contain_text("for review")
    writing.get_by_role("link", name="Contract").last.click()
    expect(writing.locator("#output")).to_have_text(f"{SUMMARY} It ends there.")


def test_a_slash_finds_in_the_contract(writing: Page) -> None:
    writing.locator("#pane-contract").focus()
    writing.keyboard.press("/")
    find = writing.get_by_role("searchbox", name="Find in contract")
    expect(find).to_be_focused()
    writing.keyboard.type("English law")
    expect(writing.get_by_role("search").locator("output")).to_have_text("1 of 1")
    writing.keyboard.press("Escape")
    expect(find).not_to_be_focused()
    expect(find).to_have_value("")


def test_alt_and_a_digit_go_to_a_clause_while_one_writes(writing: Page) -> None:
    summary_field(writing).focus()
    writing.keyboard.press("Alt+1")
    expect(writing.get_by_role("searchbox", name="Find in contract")).to_have_value("Term")
    expect(summary_field(writing)).to_be_focused()
    expect(summary_field(writing)).to_have_value(SUMMARY)


def test_a_question_mark_lists_the_keys_until_escape(reviewing: Page) -> None:
    reviewing.keyboard.press("?")
    keys = reviewing.get_by_role("dialog", name="Keys")
    expect(keys).to_contain_text("approve and next")
    reviewing.keyboard.press("Escape")
    expect(keys).to_be_hidden()


def test_single_letters_are_letters_in_text_fields(writing: Page) -> None:
    summary_field(writing).press("Control+End")
    writing.keyboard.type(" /?acxed")
    expect(summary_field(writing)).to_have_value(f"{SUMMARY} /?acxed")
    expect(writing.get_by_role("dialog")).to_be_hidden()


def test_a_reviewer_who_writes_a_reason_decides_nothing(reviewing: Page) -> None:
    reviewing.keyboard.press("x")
    reviewing.keyboard.type("a c x e d u")
    reason = reviewing.get_by_label("Why is this no use as training data?")
    expect(reason).to_have_value("a c x e d u")
    reviewing.keyboard.press("Escape")
    expect(reason).to_be_hidden()
    expect(reviewing.locator("#output")).to_be_visible()


def test_the_key_after_c_falls_into_the_reason_however_fast_it_comes(reviewing: Page) -> None:
    focused = reviewing.evaluate(
        """() => {
            document.body.dispatchEvent(new KeyboardEvent("keydown", {key: "c", bubbles: true}));
            return document.activeElement.name;
        }"""
    )
    assert focused == "comment"


def test_single_keys_rest_where_a_person_switched_them_off(reviewing: Page) -> None:
    here = reviewing.url
    assert _is_taken_for_a_command(reviewing, "c")
    reviewing.goto("/account")
    reviewing.get_by_label("Single letters are keys").uncheck()
    reviewing.get_by_role("button", name="Save").first.click()
    reviewing.goto(here)
    assert not _is_taken_for_a_command(reviewing, "c")
    assert not _is_taken_for_a_command(reviewing, "a")


def _is_taken_for_a_command(page: Page, key: str) -> bool:
    """Whether a script took the key, which a browser would else do with as it likes."""
    event = f'new KeyboardEvent("keydown", {{key: "{key}", bubbles: true, cancelable: true}})'
    taken: bool = page.evaluate(f"() => !document.body.dispatchEvent({event})")
    return taken
