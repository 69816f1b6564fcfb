"""What all pages of a project share: opening it, drawing its frame, explaining a refusal on the page."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Annotated

from fastapi import Path
from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import Response

from app.accounts.models import User
from app.errors import Conflict, Invalid
from app.projects import queries
from app.projects.models import Project
from app.projects.navigation import project_nav
from app.projects.rules import Right, Role, require, rights_of
from app.web.forms import attempt
from app.web.templates import page

# What cannot be a short name names nothing.
ProjectSlug = Annotated[str, Path(alias="project", pattern=r"^[a-z0-9-]{1,64}$")]


@dataclass(frozen=True, slots=True)
class Opened:
    """A project, and what the person who looks at it is in it."""

    project: Project
    roles: frozenset[Role]

    def may(self, right: Right) -> bool:
        """Whether the person has this right."""
        return right in rights_of(self.roles)


def open_project(session: Session, slug: str, user: User, right: Right | None = None) -> Opened:
    """The project as this person may see it. Raises NotFound, and NotAllowed where `right` is missing."""
    project = queries.get_project(session, slug, user)
    roles = queries.roles_in(session, project.id, user)
    if right is not None:
        require(roles, right)
    return Opened(project, roles)


def project_page(
    request: Request, opened: Opened, template: str, *, current: str, status: int = 200, **context: object
) -> Response:
    """A page of the project, with its navigation."""
    return page(
        request,
        template,
        status=status,
        project=opened.project,
        project_nav=project_nav(opened.project, opened.roles, current),
        **context,
    )


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a form was not taken: the answer's status, a sentence for each field ("" is the whole form)."""

    status: int
    errors: dict[str, str] = field(default_factory=dict)
    is_stale: bool = False


class _Overtaken(Invalid):
    """A Conflict on its way to the page on which it is explained."""


def attempt_or_explain(
    session: Session, act: Callable[[], Response], *, redraw: Callable[[Refusal], Response]
) -> Response:
    """Do `act`; where it is refused, undo what it did and draw its page again with what was typed.

    A Conflict is explained the same way: whoever typed on an outdated page must not lose it.
    """

    def act_or_overtaken() -> Response:
        try:
            return act()
        except Conflict as conflict:
            raise _Overtaken(conflict.message, code=conflict.code) from conflict

    return attempt(session, act_or_overtaken, redraw=lambda failure: redraw(_refusal(failure)))


def _refusal(failure: Invalid) -> Refusal:
    return Refusal(
        status=409 if isinstance(failure, _Overtaken) else 422,
        errors=failure.by_field,
        is_stale=failure.code == "stale_settings",
    )
