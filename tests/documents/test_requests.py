"""Documents over HTTP: the pages, the original, the API, and who is told of nothing."""

import json

import pytest
from fastapi import FastAPI
from sqlalchemy import func, select
from sqlalchemy import text as sql
from sqlalchemy.orm import Session

from app import clock
from app.accounts.models import User
from app.audit.models import Event
from app.clock import rfc3339
from app.documents.extraction import from_plain_text
from app.documents.finding import catch_up
from app.documents.models import Document, TextReport
from app.documents.storage import originals
from app.imports.processing import process
from app.imports.rereading import take_over
from app.imports.service import start_import
from app.projects.models import Project
from app.tasks.models import Task
from tests.factories import CONTRACT, NOON, Factory
from tests.imports.conftest import stored
from tests.web.browsers import browser, program


@pytest.fixture
def app(live: Session, application: FastAPI) -> FastAPI:
    return application


@pytest.fixture
def project(make_live: Factory) -> Project:
    return make_live.project()


@pytest.fixture
def lead(live: Session, make_live: Factory, project: Project) -> User:
    lead = make_live.lead(project)
    live.commit()
    return lead


def imported(
    session: Session, project: Project, lead: User, name: str, content: str | bytes = CONTRACT
) -> Document:
    started = start_import(session, project=project, files=[stored(name, content)], actor=lead, at=NOON)
    session.commit()
    process(started.id, now=clock.now)
    return session.scalars(select(Document).order_by(Document.id.desc())).first()  # type: ignore[return-value]


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("lease.txt", 'attachment; filename="lease.txt"'),
        ('a"\r\nX: 1', "attachment; filename*=utf-8''a%22%20X%3A%201"),
        ("合同.txt", "attachment; filename*=utf-8''%E5%90%88%E5%90%8C.txt"),
    ],
)
def test_an_original_is_saved_under_a_safe_name_with_its_own_bytes(
    app: FastAPI, live: Session, project: Project, lead: User, name: str, shown: str
) -> None:
    document = imported(live, project, lead, name, "\ufeff" + CONTRACT.replace("\n", "\r\n"))
    answer = browser(app, lead).get(f"/documents/{document.id}/original")
    assert answer.content == ("\ufeff" + CONTRACT.replace("\n", "\r\n")).encode()
    assert answer.headers["Content-Disposition"] == shown
    assert "X" not in answer.headers
    assert answer.headers["Content-Security-Policy"].startswith("sandbox")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store"


def test_the_original_of_a_line_is_that_line_and_not_its_neighbours(
    app: FastAPI, live: Session, project: Project, lead: User
) -> None:
    first, second = '{"text": "Contract one."}\n', '{"text": "Contract two."}\n'
    document = imported(live, project, lead, "all.jsonl", first + second)
    answer = browser(app, lead).get(f"/documents/{document.id}/original")
    assert answer.text == second
    assert answer.headers["Content-Disposition"] == 'attachment; filename="all-2.json"'


def test_an_original_that_storage_lost_is_not_there_and_nothing_breaks(
    app: FastAPI, live: Session, project: Project, lead: User
) -> None:
    document = imported(live, project, lead, "a.txt")
    originals().path(document.files[0].sha256).unlink()
    assert browser(app, lead).get(f"/documents/{document.id}/original").status_code == 404
    assert browser(app, lead).get(f"/documents/{document.id}").status_code == 200


def test_the_page_shows_the_contract_escaped_and_its_task(
    app: FastAPI, live: Session, project: Project, lead: User
) -> None:
    hostile = 'Lease\n\n1. Term. <script>alert("x")</script> runs for a year.'
    document = imported(live, project, lead, "<img src=x>.txt", hostile)
    shown = browser(app, lead).get(f"/documents/{document.id}").text
    assert "&lt;script&gt;alert" in shown
    assert "<script>alert" not in shown
    assert "0 of 1" in shown
    listed = browser(app, lead).get(f"/projects/{project.slug}/documents").text
    assert f'href="/documents/{document.id}"' in listed
    assert "<img src=x>" not in listed


