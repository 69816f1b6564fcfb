"""Words of the contract become evidence, move with the summary, and are shown to whoever reviews it."""

import random
from dataclasses import asdict

from playwright.sync_api import Locator, Page, expect

from app.checks.spans import Span
from app.samples.evidence import Edit, Entry, moved
from app.samples.models import Sample
from app.web.templates import static_url
from tests.browser.conftest import SignIn
from tests.browser.desks import Desk, new_desk, summary_field
from tests.browser.saving import expect_saved, holding
from tests.browser.site import Site

SUMMARY = "It runs for three years 🙂. English law governs."
SELECT = """([block, words]) => {
  const at = block.firstChild.data.indexOf(words);
  getSelection().setBaseAndExtent(block.firstChild, at, block.firstChild, at + words.length);
}"""


def block(page: Page, words: str) -> Locator:
    return page.locator(".block-text", has_text=words)


def select(page: Page, words: str) -> None:
    """Select words of the contract, as a mouse would."""
    page.evaluate(SELECT, [block(page, words).element_handle(), words])
    expect(page.get_by_role("toolbar")).to_be_visible()


def entries(page: Page) -> Locator:
    return page.locator("[data-entry]")


def stored(site: Site, desk: Desk) -> tuple[str, list[Entry]]:
    with site.looking() as session:
        draft = session.get_one(Sample, desk.sample_id).draft
        return draft.output, list(draft.evidence)


def supported(site: Site, desk: Desk) -> list[str]:
    """The words of the summary for which there is evidence, as the server has them."""
    output, evidence = stored(site, desk)
    spans = [entry["output"] for entry in evidence]
    return [output[span["start"] : span["end"]] for span in spans]


def test_a_selection_is_evidence_for_the_sentence_at_the_cursor(page: Page, site: Site, desk: Desk) -> None:
    summary_field(page).fill(SUMMARY)
    page.keyboard.press("Control+Home")
    select(page, "three (3) years")
    page.keyboard.press("Alt+e")
    expect(entries(page)).to_contain_text("three (3) years")
    expect(page.get_by_role("link", name="Evidence 1", exact=True)).to_be_visible()
    expect_saved(page)
    assert supported(site, desk) == ["It runs for three years 🙂."]
    (entry,) = stored(site, desk)[1]
    assert entry["document"]["quote"] == "three (3) years"


def test_the_selection_stays_while_the_writer_goes_back_to_the_sentence(
    page: Page, site: Site, desk: Desk
) -> None:
    summary_field(page).fill(SUMMARY)
    select(page, "English law")
    summary_field(page).click()
    page.keyboard.press("Control+End")
    page.keyboard.press("Alt+e")
    expect(entries(page)).to_contain_text("English law governs.")
    expect_saved(page)
    assert supported(site, desk) == ["English law governs."]


def test_evidence_moves_with_its_sentence_and_says_when_that_is_gone(
    page: Page, site: Site, desk: Desk
) -> None:
    summary_field(page).fill(SUMMARY)
    page.keyboard.press("Control+End")
    select(page, "English law")
    page.keyboard.press("Alt+e")
    expect(entries(page)).to_have_count(1)
    summary_field(page).press("Control+Home")
    page.keyboard.type("Both parties agree. ")
    expect_saved(page)
    assert supported(site, desk) == ["English law governs."]
    expect(page.locator("[data-mirror] .has-evidence")).to_have_text("English law governs.")

    summary_field(page).fill("Both parties agree.")
    expect(entries(page)).to_contain_text("Its sentence is gone")
    expect_saved(page)
    assert "output" not in stored(site, desk)[1][0]


