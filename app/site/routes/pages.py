"""Administration of what belongs to no person: workers and jobs, storage, what happened on the site."""

import shutil
from datetime import date
from typing import Annotated, cast

from fastapi import APIRouter, Form, Query
from starlette.requests import Request
from starlette.responses import Response

from app import clock, paging
from app.accounts import queries as accounts
from app.accounts.dependencies import CurrentAdmin
from app.accounts.forms import ButtonForm
from app.audit.queries import list_site_events
from app.database import SessionDep
from app.settings import get_settings
from app.site import events, service
from app.site.queries import get_storage, get_work, list_project_sizes
from app.web.dependencies import RowId
from app.web.htmx import redirect
from app.web.notices import notice
from app.web.pagination import Cursor
from app.web.templates import page

router = APIRouter(prefix="/admin")

VERBS = (("", "Everything"), *events.LABELS.items())
PROJECTS_SHOWN = 50


@router.get("/workers")
def show_workers(request: Request, session: SessionDep, _: CurrentAdmin) -> Response:
    """Whether background work is being done, how much waits, and what failed."""
    failed_mails = accounts.list_failed_mails(session, limit=paging.PAGE_SIZE)
    return page(request, "admin/workers.html", work=get_work(session), failed_mails=failed_mails)


@router.post("/jobs/{job_id}/attempts")
def retry_job(
    session: SessionDep, admin: CurrentAdmin, job_id: RowId, _: Annotated[ButtonForm, Form()]
) -> Response:
    """Have a job that was given up tried again."""
    name = service.retry_job(session, job_id=job_id, actor=admin, at=clock.now())
    return notice(redirect("/admin/workers"), f"{name} waits for a worker again.")


@router.get("/storage")
def show_storage(request: Request, session: SessionDep, _: CurrentAdmin) -> Response:
    """What lies where, how large it is, and how much room there is."""
    disk = shutil.disk_usage(get_settings().data_dir)
    return page(
        request,
        "admin/storage.html",
        storage=get_storage(session),
        projects=list_project_sizes(session, limit=PROJECTS_SHOWN),
        disk=disk,
        is_scarce=disk.free < disk.total // 10,
    )


@router.get("/activity")
def show_activity(
    request: Request,
    session: SessionDep,
    _: CurrentAdmin,
    person: Annotated[str, Query(max_length=254)] = "",
    verb: str = "",
    day: str = "",
    cursor: Cursor = None,
) -> Response:
    """The site's events, newest first; those of projects are their members' alone."""
    user = accounts.find_user_by_email(session, person) if person.strip() else None
    known_verb, known_day = verb if verb in events.LABELS else "", _day(day)
    after = cast("tuple[int]", paging.decode(cursor, int))[0] if cursor else None
    nobody = bool(person.strip()) and user is None
    found = [] if nobody else list_site_events(
        session,
        user_id=user.id if user else None,
        verb=known_verb,
        day=known_day,
        after=after,
        limit=paging.PAGE_SIZE + 1,
    )  # fmt: skip
    shown, last = paging.cut(found, paging.PAGE_SIZE)
    about = {event.subject_id for event in shown if event.subject_type == "user"}
    here = request.url.include_query_params(
        person=person, verb=known_verb, day=known_day.isoformat() if known_day else ""
    ).remove_query_params("cursor")
    following = here.include_query_params(cursor=paging.encode(last.id)) if last else None
    return page(
        request,
        "admin/activity.html",
        events=shown,
        names=accounts.map_names(session, about),
        label=events.label,
        person=person,
        nobody=nobody,
        verb=known_verb,
        verbs=VERBS,
        day=known_day.isoformat() if known_day else "",
        first_url=f"{here.path}?{here.query}" if cursor else "",
        next_url=f"{following.path}?{following.query}" if following else "",
    )


def _day(value: str) -> date | None:
    """The day that a date field sent; what is none filters nothing."""
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None
