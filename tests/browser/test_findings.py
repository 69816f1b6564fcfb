"""Findings while somebody writes, when they hand in, and as the reviewer sees them."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

from app.projects.models import Clause, Project
from app.samples.models import Revision, Sample
from tests.browser.conftest import SignIn
from tests.browser.desks import Desk, summary_field
from tests.browser.saving import expect_saved, holding
from tests.browser.site import Site
from tests.factories import LENIENT

MANY = 30
TEXT = "It runs for three years 🙂.\n- English law governs it."
# Of the kinds that a text of two lines and no evidence would have as well, none is looked for.
STRICT = LENIENT | {
    "shape": "error",
    "undecided": "warning",
    "too_short": "warning",
    "evidence": "off",
    "facts": "off",
}
NARROW = {"width": 390, "height": 844}
REASON = "The contract says nothing of it."


def _strict_desk(site: Site, *, output: str, clauses: int = 5, **severities: str) -> Desk:
    """A draft in a project whose clauses, all undecided, ask for a reason each."""
    with site.preparing() as make:
        project = make.project(severities=STRICT | severities)
        for number in range(clauses - 2):
            make.session.add(
                Clause(
                    project_id=project.id,
                    position=number + 3,
                    key=f"c{number}",
                    name=f"Clause {number}",
                    required=True,
                )
            )
        make.session.flush()
        make.session.expire(project)
        annotator, reviewer = make.annotator(project), make.reviewer(project)
        sample = make.sample(project, annotator=annotator, output=output)
        sample.draft.number, sample.draft.clauses = 2, {}
        return Desk(sample.id, annotator, reviewer)


def _open(site: Site, sign_in: SignIn, desk: Desk, **options: object) -> Page:
    page = sign_in(desk.annotator, **options)
    page.goto(desk.path)
    return page


def _reasons(page: Page) -> Locator:
    return page.locator("#findings textarea")


def _submit(page: Page) -> None:
    page.get_by_role("button", name="Submit for review").click()


def _expect_accessible(page: Page) -> None:
    results = Axe().run(page, options={"resultTypes": ["violations"]})
    assert results.violations_count == 0, results.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def test_marks_stand_under_the_words_and_move_with_them_until_the_next_answer(
    site: Site, sign_in: SignIn
) -> None:
    page = _open(site, sign_in, _strict_desk(site, output=""))
    field, mark = summary_field(page), page.locator("[data-mirror] mark.found-error")
    field.fill(TEXT)
    expect(mark).to_have_text("- ")
    page.context.set_offline(True)
    field.press("Control+Home")
    page.keyboard.type("🙂 Both agree. ")
    before = "document.querySelector('[data-mirror] .found-error').previousSibling.textContent"
    assert page.evaluate(before) == "🙂 Both agree. It runs for three years 🙂.\n"
    page.context.set_offline(False)
    expect_saved(page)
    field.fill("It runs for three years, and English law governs it.")
    expect(mark).to_have_count(0)


def test_words_that_are_taken_out_and_put_back_have_their_finding_again(site: Site, sign_in: SignIn) -> None:
    page = _open(site, sign_in, _strict_desk(site, output=TEXT))
    field, mark = summary_field(page), page.locator("[data-mirror] mark.found-error")
    page.context.set_offline(True)
    field.press("Control+End")
    page.keyboard.press("Home")
    for key in ("Delete", "Delete"):
        page.keyboard.press(key)
    expect(mark).to_have_count(0)
    page.keyboard.type("- ")
    expect(mark).to_have_text("- ")
    # With another word it is another text, of which the server says the same.
    for key in ("Backspace", "Backspace", "Control+End"):
        page.keyboard.press(key)
    page.keyboard.type(" So.")
    page.keyboard.press("Home")
    page.keyboard.type("- ")
    expect(mark).to_have_count(0)
    page.context.set_offline(False)
    expect_saved(page)
    expect(mark).to_have_text("- ")


def test_a_long_list_is_one_line_until_it_is_opened(site: Site, sign_in: SignIn) -> None:
    page = _open(site, sign_in, _strict_desk(site, output=TEXT, clauses=MANY))
    expect(page.get_by_text(f"{MANY} warnings, clauses")).to_be_visible()
    expect(page.get_by_text("A list stands in the summary")).to_be_visible()
    expect(page.locator("[data-message]", has_text="“Clause 7” is undecided")).to_be_hidden()
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        page.get_by_text("warnings, clauses").click()
        _expect_accessible(page)
    page.set_viewport_size(NARROW)
    _expect_accessible(page)


def test_alt_j_selects_the_words_and_says_the_finding_while_the_writer_stays_in_the_field(
    site: Site, sign_in: SignIn
) -> None:
    page = _open(site, sign_in, _strict_desk(site, output=TEXT))
    summary_field(page).focus()
    page.keyboard.press("Alt+j")
    said = page.locator("[data-finding-message]")
    expect(said).to_have_text(
        "error 1 of 6: A list stands in the summary; it should be one paragraph of prose."
    )
    expect(summary_field(page)).to_be_focused()
    page.wait_for_function("getSelection().toString() === '- '")
    page.keyboard.press("Alt+j")
    expect(said).to_contain_text("warning 2 of 6")
    page.keyboard.press("Alt+r")
    expect(
        page.get_by_role("textbox", name="Why this is right as it stands: “Term” is undecided")
    ).to_be_focused()
    page.keyboard.press("Alt+k")
    expect(said).to_contain_text("error 1 of 6")
    expect(summary_field(page)).to_be_focused()


def test_a_reason_that_is_being_written_is_left_alone_by_what_comes_in(site: Site, sign_in: SignIn) -> None:
    page = _open(site, sign_in, _strict_desk(site, output="It runs for three years.", clauses=2))
    summary_field(page).focus()
    page.keyboard.press("Control+End")
    held = holding(page, "**/draft")
    with page.expect_request("**/draft"):
        page.keyboard.type("\n- A list.")
    page.get_by_text("Keep, with a reason").first.click()
    _reasons(page).first.fill("It is")
    held[0].continue_()
    expect_saved(page)
    page.keyboard.type(" right.")
    expect(_reasons(page).first).to_have_value("It is right.")
    expect(_reasons(page).first).to_be_focused()
    summary_field(page).focus()
    expect(page.get_by_text("A list stands in the summary")).to_be_visible()
    expect(_reasons(page).first).to_have_value("It is right.")


@pytest.mark.parametrize("scripts", [True, False])
def test_warnings_ask_for_a_reason_each_and_the_reviewer_reads_it(
    scripts: bool, site: Site, sign_in: SignIn
) -> None:
    desk = _strict_desk(site, output=TEXT, clauses=3, shape="note")
    page = _open(site, sign_in, desk, java_script_enabled=scripts)
    _submit(page)
    expect(page.get_by_role("alert")).to_contain_text("3 warnings ask for a reason")
    expect(_reasons(page).first).to_be_focused()
    for reason in _reasons(page).all():
        expect(reason).to_be_visible()
    _reasons(page).first.fill(REASON)
    if not scripts:
        page.get_by_role("button", name="Save").click()
        expect(_reasons(page).first).to_have_value(REASON)
    _submit(page)
    expect(page.get_by_role("alert")).to_contain_text("2 warnings ask for a reason")
    expect(_reasons(page).first).to_have_value(REASON)
    expect(_reasons(page).nth(1)).to_be_focused()
    if scripts:
        page.reload()
        expect(_reasons(page).first).to_have_value(REASON)
        page.get_by_role("button", name="Same reason for all 3").first.click()
    for reason in _reasons(page).all()[1:]:
        if not scripts:
            reason.fill(REASON)
        expect(reason).to_have_value(REASON)
    _submit(page)
    expect(page.locator("#notice")).to_contain_text("for review")
    with site.looking() as session:
        (revision,) = session.query(Revision).where(Revision.sample_id == desk.sample_id)
        assert list(revision.reasons.values()) == [REASON] * 3

    judge = sign_in(desk.reviewer, java_script_enabled=scripts)
    judge.goto(desk.review_path)
    expect(judge.get_by_text("Kept because: " + REASON)).to_have_count(3)
    expect(judge.locator("#output mark.found-note")).to_have_text("- ")


def test_errors_block_and_the_cursor_is_where_the_first_one_is(site: Site, sign_in: SignIn) -> None:
    page = _open(site, sign_in, _strict_desk(site, output=TEXT))
    _submit(page)
    expect(page.get_by_role("alert")).to_contain_text("A list stands in the summary")
    expect(summary_field(page)).to_be_focused()
    page.wait_for_function("getSelection().toString() === '- '")
    other = _open(site, sign_in, _strict_desk(site, output="It runs for three years.", undecided="error"))
    _submit(other)
    expect(other.get_by_role("alert")).to_contain_text("“Term” is undecided")
    expect(other.get_by_role("group", name="Term").get_by_role("radio").first).to_be_focused()


def test_a_reviewer_goes_from_finding_to_finding(site: Site, sign_in: SignIn) -> None:
    desk = _strict_desk(site, output=TEXT, shape="note", undecided="note")
    page = _open(site, sign_in, desk)
    _submit(page)
    expect(page.locator("#notice")).to_contain_text("for review")
    judge = sign_in(desk.reviewer)
    judge.goto(desk.review_path)
    judge.keyboard.press("Alt+k")
    expect(judge.locator("[data-finding-message]")).to_contain_text(
        "note 6 of 6: A list stands in the summary"
    )
    expect(judge.locator("#output mark.is-now")).to_have_text("- ")
    _expect_accessible(judge)


def test_a_lead_says_what_findings_weigh(site: Site, sign_in: SignIn) -> None:
    desk = _strict_desk(site, output=TEXT)
    with site.preparing() as make:
        project = make.session.get_one(Project, make.session.get_one(Sample, desk.sample_id).project_id)
        lead, slug = make.lead(project), project.slug
    page = sign_in(lead)
    page.goto(f"/projects/{slug}/settings")
    page.get_by_role("combobox", name="Not one paragraph of prose").select_option("Off")
    page.locator("#policy").get_by_role("button", name="Save").click()
    expect(page.locator("#notice")).to_contain_text("Saved.")
    expect(page.get_by_role("combobox", name="Not one paragraph of prose")).to_have_value("off")
    writer = _open(site, sign_in, desk)
    expect(writer.locator("[data-mirror] mark")).to_have_count(0)
