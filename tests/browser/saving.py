"""What tests of the writing page share: what the page says of its saves, and what the server has."""

from collections.abc import Callable

from playwright.sync_api import BrowserContext, Locator, Page, Route, expect

from app.accounts.models import User
from app.samples.models import Draft, DraftSave, Sample
from tests.browser.desks import Desk
from tests.browser.site import Site

TYPED = "The Supplier delivers for two years, and French law governs what the parties agreed."


def save_state(page: Page) -> Locator:
    """The line under the text that says whether it is saved."""
    return page.locator("[data-save-state]")


def expect_saved(page: Page) -> None:
    """Wait until the page says that everything is saved."""
    expect(save_state(page)).to_have_attribute("data-state", "saved")
    expect(save_state(page)).to_contain_text("Saved")


def expect_not_saved(page: Page, why: str = "Not saved") -> None:
    """Wait until the page says that something is not saved, and why."""
    expect(save_state(page)).to_have_attribute("data-state", "failed")
    expect(save_state(page)).to_contain_text(why)


def offered(page: Page) -> Locator:
    """The texts that this browser kept and offers."""
    return page.locator("[data-recovered-text]")


def kept_here(page: Page) -> str:
    """All that this browser keeps of typed text, whoever typed it."""
    found: str = page.evaluate("() => JSON.stringify(Object.entries(localStorage))")
    return found


def expect_nothing_kept(page: Page) -> None:
    """Wait until this browser keeps no typed text any more."""
    page.wait_for_function("() => localStorage.length === 0")


def stored(site: Site, desk: Desk) -> str:
    """The draft that the server has."""
    with site.looking() as session:
        return session.get_one(Sample, desk.sample_id).draft.output


def kept_beside(site: Site, desk: Desk) -> set[str]:
    """The texts that lost a conflict or were replaced."""
    with site.looking() as session:
        found = session.query(DraftSave.output).join(Draft, Draft.sample_id == DraftSave.sample_id)
        return {output for (output,) in found.filter(DraftSave.sample_id == desk.sample_id)}


def refuse(route: Route) -> None:
    """The network is away."""
    route.abort("connectionfailed")


def change_person(context: BrowserContext, site: Site, user: User | None) -> None:
    """In this browser the session has ended, and where somebody is named they have signed in."""
    context.clear_cookies()
    if user is not None:
        context.add_cookies([site.session_cookie(user)])


def answering(status: int, body: str = "<h1>Bad Gateway</h1>", **headers: str) -> Callable[[Route], None]:
    """A server that answers thus."""
    return lambda route: route.fulfill(status=status, content_type="text/html", body=body, headers=headers)


def holding(page: Page, pattern: str) -> list[Route]:
    """The next request that fits is held, and stands in this list until the test lets it go on."""
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route(pattern, hold, times=1)
    return held
