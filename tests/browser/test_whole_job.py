"""The main job, from a folder of contracts to the file that a model learns from, by the pages alone."""

import json
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import BrowserContext, FilePayload, Locator, Page, expect
from sqlalchemy import update

from app.projects.models import Project
from tests.browser.desks import summary_field
from tests.browser.site import Site
from tests.documents.extraction.builders import column, docx, paragraph, pdf
from tests.factories import LENIENT

PROJECT = "Harbour contracts"
PARTIES = ("Ropewalk Ltd", "Quayside Cranes Ltd", "Elmouth Pilots")
WORDS = "This Agreement between {} and the Port of Elmouth is made for five (5) years from 1 March 2026."
LAW = "This Agreement is governed by the law of England and Wales."
WRONG = "The agreement runs for three years from 1 March 2026; the law of England and Wales governs it."
RIGHT = WRONG.replace("three", "five")
REASON = "It runs for five years, not three."


def test_a_contract_becomes_a_line_of_training_data(
    new_context: Callable[..., BrowserContext], site: Site, tmp_path: Path
) -> None:
    people = {name: _come_in(new_context(), link) for name, link in site.links.items()}
    lead, writer, reviewer = (people[name] for name in ("Miriam Vance", "Anna Keller", "Rita Osei"))
    _set_up(lead)
    with site.preparing() as make:
        make.session.execute(update(Project).where(Project.slug == "harbour").values(severities=LENIENT))
    _import(lead)
    _write(writer)
    _send_back(reviewer)
    _correct(writer)
    _approve(reviewer)
    rows = _download(people["Dev Raman"], tmp_path)

    assert [row["output"] for row in rows] == [RIGHT]
    assert any(WORDS.format(party) in rows[0]["instruction"] for party in PARTIES)


def _come_in(context: BrowserContext, link: str) -> Page:
    """Sign in by the one-time link, which only its button spends."""
    page = context.new_page()
    page.goto(link)
    page.reload()
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="My work")).to_be_visible()
    return page


def _set_up(page: Page) -> None:
    """A project with its members; instruction, clauses and guidelines are those that a new one has."""
    page.goto("/projects")
    page.get_by_role("link", name="New project").click()
    page.get_by_label("Name", exact=True).fill(PROJECT)
    page.get_by_label("Short name").fill("harbour")
    page.get_by_role("button", name="Create the project").click()
    page.get_by_role("navigation", name="Project").get_by_role("link", name="Members").click()
    for person, role in (("anna.keller", "Annotator"), ("rita.osei", "Reviewer"), ("dev.raman", "Engineer")):
        page.get_by_label("E-mail address").fill(f"{person}@example.org")
        page.get_by_role("checkbox", name=role, exact=True).check()
        page.get_by_role("button", name="Add", exact=True).click()
        expect(page.get_by_role("list", name="Members")).to_contain_text(person)


def _import(page: Page) -> None:
    """Three contracts of three kinds are taken in; of the torn file the page says what is wrong with it."""
    page.get_by_role("navigation", name="Project").get_by_role("link", name="Documents").click()
    page.get_by_label("Contracts:").set_input_files(_files())
    expect(page.locator("[data-dropzone-files] li")).to_have_count(4)
    page.get_by_role("button", name="Import").click()
    report = page.get_by_role("region", name="Report")
    expect(report).to_contain_text("4 of 4", timeout=60_000)
    expect(report.get_by_role("link", name="New 3")).to_be_visible()
    torn = report.get_by_role("row", name="torn.pdf")
    expect(torn).to_contain_text("Failed")
    expect(torn.get_by_role("cell").last).to_contain_text("This PDF is cut off or damaged.")


def _files() -> list[FilePayload]:
    rope, cranes, pilots = (WORDS.format(party) for party in PARTIES)
    word = docx("".join(map(paragraph, ("Crane Hire Agreement", cranes, LAW))))
    printed = pdf([column(["Pilotage Agreement", "", pilots, "", LAW])])
    files = {
        "mooring.txt": f"Mooring Agreement\n\n1. {rope}\n\n2. {LAW}\n".encode(),
        "crane-hire.docx": word,
        "pilotage.pdf": printed,
        "torn.pdf": b"%PDF-1.7\nthe rest was torn off",
    }
    return [
        FilePayload(name=name, mimeType="application/octet-stream", buffer=content)
        for name, content in files.items()
    ]


def _card(page: Page) -> Locator:
    """What waits for the person in this project."""
    page.goto("/")
    return page.locator("section.card").filter(has=page.get_by_role("heading", name=PROJECT))


def _write(page: Page) -> None:
    """What is typed is saved by itself; the page says what is missing before it can be handed in."""
    _card(page).get_by_role("button", name="Start writing").click()
    summary_field(page).press_sequentially(WRONG)
    expect(page.locator("#receipt")).to_contain_text("Saved")
    page.reload()
    expect(summary_field(page)).to_have_value(WRONG)

    page.get_by_role("button", name="Submit for review").click()
    expect(page.get_by_role("alert").first).to_contain_text("undecided")
    for clause in page.locator("fieldset.clause").all():
        covered = clause.locator("legend").inner_text().startswith(("Term", "Governing law"))
        clause.get_by_text("Covered" if covered else "Not in it").click()
    page.get_by_role("button", name="I confirm this").click()
    expect(page.get_by_role("button", name="I confirm this")).to_have_count(0)
    page.get_by_role("button", name="Submit for review").click()
    expect(page.locator("#notice")).to_contain_text("for review")


def _send_back(page: Page) -> None:
    """From the keyboard: c opens the reason, and letters in it are letters."""
    _card(page).get_by_role("button", name="Start reviewing").click()
    expect(page.locator("#output")).to_have_text(WRONG)
    page.wait_for_load_state()
    page.keyboard.press("c")
    expect(page.locator("#field-comment-c")).to_be_focused()
    page.keyboard.type(REASON)
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("status").filter(has_text="Nothing more waits")).to_be_visible()


def _correct(page: Page) -> None:
    card = _card(page)
    expect(card).to_contain_text(REASON)
    card.get_by_role("button", name="Continue").click()
    expect(page.locator("#pane-desk")).to_contain_text(REASON)
    summary_field(page).fill(RIGHT)
    page.keyboard.press("Control+Enter")
    expect(page.locator("#notice")).to_contain_text("for review")


def _approve(page: Page) -> None:
    """The reviewer sees which word changed, approves, takes it back, and approves again."""
    _card(page).get_by_role("button", name="Start reviewing").click()
    expect(page.locator(".diff ins")).to_have_text(["five"])
    expect(page.locator(".diff del")).to_have_text(["three"])
    page.keyboard.press("a")
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("status").filter(has_text="Undone")).to_be_visible()
    page.keyboard.press("a")
    expect(page.get_by_role("button", name="Undo")).to_be_visible()


def _download(page: Page, directory: Path) -> list[dict[str, str]]:
    """The file as an engineer gets it, and its lines as their program reads them."""
    _card(page).get_by_role("link", name="Export").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download JSONL").click()
    path = directory / download.value.suggested_filename
    assert path.suffix == ".jsonl"
    download.value.save_as(path)
    return [json.loads(line) for line in path.read_text().splitlines()]
