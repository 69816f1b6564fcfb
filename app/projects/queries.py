"""SELECTs on projects. A project that a person is no member of does not exist for them."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import (
    Row,
    RowMapping,
    Select,
    and_,
    any_,
    bindparam,
    exists,
    func,
    literal,
    or_,
    select,
    tuple_,
)
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session, selectinload
from sqlalchemy.orm.attributes import set_committed_value
from sqlalchemy.orm.interfaces import ORMOption

from app.accounts.actors import Actor, SystemActor
from app.accounts.models import User
from app.errors import NotFound
from app.paging import Found, Order, Wanted, find_page
from app.projects.models import Attestation, Guidelines, Instruction, Member, Project
from app.projects.policy import Policy
from app.projects.rules import Right, Role, in_order, require

# Asked by most requests, so made once: making a statement takes longer than running it.
_ROLES = select(Member.role).where(
    Member.project_id == bindparam("project_id"), Member.user_id == bindparam("user_id")
)
# A project of the person's own, with all roles that they have in it.
_OWN = (
    select(Project, func.array_agg(Member.role))
    .join(Member, Member.project_id == Project.id)
    .where(Project.slug == bindparam("slug"), Member.user_id == bindparam("user_id"))
    .group_by(Project.id)
)
POLICY = (
    select(*(getattr(Project, name) for name in Policy.__slots__))
    .where(Project.id == bindparam("of_project"))
    .with_for_update(read=True)
)

_CURRENT = (
    select(func.coalesce(func.max(Guidelines.version), 0).label("version"))
    .where(Guidelines.project_id == bindparam("of_project"))
    .subquery()
)
_ATTESTED = select(_CURRENT.c.version, Attestation.at).outerjoin_from(
    _CURRENT,
    Attestation,
    and_(
        Attestation.project_id == bindparam("of_project"),
        Attestation.user_id == bindparam("of_person"),
        Attestation.guidelines_version == _CURRENT.c.version,
    ),
)

# What a project is shown with: its instructions with their wordings, and its clauses.
_SETUP: tuple[ORMOption, ...] = (
    selectinload(Project.instructions).selectinload(Instruction.phrasings),
    selectinload(Project.clauses),
)


def visible_to(actor: Actor) -> Select[Project]:
    """The projects that exist for this actor."""
    if isinstance(actor, SystemActor):
        return select(Project)
    return select(Project).where(exists().where(Member.project_id == Project.id, Member.user_id == actor.id))


def list_visible(session: Session, actor: Actor) -> Sequence[Project]:
    """The actor's projects by name."""
    return session.scalars(visible_to(actor).order_by(Project.name, Project.id)).all()


def list_page(
    session: Session, actor: Actor, *, after: tuple[str, int] | None = None, limit: int = 50
) -> Sequence[Project]:
    """The actor's projects by name with their setup; `after` is the last (name, id) of the page before."""
    statement = visible_to(actor).options(*_SETUP).order_by(Project.name, Project.id).limit(limit)
    if after is not None:
        statement = statement.where(tuple_(Project.name, Project.id) > after)
    return session.scalars(statement).all()


def roles_in(session: Session, project_id: int, actor: Actor) -> frozenset[Role]:
    """The actor's roles in a project at this moment; a system actor has all of them."""
    if isinstance(actor, SystemActor):
        return frozenset(Role)
    found = session.scalars(_ROLES, {"project_id": project_id, "user_id": actor.id})
    return frozenset(map(Role, found))


def get_project(session: Session, slug: str, actor: Actor) -> Project:
    """The project with this slug. Raises NotFound where it does not exist for the actor."""
    project = session.scalar(visible_to(actor).where(Project.slug == slug))
    if project is None:
        raise NotFound("There is no such project.")
    return project


def get_project_with_right(session: Session, slug: str, actor: Actor, right: Right) -> Project:
    """As get_project; raises NotAllowed where the actor's roles do not carry `right`."""
    if isinstance(actor, SystemActor):
        return get_project(session, slug, actor)
    found = session.execute(_OWN, {"slug": slug, "user_id": actor.id}).one_or_none()
    if found is None:
        raise NotFound("There is no such project.")
    project, roles = found
    require(map(Role, roles), right)
    return project


def get_project_for_change(session: Session, slug: str, actor: Actor, right: Right) -> Project:
    """As get_project_with_right, with the setup; locked until the transaction ends, roles judged after that.

    The lock lets others add work to the project (their foreign keys point at a row whose key stays) and
    makes two leads' changes follow one another.
    """
    locked = session.scalar(
        visible_to(actor)
        .where(Project.slug == slug)
        .with_only_columns(Project.id)
        .with_for_update(of=Project, key_share=True)
    )
    if locked is None:
        raise NotFound("There is no such project.")
    require(roles_in(session, locked, actor), right)
    return session.scalars(
        select(Project).where(Project.id == locked).options(*_SETUP),
        execution_options={"populate_existing": True},
    ).one()


