"""Logging: one line for each request and each act of the program; JSON where no terminal reads it.

A line holds the path's template, never the path's values, a query, a body, a header or an exception's own
words: all of those can quote a contract, a password or a token.
"""

import logging
import sys
import time
import traceback
import uuid
from pathlib import Path
from typing import TextIO

import structlog
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.settings import Settings

_OURS = Path(__file__).parent

log = structlog.get_logger("app.request")


def configure(settings: Settings, *, stream: TextIO | None = None) -> None:
    """Set the process's logging up; ours and that of the libraries go to standard error alike."""
    stream = stream or sys.stderr
    as_json = settings.log_format == "json" or (settings.log_format == "auto" and not stream.isatty())
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )
    last: structlog.typing.Processor = (
        structlog.processors.JSONRenderer() if as_json else structlog.dev.ConsoleRenderer()
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, last],
        )
    )
    logging.basicConfig(handlers=[handler], level=settings.log_level, force=True)
    # Its lines hold whole paths; RequestLog writes one of its own for each request.
    logging.getLogger("uvicorn.access").disabled = True
    # It introduces itself at every look at the schema, which each /readyz is.
    logging.getLogger("alembic.runtime.migration").setLevel(logging.WARNING)


def places(error: BaseException) -> list[str]:
    """Where an exception went through, innermost last: our own lines, and the one that raised it."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if Path(frame.filename).is_relative_to(_OURS)]
    return [f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in (*ours, *frames[-1:])]


def broken(event: str, error: Exception, **about: object) -> None:
    """Log what broke where the program goes on without it. In tests it does not go on."""
    log.error(event, kind=type(error).__name__, places=places(error), **about)


class RequestLog:
    """Gives every request a number (X-Request-ID) and writes its one line when the answer has left."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass through, and log."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        number, began, status = uuid.uuid4().hex, time.perf_counter(), 0
        scope.setdefault("state", {})["request_id"] = number

        async def watch(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)["X-Request-ID"] = number
            await send(message)

        with structlog.contextvars.bound_contextvars(request_id=number):
            try:
                await self.app(scope, receive, watch)
            finally:
                route = scope.get("route")
                log.info(
                    "request",
                    method=scope["method"],
                    path=getattr(route, "path", "") or "(no route)",
                    status=status,
                    ms=round((time.perf_counter() - began) * 1000, 1),
                    user_id=scope["state"].get("user_id"),
                )
