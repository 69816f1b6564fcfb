"""Is it up, is it ready, which one is it: for load balancers and for whoever looks after the server."""

from typing import Any

from fastapi import APIRouter
from psycopg import OperationalError as DriverError
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from starlette.responses import JSONResponse, PlainTextResponse, Response

from app import database, schema
from app.version import program_version

router = APIRouter(include_in_schema=False)

# Nothing here may wait longer than a load balancer does.
PATIENCE = "1s"


@router.get("/healthz")
async def healthz() -> Response:
    """The process is up. Asks nobody, so a database that is away does not get the process killed.

    Not even a thread: all of them may be waiting for the database.
    """
    return PlainTextResponse("ok\n")


@router.get("/version")
def show_version() -> dict[str, str]:
    """The version of the program, and of the schema that it wants."""
    return {"version": program_version(), "schema": schema.head()}


@router.get("/readyz")
def readyz() -> Response:
    """Whether work can be done: the database answers within a second and stands at head.

    The newest worker's age is told and does not decide: pages work without a worker.
    """
    checks: dict[str, Any] = {"database": "ok", "schema": "ok", "worker_seconds": None}
    try:
        with database.get_engine().connect() as connection:
            connection.execute(text(f"SET LOCAL statement_timeout = '{PATIENCE}'"))
            connection.execute(text("SELECT 1"))
            try:
                schema.check(connection)
            except schema.SchemaError as error:
                checks["schema"] = str(error)
            else:
                checks["worker_seconds"] = connection.scalar(
                    text("SELECT round(extract(epoch FROM now() - max(seen_at)))::int FROM worker_heartbeats")
                )
    except (SQLAlchemyError, DriverError) as error:
        checks["database"] = f"does not answer ({type(error).__name__})"
        checks["schema"] = "unknown"
    ready = checks["database"] == "ok" and checks["schema"] == "ok"
    return JSONResponse({"ready": ready, **checks}, status_code=200 if ready else 503)
