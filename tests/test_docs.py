"""The documents say what is so: links lead somewhere, commands, settings, calls and tests are there."""

import re
import shlex
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token
from sqlalchemy import text as sql
from sqlalchemy.orm import Session

from app.checks.registry import KINDS
from app.cli import COMMANDS, load
from app.main import create_app
from app.operation.invariants import INVARIANTS
from app.settings import Settings
from app.web.reference import METHODS, description

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])
PICTURES = sorted((ROOT / "docs" / "pictures").iterdir())
MOST_BYTES = 150_000  # of one picture
PROGRAM = re.compile(r"(?:^|\s|/bin/)engross (?:--(?:url|token-file) \S+ )*([a-z][^\n]*)")
SHELL = {"|", "<", ">", "&&", ";"}

each_document = pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)


def tokens(document: Path) -> list[Token]:
    """All tokens of a document, those inside of paragraphs too."""
    parsed = MarkdownIt("commonmark").enable("table").parse(document.read_text(encoding="utf-8"))
    return [found for token in parsed for found in (token, *(token.children or []))]


def code(document: Path, *, blocks_alone: bool = False) -> list[str]:
    """What stands as code, in a line or in a block; lines that a backslash continues are one."""
    kinds = {"code_block", "fence"} if blocks_alone else {"code_inline", "code_block", "fence"}
    return [token.content.replace("\\\n", " ") for token in tokens(document) if token.type in kinds]


def anchors(document: Path) -> set[str]:
    """The names of a document's headings, as sites that show Markdown make them."""
    found = tokens(document)
    titles = [after.content for token, after in pairwise(found) if token.type == "heading_open"]
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def commands(document: Path, *, blocks_alone: bool = False) -> list[list[str]]:
    """Each `engross …` in a document's code, as words up to the next sign of the shell."""
    found = []
    for piece in code(document, blocks_alone=blocks_alone):
        for match in PROGRAM.finditer(piece):
            words = shlex.split(match[1], comments=True)
            found.append(words[: next((at for at, word in enumerate(words) if word in SHELL), len(words))])
    return found


@pytest.fixture(scope="module")
def api() -> dict[str, Any]:
    """The OpenAPI document, path by path."""
    paths: dict[str, Any] = description(create_app())["paths"]
    return paths


@each_document
def test_every_link_and_every_picture_leads_somewhere(document: Path) -> None:
    targets = [str(token.attrs.get("href", token.attrs.get("src", ""))) for token in tokens(document)]
    for target in filter(None, targets):
        if target.startswith("https://"):
            continue
        name, _, anchor = target.partition("#")
        file = (document.parent / name).resolve() if name else document
        assert file.is_file(), f"{document.name}: {target}"
        assert file.is_relative_to(ROOT), f"{document.name}: {target}"
        assert not anchor or anchor in anchors(file), f"{document.name}: {target}"


def test_every_picture_is_shown_described_and_small() -> None:
    shown = [token for document in DOCUMENTS for token in tokens(document) if token.type == "image"]
    assert {Path(str(token.attrs["src"])).name for token in shown} == {file.name for file in PICTURES}
    assert all(len(token.content) > 20 for token in shown)
    assert max(file.stat().st_size for file in PICTURES) <= MOST_BYTES


@each_document
def test_every_command_is_one_with_options_that_it_takes(document: Path) -> None:
    for name, *words in commands(document):
        assert name in COMMANDS, f"{document.name}: engross {name}"
        command = load(name)
        while words and words[0] in getattr(command, "commands", {}):
            command = command.commands[words.pop(0)]
        assert not words or not hasattr(command, "commands"), f"{document.name}: engross {name} {words[0]}"
        known = {option for parameter in command.params for option in parameter.opts} | {"--help", "-h"}
        sent = {word.partition("=")[0] for word in words if word.startswith("-") and word != "-"}
        assert sent <= known, f"{document.name}: engross {name} {sent - known}"


def test_the_operator_is_told_of_every_command() -> None:
    said = {words[0] for words in commands(ROOT / "docs" / "operator.md")}
    assert said == set(COMMANDS)


