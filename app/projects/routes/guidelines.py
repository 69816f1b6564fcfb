"""Pages of the guidelines: the current ones, an older version, the next version with its preview."""

from typing import Annotated

from fastapi import APIRouter, Form, Query
from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import Response

from app import clock
from app.accounts.dependencies import CurrentUser
from app.accounts.models import User
from app.database import SessionDep
from app.projects import guidelines, queries
from app.projects.forms import GuidelinesForm, Version
from app.projects.routes.frame import (
    Opened,
    ProjectSlug,
    Refusal,
    attempt_or_explain,
    open_project,
    project_page,
)
from app.projects.rules import Right
from app.settings import get_settings
from app.web import markdown
from app.web.forms import validated
from app.web.htmx import is_htmx, redirect
from app.web.notices import notice
from app.web.templates import fragment

router = APIRouter(prefix="/projects/{project}/guidelines")


@router.get("")
def show_guidelines(
    request: Request,
    session: SessionDep,
    user: CurrentUser,
    slug: ProjectSlug,
    version: Annotated[int | None, Query(ge=1, le=2**31)] = None,
) -> Response:
    """The guidelines, as they are or as they were."""
    opened = open_project(session, slug, user)
    shown = queries.get_guidelines(session, opened.project.id, version)
    versions = queries.list_guidelines(session, opened.project.id)
    is_current = shown.version == versions[0].version
    return project_page(
        request,
        opened,
        "projects/guidelines.html",
        current="guidelines",
        guidelines=shown,
        html=markdown.render(shown.markdown),
        versions=versions,
        is_current=is_current,
        may_manage=opened.may(Right.MANAGE),
        may_attest=is_current and opened.may(Right.WRITE),
        attestation=_attestation(session, opened, user, shown.version),
    )


def _attestation(session: Session, opened: Opened, user: User, version: int) -> object:
    return queries.find_attestation(
        session, project_id=opened.project.id, user_id=user.id, guidelines_version=version
    )


@router.get("/edit")
def draw_editor(request: Request, session: SessionDep, user: CurrentUser, slug: ProjectSlug) -> Response:
    """The form in which a lead writes the next version."""
    opened = open_project(session, slug, user, Right.MANAGE)
    current = queries.get_guidelines(session, opened.project.id)
    form = GuidelinesForm(markdown=current.markdown, based_on=str(current.version))
    return _editor_page(request, session, opened, form, refusal=Refusal(200))


def _editor_page(
    request: Request,
    session: Session,
    opened: Opened,
    form: GuidelinesForm,
    *,
    refusal: Refusal,
    preview: bool = False,
) -> Response:
    # Whoever was told that there is a newer version, and publishes again, means it.
    newest = queries.get_guidelines(session, opened.project.id).version
    return project_page(
        request,
        opened,
        "projects/guidelines_edit.html",
        current="guidelines",
        status=refusal.status,
        markdown=form.markdown,
        based_on=newest if refusal.is_stale else form.based_on,
        newest=newest,
        is_stale=refusal.is_stale,
        errors=refusal.errors,
        html=markdown.render(form.markdown) if preview else "",
        limit=get_settings().engross_guidelines_characters,
    )


@router.post("/preview")
def preview_guidelines(
    request: Request,
    session: SessionDep,
    user: CurrentUser,
    slug: ProjectSlug,
    form: Annotated[GuidelinesForm, Form()],
) -> Response:
    """How the text will look; nothing is kept."""
    opened = open_project(session, slug, user, Right.MANAGE)
    guidelines.checked(form.markdown)
    if is_htmx(request):
        return fragment(request, "projects/_preview.html", html=markdown.render(form.markdown))
    return _editor_page(request, session, opened, form, refusal=Refusal(200), preview=True)


@router.post("")
def publish_guidelines(
    request: Request,
    session: SessionDep,
    user: CurrentUser,
    slug: ProjectSlug,
    form: Annotated[GuidelinesForm, Form()],
) -> Response:
    """Publish the next version."""
    opened = open_project(session, slug, user, Right.MANAGE)

    def act() -> Response:
        based_on = validated(Version, {"version": form.based_on}).version
        published = guidelines.publish_guidelines(
            session, slug=slug, markdown=form.markdown, based_on=based_on, actor=user, at=clock.now()
        )
        answer = redirect(f"/projects/{slug}/guidelines")
        return notice(answer, f"Version {published.version} is what everybody sees now.")

    return attempt_or_explain(
        session, act, redraw=lambda refusal: _editor_page(request, session, opened, form, refusal=refusal)
    )
