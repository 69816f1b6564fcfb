"""The examples of the documents are tried as they stand: calls of the API, and commands.

Each call has an example in docs/api.md; each is sent, in its order, and answered as the page says. Of the
commands these are the ones that work on the database. Those that serve are tried by `test_cli`,
`test_runtime` and `test_remote`, which tries those at a distance, too.
"""

import io
import json
import re
import shlex
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from httpx2 import Response
from sqlalchemy import Engine
from sqlalchemy.orm import Session
from starlette.testclient import TestClient

from app import clock, database
from app.accounts import people, sessions, tokens
from app.accounts.actors import OPERATOR
from app.cli import COMMANDS
from app.documents.finding import catch_up
from app.imports.jobs import read_again
from app.imports.processing import process
from app.imports.queries import list_unfinished
from app.main import create_app
from app.projects import service as projects
from app.projects.defaults import CLAUSES, INSTRUCTION
from app.settings import get_settings
from app.web.reference import METHODS, description
from tests.factories import CONTRACT, Factory
from tests.test_cli import run
from tests.test_docs import DOCUMENTS, commands
from tests.web.browsers import program

PAGE = Path(__file__).resolve().parents[1] / "docs" / "api.md"
BLOCK = re.compile(r"^```console\n(.*?)^```", flags=re.MULTILINE | re.DOTALL)
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+00:00")
PEOPLE = ("adam", "lea", "ann", "ray", "rue", "eve")


def examples() -> list[tuple[list[str], str]]:
    """The words of each example's command, and the answer that the page shows."""
    found = []
    for block in BLOCK.findall(PAGE.read_text(encoding="utf-8")):
        for example in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command = re.match(r"(?:[^'\n]|'[^']*')+", example)  # a line, and what its quotes hold
            assert command, example
            found.append((shlex.split(command[0]), example[command.end() :].strip()))
    return found