def test_a_stranger_and_an_annotator_without_a_slot_are_told_of_nothing(
    app: FastAPI, live: Session, make_live: Factory, project: Project, lead: User
) -> None:
    document = imported(live, project, lead, "a.txt")
    people = [make_live.annotator(project), make_live.engineer(project), make_live.lead(make_live.project())]
    live.commit()
    for person in people:
        client, api = browser(app, person), program(app, person)
        for path in ("", "/original"):
            assert client.get(f"/documents/{document.id}{path}").status_code == 404
        hidden = api.get(f"/api/v1/documents/{document.id}")
        assert (hidden.status_code, hidden.content) == (404, api.get("/api/v1/documents/99999").content)
        change = api.put(f"/api/v1/documents/{document.id}/withdrawal", json={"reason": "x"})
        assert change.status_code == 404
        form = {"passage": "a", "message": "b"}
        assert client.post(f"/documents/{document.id}/text-reports", data=form).status_code == 404
        assert client.get(f"/projects/{project.slug}/documents").status_code in {403, 404}
    assert live.scalar(select(func.count()).select_from(TextReport)) == 0


def test_a_lead_withdraws_and_restores_on_the_page(
    app: FastAPI, live: Session, project: Project, lead: User
) -> None:
    document = imported(live, project, lead, "a.txt")
    client = browser(app, lead)
    url = f"/documents/{document.id}"
    refused = client.post(f"{url}/withdrawal", data={"reason": " "})
    assert refused.status_code == 422
    assert "Say why this document is withdrawn." in refused.text
    assert client.post(f"{url}/withdrawal", data={"reason": "No <right>."}).status_code == 303
    assert "No &lt;right&gt;." in client.get(url).text
    again = client.post(f"{url}/withdrawal", data={"reason": "Again."})
    assert again.status_code == 409
    assert "withdrawn already" in again.text
    assert client.post(f"{url}/restoration", data={}).status_code == 303
    live.rollback()
    assert live.get_one(Document, document.id, populate_existing=True).withdrawn_at is None


def test_a_report_of_a_wrong_text_reaches_the_lead(
    app: FastAPI, live: Session, make_live: Factory, project: Project, lead: User
) -> None:
    document = imported(live, project, lead, "a.txt")
    reviewer = make_live.reviewer(project)
    live.commit()
    form = {"passage": "three (3) years", "message": "The file says four."}
    url = f"/documents/{document.id}"
    assert browser(app, reviewer).post(f"{url}/text-reports", data=form).status_code == 303
    assert "The file says four." in browser(app, lead).get(url).text
    incomplete = browser(app, reviewer).post(f"{url}/text-reports", data={"passage": "kept words"})
    assert incomplete.status_code == 422
    assert "kept words" in incomplete.text


def test_a_report_is_settled_once_by_a_lead_and_by_nobody_else(
    app: FastAPI, live: Session, make_live: Factory, project: Project, lead: User
) -> None:
    document = imported(live, project, lead, "a.txt")
    reviewer = make_live.reviewer(project)
    report = TextReport(document_id=document.id, reporter_id=reviewer.id, passage="4", message="Torn.")
    live.add(report)
    live.commit()
    url = f"/documents/{document.id}"
    settled = f"{url}/text-reports/{report.id}/settlement"
    assert settled in browser(app, lead).get(url).text
    assert settled not in browser(app, reviewer).get(url).text
    assert browser(app, reviewer).post(settled).status_code == 403
    assert browser(app, lead).post(settled).status_code == 303
    assert "Torn." not in browser(app, lead).get(url).text
    again = program(app, lead).put(f"/api/v1{settled}").json()
    live.refresh(report)
    assert again["resolved_at"] == rfc3339(report.resolved_at)
    verbs = live.scalars(select(Event.verb).where(Event.subject_id == document.id)).all()
    assert verbs.count("document.settle_report") == 1


