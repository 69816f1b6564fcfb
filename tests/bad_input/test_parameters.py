"""Ids in paths, parameters in queries, and bodies that are no body: for every route of the application."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.bad_input.calls import Call, calls
from tests.bad_input.conftest import PATIENCE, Case, Site, said
from tests.bad_input.hostile import MARKUP, broken_out
from tests.bad_input.test_texts import KEEPS_TEXT, bodies, form_of, sent, wrong

# Nothing that names a row: "1.0" and a wide "1" are read as the number that they are.
IDS = ["0", "-1", "2147483648", "9223372036854775808", "1" + "0" * 30, "1.5", "1e3", "abc", "%00", "[1]"]
# Dots are written out: a client that meets ".." in an address asks for another one.
WORDS = [
    "%00",
    "%ff",
    "%F0%9F",
    "%2e",
    "%2e%2e",
    "a" * 300,
    "%3Cm4rk%3E",
    "' OR 1=1",
    "%E2%80%AE",
    "a%0d%0ab",
]
QUERIES = [
    *(
        "%",
        "_",
        "\\",
        "\\%",
        "' & | ! <-> :*",
        "a <-> ",
        "word " * 10_000,
        "%00",
        "\ud800".encode(errors="replace"),
    ),
    *(
        MARKUP,
        "-1",
        "0",
        "9" * 40,
        "NaN",
        "null",
        "[]",
        "W10",
        "WyJhIiwxXQ",
        "2026-13-45",
        "0001-01-01",
        "9999-12-31T23:59:59+23:59",
    ),
]


SHAPES = ["{name}=a&{name}=b", "{name}[]=1", "{name}[a]=1", "no-such-name={name}", "{name}"]


def hidden(case: Case) -> bool:
    return (
        case.answer.status_code in {400, 403, 404, 405, 409, 422}
        and not case.changed
        and bool(said(case.answer))
    )


def in_paths(site: Site) -> Iterator[tuple[Call, str, list[str]]]:
    """Every variable of every path, with what does not fit there."""
    for call in calls(site.app):
        for name in site.names.keys() | {"sample_id"}:
            if "{" + name + "}" in call.path:
                yield call, name, IDS if name.endswith("_id") else WORDS


def test_no_id_in_any_path_breaks_anything(site: Site, thorough: bool) -> None:
    failures = []
    for number, (call, name, values) in enumerate(in_paths(site)):
        for value in values if thorough else [values[number % len(values)]]:
            body = sent(call, site.filled(call.right.values)) if call.body else {}
            case = site.ask(call, path=site.path(call, **{name: value}), **body)
            # A browser that is signed out already is as good as signed out.
            kept = "/sessions/" in call.path and case.answer.status_code in {204, 303} and not case.changed
            if not (hidden(case) or kept) or broken_out(case.answer.text if "<" in case.answer.text else ""):
                failures.append((call.method, call.path, name, value, case.answer.status_code, case.changed))
    assert failures == []


def test_no_parameter_of_any_query_breaks_anything(site: Site, thorough: bool) -> None:
    """Every parameter with one value and one shape, each with others, so that every one is tried in many."""
    failures = []
    named = [(call, name) for call in calls(site.app) for name in call.query]
    for number, (call, name) in enumerate(named):
        values: list[Any] = QUERIES if thorough else [QUERIES[number % len(QUERIES)]]
        for value in values:
            case = site.ask(call, params={name: value})
            if problem := wrong(call, case):
                failures.append((call.path, name, str(value)[:40], case.answer.status_code, problem))
        for shape in SHAPES if thorough else [SHAPES[number % len(SHAPES)]]:
            query = shape.format(name=name)
            case = site.ask(call, path=f"{site.path(call)}?{query}")
            if problem := wrong(call, case):
                failures.append((call.path, name, query, case.answer.status_code, problem))
    assert failures == []


def test_a_search_takes_signs_of_patterns_literally(site: Site) -> None:
    lead = site.client("lead", api=True)
    base = f"/api/v1/projects/{site.names['project']}"
    for path in (f"{base}/documents", f"{base}/samples"):
        assert lead.get(path, params={"q": "Contract"}).json()["items"]
        for pattern in ("%", "_", "Con%ct", "C_ntract", "\\"):
            assert lead.get(path, params={"q": pattern}).json()["items"] == []


@pytest.mark.parametrize(
    "extra", ["role", "status", "author", "project", "is_admin", "id", "annotator_id", "__class__"]
)
def test_a_field_that_is_not_for_the_sender_is_refused_and_changes_nothing(site: Site, extra: str) -> None:
    failures = []
    for call in bodies(site):
        assert call.body is not None
        if extra in call.body.model_fields:
            continue
        right = site.filled(call.right.values)
        case = site.ask(call, **sent(call, right | {extra: "admin"}))
        if case.answer.status_code != 422 or case.changed or not said(case.answer):
            failures.append((call.method, call.path, case.answer.status_code, case.changed))
    assert failures == []


JSON = {"Content-Type": "application/json"}
BROKEN_JSON = [
    b"",
    b"{",
    b"\xff\xfe",
    b'"text"',
    b"[]",
    b"null",
    b"NaN",
    b'{"a": NaN}',
    b'{"a": Infinity}',
    b"[" * 100_000,
    b'{"a":' * 50_000,
    b'{"a": ' + b"9" * 10_000 + b"}",
    b'{"a": 1e999}',
    b'{"a": 1, "a": 2}',
    b"\x1f\x8b\x08\x00",
]


def test_no_body_that_is_no_json_breaks_a_call(site: Site) -> None:
    failures = []
    for number, call in enumerate(call for call in bodies(site) if call.is_api):
        for content in (BROKEN_JSON[number % len(BROKEN_JSON) :] + BROKEN_JSON)[:4]:
            case = site.ask(call, content=content, headers=JSON)
            takes_nothing = call.path.endswith("/attestation") and content in (b"", b"null")
            if not hidden(case) and not takes_nothing:
                failures.append((call.method, call.path, content[:20], case.answer.status_code, case.changed))
    assert failures == []


KINDS_OF_BODY = [
    ("application/json", b'{"output": "x"}'),
    ("text/plain", b"output=x"),
    ("application/xml", b"<a/>"),
    ("", b"x"),
    ("multipart/form-data", b"--x\r\n\r\n"),
    ("multipart/form-data; boundary=", b"--\r\n"),
    ("nonsense", b"\0"),
    (
        "multipart/form-data; boundary=x",
        b'--x\r\nContent-Disposition: form-data; name="output"\r\n\r\nno end',
    ),
    ("multipart/form-data; boundary=x", b"--x\r\nno colon\r\n\r\na\r\n--x--"),
    ("multipart/form-data; boundary=" + "x" * 5000, b"--" + b"x" * 5000 + b"--"),
    ("application/x-www-form-urlencoded", b"&".join(b"f%d=1" % number for number in range(100_000))),
    ("application/x-www-form-urlencoded", b"output=" + b"%5B" * 400_000),
    ("application/jsonl", b"{}\n"),
    ("application/x-www-form-urlencoded; charset=utf-16", b"output=x"),
]


def test_no_body_of_another_kind_breaks_a_change(site: Site, thorough: bool) -> None:
    failures = []
    changes = [call for call in calls(site.app) if call.is_change]
    for number, call in enumerate(changes):
        some = (KINDS_OF_BODY[2 * number % len(KINDS_OF_BODY) :] + KINDS_OF_BODY)[:2]
        for kind, content in KINDS_OF_BODY if thorough else some:
            headers = {"Content-Type": kind, "Idempotency-Key": f"{number}-{kind[:60]}"}
            case = site.ask(call, content=content, headers=headers)
            may_change = call.body is None or call.path.endswith(KEEPS_TEXT)
            if case.answer.status_code >= 500 or case.seconds > PATIENCE:
                failures.append((call.method, call.path, kind[:40], case.answer.status_code, case.seconds))
            elif case.answer.status_code >= 400 and case.changed and not may_change:
                failures.append((call.method, call.path, kind[:40], case.answer.status_code, case.changed))
    assert failures == []


def test_a_body_that_brings_no_files_may_not_be_long(site: Site) -> None:
    call = next(call for call in bodies(site) if call.path == "/api/v1/samples/{sample_id}/draft")
    for kind in (
        "application/json",
        "application/jsonl",
        "application/x-www-form-urlencoded",
        "multipart/form-data",
    ):
        case = site.ask(call, content=iter([b" " * 2**20] * 50), headers={"Content-Type": kind})
        assert (case.answer.status_code, case.changed) == (413, []), kind
        assert "16 MB" in said(case.answer)


def test_a_compressed_body_is_not_opened(site: Site) -> None:
    call = next(call for call in bodies(site) if call.path == "/api/v1/samples/{sample_id}/draft")
    case = site.ask(
        call, content=b"\x1f\x8b\x08\x00" + b"\0" * 100, headers=JSON | {"Content-Encoding": "gzip"}
    )
    assert hidden(case)


def test_a_form_as_a_browser_sends_it_in_parts_is_the_same_form(site: Site) -> None:
    call = next(
        call for call in bodies(site) if call.path == "/samples/{sample_id}/draft" and call.method == "POST"
    )
    # Without reasons, which a save answers with the page that has them.
    fields = {
        name: value
        for name, value in form_of(site.filled(call.right.values)).items()
        if not name.startswith("reason")
    }
    parts = {name: (None, value) for name, value in fields.items()}
    assert site.ask(call, files=parts).answer.status_code == 303
