"""SELECTs on projects. A project that a person is no member of does not exist for them."""

from collections.abc import Sequence

from sqlalchemy import Select, exists, select
from sqlalchemy.orm import Session, joinedload

from app.accounts.actors import Actor, SystemActor
from app.errors import NotFound
from app.projects.models import Attestation, Guidelines, Member, Project
from app.projects.rules import Right, Role, require


def visible_to(actor: Actor) -> Select[tuple[Project]]:
    """The projects that exist for this actor."""
    if isinstance(actor, SystemActor):
        return select(Project)
    return select(Project).where(
        exists().where(Member.project_id == Project.id, Member.user_id == actor.id)
    )


def list_visible(session: Session, actor: Actor) -> Sequence[Project]:
    """The actor's projects by name."""
    return session.scalars(visible_to(actor).order_by(Project.name, Project.id)).all()


def roles_in(session: Session, project_id: int, actor: Actor) -> frozenset[Role]:
    """The actor's roles in a project at this moment; a system actor has all of them."""
    if isinstance(actor, SystemActor):
        return frozenset(Role)
    found = session.scalars(
        select(Member.role).where(Member.project_id == project_id, Member.user_id == actor.id)
    )
    return frozenset(map(Role, found))


def get_project(session: Session, slug: str, actor: Actor) -> Project:
    """The project with this slug. Raises NotFound where it does not exist for the actor."""
    project = session.scalar(visible_to(actor).where(Project.slug == slug))
    if project is None:
        raise NotFound("There is no such project.")
    return project


def get_project_with_right(session: Session, slug: str, actor: Actor, right: Right) -> Project:
    """As get_project; raises NotAllowed where the actor's roles do not carry `right`."""
    project = get_project(session, slug, actor)
    require(roles_in(session, project.id, actor), right)
    return project


def list_members(session: Session, project_id: int) -> list[tuple[Member, list[Role]]]:
    """Each member once, with their roles, by name."""
    grouped: dict[int, tuple[Member, list[Role]]] = {}
    rows = session.scalars(
        select(Member)
        .where(Member.project_id == project_id)
        .options(joinedload(Member.user))
        .order_by(Member.role)
    )
    for row in rows:
        grouped.setdefault(row.user_id, (row, []))[1].append(Role(row.role))
    return sorted(grouped.values(), key=lambda pair: (pair[0].user.name.casefold(), pair[0].user_id))


def find_guidelines(session: Session, project_id: int, version: int | None = None) -> Guidelines | None:
    """The current guidelines, or one version of them."""
    statement = select(Guidelines).where(Guidelines.project_id == project_id)
    if version is not None:
        statement = statement.where(Guidelines.version == version)
    return session.scalar(statement.order_by(Guidelines.version.desc()).limit(1))


def find_attestation(
    session: Session, *, project_id: int, user_id: int, guidelines_version: int
) -> Attestation | None:
    """The person's attestation for these guidelines, where they gave it."""
    return session.get(Attestation, (project_id, user_id, guidelines_version))
