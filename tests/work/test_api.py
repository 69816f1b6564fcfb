"""The main job over the JSON API, with tokens."""

import base64
import json

import pytest

from app import clock, database
from app.accounts.actors import OPERATOR
from app.projects import members
from app.releases import service
from app.releases.formats import Format
from app.releases.queries import Filter
from app.samples.models import Sample
from tests.factories import SUMMARY
from tests.work.conftest import World

CLAUSES = {"term": "covered", "governing_law": "absent"}


def test_a_sample_goes_from_the_queue_to_the_export(world: World) -> None:
    writer, reviewer = world.program("colleague"), world.program("second reviewer")
    taken = writer.post(f"/api/v1/projects/{world.project.slug}/queue/writing").json()
    url = f"/api/v1/samples/{taken['id']}"
    assert taken["status"] == "draft"
    assert taken["lease"]["expires_at"].endswith("+00:00")
    assert taken["document"]["text"].startswith("Services Agreement")
    assert "submit" in taken["actions"]
    saved = writer.put(
        f"{url}/draft",
        json={"output": SUMMARY, "clauses": CLAUSES, "based_on": taken["draft"]["number"], "editor": "a"},
    ).json()
    assert saved["number"] == 1
    submitted = writer.post(f"{url}/submission", json={"based_on": 1})
    assert (submitted.status_code, submitted.json()["status"]) == (200, "submitted")
    decided = reviewer.post(f"{url}/reviews", json={"action": "approve", "revision": 1})
    assert (decided.status_code, decided.json()["sample"]["status"]) == (201, "approved")
    export = world.program("engineer").get(f"/api/v1/projects/{world.project.slug}/export")
    assert export.headers["Content-Type"].startswith("application/jsonl")
    rows = [json.loads(line) for line in export.text.split("\n")[:-1]]
    assert [set(row) for row in rows] == [{"instruction", "output"}] * 2


def test_the_same_key_submits_once(world: World) -> None:
    writer = world.program("owner")
    url = f"/api/v1/samples/{world.samples['draft']}/submission"
    answers = [writer.post(url, json={"based_on": 1}, headers={"Idempotency-Key": "once"}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].json() == answers[1].json()
    assert len(answers[1].json()["revisions"]) == 1


def test_a_stale_save_answers_409_with_the_current_draft(world: World) -> None:
    writer = world.program("owner")
    url = f"/api/v1/samples/{world.samples['draft']}/draft"
    writer.put(url, json={"output": "First.", "based_on": 1, "editor": "a"})
    answer = writer.put(url, json={"output": "Second.", "based_on": 1, "editor": "b"})
    problem = answer.json()
    assert (answer.status_code, problem["code"], problem["draft"]["output"]) == (409, "stale_draft", "First.")
    assert answer.headers["Content-Type"].startswith("application/problem+json")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"output": "x", "based_on": 9}, 422),
        ({"output": "x", "based_on": -1}, 422),
        ({"output": "x", "based_on": 10**30}, 422),
        ({"output": "x\0", "based_on": 1}, 422),
        ({"output": ["x"], "based_on": 1}, 422),
        ({"output": "x", "based_on": 1, "status": "approved"}, 422),
        ({"output": "x", "based_on": 1, "clauses": {"no_such": "covered"}}, 422),
        ({"output": "x", "based_on": 1, "clauses": {"term": "maybe"}}, 422),
        (
            {"output": "x", "based_on": 1, "evidence": [{"document": {"start": 5, "end": 2, "quote": ""}}]},
            422,
        ),
        (
            {
                "output": "x",
                "based_on": 1,
                "evidence": [{"document": {"start": 0, "end": 99999, "quote": ""}}],
            },
            422,
        ),
        (
            {
                "output": "x",
                "based_on": 1,
                "evidence": [{"document": {"start": 0, "end": 8, "quote": "Services"}}],
            },
            200,
        ),
    ],
)
def test_a_save_takes_what_it_knows_and_refuses_the_rest(world: World, body: dict, code: int) -> None:
    answer = world.program("owner").put(f"/api/v1/samples/{world.samples['draft']}/draft", json=body)
    assert answer.status_code == code
    if code == 422:
        with database.transaction() as session:
            assert session.get_one(Sample, world.samples["draft"]).draft.output == SUMMARY


