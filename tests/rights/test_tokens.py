"""Tokens: a scope narrows what a person may do and never widens it, and a token that is not good is none."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session
from starlette.testclient import TestClient

from app import database
from app.accounts import tokens
from app.accounts.models import ApiToken
from app.accounts.rules import Scope
from tests.rights.asking import ask, wanted
from tests.rights.checksums import changed, of_database
from tests.rights.people import ADMINS
from tests.rights.table import TABLE, Row
from tests.rights.world import World
from tests.web.browsers import SITE, program

CALLS = [row for row in TABLE if row.is_api]


def somebody_who_may(row: Row) -> str:
    """A person whom the scope alone keeps from it."""
    return min(row.yes & ADMINS or row.yes)


def test_every_call_needs_its_scope_and_no_other_is_enough(world: World) -> None:
    narrow: dict[tuple[str, str], TestClient] = {}
    for name in {somebody_who_may(row) for row in CALLS}:
        for scope in Scope:
            if scope is not Scope.ADMIN or name in ADMINS:
                others = [other for other in Scope if other != scope and (other != "admin" or name in ADMINS)]
                narrow[name, scope] = program(world.app, world.people[name], *others)
    before, wrong = of_database(world.engine), []
    for row in CALLS:
        name = somebody_who_may(row)
        place = (row.when or ("submitted",))[0] if "{sample_id}" in row.template else ""
        answer = ask(narrow[name, row.scope], world, row, place)
        if answer.status != 403 or b"scope_missing" not in answer.body:
            wrong.append((row.route, answer.describe()))
    assert wrong == []
    assert changed(before, of_database(world.engine)) == []


def test_with_its_scope_alone_every_call_is_answered(world: World) -> None:
    clients: dict[tuple[str, str], TestClient] = {}
    wrong = []
    for row in CALLS:
        key = somebody_who_may(row), row.scope
        if key not in clients:
            clients[key] = program(world.app, world.people[key[0]], row.scope)
        place = (row.when or ("submitted",))[0] if "{sample_id}" in row.template else ""
        with world.undone():
            answer = ask(clients[key], world, row, place)
        if answer.status in {401, 403, 404}:
            wrong.append((row.route, answer.describe()))
    assert wrong == []


def test_a_scope_gives_nobody_what_their_roles_do_not(world: World) -> None:
    client = program(world.app, world.people["engineer"])
    with Session(world.engine) as session, session.begin():
        mine = ApiToken.user_id == world.people["engineer"].id
        session.execute(update(ApiToken).where(mine).values(scopes=[str(scope) for scope in Scope]))
    before = of_database(world.engine)
    kept_out = [row for row in CALLS if "engineer" not in row.yes]
    answered = {}
    for row in kept_out:
        place = "submitted" if "{sample_id}" in row.template else ""
        assert wanted(row, "engineer", place) != "done"
        status = ask(client, world, row, place).status
        if status not in {403, row.hidden}:
            answered[row.route] = status
    assert answered == {}
    assert changed(before, of_database(world.engine)) == []


@pytest.mark.parametrize("how", ["revoked", "expired", "empty", "wrong", "of a disabled person", "cut short"])
def test_a_token_that_is_not_good_opens_nothing(world: World, how: str) -> None:
    user = world.people["disabled" if how == "of a disabled person" else "lead"]
    client = world.client("disabled", api=True) if user.name.startswith("Disabled") else None
    client = client or program(world.app, user)
    word = client.headers["Authorization"]
    with database.transaction() as session:
        newest = session.query(ApiToken).filter_by(user_id=user.id).order_by(ApiToken.id.desc()).first()
        now = datetime.now(UTC)
        if how == "revoked":
            tokens.revoke(session, token_id=newest.id, actor=user, owner=user, at=now)
        if how == "expired":
            newest.expires_at = now - timedelta(seconds=1)
    sent = {"empty": "Bearer ", "wrong": "Bearer engr_nobody", "cut short": word[:-1]}.get(how, word)
    before = of_database(world.engine)
    anonymous = TestClient(world.app, base_url=SITE, headers={"Authorization": sent})
    answered = [row.route for row in CALLS if ask(anonymous, world, row, _place(row)).status != 401]
    assert answered == []
    assert changed(before, of_database(world.engine)) == []


def _place(row: Row) -> str:
    return "submitted" if "{sample_id}" in row.template else ""


def test_nobody_revokes_or_sees_anothers_token(world: World) -> None:
    lead = world.client("lead", api=True)
    others = {token["id"] for token in world.client("owner", api=True).get("/api/v1/tokens").json()}
    assert others
    assert not others & {token["id"] for token in lead.get("/api/v1/tokens").json()}
    for token_id in others:
        assert lead.delete(f"/api/v1/tokens/{token_id}").status_code == 404
