"""`/metrics`, for Prometheus: what this server's web processes counted, and how the queue stands."""

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from threading import Lock
from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.security import HTTPAuthorizationCredentials
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector
from psycopg import OperationalError as DriverError
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from app import database
from app.accounts import queries as accounts
from app.accounts.dependencies import FoundSession, bearer
from app.accounts.rules import Scope
from app.database import SessionDep
from app.errors import NotAllowed
from app.jobs.queries import count_jobs, find_heartbeat_age, find_oldest_waiting_age
from app.settings import LOOPBACK_HOSTS
from app.site.queries import count_samples
from app.web import metrics
from app.web.health import PATIENCE

router = APIRouter(include_in_schema=False)

FRESH_SECONDS = 5.0  # several who scrape at once ask the database once
# Whoever is asked on somebody's behalf says so in one of these; then loopback means nothing.
FORWARDED = ("Forwarded", "Via", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-IP")


def is_local(request: Request) -> bool:
    """Whether a program on this machine asks, on its own behalf and of this machine by its own name."""
    return (
        request.client is not None
        and request.client.host in LOOPBACK_HOSTS
        and request.url.hostname in LOOPBACK_HOSTS
        and not any(name in request.headers for name in FORWARDED)
    )


@router.get("/metrics")
def show_metrics(
    request: Request,
    session: SessionDep,
    found: FoundSession,
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)],
) -> Response:
    """The figures, for this machine, for a token of scope `admin`, and for an administrator who looks."""
    if not is_local(request):
        token = accounts.find_api_token(session, credentials.credentials) if credentials else None
        user = token.user if token else found.user if found else None
        if user is None:
            sentence = "This needs a token with the scope “admin”: Authorization: Bearer engr_….\n"
            return PlainTextResponse(sentence, status_code=401, headers={"WWW-Authenticate": "Bearer"})
        if not user.is_admin or (token is not None and Scope.ADMIN not in token.scopes):
            raise NotAllowed("Only an administrator may see this, and a token with the scope “admin”.")
    asked = CollectorRegistry()
    asked.register(_standing)
    body = generate_latest(metrics.registry()) + generate_latest(asked)
    return Response(body, media_type=CONTENT_TYPE_LATEST)


@dataclass(frozen=True, slots=True)
class Figures:
    """What the database says, at one moment."""

    jobs: dict[str, int]
    oldest_seconds: float
    heartbeat_seconds: float | None
    samples: dict[str, int]
    failed_mails: int


def _ask() -> Figures | None:
    """The figures; None where the database does not answer within a second."""
    try:
        with database.transaction() as session:
            session.execute(text(f"SET LOCAL statement_timeout = '{PATIENCE}'"))
            oldest, age = find_oldest_waiting_age(session), find_heartbeat_age(session)
            return Figures(
                jobs=count_jobs(session),
                oldest_seconds=oldest.total_seconds() if oldest else 0.0,
                heartbeat_seconds=age.total_seconds() if age else None,
                samples=count_samples(session),
                failed_mails=accounts.count_failed_mails(session),
            )
    except (SQLAlchemyError, DriverError):
        return None


class Standing(Collector):
    """How queue, workers and samples stand; asked at most every few seconds."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._asked_at = float("-inf")
        self._figures: Figures | None = None

    def collect(self) -> Iterable[Metric]:
        """The figures as Prometheus takes them."""
        with self._lock:
            if time.monotonic() - self._asked_at > FRESH_SECONDS:
                self._figures, self._asked_at = _ask(), time.monotonic()
            figures = self._figures
        yield GaugeMetricFamily("engross_database_up", "Whether the database answers.", value=bool(figures))
        if figures is not None:
            yield from _families(figures)


def _families(figures: Figures) -> Iterator[Metric]:
    yield _by("engross_jobs", "Background jobs by state.", "state", figures.jobs)
    yield _by("engross_samples", "Samples of the whole site by status.", "status", figures.samples)
    for name, help_, value in (
        ("engross_oldest_job_seconds", "For how long the oldest waiting job could have begun.",
         figures.oldest_seconds),
        ("engross_worker_heartbeat_seconds", "How long ago a worker was last alive; absent: never.",
         figures.heartbeat_seconds),
        ("engross_failed_mails", "Account mails that could not be sent.", figures.failed_mails),
    ):  # fmt: skip
        if value is not None:
            yield GaugeMetricFamily(name, help_, value=value)


def _by(name: str, help_: str, label: str, counts: dict[str, int]) -> Metric:
    family = GaugeMetricFamily(name, help_, labels=(label,))
    for value, count in sorted(counts.items()):
        family.add_metric((value,), count)
    return family


_standing = Standing()
