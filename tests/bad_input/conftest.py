"""One live site with everybody and something of everything, which every case finds as it was."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
from fastapi import FastAPI
from httpx2 import Response
from sqlalchemy import Connection, select, text
from sqlalchemy.orm import Session
from starlette.testclient import TestClient

from app import database
from app.documents.models import TextReport
from app.imports.models import Import
from app.projects import instructions, service
from app.projects.models import Project
from app.reviews.models import Review
from app.samples.models import Sample
from app.tasks.models import Task
from app.work import bulk
from app.work.rows import Kind
from tests.bad_input.calls import Call, Values
from tests.conftest import on_a_database_of_its_own
from tests.factories import Factory
from tests.web.browsers import browser, program
from tests.work.conftest import World, build_world

# Trust asks for 2 seconds; a busy machine that runs tests is given more, and what hangs is still found.
PATIENCE = 10


@dataclass
class Case:
    """An answer, how long it took, and whether any row was changed."""

    answer: Response
    seconds: float
    changed: list[str]


@dataclass
class Site:
    """The world, and requests to it whose changes are undone when they have been looked at."""

    world: World
    connection: Connection
    names: dict[str, str]
    clients: dict[tuple[str, bool], TestClient] = field(default_factory=dict)
    untouched: dict[str, object] = field(default_factory=dict)

    @property
    def app(self) -> FastAPI:
        return self.world.app

    def client(self, person: str, *, api: bool) -> TestClient:
        """The person's browser or program; one for all cases."""
        key = (person, api and person != "anonymous")
        if key not in self.clients:
            user = self.world.people.get(person)
            self.clients[key] = program(self.app, user) if api and user else browser(self.app, user)
        return self.clients[key]

    def path(self, call: Call, **instead: object) -> str:
        """The path of a call with what exists put in, or `instead` of it."""
        names = self.names | {"sample_id": str(self.world.samples[call.right.at])}
        return call.path.format(**names | {name: str(value) for name, value in instead.items()})

    def filled(self, values: Any) -> Any:
        """The values with the names of what exists put in."""
        if isinstance(values, dict):
            return {name: self.filled(value) for name, value in values.items()}
        if isinstance(values, list):
            return [self.filled(value) for value in values]
        return self.names.get(values[1:-1], values) if isinstance(values, str) and "{" in values else values

    def ask(self, call: Call, *, path: str = "", person: str = "", **sent: Any) -> Case:
        """Send it, and undo whatever it changed."""
        client = self.client(person or call.right.person, api=call.is_api)
        client.cookies.delete("engross_notice") if "engross_notice" in client.cookies else None
        self.untouched = before = self.untouched or rows(self.connection)
        began = time.monotonic()
        answer = client.request(call.method, path or self.path(call), **sent)
        seconds = time.monotonic() - began
        after = rows(self.connection)
        changed = [table for table in after if before[table] != after[table]]
        self.undo()
        return Case(answer, seconds, changed)

    def undo(self) -> None:
        """As if nothing had been asked since the world was built."""
        if (transaction := self.connection.get_transaction()) is not None:
            transaction.rollback()
        self.connection.begin()


def rows(connection: Connection) -> dict[str, object]:
    """A hash of each table's rows, but for the columns that say when somebody was last seen."""
    tables = [
        table.name for table in database.Base.metadata.sorted_tables if table.name != "sign_in_failures"
    ]
    seen = "- 'last_seen_at' - 'last_used_at'"
    parts = [
        f"SELECT '{name}', md5(string_agg(row, '' ORDER BY row)) "  # noqa: S608 -- our own tables
        f"FROM (SELECT (to_jsonb(t) {seen})::text AS row FROM {name} t) AS all_rows"
        for name in tables
    ]
    return dict(connection.execute(text(" UNION ALL ".join(parts))).all())


def _names(world: World) -> dict[str, str]:
    """What the paths of the world's own things are made of."""
    with database.transaction() as session:
        make = Factory(session)
        world.people["admin"] = make.user("Admin", admin=True)
        started = Import(project_id=world.project.id, created_by_id=world.people["lead"].id)
        session.add(started)
        session.flush()
        project = session.get_one(Project, world.project.id)
        document = session.get_one(Sample, world.samples["draft"]).task.document_id
        report = TextReport(
            document_id=document, reporter_id=world.people["lead"].id, passage="7.2", message="Torn."
        )
        session.add(report)
        session.flush()
        task = session.scalars(select(Task.id).order_by(Task.id.desc())).first()
        act = bulk.prepare(
            session,
            slug=project.slug,
            kind=Kind.PLAN,
            chosen=[task or 0],
            values={"priority": 2},
            actor=world.people["lead"],
            at=datetime.now(UTC),
        )
        review = session.scalars(select(Review.id).order_by(Review.id)).first()
        return {
            "project": project.slug,
            "document_id": str(document),
            "review_id": str(review),
            "task_id": str(task),
            "act_id": str(act.id),
            "import_id": str(started.id),
            "user_id": str(world.people["colleague"].id),
            "email": world.people["colleague"].email,
            "colleague": world.people["colleague"].email,
            "lead": world.people["lead"].email,
            "table": "progress",
            "key": "summary",
            "token": "a-link-that-is-none",
            "session_id": "1",
            "job_id": str(make.failed_job()),
            "token_id": "1",
            "report_id": str(report.id),
            "version": "1",
            "basics": service.basics_fingerprint(project),
            "phrasings": instructions.phrasings_fingerprint(project.instructions[0]),
        }


@pytest.fixture(params=[False, pytest.param(True, marks=pytest.mark.long)], ids=["some", "all"])
def thorough(request: pytest.FixtureRequest) -> bool:
    """Whether everything is tried with everything, which takes minutes."""
    return bool(request.param)


@pytest.fixture(scope="module")
def site(postgres: str, template: str, application: FastAPI) -> Iterator[Site]:
    """The site. Its requests share one transaction, which each case rolls back."""
    with on_a_database_of_its_own(postgres, template):
        world = build_world(application)
        names = _names(world)
        with database.get_engine().connect() as connection:
            made = Site(world, connection, names)
            for person in (*world.people, "anonymous"):  # their tokens are kept
                for api in (True, False):
                    made.client(person, api=api)
            world.app.dependency_overrides[database.get_session] = _shared(connection)
            made.undo()
            yield made
            del world.app.dependency_overrides[database.get_session]


def _shared(connection: Connection) -> Any:
    def session() -> Iterator[Session]:
        with (
            Session(connection, expire_on_commit=False, join_transaction_mode="create_savepoint") as shared,
            shared.begin(),
        ):
            yield shared

    return session


def said(answer: Response) -> str:
    """The sentence of a refusal; empty where there is none."""
    kind = answer.headers.get("Content-Type", "")
    if kind.startswith("application/problem+json"):
        problem = answer.json()
        return str(problem["detail"]) if problem["code"] and problem["status"] == answer.status_code else ""
    marks = ("field-error", "form-errors", "error-page", "Nothing is wrong")
    return next((mark for mark in marks if mark in answer.text), "")


def form_of(values: Values) -> Values:
    """The values as a form sends them: maps as fields with a dot, numbers as text."""
    sent: Values = {}
    for name, value in values.items():
        if isinstance(value, dict):
            sent |= {f"{name.removesuffix('s')}.{key}": str(state) for key, state in value.items()}
        else:
            sent[name] = value if isinstance(value, list) else str(value)
    return sent
