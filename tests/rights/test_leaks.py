"""Words that somebody may not read stand in nothing that they are given: lists, exports, histories."""

import pytest

from tests.rights.asking import path_of
from tests.rights.building import needle
from tests.rights.people import CROWDED, ROLES, SEEN_BY
from tests.rights.table import EXPORTING, TABLE, Row
from tests.rights.world import World

# What is read of one sample, and all that is about no single one: lists, pages, exports, counts.
OF_A_SAMPLE = ("GET /api/v1/samples/{sample_id}", "GET /samples/{sample_id}/history")
OPEN = (
    "/static",
    "/healthz",
    "/readyz",
    "/version",
    "/api/v1/docs",
    "/api/v1/openapi.json",
    "/links/{token}",
)
UNDECIDED = frozenset({"writing lead", "writing engineer", "turned engineer"})  # whose own sample is not
TRIED = ("lead", "writing lead", "decided lead", "reviewer", "writing reviewer", "rival", "colleague",
         "engineer", "writing engineer", "turned engineer", "stranger")  # fmt: skip


def given_to(world: World, name: str) -> str:
    """All that this person is given, joined."""
    texts = []
    for row in TABLE:
        if row.method != "GET" or row.template in OPEN:
            continue
        if "{sample_id}" not in row.template:
            texts.append(_read(world, name, row, ""))
        elif row.route in OF_A_SAMPLE:
            texts += [_read(world, name, row, place) for place in CROWDED]
    return "\n".join(texts)


def _read(world: World, name: str, row: Row, place: str) -> str:
    query = {"q": "Title"} if row.template.endswith(("/documents", "/samples")) else {}
    with world.undone():
        return world.client(name, api=row.is_api).get(path_of(world, row, place), params=query).text


def may_read(name: str, place: str) -> bool:
    """Whether the owner's words in this place are for this person."""
    handed_in = place not in {"draft", "skipped"}
    exported = place == "approved" and name in EXPORTING - UNDECIDED
    return name == "owner" or (handed_in and name in SEEN_BY[place]) or exported


@pytest.mark.parametrize("name", TRIED)
def test_words_reach_those_who_may_read_them_and_nobody_else(world: World, name: str) -> None:
    text = given_to(world, name)
    assert [place for place in CROWDED if needle(place, "owner") in text] == [
        place for place in CROWDED if may_read(name, place)
    ]
    assert [place for place in CROWDED if needle(place, "rival") in text and name != "rival"] == []
    if name in {"colleague", "engineer", "stranger"}:
        assert "Title-" not in text
    if "engineer" in name:
        names = [world.people[other].name for other in ROLES if other not in {name, "anonymous"}]
        assert [other for other in names if f">{other}<" in text or f'"{other}"' in text] == []


@pytest.mark.parametrize("name", sorted(UNDECIDED))
def test_a_rivals_output_is_left_out_of_an_export_and_the_exclusions_say_why(world: World, name: str) -> None:
    path = f"/api/v1/projects/{world.project.slug}/export"
    secret = needle("approved", "owner")
    with world.undone():
        assert secret not in world.client(name, api=True).get(path).text
        assert secret in world.client("engineer", api=True).get(path).text
        assert secret in world.client("decided lead", api=True).get(path).text
    listed = world.client(name, api=True).get(f"{path}/exclusions").json()["items"]
    assert [(item["sample_id"], item["reason"]) for item in listed] == [
        (world.samples["approved"], "own_undecided")
    ]
    assert world.client("engineer", api=True).get(f"{path}/exclusions").json()["items"] == []
