"""Take the pictures of the README and of docs/ from the demo, as a visitor would see it:  make screenshots

Starts the real server on a free port with a data directory of its own, signs in through the printed one-time
links, and writes docs/pictures/*.png. Nothing that runs elsewhere is touched, and nothing is left behind.
"""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal, NamedTuple

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
PICTURES = ROOT / "docs" / "pictures"
PROJECT = "/projects/contract-summaries"
SIZE = (1440, 900)  # CSS pixels
MOST_BYTES = 150_000  # of one picture: a README is read on phones, too
SYSTEM_CHROMIUM = Path("/usr/bin/chromium")
CHROMIUM_OPTIONS = ["--disable-gpu", "--no-sandbox"]  # root, in a container, has no sandbox to offer


class Shot(NamedTuple):
    """One picture: its file's name, who looks at what, and in which colours."""

    name: str
    person: str
    go: Callable[[Page], None]
    scheme: Literal["light", "dark"] = "light"


def _press(label: str) -> Callable[[Page], None]:
    """From "My work", press the button of the next step."""

    def go(page: Page) -> None:
        page.goto("/")
        page.get_by_role("button", name=label).click()
        page.wait_for_url("**/samples/**")

    return go


def _walk(page: Page) -> None:
    """From "My work", begin a review and go to the third sentence and its evidence."""
    _press("Start reviewing")(page)
    for _ in range(3):
        page.keyboard.press("j")


def _open(path: str) -> Callable[[Page], None]:
    """Open a page by its address."""

    def go(page: Page) -> None:
        page.goto(path)

    return go


SHOTS = (
    Shot("my-work", "Anna Keller", _open("/")),
    Shot("writing", "Anna Keller", _press("Continue")),
    Shot("reviewing", "Rita Osei", _press("Start reviewing"), scheme="dark"),
    Shot("evidence", "Rita Osei", _walk),
    Shot("project", "Miriam Vance", _open(PROJECT)),
    Shot("documents", "Miriam Vance", _open(f"{PROJECT}/documents")),
    Shot("settings", "Miriam Vance", _open(f"{PROJECT}/settings")),
    Shot("tasks", "Miriam Vance", _open(f"{PROJECT}/tasks")),
    Shot("checks", "Miriam Vance", _open(f"{PROJECT}/checks")),
    Shot("insights", "Miriam Vance", _open(f"{PROJECT}/insights")),
    Shot("workers", "Miriam Vance", _open("/admin/workers")),
    Shot("export", "Dev Raman", _open(f"{PROJECT}/export")),
)


@contextmanager
def demo() -> Iterator[dict[str, Any]]:
    """The demo while the block runs; gives what `engross demo --json` prints: url, version, links."""
    with TemporaryDirectory(prefix="engross-pictures-") as directory:
        Path(directory).chmod(0o711)  # root's Postgres runs as somebody else, who has to pass through
        settings = {"DATA_DIR": f"{directory}/data", "DATABASE_URL": "", "BASE_URL": "", "LOG_LEVEL": "ERROR"}
        command = [sys.executable, "-m", "app.cli", "demo", "--port", "0", "--json"]
        server = subprocess.Popen(
            command, cwd=ROOT, env=os.environ | settings, stdout=subprocess.PIPE, text=True
        )
        try:
            yield _read_greeting(server)
        finally:
            server.send_signal(signal.SIGINT)
            server.wait(timeout=60)


def _read_greeting(server: "subprocess.Popen[str]") -> dict[str, Any]:
    """The JSON document that the server prints when it is ready; it goes on running after that."""
    lines: list[str] = []
    for line in server.stdout or ():
        lines.append(line)
        if line.rstrip() == "}":
            greeting: dict[str, Any] = json.loads("".join(lines))
            return greeting
    sys.exit("The demo ended before it was ready: see the lines above.")


def sign_in(browser: Browser, link: str) -> Any:
    """Spend a one-time link, and return what the browser has to remember to be that person."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(link)
    page.locator("main").get_by_role("button").click()
    page.get_by_role("heading", name="My work").wait_for()
    state = context.storage_state()
    context.close()
    return state


def take(browser: Browser, shot: Shot, *, url: str, state: Any) -> bytes:
    """Look at a page and return its picture as PNG."""
    width, height = SIZE
    context = browser.new_context(
        base_url=url,
        storage_state=state,
        viewport={"width": width, "height": height},
        color_scheme=shot.scheme,
        reduced_motion="reduce",
        locale="en-US",
        timezone_id="UTC",
    )
    page = context.new_page()
    shot.go(page)
    page.wait_for_load_state("networkidle")
    picture = page.screenshot(animations="disabled", caret="hide")
    context.close()
    return picture


def shrink(picture: bytes) -> bytes:
    """The picture with a palette of as many colours as fit into MOST_BYTES; exits where none does."""
    with Image.open(BytesIO(picture)) as opened:
        image = opened.convert("RGB")
    for colours in (256, 128, 64, 32, 16):
        buffer = BytesIO()
        # Without dithering: its noise would cost more bytes than it gives, and letters stay clean.
        image.quantize(colours, dither=Image.Dither.NONE).save(buffer, format="PNG", optimize=True)
        if buffer.tell() <= MOST_BYTES:
            return buffer.getvalue()
    sys.exit(f"A picture has more than {MOST_BYTES:,} bytes even with 16 colours.")


def main() -> None:
    """Take all pictures."""
    PICTURES.mkdir(exist_ok=True)
    system = str(SYSTEM_CHROMIUM) if SYSTEM_CHROMIUM.exists() else None
    with demo() as greeting, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=system, args=CHROMIUM_OPTIONS)
        links = {link["name"]: link["url"] for link in greeting["links"]}
        states = {name: sign_in(browser, links[name]) for name in {shot.person for shot in SHOTS}}
        for shot in SHOTS:
            picture = shrink(take(browser, shot, url=greeting["url"], state=states[shot.person]))
            path = PICTURES / f"{shot.name}.png"
            path.write_bytes(picture)
            print(f"{path.relative_to(ROOT)}  {len(picture):,} bytes")
        browser.close()


if __name__ == "__main__":
    main()
