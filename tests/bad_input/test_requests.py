"""HTTP itself: hosts, paths, methods, ranges, redirects, cookies; the headers of every answer there is."""

import pytest
from jinja2 import DictLoader
from starlette.testclient import TestClient

from app.accounts.secrets import form_token, is_form_token
from app.main import create_app
from app.settings import Settings
from app.web import templates
from app.web.dependencies import SAFE_METHODS
from app.web.security import HEADERS
from tests.bad_input.calls import calls
from tests.bad_input.conftest import Site
from tests.web.browsers import SITE

PATHS = [
    "//",
    "//evil.example/",
    "/..;/admin",
    "/%2e%2e/admin",
    "/static/../app/main.py",
    "/static/x/%2e%2e/%2e%2e/Makefile",
    "/static/x/..%2f..%2fMakefile",
    "/static/x//etc/passwd",
    "/static/x/%00",
    "/samples/1%00",
    "/samples/1%2f..%2f..",
    "/samples/1;/review",
    "/samples\\1",
    "/projects/%ff",
    "/projects/%C0%AF",
    "/admin%20",
    "/admin/",
    "/ADMIN",
    "/.git/config",
    "/api/v1//me",
    "/api/v1/me/",
    "/api/v1/projects/%2e%2e%2fme",
    "/" + "a" * 60_000,
    "/%",
    "/%zz",
    "/links/" + "a" * 5000,
]
METHODS = (
    "GET",
    "HEAD",
    "OPTIONS",
    "TRACE",
    "CONNECT",
    "PROPFIND",
    "POST",
    "PUT",
    "PATCH",
    "DELETE",
    "X" * 100,
    "get",
)


def lacking(headers: object) -> list[str]:
    """Which of the headers that every answer carries are not there as they should be."""
    known = HEADERS.items()
    return [name for name, value in known if headers.get(name) != value and name != "Cache-Control"]  # type: ignore[attr-defined]


def test_every_route_answers_with_the_headers_also_where_it_refuses(site: Site) -> None:
    failures = []
    for number, call in enumerate(calls(site.app)):
        for person in (call.right.person, ("stranger", "anonymous")[number % 2]):
            answer = site.ask(call, person=person).answer
            if missing := lacking(answer.headers):
                failures.append((call.path, person, answer.status_code, missing))
            if answer.headers["Cache-Control"] != "no-store":
                failures.append((call.path, person, answer.status_code, "may be kept"))
    assert failures == []


@pytest.mark.parametrize(
    "path", ["css/base.css", "js/csrf.js", "no-such-file.js", "../main.py", "vendor/htmx.min.js"]
)
def test_static_files_and_their_absence_carry_them_too(site: Site, path: str) -> None:
    answer = site.client("anonymous", api=False).get(f"/static/0/{path}")
    assert lacking(answer.headers) == []
    assert answer.status_code == (404 if path.startswith(("no", "..")) else 200)


def test_cookies_are_closed_to_scripts_and_under_https_to_all_but_this_host(site: Site) -> None:
    https = create_app(Settings(base_url="https://engross.example.org"))
    answer = TestClient(https, base_url="https://engross.example.org").get("/sign-in")
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=")
    lead = site.client("lead", api=False)
    for cookie in lead.post("/account/profile", data={"name": "Lead"}).headers.get_list("Set-Cookie"):
        assert {"HttpOnly", "SameSite=lax", "Path=/"} <= set(cookie.split("; "))
    site.undo()


@pytest.mark.parametrize("ending", ["html", "txt", "svg", "md", "jsonl", "", "xml.j2"])
def test_a_template_of_any_ending_is_escaped(ending: str) -> None:
    assert templates.environment.autoescape is True
    assert templates.environment.from_string("{{ a }}").render(a="<b>") == "&lt;b&gt;"
    overlay = templates.environment.overlay(loader=DictLoader({f"x.{ending}": "{{ a }}"}))
    assert overlay.get_template(f"x.{ending}").render(a="<b>") == "&lt;b&gt;"


@pytest.mark.parametrize("path", PATHS)
def test_no_path_leads_elsewhere_or_breaks_anything(site: Site, path: str) -> None:
    for person in ("anonymous", "owner"):
        answer = site.client(person, api=False).get(f"{SITE}{path}")
        assert answer.status_code in {303, 307, 400, 403, 404, 405}, answer.status_code
        target = answer.headers.get("Location", "/")
        assert target.startswith(("/", SITE))
        assert not target.startswith("//")
        assert "engross_test_secret" not in answer.text
        assert "def " not in answer.text
        assert ".PHONY" not in answer.text
    site.undo()


