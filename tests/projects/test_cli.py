"""`engross project` and `engross member` on a database of their own."""

import json
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session
from typer import Typer
from typer.testing import CliRunner

from app.errors import AppError, Conflict, Invalid, NotFound
from app.projects.cli import members, projects
from tests.factories import Factory


@pytest.fixture
def lead(live_database: Engine) -> str:
    with Session(live_database) as session, session.begin():
        return Factory(session).user().email


def _json(commands: Typer, *arguments: str) -> object:
    done = CliRunner().invoke(commands, [*arguments, "--json"])
    if done.exception is not None:
        raise done.exception
    return json.loads(done.stdout)


def _create(lead: str, *arguments: str) -> object:
    return _json(projects, "create", "nda", "--name", "NDAs", "--lead", lead, *arguments)


def test_a_project_is_made_listed_and_shown(lead: str) -> None:
    made = _create(lead)
    assert isinstance(made, dict)
    assert (made["slug"], made["guidelines"]["version"]) == ("nda", 1)
    assert _json(projects, "show", "nda") == made
    assert _json(projects, "list") == [{"slug": "nda", "name": "NDAs"}]
    with pytest.raises(Conflict):
        _create(lead)


def test_phrasings_and_clauses_come_from_files(lead: str, tmp_path: Path) -> None:
    first, second, clauses = (tmp_path / name for name in ("1.txt", "2.txt", "clauses.toml"))
    first.write_text("Summarize:\n'{contract}'\n", encoding="utf-8")
    second.write_text("Sum it up.", encoding="utf-8")
    clauses.write_text('[[clauses]]\nkey = "rent"\nname = "Rent"\nphrase_cues = ["per month"]\n')
    made = _create(
        lead, "--instruction-file", str(first), "--instruction-file", str(second), "--clauses", str(clauses)
    )
    assert isinstance(made, dict)
    assert made["instructions"] == [
        {"key": "summary", "phrasings": ["Summarize:\n'{contract}'", "Sum it up."]}
    ]
    assert made["clauses"] == [{"key": "rent", "name": "Rent", "required": True}]


@pytest.mark.parametrize("text", ["not = [toml", "slug = 'x'", "[[clauses]]\nkey = 'a'", "clauses = [1]"])
def test_a_broken_file_of_clauses_is_refused_with_a_sentence(lead: str, tmp_path: Path, text: str) -> None:
    path = tmp_path / "clauses.toml"
    path.write_text(text)
    with pytest.raises(Invalid):
        _create(lead, "--clauses", str(path))
    with pytest.raises(Invalid, match="cannot be read"):
        _create(lead, "--clauses", str(tmp_path / "absent.toml"))
    assert _json(projects, "list") == []


def test_members_are_set_listed_and_removed(lead: str, live_database: Engine) -> None:
    _create(lead)
    with Session(live_database) as session, session.begin():
        person = Factory(session).user("Anna")
        email, name = person.email, person.name
    roles = ["--role", "reviewer", "--role", "annotator"]
    shown = {"email": email, "name": name, "roles": ["annotator", "reviewer"]}
    assert _json(members, "set", "nda", "--email", email, *roles) == shown
    listed = _json(members, "list", "nda")
    assert isinstance(listed, list)
    assert shown in listed
    assert len(listed) == 2
    assert _json(members, "remove", "nda", "--email", email) == {**shown, "roles": []}
    failures: list[tuple[type[AppError], list[str]]] = [
        (NotFound, ["remove", "nda", "--email", email]),
        (NotFound, ["list", "absent"]),
        (Conflict, ["remove", "nda", "--email", lead]),
        (Invalid, ["set", "nda", "--email", "nobody@example.org", "--role", "lead"]),
    ]
    for family, arguments in failures:
        with pytest.raises(family):
            _json(members, *arguments)


def test_a_role_that_does_not_exist_is_wrong_usage(lead: str) -> None:
    _create(lead)
    done = CliRunner().invoke(members, ["set", "nda", "--email", lead, "--role", "owner"])
    assert done.exit_code == 2
