"""The list of one's projects, a new one, a project's overview, the attestation."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Form
from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import Response

from app import clock
from app.accounts.dependencies import CurrentUser
from app.accounts.memberships import list_memberships
from app.accounts.models import User
from app.accounts.queries import find_user_by_email
from app.accounts.rules import local_path
from app.database import SessionDep
from app.errors import Invalid, NotAllowed
from app.projects import guidelines, queries, service
from app.projects.forms import AttestationForm, ProjectForm, Version
from app.projects.routes.frame import (
    Opened,
    ProjectSlug,
    Refusal,
    attempt_or_explain,
    open_project,
    project_page,
)
from app.projects.rules import Right, Role, staffing_gaps
from app.reviews.queries import count_waiting, list_unreviewable
from app.samples.progress import list_stuck_tasks, progress
from app.samples.queries import count_left
from app.samples.workflow import Status
from app.web.dependencies import referring_page
from app.web.forms import validated
from app.web.htmx import redirect
from app.web.notices import notice
from app.web.templates import page

router = APIRouter()


@router.get("/projects")
def list_projects(request: Request, session: SessionDep, user: CurrentUser) -> Response:
    """The person's projects."""
    memberships = list_memberships(session, user.id)
    return page(request, "projects/index.html", memberships=memberships, may_create=service.may_create(user))


@router.get("/projects/new")
def draw_new_project(request: Request, user: CurrentUser) -> Response:
    """The form of a new project, for admins."""
    if not service.may_create(user):
        raise NotAllowed("Only an admin may create a project.")
    return _new_project_page(
        request, typed={"slug": "", "name": "", "lead": user.email}, refusal=Refusal(200)
    )


def _new_project_page(request: Request, *, typed: Mapping[str, Any], refusal: Refusal) -> Response:
    return page(request, "projects/new.html", status=refusal.status, form=typed, errors=refusal.errors)


@router.post("/projects")
def create_project(
    request: Request, session: SessionDep, user: CurrentUser, form: Annotated[ProjectForm, Form()]
) -> Response:
    """Make a project; its lead goes on to its settings, an admin who is none to the list."""

    def act() -> Response:
        lead = _lead(session, form.lead)
        project = service.create_project(
            session, slug=form.slug.strip(), name=form.name, lead=lead, actor=user, at=clock.now()
        )
        own = f"/projects/{project.slug}/settings" if lead.id == user.id else "/projects"
        return notice(redirect(own), f"“{project.name}” is there, led by {lead.name}.")

    return attempt_or_explain(
        session,
        act,
        redraw=lambda refusal: _new_project_page(request, typed=form.typed(), refusal=refusal),
    )


def _lead(session: Session, email: str) -> User:
    lead = find_user_by_email(session, email)
    if lead is None:
        sentence = "Nobody has an account with this address; invite them first."
        raise Invalid(sentence, fields={"lead": sentence})
    return lead


@router.get("/projects/{project}")
def show_project(request: Request, session: SessionDep, user: CurrentUser, slug: ProjectSlug) -> Response:
    """Where the work stands, and the next step of whoever looks."""
    opened = open_project(session, slug, user)
    counts = progress(session, opened.project.id)
    return project_page(
        request,
        opened,
        "projects/overview.html",
        current="overview",
        counts=counts,
        wanted=max(counts.tasks * opened.project.overlap, counts.approved),
        statuses=[(status.value, getattr(counts, status.value)) for status in Status],
        # An engineer sees totals; what is being written is the business of those who work here.
        totals_only=opened.roles == {Role.ENGINEER},
        may_manage=opened.may(Right.MANAGE),
        may_write=opened.may(Right.WRITE),
        may_review=opened.may(Right.REVIEW),
        may_read=opened.may(Right.READ_SAMPLES),
        left=count_left(session, opened.project, user.id) if opened.may(Right.WRITE) else 0,
        waiting=count_waiting(session, opened.project, user.id) if opened.may(Right.REVIEW) else 0,
        leads=_for_leads(session, opened, user),
    )


def _for_leads(session: Session, opened: Opened, user: User) -> dict[str, object] | None:
    """What a lead has to settle: missing people, tasks that all skipped, submissions that none may review."""
    if not opened.may(Right.MANAGE):
        return None
    project = opened.project
    staff = queries.staffing(session, project.id)
    return {
        "gaps": staffing_gaps(staff, overlap=project.overlap, approvals=project.approvals),
        "stuck": list_stuck_tasks(session, project.id),
        "unreviewable": list_unreviewable(session, project.id, user),
    }


@router.post("/projects/{project}/attestation")
def attest(
    request: Request,
    session: SessionDep,
    user: CurrentUser,
    slug: ProjectSlug,
    form: Annotated[AttestationForm, Form()],
) -> Response:
    """Record "I write these summaries myself, without generative AI", and go back to where it was said."""
    version = validated(Version, form.typed()).version
    guidelines.attest(session, slug=slug, version=version, actor=user, at=clock.now())
    return notice(redirect(_way_back(request, f"/projects/{slug}/guidelines")), "Thank you, noted.")


def _way_back(request: Request, otherwise: str) -> str:
    """The page of this site whose form was sent (a sample that is being written), or `otherwise`."""
    referrer = referring_page(request)
    return local_path(referrer.path) if referrer and referrer.path else otherwise