def test_the_operator_is_told_of_every_setting_and_its_default() -> None:
    text = (ROOT / "docs" / "operator.md").read_text(encoding="utf-8")
    table = text.split("## Settings")[1].split("## ")[0]
    rows = dict(re.findall(r"^\| `([A-Z_]+)` \| *([^|]*?) *\|", table, flags=re.MULTILINE))
    assert set(rows) == {name.upper() for name in Settings.model_fields}
    for name, said in rows.items():
        default = Settings.model_fields[name.lower()].default
        if re.fullmatch(r"`[^`]*`", said):
            assert said.strip("`") == str(default), name
        else:
            assert default in (None, "", ()), name


def test_each_limit_that_is_told_is_the_one_that_holds() -> None:
    text = (ROOT / "docs" / "operator.md").read_text(encoding="utf-8")
    table = text.split("## Limits")[1].split("## ")[0]
    for line in table.splitlines():
        for name in re.findall(r"`(ENGROSS_[A-Z_]+)`", line):
            default = Settings.model_fields[name.lower()].default
            assert re.search(rf"\b{default:,}\b", line), name


def test_a_lead_is_told_of_every_kind_of_finding_and_its_default() -> None:
    text = (ROOT / "docs" / "lead.md").read_text(encoding="utf-8")
    told = re.findall(r"^\| `(\w+)` \| (.+) \| (\w+)(?:, always)? \|$", text, flags=re.MULTILINE)
    assert told == [(kind.name, kind.title, kind.severity) for kind in KINDS.values()]


@each_document
def test_every_address_of_the_api_is_there(document: Path, api: dict[str, Any]) -> None:
    served = [re.compile(re.sub(r"\{[^}]+\}", r"[^/]+", path)) for path in api]
    own = {"/api/v1", "/api/v1/docs", "/api/v1/openapi.json"}
    for piece in code(document):
        for path in re.findall(r"/api/v1[\w/{}.*-]*", piece):
            known = path in own or any(pattern.fullmatch(path) for pattern in served)
            assert known, f"{document.name}: {path}"


def test_the_api_is_told_call_by_call_with_the_scope_of_each(api: dict[str, Any]) -> None:
    text = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
    said = re.findall(r"^\| `([A-Z]+) (/api/v1/\S+)` \| (\w+) \|", text, flags=re.MULTILINE)
    served = {
        (method.upper(), path, item[method]["x-scope"])
        for path, item in api.items()
        for method in METHODS
        if method in item
    }
    assert len(said) == len(set(said))
    assert set(said) == served


@each_document
def test_every_test_and_file_that_is_named_is_there(document: Path) -> None:
    for piece in code(document):
        for name, test in re.findall(r"\b((?:tests|app|migrations|docs)/[\w/]+\.\w+)(?:::(\w+))?", piece):
            file = ROOT / name
            assert file.is_file(), f"{document.name}: {name}"
            if test:
                found = re.search(rf"^def {test}\(", file.read_text(encoding="utf-8"), flags=re.MULTILINE)
                assert found, f"{document.name}: {name}::{test}"


@each_document
def test_every_target_of_make_is_there(document: Path) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for piece in code(document):
        for target in re.findall(r"^\s*make ([a-z-]+)", piece, flags=re.MULTILINE):
            assert re.search(rf"^{target}:", makefile, flags=re.MULTILINE), f"{document.name}: make {target}"


def test_reliability_names_every_trigger_and_every_query_of_the_doctor(session: Session) -> None:
    text = (ROOT / "docs" / "reliability.md").read_text(encoding="utf-8")
    triggers = session.scalars(
        sql(
            "SELECT DISTINCT t.tgname FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid "
            "WHERE NOT t.tgisinternal AND (p.proname LIKE 'guard_%' OR p.proname LIKE 'refuse_%')"
        )
    ).all()
    assert triggers
    assert [name for name in triggers if f"`{name}`" not in text] == []
    assert [found.id for found in INVARIANTS if not re.search(rf"\b{found.id}\b", text)] == []


@each_document
def test_no_document_names_a_place_that_only_its_writer_has(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    assert not re.search(r"(?<![\w.])/(?:home|root|work|Users|tmp)/", text)
