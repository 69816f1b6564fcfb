"""Members: roles come and go, a lead always stays, and rights follow at once."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.actors import OPERATOR
from app.audit.models import Event
from app.errors import Conflict, Invalid, NotAllowed, NotFound
from app.projects import members, queries
from app.projects.rules import Role
from tests.factories import NOON, Factory


def test_a_person_gets_exactly_the_roles_that_are_set(session: Session, make: Factory) -> None:
    project = make.project()
    lead, person = make.lead(project), make.user("Anna")
    change = {"slug": project.slug, "actor": lead, "at": NOON}
    members.set_roles(session, **change, email=person.email.upper(), roles=[Role.ANNOTATOR, Role.REVIEWER])
    assert queries.roles_in(session, project.id, person) == {Role.ANNOTATOR, Role.REVIEWER}
    given = members.set_roles(session, **change, email=person.email, roles=[Role.ENGINEER])
    assert (given.user.id, given.roles) == (person.id, [Role.ENGINEER])
    assert queries.roles_in(session, project.id, person) == {Role.ENGINEER}
    members.set_roles(session, **change, email=person.email, roles=[Role.ENGINEER])
    session.flush()
    events = session.scalars(select(Event).where(Event.project_id == project.id).order_by(Event.id)).all()
    assert [(event.verb, event.details["to"]) for event in events] == [
        ("member.set", ["annotator", "reviewer"]),
        ("member.set", ["engineer"]),
    ]


def test_a_removed_member_has_no_right_and_does_not_see_the_project(session: Session, make: Factory) -> None:
    project = make.project()
    person = make.member(project, Role.ANNOTATOR, Role.REVIEWER)
    gone = members.remove_member(
        session, slug=project.slug, email=person.email, actor=make.lead(project), at=NOON
    )
    assert (gone.user.id, gone.project_id) == (person.id, project.id)
    assert gone.roles == [Role.ANNOTATOR, Role.REVIEWER]
    with pytest.raises(NotFound):
        queries.get_project(session, project.slug, person)


def test_a_project_keeps_a_lead_who_can_sign_in(session: Session, make: Factory) -> None:
    project = make.project()
    lead, other = make.lead(project), make.lead(project)
    other.disabled_at = NOON
    session.flush()
    change = {"slug": project.slug, "email": lead.email, "actor": lead, "at": NOON}
    for act in (
        lambda: members.remove_member(session, **change),
        lambda: members.set_roles(session, **change, roles=[Role.REVIEWER]),
    ):
        with pytest.raises(Conflict, match="last lead") as refused:
            act()
        assert refused.value.code == "last_lead"
    other.disabled_at = None
    session.flush()
    members.set_roles(session, **change, roles=[Role.REVIEWER])
    assert queries.roles_in(session, project.id, lead) == {Role.REVIEWER}


def test_unknown_and_disabled_people_are_given_no_role(session: Session, make: Factory) -> None:
    project = make.project()
    disabled = make.user()
    disabled.disabled_at = NOON
    session.flush()
    change = {"slug": project.slug, "actor": OPERATOR, "at": NOON}
    with pytest.raises(Invalid, match="Nobody has an account"):
        members.set_roles(session, **change, email="nobody@example.org", roles=[Role.LEAD])
    with pytest.raises(Invalid, match="is disabled"):
        members.set_roles(session, **change, email=disabled.email, roles=[Role.LEAD])
    with pytest.raises(Invalid, match="at least one role"):
        members.set_roles(session, **change, email=make.user().email, roles=[])
    for email in ("nobody@example.org", disabled.email):
        with pytest.raises(NotFound, match="no such member"):
            members.remove_member(session, **change, email=email)


@pytest.mark.parametrize("role", [Role.ANNOTATOR, Role.REVIEWER, Role.ENGINEER, None])
def test_only_a_lead_changes_members_not_even_their_own_roles(
    session: Session, make: Factory, role: Role | None
) -> None:
    project = make.project()
    make.lead(project)
    actor = make.member(project, role) if role else make.user(admin=True)
    change = {"slug": project.slug, "email": actor.email, "actor": actor, "at": NOON}
    for act in (
        lambda: members.set_roles(session, **change, roles=[Role.LEAD]),
        lambda: members.remove_member(session, **change),
    ):
        with pytest.raises(NotAllowed if role else NotFound):
            act()
    assert queries.roles_in(session, project.id, actor) == ({role} if role else set())
