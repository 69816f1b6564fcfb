"""Everybody asks everything, on pages and by program, and is answered as the table says."""

import pytest
from fastapi.routing import APIRoute, iter_route_contexts

from tests.rights.asking import Outcome, ask, outcome, wanted
from tests.rights.checksums import changed, checksums, of_database
from tests.rights.people import PLAIN, ROLES, places_for
from tests.rights.table import TABLE, Row
from tests.rights.world import World


def cases(row: Row) -> list[tuple[str, str]]:
    """Who asks, and about the sample in which place ("" where the row is about none)."""
    if "{sample_id}" in row.template:
        return [(name, place) for name in ROLES for place in places_for(name, row.when)]
    return [(name, "") for name in (ROLES if "{document_id}" in row.template else PLAIN)]


def routes(world: World) -> set[str]:
    """Every method of every route that the application has."""
    found = set()
    for context in iter_route_contexts(world.app.routes):
        is_api = isinstance(context.original_route, APIRoute)
        found |= {f"{method} {context.path}" for method in (context.methods if is_api else None) or {"GET"}}
    return found


def test_every_route_stands_in_the_table_once_and_every_row_names_a_route(world: World) -> None:
    rows = [row.route for row in TABLE]
    assert sorted(rows) == sorted(routes(world))


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.route)
def test_everybody_is_answered_as_the_table_says(world: World, row: Row) -> None:
    before = of_database(world.engine)
    answered = [(name, place, *answer_of(world, row, name, place)) for name, place in cases(row)]
    wrong = [
        f"{name} {place}: wanted {wanted(row, name, place)}, got {got}"
        for name, place, got, _ in answered
        if got != wanted(row, name, place)
    ]
    assert wrong == []
    assert changed(before, of_database(world.engine)) == []
    acts = row.changes and row.method != "GET" and row.when
    assert not acts or any(tables for *_, tables in answered), "nobody who may do it changed anything"


def answer_of(world: World, row: Row, name: str, place: str) -> tuple[Outcome | str, list[str]]:
    """How this person is answered, and the tables that change by it; what they may do is undone again."""
    client, want = world.client(name, api=row.is_api), wanted(row, name, place)
    if want not in {Outcome.YES, Outcome.LATE}:
        absent = ask(client, world, row, place, absent=True) if want is Outcome.HIDDEN else None
        return outcome(ask(client, world, row, place), row, absent), []
    if row.method == "GET" and not row.writes:
        return outcome(ask(client, world, row, place), row, None), []
    with world.undone() as connection:
        inside = checksums(connection)
        got = outcome(ask(client, world, row, place), row, None)
        return got, changed(inside, checksums(connection))
