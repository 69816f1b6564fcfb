"""Members and their roles. Rights are read from these rows at every request, so a change counts at once."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, exists, select
from sqlalchemy.orm import Session

from app.accounts.actors import Actor
from app.accounts.idempotency import forget_answers
from app.accounts.models import User
from app.accounts.queries import find_user_by_email
from app.audit import service as audit
from app.errors import Conflict, Invalid, NotFound
from app.projects import queries
from app.projects.models import Member, Project
from app.projects.rules import Right, Role, in_order


@dataclass(frozen=True, slots=True)
class Membership:
    """A person and their roles in a project after a change (or before, where they were removed)."""

    project_id: int
    user: User
    roles: list[Role]


def set_roles(
    session: Session, *, slug: str, email: str, roles: Collection[Role], actor: Actor, at: datetime
) -> Membership:
    """Give a person exactly these roles, as a new member or an old one.

    Raises Invalid for an unknown or disabled person and for no role at all, Conflict with code `last_lead`
    where nobody would lead the project any more.
    """
    project = queries.get_project_for_change(session, slug, actor, Right.MANAGE)
    user = find_user_by_email(session, email)
    if user is None:
        sentence = "Nobody has an account with this address; an admin can invite them."
        raise Invalid(sentence, fields={"email": sentence}, code="unknown_person")
    if not roles:
        sentence = "Choose at least one role, or remove the member."
        raise Invalid(sentence, fields={"roles": sentence})
    before = queries.roles_in(session, project.id, user)
    wanted = frozenset(roles)
    if wanted == before:
        return Membership(project.id, user, in_order(wanted))
    if user.disabled_at is not None and wanted - before:
        sentence = f"{user.name} is disabled and cannot be given a role."
        raise Invalid(sentence, fields={"email": sentence})
    _keep_a_lead(session, project, user, before=before, after=wanted)
    _write(session, project, user, before=before, after=wanted, at=at)
    if before - wanted:
        forget_answers(session, user_id=user.id)
    audit.record(
        session,
        verb="member.set",
        subject_type="user",
        subject_id=user.id,
        project_id=project.id,
        actor=actor,
        at=at,
        details=_details(user, before, wanted),
    )
    return Membership(project.id, user, in_order(wanted))


def remove_member(session: Session, *, slug: str, email: str, actor: Actor, at: datetime) -> Membership:
    """Take all of a person's roles. What they wrote stays; what they hold is released by the caller.

    Answers who was removed and what they were. Raises NotFound where they are no member, Conflict with
    code `last_lead` for the last one.
    """
    project = queries.get_project_for_change(session, slug, actor, Right.MANAGE)
    user = find_user_by_email(session, email)
    before = queries.roles_in(session, project.id, user) if user else frozenset()
    if user is None or not before:
        raise NotFound("There is no such member.")
    _keep_a_lead(session, project, user, before=before, after=frozenset())
    _write(session, project, user, before=before, after=frozenset(), at=at)
    forget_answers(session, user_id=user.id)
    audit.record(
        session,
        verb="member.remove",
        subject_type="user",
        subject_id=user.id,
        project_id=project.id,
        actor=actor,
        at=at,
        details=_details(user, before, frozenset()),
    )
    return Membership(project.id, user, in_order(before))


def _keep_a_lead(
    session: Session, project: Project, user: User, *, before: frozenset[Role], after: frozenset[Role]
) -> None:
    """A project that nobody leads could be changed by nobody. The project's lock makes this count hold."""
    if Role.LEAD not in before or Role.LEAD in after:
        return
    another = exists().where(
        Member.project_id == project.id,
        Member.role == Role.LEAD,
        Member.user_id != user.id,
        User.id == Member.user_id,
        User.disabled_at.is_(None),
    )
    if not session.scalar(select(another)):
        raise Conflict(
            f"{user.name} is the project's last lead; make somebody else a lead first.", code="last_lead"
        )


def _write(
    session: Session,
    project: Project,
    user: User,
    *,
    before: frozenset[Role],
    after: frozenset[Role],
    at: datetime,
) -> None:
    session.execute(
        delete(Member).where(
            Member.project_id == project.id,
            Member.user_id == user.id,
            Member.role.in_(tuple(before - after)),
        )
    )
    session.add_all(
        Member(project_id=project.id, user_id=user.id, role=role, created_at=at)
        for role in in_order(after - before)
    )
    session.flush()


def _details(user: User, before: frozenset[Role], after: frozenset[Role]) -> dict[str, object]:
    return {"name": user.name, "from": in_order(before), "to": in_order(after)}
