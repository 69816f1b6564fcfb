"""Whoever leaves in the middle of a download leaves no connection and no open transaction behind."""

import asyncio
import gc
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from itertools import chain, repeat

import pytest
from fastapi import FastAPI
from sqlalchemy import Engine, QueuePool
from starlette.types import Message, Scope

from app import database
from app.main import create_app
from app.releases import service
from app.reviews import service as reviews
from app.samples import submission
from app.samples.workflow import Action
from app.web import streaming
from tests.factories import Factory
from tests.web.browsers import program


@pytest.fixture
def without_collector() -> Iterator[None]:
    """What is let go of here is let go of at once, and not when the collector happens to run."""
    gc.disable()
    yield
    gc.enable()


def _approved_pairs(count: int) -> tuple[FastAPI, Scope]:
    """An application with so many approved pairs, and an engineer's request for their export."""
    now = datetime.now(UTC)
    with database.transaction() as session:
        make = Factory(session)
        project = make.project()
        reviewer, engineer = make.reviewer(project), make.engineer(project)
        for _ in range(count):
            sample = make.sample(project)
            writer = sample.annotator
            submission.submit(session, sample_id=sample.id, based_on=1, reasons={}, actor=writer, at=now)
            reviews.decide(
                session,
                sample_id=sample.id,
                revision_number=1,
                action=Action.APPROVE,
                comment="",
                actor=reviewer,
                at=now,
            )
    app = create_app()
    token = program(app, engineer).headers["Authorization"]
    path = f"/api/v1/projects/{project.slug}/export"
    headers = [(b"host", b"127.0.0.1:8000"), (b"authorization", token.encode())]
    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": path,
        "query_string": b"",
        "headers": headers,
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 8000),
    }
    return app, scope


@pytest.mark.usefixtures("without_collector")
@pytest.mark.parametrize("how", ["hangs up", "cannot be written to", "takes nothing"])
def test_a_download_that_is_broken_off_gives_its_connection_back(
    live_database: Engine, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    app, scope = _approved_pairs(3)
    monkeypatch.setattr(service, "_CHUNK_BYTES", 1)  # a piece for each row: there is a middle to leave in
    monkeypatch.setattr(streaming, "PATIENCE", 0.5)

    async def download() -> list[str]:
        sent: list[str] = []
        first_piece = asyncio.Event()
        request: Message = {"type": "http.request", "body": b"", "more_body": False}
        incoming = chain([request], repeat({"type": "http.disconnect"}))

        async def receive() -> Message:
            message = next(incoming)
            if message["type"] == "http.disconnect":
                await first_piece.wait()
            return message

        async def send(message: Message) -> None:
            sent.append(message["type"])
            if message["type"] == "http.response.body":
                if how == "cannot be written to":
                    raise OSError("The connection is gone.")
                if how == "takes nothing":
                    await asyncio.sleep(60)
                first_piece.set()
                await asyncio.sleep(0.2)

        with suppress(OSError):
            await app(scope, receive, send)
        return sent

    assert asyncio.run(download()) == ["http.response.start", "http.response.body"]
    assert isinstance(live_database.pool, QueuePool)
    assert live_database.pool.checkedout() == 0