def hold_policy(session: Session, project: Project) -> None:
    """Read the policy again, and keep leads from changing it until the transaction ends."""
    note_policy(project, session.execute(POLICY, {"of_project": project.id}).mappings().one())


def note_policy(project: Project, values: RowMapping) -> None:
    """Give a project that was read before the policy's values as they were read under its lock."""
    for name in Policy.__slots__:
        set_committed_value(project, name, values[name])


def list_members(session: Session, project_id: int) -> list[tuple[User, list[Role]]]:
    """Each member once, with their roles, by name."""
    everybody = Wanted("name", limit=100_000)
    return find_members(session, project_id, wanted=everybody).items


def find_guidelines(session: Session, project_id: int, version: int | None = None) -> Guidelines | None:
    """The current guidelines, or one version of them."""
    statement = select(Guidelines).where(Guidelines.project_id == project_id)
    if version is not None:
        statement = statement.where(Guidelines.version == version)
    return session.scalar(statement.order_by(Guidelines.version.desc()).limit(1))


def get_guidelines(session: Session, project_id: int, version: int | None = None) -> Guidelines:
    """The current guidelines, or one version of them. Raises NotFound."""
    found = find_guidelines(session, project_id, version)
    if found is None:
        raise NotFound("There is no such version of the guidelines.")
    return found


def find_attestation(
    session: Session, *, project_id: int, user_id: int, guidelines_version: int
) -> Attestation | None:
    """The person's attestation for these guidelines, where they gave it."""
    return session.get(Attestation, (project_id, user_id, guidelines_version))


def find_own_attestation(session: Session, *, project_id: int, user_id: int) -> tuple[int, datetime | None]:
    """The version of the current guidelines, 0 where there are none, and when the person attested for it."""
    return session.execute(_ATTESTED, {"of_project": project_id, "of_person": user_id}).one()


def list_guidelines(session: Session, project_id: int) -> Sequence[Row[int, datetime, str | None]]:
    """Each version with its time and its author's name, newest first; without the text."""
    return session.execute(
        select(Guidelines.version, Guidelines.created_at, User.name)
        .outerjoin(User, User.id == Guidelines.author_id)
        .where(Guidelines.project_id == project_id)
        .order_by(Guidelines.version.desc())
    ).all()


def current_guidelines(session: Session, project_ids: Iterable[int]) -> dict[int, Guidelines]:
    """The current guidelines of several projects, by project, in one statement."""
    found = session.scalars(
        select(Guidelines)
        .ext(distinct_on(Guidelines.project_id))
        .where(Guidelines.project_id.in_(tuple(project_ids)))
        .order_by(Guidelines.project_id, Guidelines.version.desc())
    )
    return {guidelines.project_id: guidelines for guidelines in found}


# How the list of a project's members may be sorted.
MEMBER_ORDERS: dict[str, Order] = {
    "name": ((func.lower(User.name), str), (User.id, int)),
    "email": ((func.lower(User.email), str), (User.id, int)),
}


def find_members(
    session: Session, project_id: int, *, wanted: Wanted, q: str = "", role: str = "", counts: bool = False
) -> Found[tuple[User, list[Role]]]:
    """A page of a project's members, each once with all of their roles."""
    of_user = (
        select(Member.user_id, func.array_agg(Member.role).label("roles"))
        .where(Member.project_id == project_id)
        .group_by(Member.user_id)
        .subquery()
    )
    statement = select(User, of_user.c.roles).join(of_user, of_user.c.user_id == User.id)
    if words := q.replace("\0", "").strip():
        columns = (User.name, User.email)
        statement = statement.where(or_(*(column.icontains(words, autoescape=True) for column in columns)))
    if role:
        statement = statement.where(literal(role) == any_(of_user.c.roles))
    return find_page(
        session,
        statement,
        orders=MEMBER_ORDERS,
        wanted=wanted,
        item=lambda user, roles: (user, in_order([Role(role) for role in roles])),
        counted=statement if counts else None,
    )


def staffing(session: Session, project_id: int) -> dict[Role, int]:
    """How many people who are not disabled hold each role."""
    found = session.execute(
        select(Member.role, func.count())
        .join(User, User.id == Member.user_id)
        .where(Member.project_id == project_id, User.disabled_at.is_(None))
        .group_by(Member.role)
    )
    return dict.fromkeys(Role, 0) | {Role(role): count for role, count in found}
