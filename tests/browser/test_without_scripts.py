"""Writing and reviewing with JavaScript off: plain forms do all of it."""

from playwright.sync_api import Page, expect

from tests.browser.conftest import SignIn
from tests.browser.desks import summary_field
from tests.browser.site import Site
from tests.factories import SUMMARY

REASON = "Say that nothing limits liability."


def test_a_summary_is_written_sent_back_and_approved_by_plain_forms(site: Site, sign_in: SignIn) -> None:
    with site.preparing() as make:
        project = make.project()
        make.task(project)
        annotator, reviewer = make.annotator(project, attested=False), make.reviewer(project)
    writer = sign_in(annotator, java_script_enabled=False)
    judge = sign_in(reviewer, java_script_enabled=False)
    _write(writer)
    _send_back(judge)
    _write_again(writer)
    _approve_after_second_thoughts(judge)
    writer.reload()
    expect(writer.get_by_role("main")).to_contain_text("Approved")


def _write(page: Page) -> None:
    page.goto("/")
    page.get_by_role("button", name="Start writing").click()
    summary_field(page).fill("Two years.")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#notice")).to_contain_text("Saved.")
    expect(summary_field(page)).to_have_value("Two years.")

    page.get_by_role("button", name="I confirm this").click()
    summary_field(page).fill(SUMMARY)
    page.get_by_role("button", name="Submit for review").click()
    expect(page.get_by_role("alert")).to_contain_text("undecided")
    expect(summary_field(page)).to_have_value(SUMMARY)
    for clause in page.locator("fieldset.clause").all():
        clause.get_by_text("Covered").click()
    page.get_by_role("button", name="Submit for review").click()
    expect(page.locator("#notice")).to_contain_text("for review")


def _send_back(page: Page) -> None:
    page.goto("/")
    page.get_by_role("button", name="Start reviewing").click()
    page.get_by_text("Request changes…").click()
    page.get_by_label("What should").fill(REASON)
    page.get_by_role("button", name="Request changes", exact=True).click()
    expect(page.locator("#notice")).to_contain_text("Nothing more waits")


def _write_again(page: Page) -> None:
    page.goto("/")
    expect(page.get_by_role("main")).to_contain_text(REASON)
    page.get_by_role("button", name="Continue").click()
    summary_field(page).fill(f"{SUMMARY} Nothing limits liability.")
    page.get_by_role("button", name="Submit for review").click()
    expect(page.locator("#notice")).to_contain_text("for review")


def _approve_after_second_thoughts(page: Page) -> None:
    page.goto("/")
    page.get_by_role("button", name="Start reviewing").click()
    expect(page.locator(".diff ins")).to_contain_text("Nothing limits liability.")
    page.get_by_role("button", name="Approve and next").click()
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("#notice")).to_contain_text("Undone")
    page.get_by_role("button", name="Approve and next").click()
    expect(page.get_by_role("button", name="Undo")).to_be_visible()
