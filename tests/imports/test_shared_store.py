"""Imports whose files lie in a store that several machines share: the same, and what if it is away."""

import json

import pytest
from fastapi import FastAPI
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from app import clock
from app.accounts.models import User
from app.database import get_engine
from app.documents import readings
from app.documents.models import Document
from app.errors import StorageAway
from app.imports.jobs import read_again
from app.imports.models import Import, ImportFile
from app.imports.processing import process
from app.imports.service import start_import
from app.projects.models import Project
from app.settings import get_settings
from tests import stores
from tests.factories import CONTRACT, NOON, Factory
from tests.imports.conftest import stored
from tests.test_cli import at_head, run  # noqa: F401 -- a fixture
from tests.web.browsers import browser, program

pytestmark = pytest.mark.usefixtures("shared_store")


@pytest.fixture
def app(live: Session, application: FastAPI) -> FastAPI:
    return application


@pytest.fixture
def project(live: Session, make_live: Factory) -> Project:
    project = make_live.project()
    live.commit()
    return project


@pytest.fixture
def lead(live: Session, make_live: Factory, project: Project) -> User:
    lead = make_live.lead(project)
    live.commit()
    return lead


def away(*_: str) -> int:
    return 403


def test_files_go_into_the_store_are_read_from_it_and_come_back_from_it(
    app: FastAPI, live: Session, project: Project, lead: User, shared_store: stores.Store
) -> None:
    rows = json.dumps({"title": "A row", "text": "Contract in a row."}).encode()
    sent = [("files", ("a.txt", CONTRACT.encode())), ("files", ("b.jsonl", rows))]
    answer = program(app, lead).post(f"/api/v1/projects/{project.slug}/imports", files=sent)
    assert answer.status_code == 202
    process(answer.json()["id"], now=clock.now)
    files = live.scalars(select(ImportFile).order_by(ImportFile.id)).all()
    assert [file.status for file in files] == ["created", "expanded", "created"]
    assert {key.rpartition("/")[2] for key in shared_store.objects} == {file.sha256 for file in files}
    for file, content in ((files[0], CONTRACT.encode()), (files[2], rows)):
        original = browser(app, lead).get(f"/documents/{file.document_id}/original")
        assert (original.status_code, original.content) == (200, content)
    assert not (get_settings().data_dir / "originals").exists()


def test_a_store_that_is_away_is_said_and_nothing_is_begun(
    app: FastAPI, live: Session, project: Project, lead: User, shared_store: stores.Store
) -> None:
    started = start_import(live, project=project, files=[stored("a.txt", CONTRACT)], actor=lead, at=NOON)
    live.commit()
    process(started.id, now=clock.now)
    document_id = live.scalar(select(ImportFile.document_id))
    for copy in (get_settings().data_dir / "copies").iterdir():
        copy.unlink()
    shared_store.refuse = away
    sent = [("files", ("b.txt", b"Another contract."))]
    answer = program(app, lead).post(f"/api/v1/projects/{project.slug}/imports", files=sent)
    assert (answer.status_code, answer.json()["code"]) == (503, "storage_away")
    assert answer.headers["Retry-After"] == "2"
    page = browser(app, lead).post(f"/projects/{project.slug}/imports", files=sent)
    assert page.status_code == 503
    assert "The store of imported files did not answer." in page.text
    assert "the-secret" not in page.text
    assert live.scalar(select(func.count()).select_from(Import)) == 1
    assert browser(app, lead).get(f"/documents/{document_id}/original").status_code == 503
    assert browser(app, lead).get(f"/documents/{document_id}").status_code == 200


