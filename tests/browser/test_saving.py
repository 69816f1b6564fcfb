"""A save that does not go through is said at once and tried again, and saves keep their order."""

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.desks import Desk, summary_field
from tests.browser.saving import (
    TYPED,
    answering,
    expect_not_saved,
    expect_nothing_kept,
    expect_saved,
    holding,
    kept_here,
    refuse,
    save_state,
    stored,
)
from tests.browser.site import Site

LIMIT = 20_000  # characters of a summary


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(refuse, id="no server"),
        pytest.param(answering(503), id="503"),
        pytest.param(answering(500), id="a proxy's 500"),
        pytest.param(answering(429), id="429"),
        pytest.param(answering(404), id="a proxy's 404"),
        pytest.param(answering(200, "<p>Welcome to the hotel</p>"), id="a portal's page"),
        pytest.param(answering(302, "", Location="/sign-in"), id="the way to a sign-in page"),
    ],
)
def test_a_save_that_fails_is_said_and_tried_again(fault, page: Page, site: Site, desk: Desk) -> None:
    page.route("**/draft", fault)
    summary_field(page).fill(TYPED)
    expect_not_saved(page)
    assert TYPED in kept_here(page)
    page.unroute("**/draft")
    page.evaluate("dispatchEvent(new Event('focus'))")  # whoever comes back to the tab need not wait
    expect_saved(page)
    assert stored(site, desk) == TYPED
    assert TYPED not in kept_here(page)


def test_a_server_that_hangs_is_said_and_goes_on_being_said_while_one_types(
    page: Page, site: Site, desk: Desk
) -> None:
    held = holding(page, "**/draft")
    summary_field(page).fill(TYPED)
    expect_not_saved(page, "slow to answer")
    summary_field(page).press_sequentially(" More.")
    expect_not_saved(page, "slow to answer")
    held[0].continue_()
    expect_saved(page)
    assert stored(site, desk) == f"{TYPED} More."


def test_over_a_slow_link_it_says_that_the_answer_is_awaited_and_saves(
    page: Page, site: Site, desk: Desk
) -> None:
    link = page.context.new_cdp_session(page)
    link.send("Network.enable")
    slow = {"offline": False, "latency": 3000, "downloadThroughput": 20_000, "uploadThroughput": 5_000}
    link.send("Network.emulateNetworkConditions", slow)
    summary_field(page).fill(TYPED)
    expect_not_saved(page, "slow to answer")
    expect_saved(page)
    assert stored(site, desk) == TYPED


def test_what_is_typed_during_a_save_goes_with_the_next_one(page: Page, site: Site, desk: Desk) -> None:
    sent: list[str] = []
    page.on(
        "request", lambda request: sent.append(request.post_data or "") if "/draft" in request.url else None
    )
    held = holding(page, "**/draft")
    with page.expect_request("**/draft"):
        summary_field(page).fill("One.")
    for word in (" Two.", " Three.", " Four."):
        summary_field(page).press_sequentially(word)
    assert len(sent) == 1
    held[0].continue_()
    expect_saved(page)
    assert stored(site, desk) == "One. Two. Three. Four."
    assert ["based_on=1" in sent[0], "based_on=2" in sent[1]] == [True, True]
    expect(page.locator("#conflict[data-number]")).to_have_count(0)


def test_a_save_that_was_held_up_on_its_way_does_not_undo_a_later_one(
    page: Page, site: Site, desk: Desk
) -> None:
    held_up: list[tuple[str, dict[str, str]]] = []

    def hold_up(route: Route) -> None:
        held_up.append((route.request.post_data or "", route.request.all_headers()))
        route.abort("timedout")

    page.route("**/draft", hold_up)
    summary_field(page).fill("Early.")
    expect_not_saved(page)
    page.unroute("**/draft")
    summary_field(page).fill("Early, and late.")
    expect_saved(page)
    data, headers = held_up[0]
    answer = page.context.request.post(f"{desk.path}/draft", data=data, headers=headers)
    assert "Early." in data.replace("+", " ")
    assert (answer.status, stored(site, desk)) == (409, "Early, and late.")


def test_somebody_who_never_pauses_is_saved_all_the_same(page: Page, site: Site, desk: Desk) -> None:
    page.clock.install()
    with page.expect_request("**/draft"):
        for _ in range(14):
            summary_field(page).press("x")
            page.clock.run_for(500)
    assert "x" in kept_here(page) + stored(site, desk)


def test_what_was_typed_and_taken_back_is_no_unsaved_text(page: Page) -> None:
    summary_field(page).fill("x")
    summary_field(page).fill("")
    expect(save_state(page)).to_have_attribute("data-state", "saved")
    expect_nothing_kept(page)


def test_a_text_over_the_limit_is_refused_with_a_sentence_and_the_next_edit_is_saved(
    page: Page, site: Site, desk: Desk
) -> None:
    too_long = "🖋é" * (LIMIT // 2) + "x"
    page.route("**/draft", answering(503))
    summary_field(page).fill(too_long)
    expect_not_saved(page, "the server is away")
    page.unroute("**/draft")
    expect_not_saved(page, f"{LIMIT + 1:,} characters")
    expect(summary_field(page)).to_have_value(too_long)
    assert "🖋é" in kept_here(page)
    summary_field(page).press("Control+End")
    summary_field(page).press("Backspace")
    expect_saved(page)
    assert stored(site, desk) == too_long[:LIMIT]


def test_a_megabyte_that_is_pasted_is_refused_and_stays(page: Page) -> None:
    summary_field(page).evaluate(
        """(field) => {
            field.value = "The Supplier delivers. ".repeat(45_000);
            field.dispatchEvent(new Event("input", {bubbles: true}));
        }"""
    )
    expect_not_saved(page, "the limit is 20,000")
    assert summary_field(page).evaluate("(field) => field.value.length") == 23 * 45_000


def test_a_save_does_not_disturb_a_word_that_is_being_composed(page: Page, site: Site, desk: Desk) -> None:
    summary_field(page).press_sequentially("Law: ")
    expect_saved(page)
    devtools = page.context.new_cdp_session(page)
    summary_field(page).focus()
    devtools.send("Input.imeSetComposition", {"text": "ほう", "selectionStart": 2, "selectionEnd": 2})
    expect_saved(page)
    devtools.send("Input.imeSetComposition", {"text": "ほうり", "selectionStart": 3, "selectionEnd": 3})
    devtools.send("Input.insertText", {"text": "法律"})
    expect(summary_field(page)).to_have_value("Law: 法律")
    expect_saved(page)
    page.wait_for_function("() => document.querySelector('[data-save-state]').dataset.state === 'saved'")
    assert stored(site, desk) == "Law: 法律"