def test_no_odd_method_breaks_a_route_or_changes_anything(site: Site) -> None:
    known = calls(site.app)
    taken = {(call.method, call.path) for call in known}
    failures = []
    for number, call in enumerate(known):
        for method in (METHODS[number % len(METHODS) :] + METHODS)[:3]:
            if method not in SAFE_METHODS and (method.upper(), call.path) in taken:
                continue
            answer = site.client("owner", api=call.is_api).request(method, site.path(call))
            if answer.status_code >= 500:
                failures.append((method, call.path, answer.status_code))
    site.undo()
    assert failures == []


@pytest.mark.parametrize(
    "value",
    [
        "bytes=" + ",".join(f"{n}-{n + 1}" for n in range(0, 4000, 2)),
        "bytes=0-",
        "bytes=-1",
        "bytes=9-1",
        "bytes=-",
        "bytes=" + "9" * 400 + "-",
        "lines=1-2",
        "bytes=0-0,-1",
        "bytes=\xff",
        "bytes=0-" + "9" * 4000,
    ],
)
def test_no_range_breaks_a_file(site: Site, value: str) -> None:
    size = len(site.client("owner", api=False).get("/static/0/css/base.css").content)
    answer = site.client("owner", api=False).get(
        "/static/0/css/base.css", headers={"Range": value.encode("latin-1")}
    )
    assert answer.status_code in {200, 206, 400, 416}
    assert len(answer.content) <= 3 * size


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "127.0.0.1:8000@evil.example",
        "127.0.0.1:8000, evil.example",
        "[::1",
        "a" * 9000,
        "\xff",
    ],
)
def test_another_host_is_answered_with_nothing_of_it(site: Site, host: str) -> None:
    client = site.client("owner", api=False)
    answer = client.get("/account", headers={"Host": host.encode("latin-1")})
    assert answer.status_code == 400
    assert "evil.example" not in answer.text
    forwarded = {
        "X-Forwarded-Host": host.encode("latin-1"),
        "X-Forwarded-Proto": b"https",
        "Forwarded": b"host=evil.example",
    }
    page = client.get("/account", headers=forwarded)
    assert page.status_code == 200
    assert "evil.example" not in page.text
    site.undo()


TARGETS = [
    "//evil.example",
    "\\\\evil.example",
    "/\\evil.example",
    "https:evil.example",
    "javascript:alert(1)",
    "/\t/evil.example",
    "/%0d%0aX: 1\r\nX: 1",
    "\x01//evil.example",
    " //evil.example",
    "/\u2028/evil",
    "///evil.example",
    "/\ud800",
    "data:text/html,x",
    "http:/evil.example",
    "/" + "a" * 20_000,
    "/.//evil.example",
]


@pytest.mark.parametrize("target", TARGETS)
def test_no_next_page_is_another_sites(site: Site, target: str) -> None:
    value = target.encode(errors="surrogatepass")
    owner = site.client("owner", api=False)
    answer = owner.get(b"/sign-in?next=".decode() + "".join(f"%{byte:02x}" for byte in value))
    assert answer.status_code in {303, 422}
    location = answer.headers.get("Location", "/")
    assert location == "/" or (location.startswith("/") and not location.startswith(("//", "/\\")))
    assert all(32 <= ord(character) < 127 for character in location)
    site.undo()


def test_a_cookie_with_one_bit_flipped_is_nobodys(site: Site) -> None:
    owner = site.client("owner", api=False)
    token = owner.cookies["engross"]
    assert owner.get("/account").status_code == 200
    for index in range(0, len(token) * 8, 5):
        place, bit = divmod(index, 8)
        flipped = token[:place] + chr(ord(token[place]) ^ (1 << bit)) + token[place + 1 :]
        header = f"engross={flipped}".encode("latin-1")
        answer = TestClient(site.app, base_url=SITE, follow_redirects=False).get(
            "/account", headers={"Cookie": header}
        )
        assert answer.status_code == 303, flipped
    site.undo()


def test_a_form_token_is_another_each_time_and_of_one_session_and_key() -> None:
    key, session = b"k" * 32, b"s" * 32
    tokens = {form_token(session, key=key) for _ in range(50)}
    assert len({token[64:] for token in tokens}) == 50
    assert all(is_form_token(token, session, key=key) for token in tokens)
    token = tokens.pop()
    for wrong in (
        "",
        "0",
        token[:-1],
        token[:-2],
        token[64:],
        token + "00",
        "z" * 128,
        "é" * 128,
        "0" * 128,
    ):
        assert not is_form_token(wrong, session, key=key)
    assert not is_form_token(token, b"t" * 32, key=key)
    assert not is_form_token(token, session, key=b"l" * 32)
    for index in range(0, 128, 9):
        changed = token[:index] + ("0" if token[index] != "0" else "1") + token[index + 1 :]
        assert not is_form_token(changed, session, key=key)
