"""The application on a database of the test's own, with a few routes that misbehave on purpose."""

from collections.abc import Callable
from typing import Annotated

import pytest
from fastapi import FastAPI, Form
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session
from starlette.responses import PlainTextResponse, Response

from app.accounts.dependencies import ApiUser, CurrentUser, requires
from app.accounts.models import User
from app.database import SessionDep
from app.errors import Conflict
from app.main import create_app
from app.web.api import api_router
from tests.factories import Factory

Person = Callable[..., User]
CHANGES = ("POST", "PUT", "PATCH", "DELETE")


@pytest.fixture(scope="module")
def built() -> FastAPI:
    """The whole application. It holds nothing of a request or of a database, so tests may share it."""
    app = create_app()
    _add_odd_routes(app)
    return app


@pytest.fixture
def app(built: FastAPI, live_database: Engine) -> FastAPI:
    """The application on a database of this test's own: what it commits stays until the test is over."""
    return built


@pytest.fixture
def person(live_database: Engine) -> Person:
    """Makes a committed person."""

    def make(*, admin: bool = False) -> User:
        with Session(live_database, expire_on_commit=False) as session, session.begin():
            return Factory(session).user(admin=admin)

    return make


def _add_odd_routes(app: FastAPI) -> None:
    """Routes that count, refuse, or break; the real ones must do so only when something is wrong."""
    router = api_router()

    def add_row(session: SessionDep, user: ApiUser, body: dict[str, str]) -> dict[str, str]:
        """Adds a row for each call; refuses where it is told to."""
        session.execute(text("INSERT INTO sign_in_failures (email_sha256, address) VALUES ('', 'odd')"))
        session.execute(text("SELECT pg_sleep(:seconds)"), {"seconds": float(body.get("sleep", "0"))})
        if body.get("refuse"):
            raise Conflict("Not now.", current=7)
        return {"said": body.get("say", "")}

    for method in CHANGES:
        router.add_api_route(
            "/odd/rows", add_row, methods=[method], dependencies=[requires("write")], status_code=201
        )

    @router.post("/odd/broken", dependencies=[requires("write")])
    def break_route(user: ApiUser, body: dict[str, str]) -> None:
        raise RuntimeError(f"a mistake that quotes {body['say']}")

    app.include_router(router)

    @app.post("/odd/text", include_in_schema=False)
    def take_text(user: CurrentUser, body: Annotated[str, Form()]) -> Response:
        return PlainTextResponse(str(len(body)))

    @app.get("/odd/number/{number}", include_in_schema=False)
    def take_number(number: int, session: SessionDep) -> Response:
        return PlainTextResponse(str(session.scalar(text("SELECT CAST(:n AS bigint)").bindparams(n=number))))
