"""Administration: sessions, tokens, invitations, jobs, storage and events; never anybody's contracts."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from fastapi import FastAPI
from sqlalchemy import Engine, event, select
from sqlalchemy.orm import Session

from app import clock
from app.accounts.models import OneTimeLink
from app.audit.models import Event
from app.jobs import service as jobs
from app.site.events import LABELS
from app.web.templates import ROOT
from tests.accounts.conftest import Person
from tests.factories import Factory
from tests.web.browsers import browser, program

LISTS = ["/admin", "/admin/invitations", "/admin/sessions", "/admin/tokens", "/admin/activity"]


def test_an_administrator_ends_a_session_and_revokes_a_token_at_once(
    app: FastAPI,
    person: Person,
    live_database: Engine,
) -> None:
    admin, user = browser(app, person(admin=True)), person()
    page, api = browser(app, user), program(app, user)
    shown = admin.get(f"/admin/users/{user.id}").text
    (session_id,) = re.findall(r"/admin/sessions/(\d+)/removal", shown)
    (token_id,) = re.findall(r"/admin/tokens/(\d+)/revocation", shown)
    ended = admin.post(f"/admin/sessions/{session_id}/removal")
    assert ended.headers["Location"] == f"/admin/users/{user.id}"
    admin.post(f"/admin/tokens/{token_id}/revocation")
    assert (page.get("/account").status_code, api.get("/api/v1/me").status_code) == (303, 401)
    assert admin.post(f"/admin/sessions/{session_id}/removal").status_code == 404
    assert admin.post(f"/admin/tokens/{token_id}/revocation").status_code == 404
    with Session(live_database) as session:
        verbs = session.scalars(select(Event.verb).order_by(Event.id.desc()).limit(2)).all()
    assert verbs == ["token.revoke", "user.end_session"]


def test_a_program_does_the_same(app: FastAPI, person: Person) -> None:
    api, user = program(app, person(admin=True)), person()
    page, theirs = browser(app, user), program(app, user)
    of_user = f"/api/v1/users/{user.email}"
    assert [one["user_agent"] for one in api.get(f"{of_user}/sessions").json()] == ["test"]
    (token,) = api.get(f"{of_user}/tokens").json()
    assert api.delete(f"/api/v1/users/nobody@example.org/tokens/{token['id']}").status_code == 404
    assert api.delete(f"{of_user}/tokens/{token['id']}").status_code == 204
    assert api.delete(f"{of_user}/sessions").status_code == 204
    assert (page.get("/account").status_code, theirs.get("/api/v1/me").status_code) == (303, 401)
    made = api.post("/api/v1/users", json={"email": "new@example.org", "name": "New"})
    assert (made.status_code, made.json()["admin"]) == (201, False)
    assert api.get("/api/v1/users/new@example.org").json()["memberships"] == []
    (invited,) = api.get("/api/v1/users?state=invited").json()["items"]
    assert invited["email"] == "new@example.org"
    (created,) = api.get("/api/v1/events", params={"verb": "user.create"}).json()["items"]
    assert created["subject_id"] == 3


def test_one_signs_out_of_all_other_browsers_at_once(app: FastAPI, person: Person) -> None:
    user = person()
    this, others = browser(app, user), [browser(app, user) for _ in range(2)]
    assert this.post("/account/sessions/removal").status_code == 303
    assert [one.get("/account").status_code for one in (this, *others)] == [200, 303, 303]


def test_the_address_of_a_sign_in_is_shown_to_its_person_and_to_administrators(
    app: FastAPI,
    person: Person,
) -> None:
    user = person()
    client = browser(app)
    client.post("/sign-in", data={"email": user.email, "password": "correct horse battery"})
    assert "testclient" in client.get("/account").text
    assert "testclient" in browser(app, person(admin=True)).get("/admin/sessions").text


def test_open_invitations_tell_until_when_and_are_withdrawn(
    app: FastAPI,
    person: Person,
    live_database: Engine,
) -> None:
    admin = browser(app, person(admin=True))
    assert "No open invitations" in admin.get("/admin/invitations").text
    admin.post("/admin/users", data={"email": "new@example.org", "name": "Nina Neu"})
    assert "good until" in admin.get("/admin/invitations").text
    with Session(live_database) as session, session.begin():
        session.scalars(select(OneTimeLink)).one().expires_at = datetime.now(UTC) - timedelta(days=1)
    assert "none that works" in admin.get("/admin/invitations").text
    admin.post("/admin/users/2/access", data={"access": "disabled"})
    assert "No open invitations" in admin.get("/admin/invitations").text


def test_a_failed_job_is_told_and_retried_once(
    app: FastAPI,
    person: Person,
    live_database: Engine,
) -> None:
    admin = browser(app, person(admin=True))
    with Session(live_database) as session, session.begin():
        number = Factory(session).failed_job("imports.resume")
    shown = admin.get("/admin/workers").text
    assert "imports.resume" in shown
    assert "No worker is running." in shown
    api = program(app, person(admin=True))
    work = api.get("/api/v1/health/jobs").json()
    assert (work["failed"], work["failures"][0]["name"], work["alive"]) == (1, "imports.resume", False)
    assert admin.post(f"/admin/jobs/{number}/attempts").status_code == 303
    assert api.post(f"/api/v1/health/jobs/{number}/attempts").status_code == 404
    work = api.get("/api/v1/health/jobs").json()
    assert (work["waiting"], work["failed"]) == (1, 0)
    assert work["oldest_waiting_seconds"] >= 0


def test_a_job_whose_like_waits_already_is_not_retried(
    app: FastAPI,
    person: Person,
    live_database: Engine,
) -> None:
    with Session(live_database) as session, session.begin():
        jobs.defer(session, "imports.sweep", queueing_lock="imports.sweep", timestamp=0)
        session.connection().exec_driver_sql("UPDATE procrastinate_jobs SET status = 'failed'")
        jobs.defer(session, "imports.sweep", queueing_lock="imports.sweep", timestamp=1)
    answer = program(app, person(admin=True)).post("/api/v1/health/jobs/1/attempts")
    assert (answer.status_code, answer.json()["code"]) == (409, "already_queued")


def test_no_page_of_administration_holds_a_title_or_a_text(
    app: FastAPI,
    person: Person,
    live_database: Engine,
) -> None:
    with Session(live_database) as session, session.begin():
        make = Factory(session)
        project = make.project()
        project.name = "Secret name"
        sample = make.sample(project, output="Secret words of a summary")
        sample.task.document.title = "Secret title"
        annotator, slug = sample.annotator_id, project.slug
    admin = browser(app, person(admin=True))
    pages = [*LISTS, "/admin/workers", "/admin/storage", f"/admin/users/{annotator}"]
    texts = {path: admin.get(path).text for path in pages}
    assert [path for path, found in texts.items() if "Secret" in found] == []
    assert slug in texts["/admin/storage"]
    assert slug in texts[f"/admin/users/{annotator}"]
    assert program(app, person(admin=True)).get("/api/v1/health/storage").json()["database_bytes"] > 0


def test_events_are_found_by_person_act_and_day_and_page_by_page(
    app: FastAPI,
    person: Person,
    live_database: Engine,
) -> None:
    admin, user = person(admin=True), person()
    client = browser(app, admin)
    with Session(live_database) as session, session.begin():
        for number in range(60):
            session.add(Event(at=clock.now(), actor_id=user.id, actor_name=f"Signer {number:02}",
                              verb="user.sign_in", subject_type="user", subject_id=user.id))  # fmt: skip
        session.add(Event(at=datetime(2020, 5, 1, tzinfo=UTC), actor_id=None, actor_name="The old one",
                          verb="user.create", subject_type="user", subject_id=admin.id))  # fmt: skip
    first = client.get("/admin/activity", params={"person": user.email, "verb": "user.sign_in"})
    following = re.search(r'href="(/admin/activity\?[^"]*cursor=[^"]*)"', first.text)
    assert following
    second = client.get(following[1].replace("&amp;", "&"))
    assert len(set(re.findall(r"Signer \d\d", first.text + second.text))) == 60
    of_that_day = client.get("/admin/activity", params={"day": "2020-05-01"}).text
    assert "The old one" in of_that_day
    assert "Signer" not in of_that_day
    assert "Nobody has this address." in client.get("/admin/activity?person=who@example.org").text


def test_every_act_of_the_site_has_its_words() -> None:
    source = "\n".join(path.read_text() for path in (ROOT / "app").rglob("*.py"))
    used = set(re.findall(r'"((?:user|token|job)\.[a-z_]+)"', source))
    for purpose in ("invitation", "reset"):
        used |= {f"user.{act}_{purpose}" for act in ("link", "mail", "accept")}
    assert used <= LABELS.keys()


@pytest.mark.parametrize("path", LISTS)
def test_a_list_costs_the_same_at_any_length(
    app: FastAPI,
    person: Person,
    live_database: Engine,
    path: str,
) -> None:
    client, statements = browser(app, person(admin=True)), []
    event.listen(live_database, "before_cursor_execute", lambda *sent: statements.append(sent[2]))
    for _ in range(2):
        client.get(path)
    few = len(statements)
    for _ in range(5):
        program(app, person())
        browser(app, person(password=None))
    statements.clear()
    for _ in range(2):
        client.get(path)
    assert len(statements) == few