def test_evidence_for_a_clause_covers_it_and_can_be_taken_away_and_put_back(
    page: Page, site: Site, desk: Desk
) -> None:
    select(page, "English law")
    page.get_by_role("toolbar").get_by_role("button", name="Governing_Law").click()
    clause = page.get_by_role("group", name="Governing_Law")
    expect(clause).to_contain_text("evidence 1")
    expect(clause.get_by_label("Covered")).to_be_checked()
    page.get_by_role("button", name="Remove evidence 1").click()
    expect_saved(page)
    assert stored(site, desk)[1] == []
    page.get_by_role("button", name="Put it back").click()
    expect_saved(page)
    expect(clause).to_contain_text("evidence 1")
    assert stored(site, desk)[1][0]["clause"] == "governing_law"


def test_what_was_marked_while_the_network_was_away_is_saved_when_it_is_back(
    page: Page, site: Site, desk: Desk
) -> None:
    summary_field(page).fill(SUMMARY)
    expect_saved(page)
    page.context.set_offline(True)
    for words in ("three (3) years", "English law"):
        select(page, words)
        page.get_by_role("toolbar").get_by_role("button", name="Term").click()
    page.context.set_offline(False)
    expect(entries(page)).to_have_count(2)
    expect_saved(page)
    quotes = [entry["document"]["quote"] for entry in stored(site, desk)[1]]
    assert quotes == ["three (3) years", "English law"]
    page.get_by_role("button", name="Remove evidence 1").click()
    expect(page.get_by_role("button", name="Remove evidence 1")).to_be_visible()  # which was the second
    expect(page.get_by_role("link", name="Evidence 1: go to 2.1")).to_be_visible()


def test_what_is_removed_while_another_is_on_its_way_to_the_server_stays_removed(
    page: Page, site: Site, desk: Desk
) -> None:
    toolbar = page.get_by_role("toolbar")
    select(page, "three (3) years")
    toolbar.get_by_role("button", name="Term").click()
    expect(entries(page)).to_have_count(1)
    expect_saved(page)
    held = holding(page, "**/draft")
    select(page, "English law")
    with page.expect_request("**/draft"):
        toolbar.get_by_role("button", name="Governing_Law").click()
    page.get_by_role("button", name="Remove evidence 1").click()
    held[0].continue_()
    expect(entries(page)).to_contain_text("English law")
    expect(entries(page)).to_have_count(1)
    expect_saved(page)
    assert [entry["document"]["quote"] for entry in stored(site, desk)[1]] == ["English law"]


def test_a_hidden_character_in_the_contract_moves_no_selection(site: Site, sign_in: SignIn) -> None:
    with site.preparing() as make:
        project = make.project()
        writer = make.annotator(project)
        text = "A lease \u202eof\u202c land.\n\n1.1 It runs for ten (10) years \u2066here\u2069."
        document = make.document(project, text=text)
        sample = make.sample(project, annotator=writer, task=make.task(project, document=document))
        desk = Desk(sample.id, writer, writer)
    page = sign_in(writer)
    page.goto(desk.path)
    select(page, "here[U+2069]")
    page.get_by_role("toolbar").get_by_role("button", name="Term").click()
    expect(entries(page)).to_have_count(1)
    expect_saved(page)
    assert stored(site, desk)[1][0]["document"]["quote"] == "here\u2069"


def test_enter_in_the_words_adds_them_and_removes_nothing(page: Page, site: Site, desk: Desk) -> None:
    select(page, "three (3) years")
    page.get_by_role("toolbar").get_by_role("button", name="Term").click()
    expect(entries(page)).to_have_count(1)
    expect_saved(page)
    page.get_by_text("Name evidence by its words").click()
    page.get_by_label("They support").select_option(label="Governing_Law")
    page.get_by_label("Words of the contract").fill("English law")
    page.keyboard.press("Enter")
    expect(entries(page)).to_have_count(2)
    quotes = [entry["document"]["quote"] for entry in stored(site, desk)[1]]
    assert quotes == ["three (3) years", "English law"]