def test_blocking_findings_come_with_the_refusal(world: World) -> None:
    writer = world.program("owner")
    url = f"/api/v1/samples/{world.samples['draft']}"
    writer.put(f"{url}/draft", json={"output": "", "based_on": 1})
    answer = writer.post(f"{url}/submission", json={"based_on": 2}).json()
    assert answer["code"] == "findings_block"
    assert {finding["severity"] for finding in answer["findings"]} >= {"error"}


@pytest.mark.parametrize(
    ("person", "status"),
    [("owner", 403), ("colleague", 404), ("lead", 403), ("engineer", 404), ("stranger", 404)],
)
def test_only_reviewers_decide_by_the_api(world: World, person: str, status: int) -> None:
    answer = world.program(person).post(
        f"/api/v1/samples/{world.samples['submitted']}/reviews", json={"action": "approve", "revision": 1}
    )
    assert answer.status_code == status


def test_a_token_does_what_its_scopes_say_and_no_more(world: World) -> None:
    reader = world.program("owner", "read")
    url = f"/api/v1/samples/{world.samples['draft']}"
    assert reader.get(url).status_code == 200
    answer = reader.put(f"{url}/draft", json={"output": "x", "based_on": 1})
    assert (answer.status_code, answer.json()["code"]) == (403, "scope_missing")


def test_a_decision_is_undone_by_the_api(world: World) -> None:
    reviewer = world.program("reviewer")
    url = f"/api/v1/samples/{world.samples['submitted']}/reviews"
    review = reviewer.post(url, json={"action": "reject", "revision": 1, "comment": "No use."}).json()
    undone = reviewer.delete(f"{url}/{review['id']}")
    assert (undone.status_code, undone.json()["status"]) == (200, "submitted")


def test_the_list_pages_by_cursor_and_filters(world: World) -> None:
    lead = world.program("lead")
    url = f"/api/v1/projects/{world.project.slug}/samples"
    seen: list[int] = []
    page = lead.get(url, params={"limit": 2})
    while True:
        seen += [item["id"] for item in page.json()["items"]]
        if not page.json()["next"]:
            break
        assert 'rel="next"' in page.headers["Link"]
        page = lead.get(url, params={"limit": 2, "cursor": page.json()["next"]})
    assert seen == sorted(world.samples.values(), reverse=True)
    approved = lead.get(url, params={"status": "approved"}).json()["items"]
    assert [item["id"] for item in approved] == [world.samples["approved"]]
    assert lead.get(url, params={"q": "%"}).json()["items"] == []


@pytest.mark.parametrize("sample_id", ["0", "-1", str(2**31), str(2**63), "1" + "0" * 30, "abc"])
def test_odd_ids_are_absent_and_nothing_breaks(world: World, sample_id: str) -> None:
    program, browser = world.program("owner"), world.browser("owner")
    assert program.get(f"/api/v1/samples/{sample_id}").status_code == 404
    assert program.delete(f"/api/v1/samples/{sample_id}/submission").status_code == 404
    assert program.delete(f"/api/v1/samples/1/reviews/{sample_id}").status_code in {403, 404}
    for page in ("", "/review", "/history"):
        assert browser.get(f"/samples/{sample_id}{page}").status_code == 404
    assert browser.put(f"/samples/{sample_id}/lease").status_code == 404


