"""Imports over HTTP: who may begin one and see it, how files arrive, what the pages say."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from fastapi import FastAPI
from sqlalchemy import event, func, select
from sqlalchemy.orm import Session

from app import clock
from app.accounts.models import User
from app.database import get_engine
from app.imports.models import Import, ImportFile
from app.imports.processing import process
from app.jobs import service as jobs
from app.projects.models import Project
from app.settings import get_settings
from tests.factories import CONTRACT, Factory
from tests.web.browsers import browser, program


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


def imports(session: Session) -> int:
    session.rollback()
    return session.scalar(select(func.count()).select_from(Import)) or 0


def test_files_of_the_form_become_an_import_whose_page_tells_of_each(
    app: FastAPI, live: Session, project: Project, lead: User
) -> None:
    client = browser(app, lead)
    sent = [("files", ("a.txt", CONTRACT.encode())), ("files", ("bad<b>.pdf", b"%PDF-broken"))]
    answer = client.post(f"/projects/{project.slug}/imports", files=sent)
    assert answer.status_code == 303
    url = answer.headers["Location"]
    waiting = client.get(url).text
    assert f'hx-get="{url}/progress?status=&amp;after=0"' in waiting
    assert "<noscript><meta" in waiting
    assert "Nobody reads the files" in waiting
    jobs.beat(live, "here")
    live.commit()
    assert "Nobody reads the files" not in client.get(url).text
    process(int(url.rpartition("/")[2]), now=clock.now)
    done = client.get(url).text
    assert "hx-get" not in done.partition('id="import-progress"')[2]
    assert "<noscript>" not in done
    document_id = live.scalar(select(ImportFile.document_id).where(ImportFile.status == "created"))
    assert f'<a href="/documents/{document_id}">a.txt</a>' in done
    assert "bad&lt;b&gt;.pdf" in done
    assert client.get(f"{url}/progress").text.strip() in done


def test_a_form_without_files_is_told_so_on_its_page(
    app: FastAPI, live: Session, project: Project, lead: User
) -> None:
    answer = browser(app, lead).post(f"/projects/{project.slug}/imports", data={})
    assert answer.status_code == 422
    assert "Choose at least one file to import." in answer.text
    assert imports(live) == 0


def test_a_file_over_the_limit_is_refused_by_name_and_nothing_is_imported(
    app: FastAPI, live: Session, project: Project, lead: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ENGROSS_FILE_MB", "1")
    get_settings.cache_clear()
    sent = [("files", ("a.txt", b"fine")), ("files", ("large.txt", b"x" * 1_000_001))]
    answer = browser(app, lead).post(f"/projects/{project.slug}/imports", files=sent)
    assert answer.status_code == 422
    assert "“large.txt”: This file is larger than 1 MB" in answer.text
    assert imports(live) == 0
    assert not list((get_settings().data_dir / "originals" / "incoming").iterdir())


def test_only_a_lead_imports_and_sees_imports(
    app: FastAPI, live: Session, make_live: Factory, project: Project, lead: User
) -> None:
    others = {
        make_live.annotator(project): 403,
        make_live.reviewer(project): 403,
        make_live.engineer(project): 403,
        make_live.lead(make_live.project()): 404,
        make_live.user(admin=True): 404,
    }
    live.commit()
    sent = [("files", ("a.txt", CONTRACT.encode()))]
    started = browser(app, lead).post(f"/projects/{project.slug}/imports", files=sent).headers["Location"]
    for person, status in others.items():
        client, api = browser(app, person), program(app, person)
        assert client.post(f"/projects/{project.slug}/imports", files=sent).status_code == status
        assert api.post(f"/api/v1/projects/{project.slug}/imports", files=sent).status_code == status
        assert client.get(started).status_code == 404
        assert client.get(f"{started}/progress").status_code == 404
        refused = api.get(f"/api/v1{started}")
        assert (refused.status_code, refused.content) == (404, api.get("/api/v1/imports/999999").content)
    assert browser(app).get(started).status_code == 303
    assert imports(live) == 1


def test_a_body_of_jsonl_is_imported_line_by_line(
    app: FastAPI, live: Session, project: Project, lead: User
) -> None:
    body = "\n".join(
        json.dumps({"title": f"T{number}", "text": f"Contract {number}."}) for number in (1, 2, 2)
    )
    client = program(app, lead)
    answer = client.post(
        f"/api/v1/projects/{project.slug}/imports",
        content=iter([body[:20].encode(), body[20:].encode()]),
        headers={"Content-Type": "application/jsonl"},
    )
    assert answer.status_code == 202
    assert answer.json() == {"id": answer.json()["id"], "status": "queued"}
    process(answer.json()["id"], now=clock.now)
    report = client.get(answer.headers["Location"]).json()
    assert {key: report[key] for key in ("status", "total", "done", "created", "duplicates", "failed")} == {
        "status": "done", "total": 3, "done": 3, "created": 2, "duplicates": 1, "failed": 0,
    }  # fmt: skip
    assert [(file["name"], file["status"]) for file in report["files"]] == [
        ("import.jsonl:1", "created"),
        ("import.jsonl:2", "created"),
        ("import.jsonl:3", "duplicate"),
    ]
    assert report["files"][2]["document_id"] == report["files"][1]["document_id"]


def test_an_import_that_is_sent_again_under_its_key_is_begun_once(
    app: FastAPI, live: Session, project: Project, lead: User
) -> None:
    client = program(app, lead)
    answers = [
        client.post(
            f"/api/v1/projects/{project.slug}/imports",
            files=[("files", ("a.txt", CONTRACT.encode()))],
            headers={"Idempotency-Key": "one"},
        )
        for _ in range(2)
    ]
    assert [answer.status_code for answer in answers] == [202, 202]
    assert answers[0].json() == answers[1].json()
    assert imports(live) == 1


def test_a_token_without_the_scope_imports_nothing(
    app: FastAPI, live: Session, project: Project, lead: User
) -> None:
    client = program(app, lead, "read", "write")
    answer = client.post(f"/api/v1/projects/{project.slug}/imports", files=[("files", ("a.txt", b"a"))])
    assert (answer.status_code, answer.json()["code"]) == (403, "scope_missing")
    assert imports(live) == 0


def test_the_command_reads_folders_and_tells_of_each_file(
    live: Session, project: Project, tmp_path: Path
) -> None:
    folder = tmp_path / "in"
    (folder / "deeper").mkdir(parents=True)
    (folder / "a.txt").write_text(CONTRACT)
    (folder / "deeper" / "b.txt").write_text(CONTRACT + " Annex.")
    (folder / ".hidden").write_text("no")
    (folder / "empty.txt").write_text("")
    url = live.get_bind().engine.url.render_as_string(hide_password=False)
    done = subprocess.run(
        [sys.executable, "-m", "app.cli", "import", project.slug, str(folder), "--json"],
        env=os.environ | {"DATABASE_URL": url},
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stderr.decode()) == (1, "")
    report = json.loads(done.stdout)
    assert [(file["name"], file["status"]) for file in report["files"]] == [
        ("in/a.txt", "created"),
        ("in/deeper/b.txt", "created"),
        ("in/empty.txt", "failed"),
    ]
    assert (report["status"], report["notes"]) == ("done", ["1 hidden file was passed over."])


def test_the_list_of_imports_is_the_leads_and_costs_the_same_at_any_length(
    app: FastAPI, live: Session, make_live: Factory, project: Project, lead: User
) -> None:
    counts = []
    for number in (1, 4):
        for _ in range(number):
            row = Import(project_id=project.id, created_by_id=lead.id, status="done")
            live.add(row)
            live.flush()
            live.add(
                ImportFile(import_id=row.id, name="a.txt", sha256="0" * 64, byte_count=1, status="failed")
            )
        live.commit()
        client = program(app, lead)
        client.get("/api/v1/me")  # notes the token's use
        statements: list[str] = []

        def note(*args: object, seen: list[str] = statements) -> None:
            seen.append(str(args[2]))

        event.listen(get_engine(), "before_cursor_execute", note)
        listed = client.get(f"/api/v1/projects/{project.slug}/imports").json()["items"]
        event.remove(get_engine(), "before_cursor_execute", note)
        counts.append((len(listed), len(statements)))
    assert [length for length, _ in counts] == [1, 5]
    assert counts[0][1] == counts[1][1]
    assert (listed[0]["total"], listed[0]["failed"]) == (1, 1)
    assert "files" not in listed[0]
    first = client.get(f"/api/v1/projects/{project.slug}/imports?limit=3").json()
    rest = client.get(f"/api/v1/projects/{project.slug}/imports?cursor={first['next']}").json()
    assert [row["id"] for row in first["items"] + rest["items"]] == [row["id"] for row in listed]
    annotator = make_live.annotator(project)
    live.commit()
    assert program(app, annotator).get(f"/api/v1/projects/{project.slug}/imports").status_code == 403
