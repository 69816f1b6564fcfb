"""The settings page of a project's leads: forms of their own, each with what it is based on."""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Form
from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import Response

from app import clock
from app.accounts.dependencies import CurrentUser
from app.checks.registry import KINDS
from app.database import SessionDep
from app.projects import clauses, instructions, service
from app.projects.forms import (
    BasicsForm,
    ClausesForm,
    InstructionForm,
    PhrasingsForm,
    PolicyForm,
    Version,
)
from app.projects.models import Project
from app.projects.routes import clause_form
from app.projects.routes.frame import (
    Opened,
    ProjectSlug,
    Refusal,
    attempt_or_explain,
    open_project,
    project_page,
)
from app.projects.rules import Right
from app.web.forms import validated
from app.web.htmx import redirect
from app.web.notices import notice

router = APIRouter(prefix="/projects/{project}")

EMPTY_PHRASINGS = 2  # fields for further wordings, below those that are there
_OK = Refusal(200)


@router.get("/settings")
def show_settings(request: Request, session: SessionDep, user: CurrentUser, slug: ProjectSlug) -> Response:
    """The page."""
    return _page(request, open_project(session, slug, user, Right.MANAGE))


def _page(
    request: Request,
    opened: Opened,
    *,
    part: str = "",
    refusal: Refusal = _OK,
    typed: dict[str, Any] | None = None,
    picked: Sequence[str] = (),
) -> Response:
    """The page; `part` is the one whose form is drawn again with what was `typed`, refused or not.

    After a stale form its basis is the newest: whoever was told what changed, and sends it again, means it.
    `picked` are names of clauses that were added to the form from the library.
    """
    project = opened.project
    shown = {
        "basics": _basics(project),
        "policy": _policy(project),
        "clauses": clause_form.columns_of(project),
        "new-instruction": {"key": "", "phrasing": []},
        **{f"instruction-{row.key}": _phrasings(row) for row in project.instructions},
    }
    if typed is not None and part in shown:
        fresh = {"based_on": shown[part]["based_on"]} if refusal.is_stale else {}
        shown[part] = shown[part] | typed | fresh
    return project_page(
        request,
        opened,
        "projects/settings.html",
        current="settings",
        status=refusal.status,
        shown=shown,
        refused=part if refusal.errors else "",
        errors=refusal.errors,
        is_stale=refusal.is_stale,
        severity_rows=_severity_rows(shown["policy"]),
        clause_rows=clause_form.rows(shown["clauses"], known={row.key for row in project.clauses}),
        library_groups=clause_form.library_groups(),
        picked=picked,
        empty_phrasings=EMPTY_PHRASINGS,
    )


def _basics(project: Project) -> dict[str, Any]:
    based_on = service.basics_fingerprint(project)
    return {"name": project.name, "system_prompt": project.system_prompt, "based_on": based_on}


def _policy(project: Project) -> dict[str, Any]:
    policy = asdict(service.policy_of(project))
    return policy | {
        "reviewer_edits": str(policy["reviewer_edits"]).lower(),
        "kind": list(policy["severities"]),
        "severity": list(policy["severities"].values()),
        "based_on": str(project.policy_version),
    }


def _severity_rows(form: dict[str, Any]) -> list[dict[str, Any]]:
    """Every kind of findings with its default, and what the form says of it."""
    said = dict(zip(form["kind"], form["severity"], strict=False))
    return [asdict(kind) | {"said": said.get(kind.name, kind.severity)} for kind in KINDS.values()]


def _phrasings(row: Any) -> dict[str, Any]:
    return {
        "key": row.key,
        "phrasing": [phrasing.text for phrasing in row.phrasings],
        "based_on": instructions.phrasings_fingerprint(row),
    }


def _attempt(
    request: Request,
    session: Session,
    opened: Opened,
    *,
    part: str,
    typed: dict[str, Any],
    act: Callable[[], object],
) -> Response:
    """Do `act` and come back to its part of the page, or draw the page with what was typed."""

    def save() -> Response:
        act()
        return notice(redirect(f"/projects/{opened.project.slug}/settings#{part}"), "Saved.")

    return attempt_or_explain(
        session,
        save,
        redraw=lambda refusal: _page(request, opened, part=part, refusal=refusal, typed=typed),
    )