def test_a_page_that_is_loaded_again_shows_the_same_evidence(page: Page) -> None:
    summary_field(page).fill(SUMMARY)
    page.keyboard.press("Control+Home")
    select(page, "three (3) years")
    page.keyboard.press("Alt+e")
    expect(entries(page)).to_have_count(1)
    expect_saved(page)
    page.reload()
    expect(entries(page)).to_contain_text("It runs for three years 🙂.")
    expect(page.locator("[data-mirror] .has-evidence")).to_have_text("It runs for three years 🙂.")
    expect_saved(page)


def test_evidence_is_named_by_its_words_without_scripts(site: Site, sign_in: SignIn) -> None:
    desk = new_desk(site, output=SUMMARY)
    page = sign_in(desk.annotator, java_script_enabled=False)
    page.goto(desk.path)
    summary_field(page).fill(f"Both agree. {SUMMARY}")
    page.get_by_text("Name evidence by its words").click()
    page.get_by_label("Paragraph").fill("1.1")
    page.get_by_label("Words of the contract").fill("English law")
    page.get_by_label("They support").select_option(label="Sentence 2: English law governs.")
    page.get_by_role("button", name="Add this evidence").click()
    expect(page.get_by_role("alert")).to_contain_text("stand nowhere in paragraph 1.1")
    expect(summary_field(page)).to_have_value(f"Both agree. {SUMMARY}")
    page.get_by_label("Paragraph").fill("2.1")
    page.get_by_label("They support").select_option(label="Sentence 3: English law governs.")
    page.get_by_role("button", name="Add this evidence").click()
    expect(entries(page)).to_contain_text("English law governs.")
    assert supported(site, desk) == ["English law governs."]
    page.get_by_role("button", name="Remove evidence 1").click()
    assert stored(site, desk)[1] == []


def test_a_reviewer_goes_through_the_sentences_with_their_evidence(site: Site, sign_in: SignIn) -> None:
    desk = new_desk(site, output=SUMMARY)
    writer = sign_in(desk.annotator)
    writer.goto(desk.path)
    summary_field(writer).press("Control+End")
    select(writer, "English law")
    writer.keyboard.press("Alt+e")
    expect(entries(writer)).to_have_count(1)
    writer.get_by_role("button", name="Submit for review").click()
    expect(writer.locator("#notice")).to_contain_text("for review")

    page = sign_in(desk.reviewer)
    page.goto(desk.review_path)
    page.keyboard.press("j")
    expect(page.locator("[data-sentence-message]")).to_have_text("Sentence 1 of 2: no evidence")
    page.keyboard.press("j")
    expect(page.locator("[data-sentence-message]")).to_have_text("Sentence 2 of 2: evidence 1")
    expect(page.locator(".sentence[aria-current]")).to_contain_text("English law governs.")
    expect(block(page, "English law.")).to_be_in_viewport()
    page.keyboard.press("k")
    expect(page.locator(".sentence[aria-current]")).to_contain_text("It runs")


def test_browser_and_server_move_a_span_alike(page: Page) -> None:
    chance = random.Random(7)  # noqa: S311 -- the same cases in every run
    cases = []
    for _ in range(400):
        before = "".join(chance.choices("ab 🙂.", k=chance.randint(0, 60)))
        first = chance.randint(0, len(before))
        last = min(len(before), first + chance.choice([0, 1, 5, 40]))
        after = before[:first] + "".join(chance.choices("ab 🙂.", k=chance.choice([0, 1, 9]))) + before[last:]
        start = chance.randint(0, len(before))
        cases.append([{"start": start, "end": chance.randint(start, len(before))}, before, after])
    found = page.evaluate(
        """async ([path, cases]) => {
          const { editBetween, moved } = await import(path);
          return cases.map(([span, before, after]) => moved(span, editBetween(before, after)));
        }""",
        [static_url("js/spans.js"), cases],
    )
    expected = [moved(Span(**span), Edit.between(before, after)) for span, before, after in cases]
    assert found == [span and asdict(span) for span in expected]
    assert sum(span is None for span in expected) > 20
