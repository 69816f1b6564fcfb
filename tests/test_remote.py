"""The command line at a distance, and the client under it: a real server, wrong tokens, wires that break."""

import inspect
import io
import json
import os
import re
import shlex
import socket
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx2
import pytest

from app import database
from app.cli import COMMANDS, _leaves, load
from app.client import Engross, Problem
from app.remote import TWINS, WHY_NOT
from app.settings import get_settings
from tests.factories import CONTRACT
from tests.scratch import scratch_root
from tests.servers import ROOT, Server
from tests.test_cli import run

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with TemporaryDirectory(prefix="engross-remote-", dir=scratch_root()) as name:
        Path(name).chmod(0o711)
        started = Server(Path(name) / "data")
        yield started
        started.destroy()


@pytest.fixture
def local(
    server: Server, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Run]:
    """A command on the server's own database."""
    monkeypatch.setenv("DATABASE_URL", server.database_url)
    get_settings.cache_clear()
    yield lambda *words: run(capsys, *words)
    get_settings.cache_clear()
    database.configure("")


@pytest.fixture
def remote(server: Server, capsys: pytest.CaptureFixture[str]) -> Run:
    """The same at a distance."""
    return lambda *words: run(capsys, "--url", server.url, *words)


def operators_commands() -> list[list[str]]:
    """The examples of docs/operator.md, word by word."""
    text = (ROOT / "docs" / "operator.md").read_text(encoding="utf-8")
    found = re.findall(r"^    engross (--url .*)$", text, flags=re.MULTILINE)
    return [shlex.split(line) for line in found]


def engineers_script() -> str:
    """The example of docs/engineer.md."""
    text = (ROOT / "docs" / "engineer.md").read_text(encoding="utf-8")
    return text.split("## From a script")[1].split("```python\n")[1].split("```")[0]


