"""Pages of a project: for whom, with what, and what stays on them when a form is refused."""

import re
from html import unescape

import pytest
from sqlalchemy.orm import Session
from starlette.testclient import TestClient

from app.audit.models import Event
from app.projects import guidelines, library, service
from app.projects.models import Guidelines, Member, Project
from tests.factories import NOON
from tests.projects.conftest import World
from tests.web.browsers import browser

PEOPLE = ("lead", "reviewer", "annotator", "engineer", "stranger", "admin")
# page → who may open it; other members are refused, and strangers find nothing.
PAGES = {
    "": {"lead", "reviewer", "annotator", "engineer"},
    "/guidelines": {"lead", "reviewer", "annotator", "engineer"},
    "/guidelines?version=1": {"lead", "reviewer", "annotator", "engineer"},
    "/activity": {"lead", "reviewer", "annotator"},
    "/members": {"lead"},
    "/settings": {"lead"},
    "/guidelines/edit": {"lead"},
}
# change → (a form that is complete, who may send it)
CHANGES: dict[str, tuple[dict[str, object], set[str]]] = {
    "/settings": ({"name": "Mine", "based_on": "x"}, {"lead"}),
    "/policy": ({"overlap": "2", "based_on": "1"}, {"lead"}),
    "/clauses": ({"based_on": "1"}, {"lead"}),
    "/clauses/preview": ({"based_on": "1"}, {"lead"}),
    "/instructions": ({"key": "x", "phrasing": "X."}, {"lead"}),
    "/instructions/summary": ({"phrasing": "X.", "based_on": "x"}, {"lead"}),
    "/guidelines": ({"markdown": "X.", "based_on": "1"}, {"lead"}),
    "/guidelines/preview": ({"markdown": "X.", "based_on": "1"}, {"lead"}),
    "/members": ({"email": "person@example.org", "roles": "lead"}, {"lead"}),
    "/members/removal": ({"email": "person@example.org"}, {"lead"}),
    "/attestation": ({"version": "1"}, {"annotator"}),
}
HIDDEN = {"stranger", "admin"}


def _page(world: World, person: str) -> TestClient:
    return browser(world.app, getattr(world, person))


def _url(world: World, path: str = "") -> str:
    return f"/projects/{world.project.slug}{path}"


def _hidden_field(html: str, form: str, name: str) -> str:
    """The value of a hidden field in the form that is sent to `form`."""
    body = html.split(f'action="{form}"', 1)[1]
    found = re.search(rf'name="{name}" value="([^"]*)"', body)
    assert found
    return found[1]


@pytest.mark.parametrize("person", PEOPLE)
def test_each_page_opens_for_those_who_may_open_it(world: World, person: str) -> None:
    client = _page(world, person)
    for path, allowed in PAGES.items():
        expected = 200 if person in allowed else 404 if person in HIDDEN else 403
        assert client.get(_url(world, path)).status_code == expected, path


@pytest.mark.parametrize("person", [person for person in PEOPLE if person != "lead"])
def test_nobody_changes_a_project_but_its_lead(world: World, person: str) -> None:
    client = _page(world, person)
    events, rows = world.count(Event), world.count(Member)
    for path, (form, allowed) in CHANGES.items():
        if person not in allowed:
            expected = 404 if person in HIDDEN else 403
            assert client.post(_url(world, path), data=form).status_code == expected, path
    assert (world.count(Event), world.count(Member)) == (events, rows)


def test_a_stranger_reads_the_same_page_as_for_a_project_that_is_not_there(world: World) -> None:
    client = _page(world, "stranger")
    for path in PAGES:
        hidden, absent = client.get(_url(world, path)), client.get(f"/projects/there-is-none{path}")
        assert hidden.status_code == 404
        drawn = [
            re.sub(r'(href|action)="[^"]*"|[0-9a-f]{32}', "", answer.text) for answer in (hidden, absent)
        ]
        assert drawn[0] == drawn[1], path
        assert world.project.name not in hidden.text


def test_anybody_else_signs_in_first(world: World) -> None:
    answer = browser(world.app).get(_url(world))
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/sign-in?next={_url(world)}")