def test_every_call_of_the_api_has_its_example() -> None:
    served = {
        (method.upper(), path)
        for path, item in description(create_app())["paths"].items()
        for method in METHODS
        if method in item
    }
    shown = {(words[1], f"/api/v1{words[2].partition('?')[0]}") for words, _ in examples()}
    without = [
        (method, path)
        for method, path in sorted(served)
        if not any(m == method and re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", path), p) for m, p in shown)
    ]
    assert without == []


@pytest.fixture
def callers(
    live_database: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[dict[str, TestClient]]:
    """The people of the page with a token each, in a directory with the files that it sends.

    A mail server is configured, and never asked: nobody does the jobs that send.
    """
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ENGROSS_SMTP_URL", "smtp+plain://127.0.0.1:9")
    monkeypatch.setenv("ENGROSS_MAIL_FROM", "engross@example.org")
    get_settings.cache_clear()
    for number, name in enumerate(("msa.txt", "lease.txt"), start=1):
        Path(name).write_text(f"Contract {number}\n\n{CONTRACT}", encoding="utf-8")
    line = {"title": "Supply Agreement", "text": f"Supply Agreement\n\n{CONTRACT}"}
    Path("contracts.jsonl").write_text(json.dumps(line), encoding="utf-8")
    now, app = datetime.now(UTC), create_app()
    with Session(live_database, expire_on_commit=False) as session, session.begin():
        made = {
            name: people.create(
                session,
                email=f"{name}@example.org",
                name=name.title(),
                is_admin=name == "adam",
                password=None,
                actor=OPERATOR,
                at=now,
            )
            for name in PEOPLE
        }
        session.flush()
        for name in ("training", "laptop"):
            tokens.create(
                session,
                user=made["ann"],
                name=name,
                scopes=["read", "export"],
                days=90,
                actor=made["ann"],
                at=now,
            )
        sessions.start(session, user=made["ann"], user_agent="Firefox 145", days=1, at=now)
        Factory(session).failed_job()
    yield {name: program(app, user) for name, user in made.items()}
    monkeypatch.undo()
    get_settings.cache_clear()


def test_every_example_is_answered_as_the_page_says(callers: dict[str, TestClient]) -> None:
    wrong = []
    for words, said in examples():
        answer = sent(callers[words[0]], *words[1:])
        if answer.status_code >= 400 or not fits(answer, said):
            wrong.append(f"{' '.join(words)}\n  {answer.status_code} {answer.text}")
        with database.transaction() as session:
            waiting = list_unfinished(session)
        for import_id in waiting:  # as the worker does
            process(import_id, now=clock.now, should_stop=lambda: False)
            catch_up()
        if words[1:] == ["PUT", "/documents/1/reading"]:
            read_again(document_id=1)
    assert not wrong, "\n".join(wrong)


def sent(client: TestClient, method: str, path: str, *options: str) -> Response:
    """Send what curl would send for these options."""
    pairs = list(zip(options[::2], options[1::2], strict=True))
    headers = dict(value.split(": ", 1) for option, value in pairs if option == "-H")
    asked: dict[str, Any] = {"headers": headers}
    for option, value in pairs:
        match option:
            case "--json":
                asked["content"] = value
                headers["Content-Type"] = "application/json"
            case "--data-binary":
                asked["content"] = Path(value.removeprefix("@")).read_bytes()
            case "-F":
                name, _, file = value.partition("=@")
                asked.setdefault("files", []).append((name, (file, Path(file).read_bytes())))
            case _:
                assert option == "-H", option
    return client.request(method, f"/api/v1{path}", **asked)


def fits(answer: Response, said: str) -> bool:
    """Whether the answer is the one that is shown; “…” stands for whatever is left out."""
    if answer.status_code == 204:
        return not said
    kind = answer.headers.get("Content-Type", "")
    if kind == "application/json":
        members = re.sub(r"(?<=, )…(?=\})", '"…": "…"', said)
        whole = re.sub(r"(?<=[ \[])…(?=[,\]}])", '"…"', members)
        return bool(said) and alike(json.loads(whole), answer.json())
    if kind == "application/jsonl":
        lines = ([json.loads(line) for line in text.splitlines()] for text in (said, answer.text))
        return alike(*lines)
    return alike(said, answer.text.strip())


def alike(said: Any, got: Any) -> bool:
    """Whether a value is as it is shown."""
    if said == "…":
        return True
    if isinstance(said, dict) and isinstance(got, dict):
        left_out = "…" in said
        named = {name: value for name, value in said.items() if name != "…"}
        whole = named.keys() <= got.keys() if left_out else named.keys() == got.keys()
        return whole and all(alike(value, got[name]) for name, value in named.items())
    if isinstance(said, list) and isinstance(got, list):
        if said[-1:] == ["…"]:
            said, got = said[:-1], got[: len(said) - 1]
        return len(said) == len(got) and all(map(alike, said, got))
    if isinstance(said, str) and isinstance(got, str):
        if TIME.fullmatch(said):
            return TIME.fullmatch(got) is not None
        return re.fullmatch(".*".join(map(re.escape, said.split("…"))), got, flags=re.DOTALL) is not None
    return bool(said == got)


@pytest.fixture
def operator(live_database: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A directory with the files that the commands name, and a database with the people that they name."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_URL", live_database.url.render_as_string(hide_password=False))
    get_settings.cache_clear()
    Path("phrasing.txt").write_text("Summarize this contract: '{contract}'\n", encoding="utf-8")
    Path("clauses.toml").write_text('[[clauses]]\nkey = "term"\nname = "Term"\n', encoding="utf-8")
    Path("contracts").mkdir()
    Path("contracts", "msa.txt").write_text(CONTRACT, encoding="utf-8")
    with ZipFile("archive.zip", "w") as archive:
        archive.writestr("lease.txt", f"Lease\n\n{CONTRACT}")
    Path("more.jsonl").write_text(json.dumps({"title": "Supply", "text": f"Supply\n\n{CONTRACT}"}))
    monkeypatch.setattr("sys.stdin", io.StringIO("a long enough password\n"))
    with Session(live_database, expire_on_commit=False) as session, session.begin():
        at, made = datetime.now(UTC), {}
        for name in ("lead", "dev", "admin"):
            made[name] = people.create(
                session,
                email=f"{name}@example.org",
                name=name.title(),
                is_admin=name == "admin",
                password=None,
                actor=OPERATOR,
                at=at,
            )
        session.flush()
        projects.create_project(
            session,
            slug="contract-summaries",
            name="Contract summaries",
            lead=made["lead"],
            instruction_specs=[INSTRUCTION],
            clause_specs=CLAUSES,
            actor=OPERATOR,
            at=at,
        )
        for _ in range(7):  # the page revokes the seventh
            tokens.create(session, user=made["dev"], name="old", scopes=[], days=None, actor=OPERATOR, at=at)
    yield
    get_settings.cache_clear()
    database.configure("")


@pytest.mark.usefixtures("operator")
def test_every_command_of_the_documents_is_carried_out(capsys: pytest.CaptureFixture[str]) -> None:
    tried = set()
    for document in DOCUMENTS:
        for words in commands(document, blocks_alone=True):
            if not COMMANDS[words[0]].opens_database:
                continue
            code, _, error = run(capsys, *words)
            assert code == 0, f"{document.name}: engross {shlex.join(words)}: {error}"
            tried.add(words[0])
    assert tried == {name for name, entry in COMMANDS.items() if entry.opens_database}