def test_a_folder_goes_in_and_an_export_comes_out_at_a_distance(
    server: Server,
    local: Run,
    remote: Run,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    who = ["--email", "lea@example.org"]
    local("user", "create", *who, "--name", "Lea", "--admin")
    made = json.loads(local("token", "create", *who, "--json")[1])
    monkeypatch.setenv("ENGROSS_TOKEN", made["token"])

    setup = ["--name", "NDAs", "--lead", "lea@example.org"]
    (tmp_path / "clauses.toml").write_text(
        '[[clauses]]\nkey = "term"\nname = "Term"\nheading_cues = ["term"]\n'
    )
    (tmp_path / "phrasing.txt").write_text("Summarize this: '{contract}'\n")
    setup += [
        "--clauses",
        str(tmp_path / "clauses.toml"),
        "--instruction-file",
        str(tmp_path / "phrasing.txt"),
    ]
    code, out, _ = remote("project", "create", "nda", *setup)
    assert (code, out) == (0, "Project nda is there, led by lea@example.org.\n")
    made_here = json.loads(local("project", "create", "here", *setup, "--json")[1])
    assert json.loads(remote("project", "show", "nda", "--json")[1]) | {"slug": "here"} == made_here
    for words in (
        ["project", "list"],
        ["project", "show", "nda"],
        ["member", "list", "nda"],
        ["user", "list"],
    ):
        here, there = local(*words, "--json"), remote(*words, "--json")
        assert there[0] == here[0] == 0
        assert json.loads(there[1]) == json.loads(here[1])
    used = {"last_used_at": None}
    (here_token,), (there_token,) = (
        json.loads(at("token", "list", *who, "--json")[1]) for at in (local, remote)
    )
    assert there_token | used == here_token | used

    folder = tmp_path / "contracts"
    (folder / "2026").mkdir(parents=True)
    (folder / "2026" / "msa.txt").write_text(CONTRACT)
    (folder / ".hidden.txt").write_text("Not this.")
    code, out, err = remote("import", "nda", str(folder))
    assert (code, err) == (0, "")
    told = ["1 hidden file was passed over.", "1 new, 0 here already, 0 failed"]
    assert out.splitlines()[-2:] == told
    (folder / "broken.pdf").write_bytes(b"%PDF-")
    code, out, _ = remote("import", "nda", str(folder), "--json")
    report = json.loads(out)
    assert (code, report["total"], report["duplicates"], report["failed"]) == (1, 2, 1, 1)

    target = tmp_path / "train.jsonl"
    here = json.loads(local("export", "nda", "--output", str(target), "--json")[1])
    assert json.loads(remote("export", "nda", "--output", str(target), "--json")[1]) == here
    assert target.read_bytes() == b""
    assert [path.name for path in tmp_path.glob(".*")] == []

    monkeypatch.chdir(tmp_path)
    (tmp_path / "token").write_text(made["token"])
    for words in operators_commands():
        there = [word.replace("~/.engross-token", "token") for word in words]
        code = run(
            capsys, *(server.url if word == "https://engross.example.org" else word for word in there)
        )[0]
        assert code == int("import" in words), words  # one file is broken
    exec(engineers_script().replace("https://engross.example.org", server.url), {})  # noqa: S102 -- it is ours
    assert capsys.readouterr().out == f"0 {here['sha256']}\n"

    code, out, err = remote("member", "set", "nda", "--email", "nobody@example.org", "--role", "lead")
    assert (code, out, err) == (1, "", local(
        "member", "set", "nda", "--email", "nobody@example.org", "--role", "lead"
    )[2])  # fmt: skip
    assert remote("project", "show", "absent")[::2] == (1, "There is no such project.\n")
    assert remote("token", "revoke", str(made["id"]), "--json")[0] == 0
    code, _, err = remote("project", "list")
    assert (code, err) == (1, "This needs a valid token: Authorization: Bearer engr_….\n")


def test_a_wrong_token_is_told_wherever_it_comes_from(
    remote: Run, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "token").write_text("engr_wrong\n")
    monkeypatch.delenv("ENGROSS_TOKEN", raising=False)
    monkeypatch.setattr("sys.stdin", io.StringIO("engr_wrong\n"))
    for file in (str(tmp_path / "token"), "-"):
        code, out, err = remote("--token-file", file, "project", "list")
        assert (code, out) == (1, "")
        assert err.startswith("This needs a valid token")
    assert remote("project", "list")[2].startswith("This needs a token: set ENGROSS_TOKEN")
    assert "cannot be read" in remote("--token-file", str(tmp_path / "absent"), "project", "list")[2]
    assert remote("--token", "engr_wrong", "project", "list")[0] == 2
    code, _, err = run(capsys, "--token-file", str(tmp_path / "token"), "project", "list")
    assert code == 2  # and not done here instead
    assert "--url" in err


def test_what_only_the_server_can_do_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("serve", "worker", "migrate", "doctor", "demo"):
        code, out, err = run(capsys, "--url", "https://engross.example.org", name)
        assert (code, out) == (1, "")
        assert err == f"“engross {name}” works on the server's machine only: run it there, without --url.\n"
    assert run(capsys, "--url", "https://engross.example.org", "version")[0] == 0


def test_every_command_has_a_twin_with_its_arguments_or_a_reason() -> None:
    database_commands = {
        words: leaf
        for name, entry in COMMANDS.items()
        if entry.opens_database
        for words, leaf in _leaves(name, load(name))
    }
    assert set(database_commands) == set(TWINS) | set(WHY_NOT)
    for words, twin in TWINS.items():
        taken = inspect.signature(twin).parameters
        sent = {parameter.name for parameter in database_commands[words].params}
        known = set(taken) - {"site", "query"}
        assert known <= sent, words
        assert known == sent or "query" in taken, words


@pytest.fixture
def answering() -> Iterator[Callable[[list[tuple[int, dict[str, str], bytes]]], tuple[str, list[str]]]]:
    """A server that gives these answers, one a request; it notes each request's key."""
    servers = []

    def start(answers: list[tuple[int, dict[str, str], bytes]]) -> tuple[str, list[str]]:
        keys: list[str] = []

        class Handler(BaseHTTPRequestHandler):
            def answer(self) -> None:
                keys.append(self.headers.get("Idempotency-Key", ""))
                status, headers, body = answers[min(len(keys), len(answers)) - 1]
                if status == 0:  # it dies without an answer
                    self.connection.shutdown(socket.SHUT_RDWR)
                    return
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            do_GET = do_POST = do_PUT = answer  # noqa: N815 -- the names that http.server looks for

            def log_message(self, *_: object) -> None:
                pass

        found = HTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=found.serve_forever, daemon=True).start()
        servers.append(found)
        return f"http://127.0.0.1:{found.server_port}", keys

    yield start
    for found in servers:
        found.shutdown()
        found.server_close()


JSON = {"Content-Type": "application/json"}
BUSY = (
    503,
    {"Content-Type": "application/problem+json", "Retry-After": "2"},
    b'{"detail": "Later.", "code": "unavailable"}',
)


def test_a_call_is_repeated_and_a_change_with_the_same_key(answering) -> None:  # type: ignore[no-untyped-def]
    url, keys = answering([(0, {}, b""), BUSY, (200, JSON, b'{"id": 7}')])
    waited: list[float] = []
    with Engross(url, "t", sleep=waited.append) as site:
        assert site.call("POST", "projects", json={}) == {"id": 7}
    assert len(keys) == 3
    assert len(set(keys)) == 1
    assert keys[0]
    assert waited == [0.5, 2.0]

    url, keys = answering([(0, {}, b""), (200, JSON, b"{}")])
    with Engross(url, "t", sleep=waited.append) as site:
        assert site.save(7, "Words.", based_on=1) == {}
        assert site.me() == {}
        site.save(7, "More words.", based_on=2)
    first, again, reading, other = keys
    assert first == again != other
    assert reading == ""