def test_an_admin_makes_a_project_and_is_told_what_is_wrong(world: World) -> None:
    client = _page(world, "admin")
    assert "New project" in client.get("/projects").text
    assert client.get("/projects/new").status_code == 200
    form = {"name": "Typed <name>", "slug": "new", "lead": world.lead.email}
    refused = client.post("/projects", data=form)
    assert refused.status_code == 422
    assert "Typed &lt;name&gt;" in refused.text
    assert "choose another short name" in refused.text
    taken = client.post("/projects", data={**form, "slug": world.project.slug})
    assert (taken.status_code, "Typed &lt;name&gt;" in taken.text) == (409, True)
    unknown = client.post("/projects", data={**form, "slug": "nda", "lead": "nobody@example.org"})
    assert (unknown.status_code, "Nobody has an account" in unknown.text) == (422, True)
    made = client.post("/projects", data={**form, "slug": "nda"})
    assert (made.status_code, made.headers["Location"]) == (303, "/projects")
    assert client.get("/projects/nda").status_code == 404
    assert _page(world, "lead").get("/projects/nda/settings").status_code == 200


def test_only_admins_are_offered_a_new_project(world: World) -> None:
    client = _page(world, "lead")
    before = world.count(Project)
    assert "New project" not in client.get("/projects").text
    assert client.get("/projects/new").status_code == 403
    form = {"name": "Mine", "slug": "mine", "lead": world.lead.email}
    assert client.post("/projects", data=form).status_code == 403
    assert world.count(Project) == before


def test_an_overview_offers_what_its_reader_may_do_next(world: World) -> None:
    writer, reviewer, lead, engineer = (
        _page(world, person).get(_url(world)).text for person in ("annotator", "reviewer", "lead", "engineer")
    )
    assert "to write" in writer
    assert "to write" not in reviewer
    assert "for your review" in reviewer
    assert "Your next step" not in lead
    assert "Import contracts" in lead
    assert "Samples by status" in lead
    assert "Samples by status" not in engineer
    assert "Approved" in engineer
    for absent in ("Members", "Settings", "Activity"):
        assert f">{absent}</a>" not in engineer


def test_a_lead_changes_the_settings_part_by_part(world: World) -> None:
    client = _page(world, "lead")
    page = client.get(_url(world, "/settings")).text
    basics = {"name": "Leases", "system_prompt": "Be brief."}
    policy = {
        "min_words": "10",
        "max_words": "90",
        "overlap": "2",
        "approvals": "2",
        "lease_minutes": "30",
        "date_order": "dmy",
        "kind": ["too_long", "too_short"],
        "severity": ["error", "off"],
    }
    clauses = {
        "key": ["term", "governing_law", ""],
        "name": ["The term", "Governing_Law", "Limits of liability"],
        "heading_cues": ["term, duration", "", ""],
        "phrase_cues": ["", "", "aggregate liability"],
        "required": ["0", "2"],
        "remove": ["1"],
    }
    phrasings = {"phrasing": ["First: '{contract}'", "", "Second\r\nline."]}
    for path, form in (
        ("/settings", basics),
        ("/policy", policy),
        ("/clauses", clauses),
        ("/instructions/summary", phrasings),
    ):
        based_on = _hidden_field(page, _url(world, path), "based_on")
        saved = client.post(_url(world, path), data={**form, "based_on": based_on})
        assert saved.status_code == 303, path
        assert saved.headers["Location"].startswith(_url(world, "/settings#"))
    added = client.post(_url(world, "/instructions"), data={"key": "parties", "phrasing": ["Who?", ""]})
    assert added.status_code == 303
    with Session(world.session.get_bind()) as fresh:
        project = fresh.get_one(Project, world.project.id)
        assert (project.name, project.system_prompt) == ("Leases", "Be brief.")
        assert (project.overlap, project.reviewer_edits, project.date_order) == (2, False, "dmy")
        assert project.severities == {"too_short": "off"}
        assert [(row.key, row.name, row.required) for row in project.clauses] == [
            ("term", "The term", True),
            ("limits_of_liability", "Limits of liability", True),
        ]
        assert project.clauses[0].heading_cues == ["term", "duration"]
        assert [row.key for row in project.instructions] == ["summary", "parties"]
        assert [row.text for row in project.instructions[0].phrasings] == [
            "First: '{contract}'",
            "Second\nline.",
        ]


