"""A project with everybody of `people` around it, and one sample of the owner in each place of its life."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BytesIO

from fastapi import FastAPI
from sqlalchemy import Connection, Engine, func, update
from sqlalchemy.orm import Session
from starlette.testclient import TestClient

from app.accounts.models import User
from app.database import get_session
from app.documents.models import SourceFile
from app.documents.storage import originals
from app.projects.models import Project
from tests.web.browsers import SITE, browser, program

ABSENT = {
    "project": "no-such-project",
    "sample_id": "999999",
    "document_id": "999999",
    "import_id": "999999",
    "review_id": "999999",
    "report_id": "999999",
    "task_id": "999999",
    "act_id": "999999",
    "user_id": "999999",
    "token_id": "999999",
    "session_id": "999999",
    "job_id": "999999",
    "key": "no-such-key",
    "email": "nobody@example.org",
    "token": "no-such-token",
}
# The parameter of a path that says which row is meant; what comes first hides what comes after it.
SUBJECTS = (
    "project",
    "sample_id",
    "document_id",
    "task_id",
    "act_id",
    "import_id",
    "token_id",
    "session_id",
    "user_id",
    "email",
)


@dataclass
class World:
    """The people by name, the owner's samples and their documents by place, and what paths are made of."""

    app: FastAPI
    engine: Engine
    project: Project
    people: dict[str, User]
    samples: dict[str, int]
    documents: dict[str, int]
    values: dict[str, str]  # for the parameters of a path, and for "<name>" in what is sent
    elsewhere: dict[str, str]  # the same parameters in another project
    _clients: dict[tuple[str, bool], TestClient] = field(default_factory=dict)

    def client(self, name: str, *, api: bool) -> TestClient:
        """That person's browser, or their program with a token of all scopes; the same one each time."""
        if (name, api) not in self._clients:
            if name not in self.people:
                client = browser(self.app) if not api else TestClient(self.app, base_url=SITE)
            elif api:
                client = program(self.app, self.people[name])
            else:
                client = browser(self.app, self.people[name])
            self._clients[name, api] = client
        return self._clients[name, api]

    def meet(self) -> None:
        """Sign everybody in and give them a token, so that later nothing but the tried act changes a row.

        Each client keeps its event loop: starting one anew would take longer than most requests.
        """
        for name in [*self.people, "anonymous"]:
            for api in (False, True):
                client = self.client(name, api=api)
                client.__enter__()
                client.get("/api/v1/me" if api else "/account")
        with Session(self.engine) as session, session.begin():
            session.execute(
                update(User).where(User.id == self.people["disabled"].id).values(disabled_at=func.now())
            )

    def part(self) -> None:
        """Close what `meet` opened."""
        for client in self._clients.values():
            client.__exit__(None, None, None)

    @contextmanager
    def undone(self) -> Iterator[Connection]:
        """What requests do during the block is rolled back after it; the connection sees it meanwhile."""
        with self.engine.connect() as connection, connection.begin() as outer:

            def session_in_it() -> Iterator[Session]:
                with (
                    Session(
                        connection, expire_on_commit=False, join_transaction_mode="create_savepoint"
                    ) as session,
                    session.begin(),
                ):
                    yield session

            self.app.dependency_overrides[get_session] = session_in_it
            try:
                yield connection
            finally:
                del self.app.dependency_overrides[get_session]
                outer.rollback()


def original_of(document_id: int) -> SourceFile:
    """A file in storage from which this document was read."""
    kept = originals().put(BytesIO(b"The original."), limit=100)
    return SourceFile(
        document_id=document_id,
        position=1,
        name="original.txt",
        media_type="text/plain",
        sha256=kept.sha256,
        byte_count=kept.byte_count,
    )
