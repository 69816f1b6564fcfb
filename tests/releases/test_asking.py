"""One export, asked for by page, API and command: the same bytes, the same refusals, the same counts."""

import json
import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from fastapi import FastAPI
from markupsafe import escape
from sqlalchemy import update

from app import database
from app.cli import main
from app.documents.models import Document
from app.releases.formats import INLINE_METADATA, TAKEN_BY, Format
from app.settings import get_settings
from tests.conftest import on_a_database_of_its_own
from tests.factories import Factory
from tests.releases import lines
from tests.releases.test_export import approve
from tests.web.browsers import browser, program

Command = Callable[..., tuple[int, str, str]]


class World:
    """A project with three approved samples, one of them left out, and clients of its lead and engineer."""

    def __init__(self, app: FastAPI) -> None:
        with database.transaction() as session:
            make = Factory(session)
            self.project = project = make.project(system_prompt="Be exact.")
            self.annotator = make.annotator(project)
            approve(session, project, annotator=self.annotator)
            document = make.document(project, text="Licence\n\nUser: whoever uses it.")
            approve(session, project, task=make.task(project, document=document))
            left_out = approve(session, project)
            session.execute(
                update(Document)
                .where(Document.id == left_out.task.document_id)
                .values(withdrawn_at=datetime.now(UTC), title="Left out")
            )
            lead, engineer = make.lead(project), make.engineer(project)
        self.pages = {"lead": browser(app, lead), "engineer": browser(app, engineer)}
        self.api = {"lead": program(app, lead), "engineer": program(app, engineer)}
        self.page = f"/projects/{project.slug}/export"
        self.call = f"/api/v1/projects/{project.slug}/export"


@pytest.fixture(scope="module")
def world(postgres: str, template: str, application: FastAPI) -> Iterator[World]:
    with on_a_database_of_its_own(postgres, template):
        yield World(application)


@pytest.fixture
def command(
    capsysbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Command:
    """Runs `engross export` on the world's database: exit code, standard output, standard error."""
    url = database.get_engine().url.render_as_string(hide_password=False)
    monkeypatch.setenv("DATABASE_URL", url)
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str) -> tuple[int, str, str]:
        get_settings.cache_clear()
        capsysbinary.readouterr()  # what was written before, such as a line of the log for each request
        with pytest.raises(SystemExit) as ended:
            main(["export", *arguments])
        get_settings.cache_clear()
        database.configure(url)
        said = capsysbinary.readouterr()
        assert isinstance(ended.value.code, int)
        return ended.value.code, said.out.decode(), said.err.decode()

    return run


@pytest.mark.parametrize("format", Format)
def test_page_api_and_command_give_the_same_bytes(world: World, command: Command, format: Format) -> None:
    asked = {"format": format.replace("-", "_")}
    code, said, _ = command(world.project.slug, "--format", format)
    assert code == 0
    assert len(lines.read(said.encode())) == 2
    assert world.api["engineer"].get(world.call, params=asked).content == said.encode()
    assert world.pages["engineer"].get(f"{world.page}/download", params=asked).content == said.encode()


@pytest.mark.parametrize("format", Format)
def test_a_stream_holds_metadata_in_its_rows_or_is_refused(
    world: World, command: Command, format: Format
) -> None:
    asked = {"format": format, "with_metadata": "true"}
    answer = world.api["engineer"].get(world.call, params=asked)
    code, said, error = command(world.project.slug, "--format", format, "--with-metadata")
    if format in INLINE_METADATA:
        assert all(row["metadata"]["reviewers"] for row in lines.read(answer.content))
        assert said.encode() == answer.content
    else:
        assert (answer.status_code, answer.json()["code"]) == (422, "metadata_not_inline")
        assert (code, said) == (1, "")
        assert "NAME.metadata.jsonl" in error


def test_a_file_has_its_metadata_beside_it_where_rows_hold_none(
    world: World, command: Command, tmp_path: Path
) -> None:
    path = tmp_path / "train.jsonl"
    asked = (world.project.slug, "--output", str(path), "--with-metadata", "--json", "--format")
    code, said, _ = command(*asked, "sharegpt")
    written = json.loads(said)
    assert code == 0
    assert set(written) == {"path", "rows", "bytes", "sha256", "excluded"}
    assert (written["rows"], written["bytes"], written["excluded"]) == (2, path.stat().st_size, 1)
    beside = tmp_path / "train.metadata.jsonl"
    assert len(lines.read(beside.read_bytes())) == len(lines.read(path.read_bytes())) == 2
    beside.unlink()
    assert command(*asked, "prompt-completion")[0] == 0
    assert [file.name for file in tmp_path.iterdir()] == ["train.jsonl"]


def test_a_command_writes_into_files_and_takes_the_place_of_nothing_else(
    world: World, command: Command, tmp_path: Path
) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for name in (".", "pipe"):
        code, said, error = command(world.project.slug, "--output", name)
        assert (code, said) == (2, "")
        assert "is no file" in error
    code, said, error = command(world.project.slug, "--output", str(tmp_path / "absent" / "train.jsonl"))
    assert (code, said) == (1, "")
    assert error.endswith("train.jsonl cannot be written: No such file or directory.\n")
    assert [file.name for file in tmp_path.iterdir()] == ["pipe"]
    assert pipe.is_fifo()


def test_a_command_says_what_stays_out_and_where_nova_fails_and_keeps_its_output_clean(
    world: World, command: Command
) -> None:
    code, said, error = command(world.project.slug, "--format", "bedrock")
    assert code == 0
    assert len(lines.read(said.encode())) == 2
    assert "“Left out” stays out. Its contract was withdrawn." in error
    assert "rows 2 do (1 in all)" in error


@pytest.mark.parametrize(
    ("asked", "count"),
    [
        ({}, 2),
        ({"clause": "term"}, 2),
        ({"clause": "liability"}, 0),
        ({"since": "2100-01-01"}, 0),
        ({"annotator": "the annotator"}, 1),
    ],
)
def test_a_part_is_counted_on_the_page_as_it_leaves(
    world: World, command: Command, asked: dict[str, str], count: int
) -> None:
    wanted = {name: value.replace("the annotator", world.annotator.email) for name, value in asked.items()}
    page = world.pages["lead"].get(world.page, params=wanted | {"format": "vertex"})
    assert f"{count} of 2 rows." in page.text
    assert 'value="vertex" aria-describedby="format-7-hint" checked' in page.text
    options = [word for name, value in wanted.items() for word in (f"--{name}", value)]
    assert command(world.project.slug, *options)[1].count("\n") == count
    assert world.api["lead"].get(world.call, params=wanted).text.count("\n") == count


def test_an_engineer_does_not_find_out_who_wrote_what(world: World) -> None:
    asked = {"annotator": world.annotator.email}
    assert world.pages["engineer"].get(world.page, params=asked).status_code == 403
    assert world.pages["engineer"].get(f"{world.page}/download", params=asked).status_code == 403
    assert world.api["engineer"].get(world.call, params=asked).status_code == 403


def test_the_page_shows_each_format_and_each_exclusion(world: World) -> None:
    page = world.pages["engineer"].get(world.page).text
    assert all(f'value="{format}"' in page for format in Format)
    assert all(str(escape(words)) in page for words in TAKEN_BY.values())
    assert "Left out" in page
    assert "Its contract was withdrawn." in page