@pytest.mark.parametrize(
    ("path", "form", "kept"),
    [
        ("/settings", {"name": " ", "system_prompt": "Typed & kept"}, "Typed &amp; kept"),
        ("/policy", {"overlap": "many", "max_words": "7777"}, 'value="7777"'),
        ("/clauses", {"key": "A B", "name": "Typed", "heading_cues": "", "phrase_cues": ""}, 'value="A B"'),
        ("/instructions", {"key": "Typed!", "phrasing": "Do it."}, 'value="Typed!"'),
        ("/instructions/summary", {"phrasing": "Twice {contract} {contract}"}, "Twice {contract} {contract}"),
    ],
)
def test_a_refused_form_stays_as_it_was_typed(
    world: World, path: str, form: dict[str, str], kept: str
) -> None:
    client = _page(world, "lead")
    page, events = client.get(_url(world, "/settings")).text, world.count(Event)
    if path != "/instructions":
        form = {**form, "based_on": _hidden_field(page, _url(world, path), "based_on")}
    refused = client.post(_url(world, path), data=form)
    assert refused.status_code == 422
    assert kept in refused.text
    assert 'role="alert"' in refused.text
    assert world.count(Event) == events


def test_a_stale_page_keeps_what_was_typed_and_may_be_sent_again(world: World) -> None:
    client, url = _page(world, "lead"), _url(world, "/settings")
    based_on = _hidden_field(client.get(url).text, url, "based_on")
    with Session(world.session.get_bind()) as other, other.begin():
        service.update_project(other, slug=world.project.slug, name="Newer", actor=world.lead, at=NOON)
    stale = client.post(url, data={"name": "Mine", "system_prompt": "", "based_on": based_on})
    assert stale.status_code == 409
    assert 'value="Mine"' in stale.text
    again = _hidden_field(stale.text, url, "based_on")
    assert client.post(url, data={"name": "Mine", "based_on": again}).status_code == 303
    assert 'value="Mine"' in client.get(url).text


def test_unknown_fields_change_nothing(world: World) -> None:
    client, events = _page(world, "lead"), world.count(Event)
    for path, (form, _) in CHANGES.items():
        assert client.post(_url(world, path), data={**form, "policy_version": "9"}).status_code == 422, path
    assert world.count(Event) == events


def test_guidelines_are_previewed_published_and_kept(world: World) -> None:
    client, url = _page(world, "lead"), _url(world, "/guidelines")
    form = {"markdown": "# New\n\n<script>alert(1)</script> **bold**", "based_on": "1"}
    preview = client.post(f"{url}/preview", data=form)
    assert "<strong>bold</strong>" in preview.text
    assert "<script>alert" not in preview.text
    piece = client.post(f"{url}/preview", data=form, headers={"HX-Request": "true"}).text
    assert piece.strip() in preview.text
    assert world.count(Guidelines) == 2  # this project's and the stranger's
    assert client.post(url, data=form).status_code == 303
    assert "<h2>New</h2>" in client.get(url).text
    assert "Write well." in client.get(f"{url}?version=1").text
    assert "This is an older version." in client.get(f"{url}?version=1").text
    assert client.get(f"{url}?version=3").status_code == 404
    stale = client.post(url, data={**form, "markdown": "Typed later"})
    assert stale.status_code == 409
    assert "Typed later" in stale.text
    assert _hidden_field(stale.text, url, "based_on") == "2"


def test_an_annotator_confirms_and_returns_to_where_they_were_asked(world: World) -> None:
    client, url = _page(world, "annotator"), _url(world, "/attestation")
    assert "I confirm this" in client.get(_url(world, "/guidelines")).text
    sample = {"Referer": "http://127.0.0.1:8000/samples/7"}
    answer = client.post(url, data={"version": "1"}, headers=sample)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/samples/7")
    elsewhere = {"Referer": "https://elsewhere.example/x"}
    answer = client.post(url, data={"version": "1"}, headers=elsewhere)
    assert answer.headers["Location"] == _url(world, "/guidelines")
    assert "You confirmed this version" in client.get(_url(world, "/guidelines")).text
    with Session(world.session.get_bind()) as other, other.begin():
        guidelines.publish_guidelines(
            other, slug=world.project.slug, markdown="New.", actor=world.lead, at=NOON
        )
    assert client.post(url, data={"version": "1"}).status_code == 409