HALF = "\ud800"  # of a surrogate pair: JSON can write it, UTF-8 cannot


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PUT", "/samples/{draft}/draft", {"output": HALF, "based_on": 1}),
        ("PUT", "/samples/{draft}/draft", {"output": "A.", "based_on": 1, "editor": HALF}),
        ("PUT", "/samples/{draft}/draft", {"output": "A.", "based_on": 1, "clauses": {HALF: "covered"}}),
        ("POST", "/samples/{draft}/submission", {"based_on": 1, "reasons": {HALF: HALF}}),
        ("POST", "/samples/{draft}/skip", {"reason": HALF}),
        ("POST", "/documents/1/text-reports", {"passage": HALF, "message": HALF}),
        ("PATCH", "/projects/{project}", {"name": HALF}),
        ("PATCH", "/projects/{project}", {"instructions": [{"key": HALF, "phrasings": ["Sum up."]}]}),
        ("PATCH", "/projects/{project}", {"clauses": [{"key": HALF, "name": HALF}]}),
        ("PUT", "/projects/{project}/members/a@b.example", {"roles": [HALF]}),
    ],
)
def test_half_a_character_is_refused_wherever_it_stands(
    world: World, method: str, path: str, body: dict[str, object]
) -> None:
    name = "lead" if "projects" in path else "owner"
    url = "/api/v1" + path.format(draft=world.samples["draft"], project=world.project.slug)
    content, headers = json.dumps(body).encode(), {"Content-Type": "application/json"}
    answer = world.program(name).request(method, url, content=content, headers=headers)
    assert answer.status_code == 422


def test_half_a_character_in_a_cursor_is_refused(world: World) -> None:
    cursor = base64.urlsafe_b64encode(b'["\\ud800",1]').decode().rstrip("=")
    answer = world.program("lead").get("/api/v1/projects", params={"cursor": cursor})
    assert answer.status_code == 422


@pytest.mark.parametrize("charset", ["undefined", "punycode", "idna", "unicode_escape", "utf-7", "none-such"])
def test_a_form_in_an_odd_encoding_breaks_nothing(world: World, charset: str) -> None:
    part = b'--x\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n'
    fields = [(b"output", b"xn--\\ud800-\xff"), (b"based_on", b"1")]
    content = b"".join(part % field for field in fields) + b"--x--\r\n"
    headers = {"Content-Type": f"multipart/form-data; boundary=x; charset={charset}"}
    url = f"/samples/{world.samples['draft']}/draft"
    answer = world.browser("owner").post(url, content=content, headers=headers)
    assert answer.status_code in {303, 422}


def test_a_wrong_passage_is_reported_by_the_api(world: World) -> None:
    owner = world.program("owner")
    document = owner.get(f"/api/v1/samples/{world.samples['draft']}").json()["document"]["id"]
    url = f"/api/v1/documents/{document}/text-reports"
    answer = owner.post(url, json={"passage": "three (3) years", "message": "The original says five."})
    assert answer.status_code == 201
    assert answer.json()["id"] > 0
    assert world.program("engineer").post(url, json={"passage": "x", "message": "y"}).status_code == 404


def test_a_stored_answer_is_not_given_to_somebody_who_was_removed_or_lacks_the_scope(world: World) -> None:
    url = f"/api/v1/projects/{world.project.slug}/queue/writing"
    key = {"Idempotency-Key": "again"}
    writer = world.program("colleague")
    assert writer.post(url, headers=key).status_code == 200
    assert world.program("colleague", "read").post(url, headers=key).status_code == 403
    with database.transaction() as session:
        members.remove_member(
            session,
            slug=world.project.slug,
            email=world.people["colleague"].email,
            actor=OPERATOR,
            at=clock.now(),
        )
    assert writer.post(url, headers=key).status_code == 404


def test_more_exports_at_once_than_there_are_connections_for_are_asked_to_wait(world: World) -> None:
    with database.transaction() as session:
        begun = service.begin_export(
            session,
            project_slug=world.project.slug,
            format=Format.INSTRUCTION,
            with_metadata=False,
            wanted=Filter(),
            actor=OPERATOR,
            at=clock.now(),
        )
    dawdling = [service.export_lines(begun) for _ in range(database.STREAM_CONNECTIONS)]
    for lines in dawdling:
        next(lines)
    engineer = world.program("engineer")
    url = f"/api/v1/projects/{world.project.slug}/export"
    refused = engineer.get(url)
    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "2")
    assert engineer.get("/api/v1/me").status_code == 200
    for lines in dawdling:
        lines.close()
    assert engineer.get(url).status_code == 200
