"""The JSON API of projects on the real application: shapes, refusals, and what a stranger is told."""

import pytest
from sqlalchemy import Engine, event
from starlette.testclient import TestClient

from app.audit.models import Event
from app.projects.models import Member, Project
from app.projects.rules import Role
from tests.factories import Factory
from tests.projects.conftest import World
from tests.web.browsers import SITE

DEFAULT_POLICY = {
    "min_words": 60,
    "max_words": 160,
    "overlap": 1,
    "approvals": 1,
    "reviewer_edits": True,
    "lease_minutes": 60,
    "date_order": "mdy",
    "severities": {},
}


def test_an_admin_creates_a_project_and_reads_it_as_its_lead(world: World) -> None:
    client = world.client(world.admin)
    made = client.post("/api/v1/projects", json={"slug": "nda", "name": "NDAs"})
    assert made.status_code == 201
    assert made.headers["Location"] == "/api/v1/projects/nda"
    assert client.get("/api/v1/projects/nda").json() == made.json()
    body = made.json()
    assert set(body) == {"slug", "name", "system_prompt", "instructions", "clauses", "policy", "guidelines"}
    assert body["instructions"][0]["key"] == "summary"
    assert body["instructions"][0]["phrasings"][0].endswith("its governing law: '{contract}'")
    assert body["clauses"] == [
        {"key": "term", "name": "Term", "required": True},
        {"key": "liability", "name": "Limits of liability", "required": True},
        {"key": "governing_law", "name": "Governing law", "required": True},
    ]
    assert body["policy"] == DEFAULT_POLICY
    assert body["guidelines"]["version"] == 1
    copied = client.post("/api/v1/projects", json={**body, "slug": "nda-2", "lead": world.lead.email})
    assert copied.json() == {**body, "slug": "nda-2"}
    assert client.get("/api/v1/projects/nda-2").status_code == 404


def test_a_lead_changes_all_of_a_project_in_one_call(world: World) -> None:
    client = world.client(world.lead)
    changed = client.patch(
        world.path,
        json={
            "name": "Leases",
            "system_prompt": "Be brief.",
            "policy": {"overlap": 2, "severities": {}},
            "instructions": [
                {"key": "summary", "phrasings": ["One: {contract}", "Two."]},
                {"key": "parties", "phrasings": ["Who are the parties?"]},
            ],
            "clauses": [{"key": "rent", "name": "Rent", "required": False, "phrase_cues": ["monthly rent"]}],
            "guidelines": "# Leases",
        },
    )
    assert changed.status_code == 200
    assert changed.json() == {
        "slug": world.project.slug,
        "name": "Leases",
        "system_prompt": "Be brief.",
        "instructions": [
            {"key": "summary", "phrasings": ["One: {contract}", "Two."]},
            {"key": "parties", "phrasings": ["Who are the parties?"]},
        ],
        "clauses": [{"key": "rent", "name": "Rent", "required": False}],
        "policy": {**DEFAULT_POLICY, "min_words": 5, "overlap": 2},
        "guidelines": {"version": 2, "markdown": "# Leases"},
    }
    assert client.get(world.path).json() == changed.json()
    cued = client.get(f"{world.path}/clauses").json()["items"]
    assert cued[0]["phrase_cues"] == ["monthly rent"]
    stale = client.patch(world.path, json={"guidelines": {"markdown": "Older.", "version": 1}})
    assert (stale.status_code, stale.json()["code"]) == (409, "stale_settings")


@pytest.mark.parametrize(
    "body",
    [
        {"unknown": 1},
        {"slug": "another"},
        {"policy": {"overlap": 11}},
        {"policy": {"overlap": "2"}},
        {"policy": {"overlap": 10**30}},
        {"policy": {"reviewer_edits": 1}},
        {"policy": {"status": "open"}},
        {"policy": None},
        {"name": ""},
        {"name": "a\0b"},
        {"instructions": [{"key": "summary", "phrasings": []}]},
        {"name": "Not this either", "instructions": [{"key": "x", "phrasings": ["{contract}{contract}"]}]},
        {"clauses": [{"key": "A B", "name": "x"}]},
        {"guidelines": ""},
    ],
)
def test_a_change_that_does_not_hold_together_changes_nothing(world: World, body: dict[str, object]) -> None:
    client = world.client(world.lead)
    before, events = client.get(world.path).json(), world.count(Event)
    refused = client.patch(world.path, json=body)
    assert refused.status_code == 422
    assert refused.headers["Content-Type"] == "application/problem+json"
    assert client.get(world.path).json() == before
    assert world.count(Event) == events


LEADS_ONLY = [
    ("PATCH", "", {"name": "Mine"}),
    ("GET", "/members", None),
    ("PUT", "/members/person@example.org", {"roles": ["lead"]}),
    ("DELETE", "/members/person@example.org", None),
]


