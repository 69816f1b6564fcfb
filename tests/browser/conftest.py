"""Chromium, and pages in which somebody is signed in; one server runs for all tests of this package."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, expect, sync_playwright

from app.accounts.models import User
from tests.browser.desks import Desk, new_desk
from tests.browser.site import Site, demo_site

SYSTEM_CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = [
    "--no-sandbox",  # as root there is none
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE = 20_000  # milliseconds; a machine that does other things too is slow
WIDE = {"width": 1440, "height": 900}

SignIn = Callable[..., Page]


# Playwright keeps an event loop running in the main thread, which tests of asynchronous code could not bear:
# it ends with this package, and so does the server.
@pytest.fixture(scope="package")
def playwright() -> Iterator[Playwright]:
    """Playwright's driver."""
    with sync_playwright() as driver:
        expect.set_options(timeout=PATIENCE)
        yield driver


@pytest.fixture(scope="package")
def chromium(playwright: Playwright) -> Iterator[Browser]:
    """The system's Chromium, or else the one that Playwright has installed."""
    installed = SYSTEM_CHROMIUM if SYSTEM_CHROMIUM.exists() else Path(playwright.chromium.executable_path)
    if not installed.exists():
        pytest.skip("no Chromium is installed: `make browser` brings one")
    browser = playwright.chromium.launch(executable_path=installed, args=ARGUMENTS)
    yield browser
    browser.close()


@pytest.fixture(scope="package")
def site(chromium: Browser) -> Iterator[Site]:
    """The server; asked for after the browser, without which nobody needs it."""
    with demo_site() as running:
        yield running


@pytest.fixture
def complaints() -> Iterator[list[str]]:
    """What scripts threw and the browser refused in any page of the test: nothing, or the test fails."""
    heard: list[str] = []
    yield heard
    assert heard == []


@pytest.fixture
def new_context(
    chromium: Browser, site: Site, complaints: list[str]
) -> Iterator[Callable[..., BrowserContext]]:
    """Opens a browser of its own for each call, with nobody signed in."""
    opened: list[BrowserContext] = []

    def open_context(**options: object) -> BrowserContext:
        context = chromium.new_context(base_url=site.url, **({"viewport": WIDE} | options))
        context.set_default_timeout(PATIENCE)
        context.on("weberror", lambda error: complaints.append(str(error.error)))
        context.on("console", lambda message: _hear(message.type, message.text, complaints))
        opened.append(context)
        return context

    yield open_context
    for context in opened:
        context.close()


def _hear(kind: str, text: str, complaints: list[str]) -> None:
    """Errors of scripts and of the security policy; a request that fails may be what a test is about."""
    if kind == "error" and not text.startswith("Failed to load resource"):
        complaints.append(text)


@pytest.fixture
def sign_in(new_context: Callable[..., BrowserContext], site: Site) -> SignIn:
    """Opens a page in a new browser in which this person is signed in; options are the browser's."""

    def open_page(user: User, **options: object) -> Page:
        context = new_context(**options)
        context.add_cookies([site.session_cookie(user)])
        return context.new_page()

    return open_page


@pytest.fixture
def desk(site: Site) -> Desk:
    """A sample of which nothing is written yet, in a project of its own."""
    return new_desk(site)


@pytest.fixture
def page(desk: Desk, sign_in: SignIn) -> Page:
    """The writing page of that sample."""
    page = sign_in(desk.annotator)
    page.goto(desk.path)
    return page
