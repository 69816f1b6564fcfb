"""The pages around a sample, rendered: complete, escaped, and usable without script."""

import re
from collections.abc import Callable
from types import SimpleNamespace as Given
from typing import Any

import pytest
from lxml import html
from starlette.requests import Request

from app.web import htmx, templates
from tests.templates import examples

PAGES: dict[str, Callable[[], dict[str, Any]]] = {
    "samples/writing.html": examples.writing,
    "samples/reviewing.html": examples.reviewing,
    "samples/sample.html": examples.reading,
    "samples/history.html": examples.history,
    "samples/conflict.html": examples.conflict,
}
CONTRACT = ["_outline", "_contract", "_decisions", "_instruction", "_lease"]
FRAGMENTS = {
    "samples/writing.html": [*CONTRACT, "_receipt", "_findings", "_clauses", "_evidence", "_attestation"],
    "samples/reviewing.html": [*CONTRACT, "_diff", "_checks", "_clause_states", "_evidence"],
    "samples/sample.html": [*CONTRACT, "_checks", "_clause_states", "_evidence"],
}


def _request(**headers: str) -> Request:
    lines = [(name.replace("_", "-").lower().encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": "http", "method": "GET", "path": "/samples/12", "query_string": b"", "headers": lines}
    request = Request(scope | {"server": ("testserver", 80), "scheme": "http"})
    request.state.viewer = examples.VIEWER
    request.state.csrf_token = "a-token"
    return request


def _parse(text: str) -> Any:
    """The page's tree. Any: the stubs of lxml do not know what an XPath gives."""
    return html.fromstring(text)


def _body(name: str, **more: object) -> str:
    return bytes(templates.page(_request(), name, **(PAGES[name]() | more)).body).decode()


@pytest.mark.parametrize("name", PAGES)
def test_nothing_that_a_person_wrote_becomes_markup(name: str) -> None:
    assert "<script>alert" not in _body(name)
    assert "&lt;script&gt;alert(1)" in _body(name)


@pytest.mark.parametrize("name", PAGES)
def test_every_post_form_carries_the_token(name: str) -> None:
    forms = _parse(_body(name)).xpath("//form[@method='post']")
    assert forms
    for form in forms:
        assert form.xpath(".//input[@name='csrf_token']/@value") == ["a-token"], html.tostring(form)


@pytest.mark.parametrize("name", PAGES)
def test_ids_are_unique_and_every_label_and_jump_has_its_target(name: str) -> None:
    page = _parse(_body(name))
    ids = page.xpath("//@id")
    assert len(ids) == len(set(ids))
    jumps = [href[1:] for href in page.xpath("//a/@href") if href.startswith("#")]
    named = " ".join(page.xpath("//@aria-labelledby | //@aria-describedby")).split()
    assert set(jumps) | set(page.xpath("//label/@for")) | set(named) | set(page.xpath("//@form")) <= set(ids)


@pytest.mark.parametrize("name", FRAGMENTS)
def test_a_fragment_stands_verbatim_in_its_page(name: str) -> None:
    page = _squeezed(_body(name))
    for piece in FRAGMENTS[name]:
        alone = bytes(templates.fragment(_request(), f"samples/{piece}.html", **PAGES[name]()).body).decode()
        assert alone.strip()
        assert _squeezed(alone) in page, piece


def _squeezed(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


def test_the_summary_reaches_the_text_field_unchanged() -> None:
    output = "\nA first line that is empty, <b>&amp;</b>\n  and spaces.  "
    draft = Given(number=7, output=output, saved_at=None, is_stored=True)
    field = _parse(_body("samples/writing.html", draft=draft)).get_element_by_id("field-output")
    # A browser, as lxml does not, drops the line break that stands right behind the tag.
    assert field.text == "\n" + output


def test_writing_works_with_plain_forms() -> None:
    page = _parse(_body("samples/writing.html"))
    form = page.get_element_by_id("draft")
    assert form.get("action") == "/samples/12/draft"
    names = set(form.xpath(".//@name"))
    assert {"output", "based_on", "editor", "csrf_token", "clause.term", "clause.law", "reason.a1"} <= names
    [submit] = page.xpath("//button[@form='draft'][@formaction='/samples/12/submission']")
    assert submit.text_content().strip() == "Submit for review"


def test_only_the_actions_that_are_allowed_are_drawn() -> None:
    nothing = _parse(_body("samples/reviewing.html", actions=[]))
    assert not nothing.xpath("//form[contains(@action, '/samples/12/')]")
    everything = _parse(_body("samples/reviewing.html"))
    drawn = set(everything.xpath("//form[@action='/samples/12/reviews']/input[@name='action']/@value"))
    assert drawn == {"approve", "request_changes", "reject"}
    assert everything.xpath("//form[@action='/samples/12/edits']")


def test_a_refused_decision_keeps_what_was_typed() -> None:
    body = _body("samples/reviewing.html", errors={"comment": "Say more."}, reason_draft="Too short")
    reasons = _parse(body).xpath("//details[@open]//textarea[@name='comment']")
    assert [reason.text.strip() for reason in reasons] == ["Too short"]


def test_a_draft_is_shown_to_its_author_alone() -> None:
    own = Given(output="One year.", saved_at=examples.NOON, is_own=True)
    foreign = Given(output="", saved_at=None, is_own=False)
    shown = _body("samples/sample.html", revision=None, draft=own, findings=Given(count="", groups=[]))
    assert "One year." in shown
    assert "1,284 words" in shown
    hidden = _body("samples/sample.html", revision=None, draft=foreign, findings=Given(count="", groups=[]))
    assert "its annotator&#39;s alone" in hidden or "its annotator's alone" in hidden
    assert "1,284 words" not in hidden


def test_the_receipt_says_when_the_lease_is_gone() -> None:
    context = examples.writing()
    held = templates.render(_request(), "samples/_receipt.html", **context)
    gone = templates.render(_request(), "samples/_receipt.html", **(context | {"lease": None}))
    assert 'data-lease-until="2026-11-05T12:03:00Z"' in held
    assert 'data-lease-until=""' in gone


def test_htmx_is_answered_with_the_fragment_and_a_plain_form_with_a_redirect() -> None:
    known = {"fragment": "samples/_conflict.html", "otherwise": "/samples/12", **examples.conflict()}
    plain = htmx.respond(_request(), **known)
    assert (plain.status_code, plain.headers["location"]) == (303, "/samples/12")
    swapped = htmx.respond(_request(HX_Request="true"), **known, status=409)
    assert swapped.status_code == 409
    assert b'id="conflict"' in bytes(swapped.body)
    assert b"<html" not in bytes(swapped.body)


def test_htmx_navigates_as_a_whole() -> None:
    assert htmx.navigate(_request(), "/next").headers["location"] == "/next"
    answer = htmx.navigate(_request(HX_Request="true"), "/next")
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (204, "/next")


@pytest.mark.parametrize("status", [403, 404, 409, 413, 422, 429, 500, 503])
def test_every_failure_has_its_page_also_for_strangers(status: int) -> None:
    request = _request()
    request.state.viewer = None
    words = {"title": "Not now", "detail": "Because.", "what_next": "Try again."}
    answer = templates.page(request, f"errors/{status}.html", status=status, **words)
    assert answer.status_code == status
    text = _parse(bytes(answer.body).decode()).text_content()
    assert all(word in text for word in [str(status), *words.values()])


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        (templates.words(1284), "1,284"),
        (templates.rfc3339(examples.NOON), "2026-11-05T12:03:00Z"),
        (templates.clock_time(examples.NOON), "12:03"),
        (templates.day_time(examples.NOON), "5 Nov 2026, 12:03 UTC"),
        (templates.day(examples.NOON), "5 Nov 2026"),
        (templates.file_size(999), "999 B"),
        (templates.file_size(34_000), "34 kB"),
        (templates.file_size(1_200_000), "1.2 MB"),
    ],
)
def test_numbers_and_times_are_shown_as_people_read_them(shown: str, expected: str) -> None:
    assert shown == expected


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="without a zone"):
        templates.rfc3339(examples.NOON.replace(tzinfo=None))
