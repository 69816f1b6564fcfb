"""How a contract of 338,000 characters opens, scrolls and is written beside, and how late findings come.

The real program with its demo, in processes of its own. The browser's own clock says when the first words of
the page were painted and when all was there; `threadTicks` is the processor time of its main thread, which
other work on the machine hardly changes.
"""

import statistics
from collections.abc import Callable

from playwright.sync_api import CDPSession, Page, sync_playwright

from app.checks.sentences import sentences
from app.samples.evidence import MOST
from app.samples.models import Sample
from bench.pages import add_sample
from tests.browser.conftest import ARGUMENTS, SYSTEM_CHROMIUM, WIDE
from tests.browser.site import demo_site

LENGTH = 338_000
ROUNDS = 7
STEPS = 100
TIMES = """() => {
  const [page] = performance.getEntriesByType("navigation");
  const [paint] = performance.getEntriesByName("first-contentful-paint");
  return [page.responseEnd, paint.startTime, page.loadEventEnd];
}"""
SCROLL = """async (steps) => {
  const pane = document.querySelector("[data-pane-panel=contract]");
  const waits = [];
  let last = await new Promise(requestAnimationFrame);
  for (let step = 0; step < steps; step += 1) {
    pane.scrollTop += 400;
    const now = await new Promise(requestAnimationFrame);
    waits.push(now - last);
    last = now;
  }
  return waits;
}"""
TYPE = """(steps) => {
  const field = document.getElementById("field-output");
  return Array.from({ length: steps }, () => {
    field.setRangeText("a", field.value.length, field.value.length, "end");
    const began = performance.now();
    field.dispatchEvent(new InputEvent("input", { bubbles: true }));
    return performance.now() - began;
  });
}"""

# Writes a list into the summary or takes it out, and waits until the save has found it and that is drawn.
FIND = """(wanted) => new Promise((done) => {
  const field = document.getElementById("field-output");
  const drawn = new MutationObserver(() => {
    if (document.getElementById("findings").textContent.includes("A list stands") !== wanted) return;
    drawn.disconnect();
    const save = performance.getEntriesByType("resource").findLast((each) => each.name.endsWith("/draft"));
    requestAnimationFrame(() => setTimeout(() => done(performance.now() - save.startTime)));
  });
  drawn.observe(document.getElementById("draft"), { childList: true, subtree: true });
  const list = "\\n- and a list";
  if (wanted) field.setRangeText(list, field.value.length, field.value.length, "end");
  else field.setRangeText("", field.value.length - list.length, field.value.length, "end");
  field.dispatchEvent(new InputEvent("input", { bubbles: true }));
})"""


def run(*, full: bool = False) -> dict[str, str]:  # noqa: ARG001 -- it has one size
    """Milliseconds at half of several openings, frames, keys and saves."""
    with sync_playwright() as driver, demo_site() as site:
        with site.preparing() as make:
            project = make.project()
            writer = make.annotator(project)
            sample = add_sample(make, project, writer, LENGTH, seed=1)
            marked = _mark(add_sample(make, project, writer, LENGTH, seed=2))
        installed = SYSTEM_CHROMIUM if SYSTEM_CHROMIUM.exists() else None
        browser = driver.chromium.launch(executable_path=installed, args=ARGUMENTS)
        context = browser.new_context(base_url=site.url, viewport=WIDE)
        context.add_cookies([site.session_cookie(writer)])
        page = context.new_page()
        figures = _measured(page, context.new_cdp_session(page), f"/samples/{sample.id}")
        page.goto(f"/samples/{marked.id}")
        typed = page.evaluate(TYPE, STEPS)
        figures[f"a key with {MOST} pieces of evidence"] = f"{statistics.median(typed):.1f} ms"
        figures[f"findings after a save with {MOST}"] = _lateness(page)
        browser.close()
    return {f"{LENGTH:,} characters: {name}": figure for name, figure in figures.items()}


def _mark(sample: Sample) -> Sample:
    """Give the draft as many sentences as it can have pieces of evidence, and one for each."""
    draft = sample.draft
    draft.output = " ".join(f"The cap of year {number} is {number}." for number in range(MOST))
    draft.evidence = [
        {
            "output": {"start": sentence.start, "end": sentence.end},
            "document": {"start": 100 * number, "end": 100 * number + 60, "quote": ""},
        }
        for number, sentence in enumerate(sentences(draft.output))
    ]
    draft.number += 1
    return sample


def _measured(page: Page, devtools: CDPSession, path: str) -> dict[str, str]:
    devtools.send("Performance.enable", {"timeDomain": "threadTicks"})
    opened = [_open(page, devtools, path) for _ in range(ROUNDS + 1)][1:]
    answered, painted, loaded, worked = (statistics.median(times) for times in zip(*opened, strict=True))
    frames = page.evaluate(SCROLL, STEPS)
    scrolled = _processor_time(devtools, lambda: page.evaluate(SCROLL, STEPS)) / STEPS
    typed = page.evaluate(TYPE, STEPS)
    return {
        "answer": f"{answered:.0f} ms",
        "first words": f"{painted:.0f} ms",
        "all of it": f"{loaded:.0f} ms",
        "main thread": f"{worked:.0f} ms",
        "a frame of scrolling": f"{statistics.median(frames):.0f} ms, {scrolled:.0f} ms of the main thread",
        "a key": f"{statistics.median(typed):.1f} ms",
        "findings after a save": _lateness(page),
    }


def _lateness(page: Page) -> str:
    """From the moment a save is sent until what it found is drawn."""
    times = [page.evaluate(FIND, number % 2 == 0) for number in range(2 * ROUNDS)]
    return f"{statistics.median(times):.0f} ms, {max(times):.0f} at most"


def _open(page: Page, devtools: CDPSession, path: str) -> tuple[float, float, float, float]:
    page.goto("about:blank")
    worked = _processor_time(devtools, lambda: page.goto(path, wait_until="load"))
    answered, painted, loaded = page.evaluate(TIMES)
    return answered, painted, loaded, worked


def _processor_time(devtools: CDPSession, act: Callable[[], object]) -> float:
    """Milliseconds that the page's main thread worked meanwhile."""
    before = _task_seconds(devtools)
    act()
    return (_task_seconds(devtools) - before) * 1000


def _task_seconds(devtools: CDPSession) -> float:
    metrics = devtools.send("Performance.getMetrics")["metrics"]
    return next(float(each["value"]) for each in metrics if each["name"] == "TaskDuration")