def test_a_lead_adds_changes_and_removes_members(world: World) -> None:
    client, url = _page(world, "lead"), _url(world, "/members")
    email = world.stranger.email
    none = client.post(url, data={"email": email})
    assert (none.status_code, f'value="{email}"' in none.text) == (422, True)
    odd = client.post(url, data={"email": email, "roles": ["owner"]})
    assert odd.status_code == 422
    assert client.post(url, data={"email": email, "roles": ["annotator", "reviewer"]}).status_code == 303
    newcomer = _page(world, "stranger")
    assert newcomer.get(_url(world)).status_code == 200
    assert email in client.get(url).text
    assert client.post(f"{url}/removal", data={"email": email}).status_code == 303
    assert newcomer.get(_url(world)).status_code == 404
    last = client.post(f"{url}/removal", data={"email": world.lead.email})
    assert last.status_code == 409
    assert "last lead" in last.text


def test_activity_tells_who_did_what_in_words(world: World) -> None:
    lead = _page(world, "lead")
    assert "Nothing yet" in lead.get(_url(world, "/activity")).text
    lead.post(_url(world, "/guidelines"), data={"markdown": "New.", "based_on": "1"})
    assert "published guidelines" in lead.get(_url(world, "/activity")).text
    assert "published guidelines" not in _page(world, "annotator").get(_url(world, "/activity")).text


def test_a_lead_picks_clauses_from_the_library_edits_them_and_saves(world: World) -> None:
    client, url = _page(world, "lead"), _url(world, "/clauses")
    page = client.get(_url(world, "/settings")).text
    assert 'name="pick" value="insurance">' in page
    assert 'name="pick" value="governing_law" disabled>' in page
    typed = {
        "key": ["term", "governing_law", ""],
        "name": ["Typed <term>", "Law", ""],
        "heading_cues": ["", "", ""],
        "phrase_cues": ["", "", ""],
        "based_on": _hidden_field(page, url, "based_on"),
    }
    events = world.count(Event)
    shown = client.post(f"{url}/preview", data=typed | {"pick": ["insurance", "audit_rights"]})
    assert shown.status_code == 200
    assert "Typed &lt;term&gt;" in shown.text
    assert "not saved yet:</strong> Insurance, Audit." in shown.text
    assert library.clauses()["insurance"].question in shown.text
    assert ", ".join(library.clauses()["insurance"].phrases) in unescape(shown.text)
    assert 'name="pick" value="insurance" disabled>' in shown.text
    assert world.count(Event) == events
    insured = {column: [*typed[column], value] for column, value in INSURED.items()}
    assert client.post(url, data=typed | insured).status_code == 303
    assert _clauses_of(world) == {"term": [], "governing_law": [], "insurance": ["policy of insurance"]}


INSURED = {"key": "insurance", "name": "Insurance", "heading_cues": "", "phrase_cues": "policy of insurance"}


def _clauses_of(world: World) -> dict[str, list[str]]:
    """The phrase cues of the project's clauses, by key."""
    with Session(world.session.get_bind()) as fresh:
        return {row.key: row.phrase_cues for row in fresh.get_one(Project, world.project.id).clauses}


def test_what_is_ticked_in_the_library_is_saved_without_looking_at_it_first(world: World) -> None:
    client, url = _page(world, "lead"), _url(world, "/clauses")
    based_on = _hidden_field(client.get(_url(world, "/settings")).text, url, "based_on")
    assert client.post(url, data={"pick": "insurance", "based_on": based_on}).status_code == 303
    assert _clauses_of(world) == {"insurance": list(library.clauses()["insurance"].phrases)}


@pytest.mark.parametrize("path", ["/clauses", "/clauses/preview"])
def test_a_clause_that_the_library_does_not_have_is_refused_and_the_form_stays(
    world: World, path: str
) -> None:
    form = {**INSURED, "key": "", "name": "Typed", "pick": "no_such_clause", "based_on": "1"}
    refused = _page(world, "lead").post(_url(world, path), data=form)
    assert refused.status_code == 422
    assert "The library has no clause “no_such_clause”." in refused.text
    assert 'value="Typed"' in refused.text
