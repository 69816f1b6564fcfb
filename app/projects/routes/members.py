"""The members page of a project's leads."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Form, Query
from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import Response

from app import clock
from app.accounts.dependencies import CurrentUser
from app.database import SessionDep
from app.projects import members, queries
from app.projects.forms import MemberForm, MembersQuery, RemovalForm
from app.projects.routes.frame import (
    Opened,
    ProjectSlug,
    Refusal,
    attempt_or_explain,
    open_project,
    project_page,
)
from app.projects.rules import Right
from app.web.htmx import redirect
from app.web.notices import notice
from app.web.pagination import Links, total_words

router = APIRouter(prefix="/projects/{project}/members")

# What a lead chooses from, in words.
ROLES = (
    ("annotator", "Annotator", "writes summaries"),
    ("reviewer", "Reviewer", "decides on what others wrote"),
    ("lead", "Lead", "sets the project up, sees all of it, exports"),
    ("engineer", "Engineer", "downloads approved data; sees totals only"),
)


def _page(
    request: Request,
    session: Session,
    opened: Opened,
    *,
    refusal: Refusal,
    query: MembersQuery | None = None,
    typed: Mapping[str, Any] | None = None,
) -> Response:
    query = query or MembersQuery()
    found = queries.find_members(
        session, opened.project.id, wanted=query.wanted(), counts=True, **query.filters()
    )
    return project_page(
        request,
        opened,
        "projects/members.html",
        current="members",
        status=refusal.status,
        members=[{"user": member, "roles": roles} for member, roles in found.items],
        total=total_words(found.total),
        query=query,
        links=Links(f"/projects/{opened.project.slug}/members", query, next_cursor=found.next),
        roles=ROLES,
        role_options=[(value, label) for value, label, _ in ROLES],
        form=dict(typed or {"email": "", "roles": []}),
        errors=refusal.errors,
    )


@router.get("")
def show_members(
    request: Request,
    session: SessionDep,
    user: CurrentUser,
    slug: ProjectSlug,
    query: Annotated[MembersQuery, Query()],
) -> Response:
    """The members with their roles, and the form that adds one."""
    opened = open_project(session, slug, user, Right.MANAGE)
    return _page(request, session, opened, refusal=Refusal(200), query=query)


@router.post("")
def set_member(
    request: Request,
    session: SessionDep,
    user: CurrentUser,
    slug: ProjectSlug,
    form: Annotated[MemberForm, Form()],
) -> Response:
    """Add a person, or change what a member is."""
    opened = open_project(session, slug, user, Right.MANAGE)

    def act() -> Response:
        done = members.set_roles(
            session, slug=slug, email=form.email, roles=form.role_set(), actor=user, at=clock.now()
        )
        # A lead may have stepped down, and then this page is theirs no more.
        is_still_lead = done.user.id != user.id or "lead" in done.roles
        answer = redirect(f"/projects/{slug}/members" if is_still_lead else f"/projects/{slug}")
        return notice(answer, f"{done.user.name} is now {_listed(done.roles)}.")

    return attempt_or_explain(
        session,
        act,
        redraw=lambda refusal: _page(request, session, opened, refusal=refusal, typed=form.typed()),
    )


def _listed(roles: list[Any]) -> str:
    return " and ".join(filter(None, (", ".join(roles[:-1]), roles[-1])))


@router.post("/removal")
def remove_member(
    request: Request,
    session: SessionDep,
    user: CurrentUser,
    slug: ProjectSlug,
    form: Annotated[RemovalForm, Form()],
) -> Response:
    """Take all of a member's roles."""
    opened = open_project(session, slug, user, Right.MANAGE)

    def act() -> Response:
        gone = members.remove_member(session, slug=slug, email=form.email, actor=user, at=clock.now())
        answer = redirect("/projects" if gone.user.id == user.id else f"/projects/{slug}/members")
        return notice(answer, f"{gone.user.name} is no longer a member.")

    return attempt_or_explain(
        session, act, redraw=lambda refusal: _page(request, session, opened, refusal=refusal)
    )
