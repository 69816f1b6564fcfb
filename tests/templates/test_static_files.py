"""Files that a browser keeps: their hashes, their headers, and the third-party ones that were vendored."""

import gzip
import hashlib
import json
import re

import pytest
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.testclient import TestClient

from app.web.templates import ROOT, STATIC, static_files, static_url

YEAR = "public, max-age=31536000, immutable"


@pytest.fixture(scope="module")
def client() -> TestClient:
    return TestClient(Starlette(routes=[Mount("/static", app=static_files)]))


def test_the_url_of_a_file_holds_the_hash_of_its_content() -> None:
    digest = hashlib.sha256((STATIC / "css/base.css").read_bytes()).hexdigest()[:12]
    assert static_url("css/base.css") == f"/static/{digest}/css/base.css"


def test_a_file_that_does_not_exist_has_no_url() -> None:
    with pytest.raises(FileNotFoundError):
        static_url("css/absent.css")


def test_a_file_under_its_own_hash_is_kept_for_ever(client: TestClient) -> None:
    answer = client.get(static_url("css/base.css"))
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == YEAR
    assert answer.content == (STATIC / "css/base.css").read_bytes()


def test_a_file_under_another_hash_is_answered_but_not_kept(client: TestClient) -> None:
    answer = client.get("/static/000000000000/css/base.css")
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-cache"


def test_a_browser_that_has_the_file_is_told_so(client: TestClient) -> None:
    first = client.get(static_url("css/base.css"))
    again = client.get(static_url("css/base.css"), headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304
    assert again.content == b""


def test_head_has_the_headers_of_get_and_no_body(client: TestClient) -> None:
    answer = client.head(static_url("css/base.css"))
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == YEAR
    assert answer.content == b""


@pytest.mark.parametrize(
    "path", ["../pyproject.toml", "%2e%2e/%2e%2e/pyproject.toml", "css", "", "css/absent.css"]
)
def test_nothing_but_files_of_the_static_folder_is_served(client: TestClient, path: str) -> None:
    assert client.get(f"/static/000000000000/{path}").status_code == 404


def test_vendored_files_are_the_ones_that_were_vendored() -> None:
    lock = json.loads((STATIC / "vendor/vendor.lock.json").read_text(encoding="utf-8"))
    listed = set()
    for entry in lock["files"]:
        for path, digest in (
            (entry["path"], entry["sha256"]),
            (entry["licence_path"], entry["licence_sha256"]),
        ):
            assert hashlib.sha256((ROOT / path).read_bytes()).hexdigest() == digest, path
            listed.add(path)
        assert entry["version"]
        assert entry["licence"]
    present = {f"static/vendor/{path.name}" for path in (STATIC / "vendor").iterdir()}
    assert present - listed == {"static/vendor/vendor.lock.json"}


def test_every_icon_that_is_drawn_is_in_the_sprite() -> None:
    sprite = (STATIC / "vendor/lucide.svg").read_text(encoding="utf-8")
    there = set(re.findall(r'<symbol id="([\w-]+)"', sprite))
    source = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "templates").rglob("*.html"))
    drawn = set(re.findall(r'\bicon\("([\w-]+)"', source)) | set(re.findall(r'icon_name="([\w-]+)"', source))
    assert drawn
    assert drawn <= there


def test_a_page_costs_at_most_100_kilobytes_on_a_cold_cache() -> None:
    """All scripts and styles together, compressed: no page loads more than that."""
    files = [
        path
        for kind in ("css/**/*.css", "js/*.js", "vendor/*.js", "vendor/*.svg")
        for path in STATIC.glob(kind)
    ]
    assert sum(len(gzip.compress(path.read_bytes())) for path in files) < 85_000


@pytest.mark.parametrize("path", sorted(STATIC.glob("js/*.js")), ids=lambda path: path.name)
def test_a_script_is_small_and_says_what_it_does(path: object) -> None:
    lines = (STATIC / "js" / str(path)).read_text(encoding="utf-8").splitlines()
    assert lines[0].startswith("// ")
    assert len(lines) <= 300
