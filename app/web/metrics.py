"""Counting requests, for Prometheus. Labels hold a route's template and nothing that anybody sent.

Several web processes count into files of one directory (PROMETHEUS_MULTIPROC_DIR, which `engross serve`
makes), so that whichever of them is asked gives the sum of all.
"""

import os
import time

from prometheus_client import REGISTRY, CollectorRegistry, Gauge, Histogram
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead
from sqlalchemy import event
from sqlalchemy.pool import Pool
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.settings import metrics_directory

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)

requests = Histogram(
    "engross_request_seconds",
    "Requests by route, method and class of status: how many, and how long they took.",
    ("route", "method", "status"),
    buckets=BUCKETS,
)
in_flight = Gauge(
    "engross_requests_in_flight", "Requests that are being answered.", multiprocess_mode="livesum"
)
connections = Gauge(
    "engross_database_connections_in_use",
    "Connections that the web processes have taken from their pools.",
    multiprocess_mode="livesum",
)


@event.listens_for(Pool, "checkout")
def _taken(*_: object) -> None:
    connections.inc()


@event.listens_for(Pool, "checkin")
def _given_back(*_: object) -> None:
    connections.dec()


def registry() -> CollectorRegistry:
    """What was counted: by all processes of this server, or by this one alone."""
    directory = metrics_directory()
    if directory is None:
        return REGISTRY
    for file in directory.glob("gauge_live*_*.db"):
        number = int(file.stem.rpartition("_")[2])
        if not _runs(number):  # what a killed process had in its hands is in nobody's any more
            mark_process_dead(number)  # type: ignore[no-untyped-call]
    everybodys = CollectorRegistry()
    MultiProcessCollector(everybodys)  # type: ignore[no-untyped-call]
    return everybodys


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


class RequestMetrics:
    """Counts every request, and how long its whole answer took."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass through, and count."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began, status = time.perf_counter(), 0

        async def watch(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        in_flight.inc()
        try:
            await self.app(scope, receive, watch)
        finally:
            in_flight.dec()
            route = getattr(scope.get("route"), "path", "") or "(no route)"
            method = scope["method"] if scope["method"] in METHODS else "other"
            kind = f"{status // 100}xx" if status else "none"
            requests.labels(route, method, kind).observe(time.perf_counter() - began)
