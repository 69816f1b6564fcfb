"""Every page: for everybody, at every width, in light and dark, and light enough to be there at once."""

import gzip
import re
from collections.abc import Callable
from typing import Literal

import pytest
from axe_playwright_python.base import AXE_SCRIPT, AxeResults
from playwright.sync_api import BrowserContext, Page, Request, Response, expect

from tests.browser import places
from tests.browser.conftest import WIDE
from tests.browser.desks import summary_field
from tests.browser.saving import expect_not_saved, offered, refuse
from tests.browser.site import Site

NARROW = {"width": 390, "height": 844}
HEAVIEST = 100_000  # bytes that travel on a first visit, the contract's own apart
_CONTRACT = re.compile(r"<article class=\"contract\".*?</article>", re.DOTALL)
# No rule that is on by default looks into what it would load.
_EVERYTHING: dict[str, object] = {"resultTypes": ["violations"], "preload": False}

every_place = pytest.mark.parametrize("name", places.PLACES)
Visit = Callable[[str], tuple[Page, str]]
Scheme = Literal["light", "dark"]


@pytest.fixture(scope="package")
def numbers(site: Site) -> dict[str, object]:
    """What stands in the braces of the places."""
    return places.find(site)


@pytest.fixture
def visit(new_context: Callable[..., BrowserContext], site: Site, numbers: dict[str, object]) -> Visit:
    """Gives a page in a new browser of the place's person, and the path to go to."""

    def open_browser(name: str) -> tuple[Page, str]:
        person, path = (part.format(**numbers) for part in places.PLACES[name])
        context = new_context(reduced_motion="reduce")
        if person:
            context.add_cookies([site.session_cookie(site.person(person))])
        return context.new_page(), path

    return open_browser


@every_place
@pytest.mark.parametrize(
    "schemes",
    [
        pytest.param(("light", "dark"), id="wide and light, narrow and dark"),
        pytest.param(("dark", "light"), id="wide and dark, narrow and light", marks=pytest.mark.long),
    ],
)
def test_a_page_is_light_and_axe_finds_nothing_and_nothing_reaches_out_of_the_screen(
    name: str, schemes: tuple[Scheme, Scheme], visit: Visit
) -> None:
    page, path = visit(name)
    broken: list[Response] = []
    page.on("response", lambda answer: broken.append(answer) if answer.status >= 400 else None)
    requests: list[Request] = []
    page.on("requestfinished", lambda request: requests.append(request))  # noqa: PLW0108 -- it marks what it is given
    for size, scheme in zip((WIDE, NARROW), schemes, strict=True):
        page.set_viewport_size(size)
        page.emulate_media(color_scheme=scheme)
        page.goto(path)
        _expect_accessible(page)
        assert _reaches_out(page) == []
        if size == WIDE:  # the second visit finds in the browser what the first has brought
            weights = {request.url: _weight(request) for request in requests}
            assert 0 < sum(weights.values()) <= HEAVIEST, weights
    assert [answer.url for answer in broken if not answer.url.endswith(path)] == []


def _weight(request: Request) -> int:
    """Bytes of an answer as it travelled; of a page with a contract, those that the rest would take."""
    answer = request.response()
    if answer is None:
        return 0
    if request.resource_type == "document" and _CONTRACT.search(answer.text()):
        assert answer.header_value("Content-Encoding") == "gzip"
        return len(gzip.compress(_CONTRACT.sub("", answer.text()).encode()))
    return request.sizes()["responseBodySize"]


def _expect_accessible(page: Page) -> None:
    # Colours go over into one another, if only for a frame.
    page.evaluate("() => Promise.allSettled(document.getAnimations().map((animation) => animation.finished))")
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    # What passed is told of too, and is as much as the page itself.
    found = page.evaluate(
        "(options) => axe.run(options).then(({ violations }) => ({ violations }))", _EVERYTHING
    )
    results = AxeResults(found)
    assert results.violations_count == 0, results.generate_report()


def _reaches_out(page: Page) -> list[str]:
    """What makes the page wider than the screen."""
    found: list[str] = page.evaluate(
        """() => {
            const width = document.documentElement.clientWidth;
            if (Math.max(document.documentElement.scrollWidth, document.body.scrollWidth) <= width) return [];
            const wide = [...document.body.querySelectorAll("*")].filter(
                (element) => element.getBoundingClientRect().right > width + 1);
            return ["the page", ...wide.map((element) => element.outerHTML.slice(0, 120))];
        }"""
    )
    return found


@pytest.mark.parametrize(
    ("name", "opened"),
    [
        ("my work", "header summary"),
        ("writing", "[data-dialog-open=keys]"),
        ("writing", ".sheet > summary"),
        ("writing", ".guidelines > summary"),
        ("writing", ".evidence-by-words > summary"),
        ("reviewing", "[data-step='1']"),
        ("reviewing", "[data-hotkey=c]"),
        ("reviewing", ".reviewer-edit > summary"),
        ("document", "#report-text > summary"),
        ("members", ".confirm > summary"),
        ("export", "details.section > summary"),
    ],
)
def test_axe_finds_nothing_in_what_opens(name: str, opened: str, visit: Visit) -> None:
    page, path = visit(name)
    page.goto(path)
    page.locator(opened).first.click()
    _expect_accessible(page)
    page.set_viewport_size(NARROW)
    assert _reaches_out(page) == []
    page.emulate_media(color_scheme="dark")
    _expect_accessible(page)


def test_axe_finds_nothing_while_words_of_the_contract_are_selected(visit: Visit) -> None:
    page, path = visit("writing")
    page.goto(path)
    page.locator(".block-text").nth(3).evaluate("block => getSelection().selectAllChildren(block)")
    expect(page.get_by_role("toolbar")).to_be_visible()
    _expect_accessible(page)
    page.emulate_media(color_scheme="dark")
    _expect_accessible(page)


def test_a_document_tells_by_itself_what_came_of_reading_it_again(visit: Visit) -> None:
    page, path = visit("document")
    page.goto(path)
    page.get_by_role("button", name="Read the original again").click()
    expect(page.locator("#document-reading")).to_contain_text("it is the same text")


def test_axe_finds_nothing_where_text_is_not_saved_and_where_it_is_offered(visit: Visit) -> None:
    page, path = visit("writing")
    page.on("dialog", lambda dialog: dialog.accept())
    page.route("**/draft", refuse)
    page.goto(path)
    summary_field(page).fill("It cannot be saved now.")
    expect_not_saved(page)
    _expect_accessible(page)
    page.reload()
    expect(offered(page)).to_be_visible()
    _expect_accessible(page)
    page.set_viewport_size(NARROW)
    assert _reaches_out(page) == []
    page.emulate_media(color_scheme="dark")
    _expect_accessible(page)


@pytest.mark.parametrize(
    ("name", "field", "button"),
    [
        ("sign-in", "E-mail address", "Sign in"),
        ("new project", "Short name", "Create the project"),
        ("one-time link", "Password", "Choose it and sign in"),
        ("invitation", "E-mail address", "Make an invitation"),
    ],
)
def test_axe_finds_nothing_in_a_form_that_was_refused(
    name: str, field: str, button: str, visit: Visit
) -> None:
    page, path = visit(name)
    page.goto(path)
    page.locator("form").evaluate_all("(forms) => forms.forEach((form) => (form.noValidate = true))")
    page.get_by_label(field).fill("?")
    page.get_by_role("button", name=button).click()
    expect(page.get_by_role("alert")).to_be_visible()
    _expect_accessible(page)
