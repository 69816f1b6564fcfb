"""Accounts: links of people who are kept out, what a reset ends, and what nobody may do to themselves."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from app import database
from app.accounts import links, passwords, people
from app.accounts.actors import OPERATOR
from app.accounts.models import User
from app.accounts.rules import Purpose
from app.errors import Conflict
from app.projects import members
from app.projects.rules import Role
from tests.factories import Factory
from tests.rights.asking import OWN_HEADERS
from tests.rights.checksums import changed, of_database
from tests.rights.world import World
from tests.web.browsers import body_of, browser, program

PASSWORD = "correct horse battery"
NOW = datetime.now(UTC)


def somebody(world: World, **values: bool) -> User:
    """A person of the site with a password, whom no other test relies on."""
    with Session(world.engine, expire_on_commit=False) as session, session.begin():
        user = Factory(session).user(**values)
        user.password_hash = passwords.make_hash("an old password")
        return user


def link_for(user: User) -> str:
    """The address of a link with which this person chooses a new password."""
    with database.transaction() as session:
        token = links.create(
            session,
            user=session.get_one(User, user.id),
            purpose=Purpose.RESET,
            days=1,
            actor=OPERATOR,
            at=NOW,
        )
    return f"/links/{token}"


def test_the_link_of_a_disabled_person_reads_like_none(world: World) -> None:
    user = somebody(world)
    path = link_for(user)
    with database.transaction() as session:
        # Even where disabling did not spend it.
        session.execute(update(User).where(User.id == user.id).values(disabled_at=NOW))
    client, before = browser(world.app), of_database(world.engine)
    for method, body in (("GET", {}), ("POST", {"data": {"password": PASSWORD}})):
        both = [client.request(method, each, **body) for each in (path, "/links/no-such-link")]
        kept = [{k: v for k, v in one.headers.items() if k not in OWN_HEADERS} for one in both]
        assert [one.status_code for one in both] == [404, 404]
        assert (body_of(both[0]), kept[0]) == (body_of(both[1]), kept[1])
    assert changed(before, of_database(world.engine)) == []


def test_a_reset_ends_the_sessions_and_tokens_that_there_were(world: World) -> None:
    user = somebody(world)
    page, api = browser(world.app, user), program(world.app, user)
    path = link_for(user)
    assert (page.get("/account").status_code, api.get("/api/v1/me").status_code) == (200, 200)
    fresh = browser(world.app)
    assert fresh.post(path, data={"password": PASSWORD}).status_code == 303
    assert (page.get("/account").status_code, api.get("/api/v1/me").status_code) == (303, 401)
    assert fresh.get("/account").status_code == 200


def test_no_administrator_changes_themselves_on_a_page_or_by_program(world: World) -> None:
    admin = world.people["admin"]
    page, api = world.client("admin", api=False), world.client("admin", api=True)
    before = of_database(world.engine)
    for act, form in (("access", {"access": "disabled"}), ("site-role", {"site_role": "none"})):
        assert page.post(f"/admin/users/{admin.id}/{act}", data=form).status_code == 403
    for change in ({"disabled": True}, {"admin": False}, {"admin": True}):
        assert api.patch(f"/api/v1/users/{admin.email}", json=change).status_code == 403
    assert changed(before, of_database(world.engine)) == []


def test_the_last_administrator_stays_whoever_asks(world: World) -> None:
    with world.undone() as connection, Session(connection) as session:
        last = world.people["admin"]
        session.execute(update(User).where(User.id != last.id).values(is_admin=False))
        with pytest.raises(Conflict, match="last administrator"):
            people.disable(session, user_id=last.id, actor=OPERATOR, at=NOW)
        with pytest.raises(Conflict, match="last administrator"):
            people.set_admin(session, user_id=last.id, is_admin=False, actor=OPERATOR, at=NOW)


def test_the_last_lead_stays_and_one_who_is_disabled_does_not_count(world: World) -> None:
    with Session(world.engine, expire_on_commit=False) as session, session.begin():
        make = Factory(session)
        project = make.project()
        lead, kept_out = make.lead(project), make.lead(project)
        session.execute(update(User).where(User.id == kept_out.id).values(disabled_at=NOW))
    page, api = browser(world.app, lead), program(world.app, lead)
    before, path = of_database(world.engine), f"/projects/{project.slug}/members"
    asked = [
        page.post(path, data={"email": lead.email, "roles": "annotator"}),
        page.post(f"{path}/removal", data={"email": lead.email}),
        api.put(f"/api/v1{path}/{lead.email}", json={"roles": ["engineer"]}),
        api.delete(f"/api/v1{path}/{lead.email}"),
    ]
    assert [answer.status_code for answer in asked] == [409, 409, 409, 409]
    assert changed(before, of_database(world.engine)) == []
    with world.undone() as connection, Session(connection) as session:
        change = {"slug": project.slug, "email": lead.email, "actor": OPERATOR, "at": NOW}
        with pytest.raises(Conflict, match="last lead"):
            members.set_roles(session, roles=[Role.REVIEWER], **change)