def test_the_page_says_that_the_original_is_being_read_and_what_came_of_it(
    app: FastAPI, live: Session, make_live: Factory, project: Project, lead: User
) -> None:
    document = imported(live, project, lead, "a.txt")
    annotator, reviewer = make_live.annotator(project), make_live.reviewer(project)
    task = live.scalars(select(Task)).one()
    sample = make_live.sample(project, annotator=annotator, task=task)
    live.commit()
    url, client = f"/documents/{document.id}", browser(app, lead)
    before = client.get(url).text
    assert f'action="{url}/reading"' in before
    assert "hx-trigger" not in client.get(f"{url}/reading").text
    assert f"{url}/reading" not in browser(app, reviewer).get(url).text
    assert client.post(f"{url}/reading").headers["Location"] == url
    waiting = client.get(f"{url}/reading").text
    assert f'hx-get="{url}/reading"' in waiting
    assert waiting.strip().partition("<form")[0] in client.get(url).text  # the form's token is new each time
    assert "Nobody reads files at the moment." in waiting  # no worker is alive here
    take_over(
        live,
        document_id=document.id,
        found=from_plain_text("A contract read anew."),
        at=clock.now(),
    )
    live.commit()
    told = client.get(f"{url}/reading").text
    assert "16 words before, 4 now: 16 are gone, 4 are new." in " ".join(told.split())
    shown = client.get(url).text
    assert "A contract read anew." in shown
    assert f'<a href="/samples/{sample.id}">sample {sample.id}</a>' in shown
    own = browser(app, annotator)
    assert f"sample {sample.id}</a>" in own.get(url).text
    assert "It runs for three (3) years." in own.get(f"/samples/{sample.id}").text
    assert own.get(f"{url}/reading").status_code == 403
    api = program(app, lead)
    assert api.get(f"/api/v1{url}/reading").json()["words_now"] == 4
    whole = api.get(f"/api/v1{url}").json()
    assert whole["sha256"] != whole["text_sha256"]
    assert api.get(f"/api/v1/samples/{sample.id}").json()["document"]["sha256"] == whole["sha256"]


def test_of_a_row_of_a_list_the_page_says_why_there_is_nothing_to_read_again(
    app: FastAPI, live: Session, project: Project, lead: User
) -> None:
    document = imported(live, project, lead, "all.jsonl", json.dumps({"text": "Contract one."}))
    url, client = f"/documents/{document.id}", browser(app, lead)
    shown = client.get(url).text
    assert "no original to read again" in shown
    assert f'action="{url}/reading"' not in shown
    refused = client.post(f"{url}/reading")
    assert refused.status_code == 409
    assert "no original to read again" in refused.text
    answer = program(app, lead).put(f"/api/v1{url}/reading")
    assert (answer.status_code, answer.json()["code"]) == (409, "no_original")
    assert program(app, lead).get(f"/api/v1{url}/reading").status_code == 404


def test_the_api_gives_text_and_outline_of_one_and_pages_through_all(
    app: FastAPI, live: Session, project: Project, lead: User
) -> None:
    contract = "SERVICES AGREEMENT\n\n1. TERM\n\n1.1 This Agreement runs for three (3) years.\n"
    document = imported(live, project, lead, "a.txt", contract)
    imported(live, project, lead, "b.txt", "Another contract.")
    client = program(app, lead)
    whole = client.get(f"/api/v1/documents/{document.id}").json()
    assert whole["text"] == contract
    assert whole["sha256"] == document.text_sha256.hex()
    assert [(entry["number"], entry["title"]) for entry in whole["outline"]] == [
        ("", "SERVICES AGREEMENT"),
        ("1", "TERM"),
    ]
    first = client.get(f"/api/v1/projects/{project.slug}/documents?limit=1")
    assert [item["title"] for item in first.json()["items"]] == ["Another contract."]
    assert "text" not in first.json()["items"][0]
    following = client.get(first.links["next"]["url"]).json()
    assert ([item["id"] for item in following["items"]], following["next"]) == ([document.id], None)
    put = client.put(f"/api/v1/documents/{document.id}/withdrawal", json={"reason": "Rights ended."})
    assert put.json()["withdrawn_reason"] == "Rights ended."
    assert client.delete(f"/api/v1/documents/{document.id}/withdrawal").json()["withdrawn_at"] is None
    for bad in (2**63, 10**30, 0, -1, "x"):
        assert client.get(f"/api/v1/documents/{bad}").status_code == 404


def test_the_likely_passages_of_a_document_are_given_once_they_are_found(
    app: FastAPI, live: Session, project: Project, lead: User
) -> None:
    document = imported(live, project, lead, "a.txt")
    call = f"/api/v1/documents/{document.id}"
    waiting = program(app, lead).get(f"{call}/passages").json()["items"]
    assert [(row["clause"], row["passages"]) for row in waiting] == [("term", None), ("governing_law", None)]
    queued = "SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'documents.find_passages'"
    assert live.scalar(sql(queued)) == 1  # the import has queued it
    catch_up()
    _, law = program(app, lead).get(f"{call}/passages").json()["items"]
    words = program(app, lead).get(call).json()["text"]
    assert law["name"] == "Governing_Law"
    assert "English law." in [words[place["start"] : place["end"]] for place in law["passages"]]
    assert law["passages"][0]["reasons"]