def test_a_store_that_takes_its_time_holds_no_connection_of_the_database(
    app: FastAPI, live: Session, project: Project, lead: User, shared_store: stores.Store
) -> None:
    started = start_import(live, project=project, files=[stored("a.txt", CONTRACT)], actor=lead, at=NOON)
    live.commit()
    process(started.id, now=clock.now)
    document_id = live.scalar(select(ImportFile.document_id))
    client = browser(app, lead)
    live.rollback()
    held: list[int] = []

    def look(*_: str) -> int:
        held.append(get_engine().pool.checkedout())  # type: ignore[attr-defined]
        return 0

    shared_store.refuse = look
    assert client.get(f"/documents/{document_id}/original").status_code == 200
    assert held
    assert set(held) == {0}


def test_an_import_goes_on_when_the_store_is_back_and_no_file_has_failed_meanwhile(
    live: Session, project: Project, lead: User, shared_store: stores.Store
) -> None:
    rows = "\n".join(json.dumps({"text": f"Contract {name}."}) for name in ("a", "b"))
    files = [stored("a.txt", CONTRACT), stored("b.jsonl", rows)]
    started = start_import(live, project=project, files=files, actor=lead, at=NOON)
    live.commit()
    for refused in ("GET HEAD", "PUT"):  # nothing can be read, and then no row's original can be kept
        shared_store.refuse = lambda method, _, refused=refused: 403 if method in refused else 0
        for copy in (get_settings().data_dir / "copies").glob("*"):
            copy.unlink()
        with pytest.raises(StorageAway):
            process(started.id, now=clock.now)
        assert "failed" not in live.scalars(select(ImportFile.status)).all()
        live.rollback()
    shared_store.refuse = lambda *_: 0
    process(started.id, now=clock.now)
    assert sorted(live.scalars(select(ImportFile.status))) == ["created", "created", "created", "expanded"]


def test_an_original_that_cannot_be_fetched_is_read_again_when_the_store_is_back(
    live: Session, project: Project, lead: User, shared_store: stores.Store
) -> None:
    started = start_import(live, project=project, files=[stored("a.txt", CONTRACT)], actor=lead, at=NOON)
    live.commit()
    process(started.id, now=clock.now)
    document_id = live.scalars(select(Document.id)).one()
    readings.start(live, document_id=document_id, actor=lead, at=NOON)
    live.commit()
    for copy in (get_settings().data_dir / "copies").glob("*"):
        copy.unlink()
    shared_store.refuse = lambda *_: 403
    with pytest.raises(StorageAway):
        read_again(document_id=document_id)
    live.rollback()
    assert readings.is_waiting(live, document_id)
    live.rollback()
    shared_store.refuse = lambda *_: 0
    read_again(document_id=document_id)
    assert readings.get(live, document_id).after == "same"


def test_the_doctor_looks_at_the_store_and_shows_no_key(
    at_head: Engine,  # noqa: F811 -- a fixture
    capsys: pytest.CaptureFixture[str],
    shared_store: stores.Store,
) -> None:
    _, out, _ = run(capsys, "doctor", "--json")
    (storage,) = [finding for finding in json.loads(out)["findings"] if finding["name"] == "storage"]
    assert (storage["ok"], storage["said"]) == (
        True,
        f"the bucket {stores.BUCKET} can be written, read and listed",
    )
    assert shared_store.objects == {}
    assert stores.SECRET not in out
    shared_store.refuse = away
    code, out, _ = run(capsys, "doctor", "--json")
    (storage,) = [finding for finding in json.loads(out)["findings"] if finding["name"] == "storage"]
    assert (code, storage["ok"]) == (1, False)
    assert "may not be used" in storage["said"]


@pytest.mark.parametrize("command", [("serve", "--port", "0"), ("worker",)])
def test_neither_server_nor_worker_starts_over_a_store_that_it_may_not_use(
    at_head: Engine,  # noqa: F811 -- a fixture
    capsys: pytest.CaptureFixture[str],
    shared_store: stores.Store,
    command: tuple[str, ...],
) -> None:
    shared_store.refuse = away
    code, out, err = run(capsys, *command)
    assert (code, out) == (1, "")
    assert f"The bucket {stores.BUCKET} may not be used" in err
    assert stores.SECRET not in err
