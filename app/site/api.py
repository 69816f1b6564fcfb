"""JSON: workers and jobs, storage, the site's events; for administrators."""

from datetime import date
from typing import cast

from fastapi import Request, Response
from pydantic import BaseModel, ConfigDict

from app import clock
from app.accounts import queries as accounts
from app.accounts.dependencies import ApiUser, requires
from app.audit.queries import list_site_events
from app.clock import JsonTime
from app.database import SessionDep
from app.paging import PAGE_SIZE, cut, decode, encode
from app.site import service
from app.site.queries import get_storage, get_work
from app.web.api import Page, api_router, page_answer
from app.web.dependencies import RowId
from app.web.pagination import Cursor, Limit

router = api_router()
ADMIN = [requires("admin")]


class WorkerView(BaseModel):
    """A worker process."""

    model_config = ConfigDict(from_attributes=True)

    name: str
    started_at: JsonTime
    seen_at: JsonTime


class FailedJobView(BaseModel):
    """A job that was given up."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    name: str
    attempts: int
    failed_at: JsonTime | None


class WorkView(BaseModel):
    """Whether background work is being done, what waits and what failed."""

    alive: bool
    workers: list[WorkerView]
    waiting: int
    running: int
    failed: int
    oldest_waiting_seconds: float | None
    failures: list[FailedJobView]


class TableView(BaseModel):
    """A table with its indexes; the rows are Postgres's estimate."""

    model_config = ConfigDict(from_attributes=True)

    name: str
    byte_count: int
    row_count: int


class StorageView(BaseModel):
    """What is stored, in bytes."""

    model_config = ConfigDict(from_attributes=True)

    original_count: int
    original_bytes: int
    unused_count: int
    unused_bytes: int
    database_bytes: int
    tables: list[TableView]


class SiteEventView(BaseModel):
    """An act that belongs to no project. `actor` is the name that it was done under."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    at: JsonTime
    actor: str
    verb: str
    subject_type: str
    subject_id: int


@router.get("/health/jobs", dependencies=ADMIN, tags=["site"])
def get_jobs(session: SessionDep) -> WorkView:
    """The workers and the queue."""
    work = get_work(session)
    return WorkView(
        alive=work.alive,
        workers=[WorkerView.model_validate(worker) for worker in work.workers],
        waiting=work.counts["todo"],
        running=work.counts["doing"],
        failed=work.counts["failed"],
        oldest_waiting_seconds=work.oldest.total_seconds() if work.oldest else None,
        failures=[FailedJobView.model_validate(job) for job in work.failed],
    )


@router.post("/health/jobs/{job_id}/attempts", dependencies=ADMIN, status_code=204, tags=["site"])
def retry_job(session: SessionDep, user: ApiUser, job_id: RowId) -> None:
    """Have a job that was given up tried again."""
    service.retry_job(session, job_id=job_id, actor=user, at=clock.now())


@router.get("/health/storage", dependencies=ADMIN, tags=["site"])
def show_storage(session: SessionDep) -> StorageView:
    """How much is stored."""
    return StorageView.model_validate(get_storage(session))


@router.get("/events", dependencies=ADMIN, tags=["site"])
def list_events(
    request: Request,
    response: Response,
    session: SessionDep,
    person: str = "",
    verb: str = "",
    day: date | None = None,
    cursor: Cursor = None,
    limit: Limit = PAGE_SIZE,
) -> Page[SiteEventView]:
    """The site's events, newest first; `person` is an address, `day` one in UTC."""
    after = cast("tuple[int]", decode(cursor, int))[0] if cursor else None
    user = accounts.get_user_by_email(session, person) if person else None
    found = list_site_events(
        session, user_id=user.id if user else None, verb=verb, day=day, after=after, limit=limit + 1
    )
    shown, last = cut(found, limit)
    views = [
        SiteEventView(
            id=event.id,
            at=event.at,
            actor=event.actor_name,
            verb=event.verb,
            subject_type=event.subject_type,
            subject_id=event.subject_id,
        )
        for event in shown
    ]
    return page_answer(response, request, views, encode(last.id) if last else None)