def test_who_stays_busy_or_away_is_told_in_the_end(answering) -> None:  # type: ignore[no-untyped-def]
    url, keys = answering([BUSY])
    with Engross(url, "t", sleep=lambda _: None) as site, pytest.raises(Problem) as raised:
        site.me()
    assert (raised.value.status, raised.value.code, str(raised.value)) == (503, "unavailable", "Later.")
    assert len(keys) == 5
    with socket.create_server(("127.0.0.1", 0)) as closed:
        url = f"http://127.0.0.1:{closed.getsockname()[1]}"
    with Engross(url, "t", sleep=lambda _: None) as site, pytest.raises(Problem, match="cannot be reached"):
        site.me()


@pytest.mark.parametrize(
    "answer",
    [
        (200, {"Content-Type": "text/html"}, b"<h1>Sign in"),
        (404, {"Content-Type": "text/html"}, b"<h1>No"),
        (302, {"Location": "https://elsewhere.example/"}, b""),
        (200, JSON, b"\xff"),
    ],
)
def test_an_address_that_is_no_engross_is_called_so(answering, answer, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    url, _ = answering([answer])
    with Engross(url, "t") as site:
        for ask in (site.me, lambda: site.export("nda", tmp_path / "train.jsonl")):
            with pytest.raises(Problem, match="does not answer as Engross does") as raised:
                ask()
            assert raised.value.code == "no_engross"
    assert list(tmp_path.iterdir()) == []


def test_an_export_that_breaks_off_leaves_no_file(answering, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    url, _ = answering([(200, {"Content-Type": "application/jsonl", "Content-Length": "99"}, b'{"a": 1}\n')])
    (tmp_path / "train.jsonl").write_text("the last one")
    with Engross(url, "t") as site, pytest.raises(Problem) as raised:
        site.export("nda", tmp_path / "train.jsonl")
    assert raised.value.code == "broken_off"
    assert [path.read_text() for path in tmp_path.iterdir()] == ["the last one"]


def test_an_export_takes_the_place_of_a_file_and_of_nothing_else(answering, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    url, keys = answering([(200, {"Content-Type": "application/jsonl"}, b"")])
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with Engross(url, "t") as site:
        for path in (tmp_path, pipe, tmp_path / "absent" / "train.jsonl"):
            with pytest.raises(Problem) as raised:
                site.export("nda", path)
            assert raised.value.code == "unwritable"
    assert pipe.is_fifo()
    assert keys == []


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    reading = httpx2.MockTransport(lambda _: httpx2.Response(202, json={"id": 1}))
    site = Engross("https://e.example", "t", transport=reading)
    with pytest.raises(Problem, match=r"absent\.txt cannot be read") as raised:
        site.start_import("nda", [("absent.txt", tmp_path / "absent.txt")])
    assert raised.value.code == "unreadable"


def test_a_token_travels_encrypted_or_not_at_all() -> None:
    for url, code in {
        "http://engross.example.org": "insecure_address",
        "http://10.0.0.7:8000": "insecure_address",
        "engross.example.org": "bad_address",
        "ftp://engross.example.org": "bad_address",
        "https://lea:secret@engross.example.org": "bad_address",
        "https://engross.example.org/api/v1": "bad_address",
        "https://engross.example.org?q=1": "bad_address",
        "https://engross.example.org:99999": "bad_address",
        "https://engross..org": "bad_address",
        f"https://{'e' * 64}.org": "bad_address",
        "https://[::::]": "bad_address",
        "https://[engross": "bad_address",
        "http://127.0.0.1.example.org": "insecure_address",
    }.items():
        with pytest.raises(Problem) as raised:
            Engross(url, "t")
        assert raised.value.code == code
    Engross("http://engross.example.org", "t", insecure=True).close()
    Engross("http://[::1]:8000/", "t").close()
    Engross("HTTP://LOCALHOST:8000", "t").close()
    for token in ("", " ", "a\nb", "é"):
        with pytest.raises(Problem, match="no token"):
            Engross("https://engross.example.org", token)


def test_a_list_is_followed_page_by_page_and_only_as_far_as_it_is_read() -> None:
    asked: list[str] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        asked.append(request.url.params.get("cursor", ""))
        last = len(asked) == 3
        return httpx2.Response(200, json={"items": [len(asked)], "next": None if last else f"c{len(asked)}"})

    with Engross("https://e.example", "t", transport=httpx2.MockTransport(answer)) as site:
        assert next(site.samples("nda")) == 1  # type: ignore[comparison-overlap]
        assert asked == [""]
        asked.clear()
        assert list(site.exclusions("nda")) == [1, 2, 3]  # type: ignore[comparison-overlap]
    assert asked == ["", "c1", "c2"]


def test_no_name_makes_another_call_of_it() -> None:
    asked: list[bytes] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        asked.append(request.url.raw_path)
        return httpx2.Response(200, json={})

    with Engross("https://e.example", "t", transport=httpx2.MockTransport(answer)) as site:
        for name in ("..", "a/b", "a?b#c", "é"):
            site.project(name)
    prefix = b"/api/v1/projects/"
    assert asked == [prefix + name for name in (b"%2E%2E", b"a%2Fb", b"a%3Fb%23c", b"%C3%A9")]
