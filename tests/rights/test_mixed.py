"""Ways around the table: unlisted methods, ids of two projects in one address, privileged fields."""

import re

import pytest

from tests.rights.asking import OWN_HEADERS, ask, path_of, sent
from tests.rights.checksums import changed, of_database
from tests.rights.people import ADMINS, LEADS
from tests.rights.table import FILE, TABLE, Row
from tests.rights.world import ABSENT, World
from tests.web.browsers import body_of

METHODS = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND")
PRIVILEGED = ("role", "status", "author", "annotator_id", "project", "is_admin")
# Forms that have no field at all but the button, or none that is read, take nothing out of a body.
ROWS_WITH_BODIES = [row for row in TABLE if row.send and row.send is not FILE and row.method != "GET"]
# Parameters that name a thing within what the address names first.
INNER = ("key", "review_id", "report_id")
TWO_PROJECTS = [row for row in TABLE if any(f"/{{{inner}}}" in row.template for inner in INNER)]


def by_path() -> dict[str, list[Row]]:
    """The rows of each path."""
    grouped: dict[str, list[Row]] = {}
    for row in TABLE:
        grouped.setdefault(row.template, []).append(row)
    return grouped


def test_a_method_that_is_not_listed_does_nothing(world: World) -> None:
    before, odd = of_database(world.engine), []
    for template, rows in by_path().items():
        client = world.client("lead", api=rows[0].is_api)
        for method in METHODS:
            if method in {row.method for row in rows} or (method == "HEAD" and template == "/static"):
                continue
            found = client.request(method, path_of(world, rows[0], "submitted"))
            if found.status_code != 405:
                odd.append((method, template, found.status_code))
    assert odd == []
    assert changed(before, of_database(world.engine)) == []


@pytest.mark.parametrize("row", TWO_PROJECTS, ids=lambda row: row.route)
@pytest.mark.parametrize("name", ["lead", "reviewer", "stranger"])
def test_an_id_of_another_project_in_an_address_is_not_there(world: World, row: Row, name: str) -> None:
    inner = next(inner for inner in INNER if f"/{{{inner}}}" in row.template)
    client, before = world.client(name, api=row.is_api), of_database(world.engine)
    place = "submitted" if "{sample_id}" in row.template else ""
    answers = []
    for value in (world.elsewhere[inner], ABSENT[inner]):
        answer = ask(client, world, row, place, **{inner: value})
        # The address that was asked for may be repeated, and nothing else.
        answers.append((answer.status, re.sub(rf"(?<=[/“]){value}\b".encode(), b"<id>", answer.body)))
    assert answers[0] == answers[1]
    assert answers[0][0] in {403, 404, 409}
    assert changed(before, of_database(world.engine)) == []


@pytest.mark.parametrize("name", ["lead", "owner", "reviewer", "engineer", "admin", "ex-member"])
def test_nothing_of_another_project_is_there(world: World, name: str) -> None:
    told = []
    for row in TABLE:
        mine = [part for part in world.elsewhere if f"{{{part}}}" in row.template and part != "email"]
        if not mine or (name in ADMINS and row.scope == "admin"):
            continue
        client = world.client(name, api=row.is_api)
        path = row.path or row.template
        for values, answers in ((world.elsewhere, found := []), (ABSENT, absent := [])):
            address = path
            for part, value in (world.values | values).items():
                address = address.replace(f"{{{part}}}", value)
            answer = client.request(row.method, address, **sent(world, row, ""))
            kept = {key: value for key, value in answer.headers.items() if key not in OWN_HEADERS}
            answers.append((answer.status_code, kept, body_of(answer)))
        if found != absent or found[0][0] != 404:
            told.append((row.route, found[0][0], absent[0][0]))
    assert told == []


@pytest.mark.parametrize("row", ROWS_WITH_BODIES, ids=lambda row: row.route)
def test_a_field_that_is_not_the_senders_to_set_is_refused(world: World, row: Row) -> None:
    name = min(row.yes & (ADMINS | LEADS) or row.yes - {"anonymous", "disabled"})
    place = (row.when or ("submitted",))[0] if "{sample_id}" in row.template else ""
    client, taken = world.client(name, api=row.is_api), []
    path, body = path_of(world, row, place), sent(world, row, place)
    kind = "json" if row.is_api else "data"
    before = of_database(world.engine)
    for field in PRIVILEGED:
        fields = body[kind]
        assert isinstance(fields, dict)
        if field in fields:
            continue
        answer = client.request(row.method, path, **{kind: fields | {field: "1"}})
        if answer.status_code != 422:
            taken.append((field, answer.status_code))
    assert taken == []
    assert changed(before, of_database(world.engine)) == []