@router.post("/settings")
def change_basics(
    request: Request,
    session: SessionDep,
    user: CurrentUser,
    slug: ProjectSlug,
    form: Annotated[BasicsForm, Form()],
) -> Response:
    """Change name and system prompt."""
    opened = open_project(session, slug, user, Right.MANAGE)

    def act() -> None:
        service.update_project(
            session,
            slug=slug,
            name=form.name,
            system_prompt=form.system_prompt,
            based_on=form.based_on,
            actor=user,
            at=clock.now(),
        )

    return _attempt(request, session, opened, part="basics", typed=form.typed(), act=act)


@router.post("/policy")
def change_policy(
    request: Request,
    session: SessionDep,
    user: CurrentUser,
    slug: ProjectSlug,
    form: Annotated[PolicyForm, Form()],
) -> Response:
    """Change the policy."""
    opened = open_project(session, slug, user, Right.MANAGE)

    def act() -> None:
        policy, based_on = form.values()
        service.update_project(
            session, slug=slug, policy=policy, based_on_policy=based_on, actor=user, at=clock.now()
        )

    return _attempt(request, session, opened, part="policy", typed=form.typed(), act=act)


@router.post("/clauses")
def change_clauses(
    request: Request,
    session: SessionDep,
    user: CurrentUser,
    slug: ProjectSlug,
    form: Annotated[ClausesForm, Form()],
) -> Response:
    """Change the clauses."""
    opened = open_project(session, slug, user, Right.MANAGE)

    def act() -> None:
        based_on = validated(Version, {"version": form.based_on}).version
        clauses.set_clauses(
            session, slug=slug, specs=form.specs(), based_on=based_on, actor=user, at=clock.now()
        )

    return _attempt(request, session, opened, part="clauses", typed=form.typed(), act=act)


@router.post("/clauses/preview")
def preview_clauses(
    request: Request,
    session: SessionDep,
    user: CurrentUser,
    slug: ProjectSlug,
    form: Annotated[ClausesForm, Form()],
) -> Response:
    """The page with the clauses that were picked from the library, to be edited; nothing is saved."""
    opened = open_project(session, slug, user, Right.MANAGE)

    def show() -> Response:
        filled = form.with_picked()
        return _page(
            request,
            opened,
            part="clauses",
            typed=filled.typed(),
            picked=filled.name[len(form.name) :],
        )

    return attempt_or_explain(
        session,
        show,
        redraw=lambda refusal: _page(request, opened, part="clauses", refusal=refusal, typed=form.typed()),
    )


@router.post("/instructions")
def add_instruction(
    request: Request,
    session: SessionDep,
    user: CurrentUser,
    slug: ProjectSlug,
    form: Annotated[InstructionForm, Form()],
) -> Response:
    """Add an instruction."""
    opened = open_project(session, slug, user, Right.MANAGE)

    def act() -> None:
        instructions.add_instruction(
            session, slug=slug, key=form.key.strip(), phrasings=form.texts(), actor=user, at=clock.now()
        )

    return _attempt(request, session, opened, part="new-instruction", typed=form.typed(), act=act)


@router.post("/instructions/{key}")
def change_phrasings(
    *,
    request: Request,
    session: SessionDep,
    user: CurrentUser,
    slug: ProjectSlug,
    key: str,
    form: Annotated[PhrasingsForm, Form()],
) -> Response:
    """Change an instruction's wordings."""
    opened = open_project(session, slug, user, Right.MANAGE)

    def act() -> None:
        instructions.set_phrasings(
            session,
            slug=slug,
            key=key,
            texts=form.texts(),
            based_on=form.based_on,
            actor=user,
            at=clock.now(),
        )

    return _attempt(request, session, opened, part=f"instruction-{key}", typed=form.typed(), act=act)