@pytest.mark.parametrize(("method", "path", "body"), LEADS_ONLY)
@pytest.mark.parametrize("person", ["annotator", "reviewer", "engineer"])
def test_a_member_who_is_no_lead_may_not_manage(
    world: World, person: str, method: str, path: str, body: object
) -> None:
    client = world.client(getattr(world, person))
    members, events = world.count(Member), world.count(Event)
    answer = client.request(method, world.path + path, json=body)
    assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed")
    assert (world.count(Member), world.count(Event)) == (members, events)


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        *LEADS_ONLY,
        ("GET", "", None),
        ("GET", "/clauses", None),
        ("GET", "/activity", None),
        ("PUT", "/attestation", None),
    ],
)
@pytest.mark.parametrize("person", ["stranger", "admin"])
def test_a_stranger_is_told_what_they_would_be_told_of_nothing(
    world: World, person: str, method: str, path: str, body: object
) -> None:
    client = world.client(getattr(world, person))
    hidden = client.request(method, world.path + path, json=body)
    absent = client.request(method, f"/api/v1/projects/there-is-none{path}", json=body)
    assert hidden.status_code == 404
    assert hidden.content == absent.content


def test_a_member_comes_changes_and_goes(world: World) -> None:
    client, path = world.client(world.lead), f"{world.path}/members/{world.stranger.email}"
    added = client.put(path, json={"roles": ["reviewer", "annotator"]})
    assert added.json() == {
        "email": world.stranger.email,
        "name": world.stranger.name,
        "roles": ["annotator", "reviewer"],
    }
    assert added.json() in client.get(f"{world.path}/members").json()["items"]
    newcomer = world.client(world.stranger)
    assert newcomer.get(world.path).status_code == 200
    assert client.put(path, json={"roles": []}).status_code == 422
    assert client.put(path, json={"roles": ["owner"]}).status_code == 422
    assert client.delete(path).status_code == 204
    assert client.delete(path).status_code == 404
    assert newcomer.get(world.path).status_code == 404
    last = client.delete(f"{world.path}/members/{world.lead.email}")
    assert (last.status_code, last.json()["code"]) == (409, "last_lead")
    unknown = client.put(f"{world.path}/members/nobody@example.org", json={"roles": ["lead"]})
    assert (unknown.status_code, unknown.json()["code"]) == (422, "unknown_person")


def test_an_annotator_attests_for_the_current_guidelines(world: World) -> None:
    client = world.client(world.annotator)
    first = client.put(f"{world.path}/attestation")
    assert first.status_code == 200
    assert first.json()["guidelines_version"] == 1
    assert client.put(f"{world.path}/attestation", json={"version": 1}).json() == first.json()
    outdated = client.put(f"{world.path}/attestation", json={"version": 7})
    assert (outdated.status_code, outdated.json()["code"]) == (409, "guidelines_outdated")
    assert world.client(world.reviewer).put(f"{world.path}/attestation").status_code == 403


def test_activity_is_everybodys_for_the_lead_and_ones_own_for_the_others(world: World) -> None:
    lead = world.client(world.lead)
    lead.patch(world.path, json={"name": "Renamed"})
    world.client(world.annotator).put(f"{world.path}/attestation")
    activity = f"{world.path}/activity"
    assert [item["verb"] for item in lead.get(activity).json()["items"]] == [
        "attestation.give",
        "project.update",
    ]
    first = lead.get(activity, params={"limit": 1})
    second = lead.get(activity, params={"limit": 1, "cursor": first.json()["next"]})
    assert [item["verb"] for item in second.json()["items"]] == ["project.update"]
    assert second.json()["next"] is None
    own = world.client(world.annotator).get(activity).json()["items"]
    assert [item["actor"] for item in own] == [world.annotator.name]
    assert world.client(world.engineer).get(activity).status_code == 403


def test_only_an_admin_creates_projects_over_the_api(world: World) -> None:
    body = {"slug": "mine", "name": "Mine"}
    before = world.count(Project)
    assert world.client(world.lead).post("/api/v1/projects", json=body).status_code == 403
    assert TestClient(world.app, base_url=SITE).post("/api/v1/projects", json=body).status_code == 401
    assert world.count(Project) == before


def test_a_list_costs_the_same_statements_at_any_length(world: World) -> None:
    client = world.client(world.lead)
    client.get("/api/v1/projects")  # the first call notes that the token is in use
    counts = []
    make = Factory(world.session)
    for more in (1, 6):
        for _ in range(more):
            project = make.project()
            world.session.add(Member(project_id=project.id, user_id=world.lead.id, role=Role.LEAD))
        world.session.commit()
        statements: list[str] = []

        def note(*args: object, seen: list[str] = statements) -> None:
            seen.append(str(args[2]))

        event.listen(Engine, "before_cursor_execute", note)
        listed = client.get("/api/v1/projects").json()["items"]
        event.remove(Engine, "before_cursor_execute", note)
        counts.append((len(listed), len(statements)))
    assert [count[0] for count in counts] == [2, 8]
    assert counts[0][1] == counts[1][1]


def test_projects_are_paged_by_name(world: World) -> None:
    make = Factory(world.session)
    for _ in range(4):
        project = make.project()
        world.session.add(Member(project_id=project.id, user_id=world.lead.id, role=Role.LEAD))
    world.session.commit()
    client, seen, url = world.client(world.lead), [], "/api/v1/projects?limit=2"
    while url:
        answer = client.get(url)
        seen += [item["name"] for item in answer.json()["items"]]
        link = answer.headers.get("Link", "")
        url = link.partition(">")[0].lstrip("<")
    assert len(seen) == 5
    assert seen == sorted(seen)
