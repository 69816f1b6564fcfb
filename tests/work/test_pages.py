"""The pages of the main job, as a browser without JavaScript uses them."""

import re
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from app import database
from app.accounts.actors import OPERATOR
from app.projects.guidelines import publish_guidelines
from app.projects.models import Project
from app.samples.models import Draft, DraftSave, Revision, Sample
from tests.factories import LENIENT, SUMMARY
from tests.web.browsers import body_of
from tests.work.conftest import World

PEOPLE = ["owner", "colleague", "reviewer", "lead", "engineer", "stranger", "anonymous"]
SEEN_BY = {
    "draft": {"owner", "lead"},
    "submitted": {"owner", "reviewer", "lead"},
    "changes_requested": {"owner", "reviewer", "lead"},
    "approved": {"owner", "reviewer", "lead"},
    "rejected": {"owner", "reviewer", "lead"},
}


def fields(page: str, form_action: str) -> dict[str, str]:
    """The hidden fields of the form with this action."""
    form = re.search(rf'<form[^>]*action="{re.escape(form_action)}".*?</form>', page, re.DOTALL)
    assert form is not None
    hidden = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form[0])
    return dict(hidden)


@pytest.mark.parametrize("person", PEOPLE)
@pytest.mark.parametrize("status", SEEN_BY)
def test_a_sample_is_seen_by_those_who_may_and_does_not_exist_for_others(
    world: World, status: str, person: str
) -> None:
    client = world.browser(person)
    sample_id = world.samples[status]
    answer = client.get(f"/samples/{sample_id}")
    if person == "anonymous":
        assert answer.status_code == 303
    elif person in SEEN_BY[status]:
        assert answer.status_code == 200
    else:
        absent = client.get("/samples/999999")
        assert (answer.status_code, absent.status_code) == (404, 404)
        assert body_of(answer) == body_of(absent)


def test_a_lead_is_shown_that_there_is_a_draft_and_not_what_it_says(world: World) -> None:
    with database.transaction() as session:
        draft = session.get_one(Draft, world.samples["draft"])
        draft.output, draft.number = "Words that are nobody else's business.", draft.number + 1
    answer = world.browser("lead").get(f"/samples/{world.samples['draft']}")
    assert "nobody else's business" not in answer.text.replace("&#39;", "'")
    assert "Words that are" not in answer.text


def test_a_summary_is_written_and_submitted_without_javascript(world: World) -> None:
    client = world.browser("colleague")
    opened = client.post(f"/projects/{world.project.slug}/queue/writing")
    url = opened.headers["Location"]
    page = client.get(url).text
    values = fields(page, f"{url}/draft") | {
        "output": "A summary of enough words for this project.\r\n",
        "clause.term": "covered",
        "clause.governing_law": "absent",
    }
    saved = client.post(f"{url}/draft", data=values)
    assert (saved.status_code, saved.headers["Location"]) == (303, url)
    page = client.get(url).text
    assert "A summary of enough words" in page
    values |= fields(page, f"{url}/draft")
    submitted = client.post(f"{url}/submission", data=values)
    assert submitted.status_code == 303
    with database.transaction() as session:
        revision = session.scalars(
            select(Revision).where(Revision.sample_id == int(url.split("/")[-1]))
        ).one()
    assert revision.output == "A summary of enough words for this project.\n"
    assert revision.clauses == {"term": "covered", "governing_law": "absent"}


def test_a_refused_submission_is_drawn_again_with_what_was_typed_and_saved(world: World) -> None:
    client = world.browser("owner")
    url = f"/samples/{world.samples['draft']}"
    values = fields(client.get(url).text, f"{url}/draft") | {"output": "Only <b>the term</b> of five words."}
    answer = client.post(f"{url}/submission", data=values)
    assert answer.status_code == 422
    assert "Only &lt;b&gt;the term&lt;/b&gt; of five words." in answer.text
    assert "undecided" in answer.text
    with database.transaction() as session:
        assert session.get_one(Draft, world.samples["draft"]).output == "Only <b>the term</b> of five words."
        assert session.get_one(Sample, world.samples["draft"]).status == "draft"


def test_without_javascript_a_conflict_keeps_the_reasons_that_were_typed(world: World) -> None:
    client = world.browser("owner")
    url = f"/samples/{world.samples['draft']}"
    values = fields(client.get(url).text, f"{url}/draft")
    client.put(f"{url}/draft", data=values | {"output": "From the first."}, headers={"HX-Request": "true"})
    late = values | {"output": "From the second.", "editor": "another", "reason.4f1c": "It is “so”."}
    answer = client.post(f"{url}/draft", data=late)
    assert answer.status_code == 409
    assert fields(answer.text, f"{url}/draft")["reason.4f1c"] == "It is “so”."


@pytest.mark.parametrize("act", ["draft", "submission", "attestation"])
def test_a_text_that_is_too_long_comes_back_with_its_page(world: World, act: str) -> None:
    client = world.browser("owner")
    url = f"/samples/{world.samples['draft']}"
    long = "These are words that nobody wants to type again. " * 500
    values = fields(client.get(url).text, f"{url}/draft") | {"output": long, "guidelines_version": "1"}
    answer = client.post(f"{url}/{act}", data=values)
    assert answer.status_code == 422
    assert long in answer.text
    assert "the limit is 20,000" in answer.text
    script = client.put(f"{url}/draft", data=values, headers={"HX-Request": "true"})
    assert (script.status_code, long in script.text) == (422, False)


def test_what_is_typed_is_saved_although_the_guidelines_changed_before_it_was_confirmed(world: World) -> None:
    client = world.browser("owner")
    url = f"/samples/{world.samples['draft']}"
    values = fields(client.get(url).text, f"{url}/draft")
    with database.transaction() as session:
        publish_guidelines(
            session, slug=world.project.slug, markdown="Anew.", actor=OPERATOR, at=datetime.now(UTC)
        )
    answer = client.post(
        f"{url}/attestation", data=values | {"output": "Typed before that.", "guidelines_version": "1"}
    )
    assert answer.status_code == 422
    assert "read version 2" in answer.text
    assert "Typed before that." in answer.text
    with database.transaction() as session:
        assert session.get_one(Draft, world.samples["draft"]).output == "Typed before that."
    confirmed = client.post(
        f"{url}/attestation", data=fields(answer.text, f"{url}/draft") | {"guidelines_version": "2"}
    )
    assert confirmed.status_code == 303


def test_an_autosave_is_answered_with_the_receipt_that_the_page_holds(world: World) -> None:
    client = world.browser("owner")
    url = f"/samples/{world.samples['draft']}"
    values = fields(client.get(url).text, f"{url}/draft") | {
        "output": "Five words of new text.",
        "clause.term": "covered",
        "clause.governing_law": "covered",
    }
    receipt = client.put(f"{url}/draft", data=values, headers={"HX-Request": "true"})
    assert receipt.status_code == 200
    assert 'id="receipt" data-number="2"' in receipt.text
    assert "<html" not in receipt.text
    fragment = receipt.text.split("</div>")[0]
    assert fragment in client.get(url).text


def test_two_windows_show_both_texts_and_lose_none(world: World) -> None:
    client = world.browser("owner")
    url = f"/samples/{world.samples['draft']}"
    first = fields(client.get(url).text, f"{url}/draft") | {"output": "From the first window."}
    second = fields(client.get(url).text, f"{url}/draft") | {"output": "From the second window."}
    assert client.put(f"{url}/draft", data=first, headers={"HX-Request": "true"}).status_code == 200
    answer = client.put(f"{url}/draft", data=second, headers={"HX-Request": "true"})
    assert answer.status_code == 409
    assert "From the first window." in answer.text
    assert "From the second window." in answer.text
    with database.transaction() as session:
        kept = session.scalars(
            select(DraftSave.output).where(DraftSave.sample_id == world.samples["draft"])
        ).all()
    assert "From the second window." in kept


def test_a_decision_without_javascript_goes_on_to_the_next_and_offers_undo(world: World) -> None:
    client = world.browser("reviewer")
    opened = client.post(f"/projects/{world.project.slug}/queue/reviewing")
    assert opened.headers["Location"] == f"/samples/{world.samples['submitted']}/review"
    page = client.get(opened.headers["Location"]).text
    assert SUMMARY in page
    url = f"/samples/{world.samples['submitted']}/reviews"
    refused = client.post(url, data={"action": "request_changes", "revision": "1", "comment": " "})
    assert refused.status_code == 422
    decided = client.post(url, data={"action": "approve", "revision": "1", "comment": ""})
    assert decided.status_code == 303
    after = client.get(decided.headers["Location"])
    undo = re.search(r'action="(/samples/\d+/reviews/\d+/undo)"', after.text)
    assert undo is not None
    assert client.post(undo[1]).status_code == 303
    with database.transaction() as session:
        assert session.get_one(Sample, world.samples["submitted"]).status == "submitted"


def test_a_reviewer_who_sees_it_again_is_shown_what_changed(world: World) -> None:
    owner, sample_id = world.browser("owner"), world.samples["changes_requested"]
    url = f"/samples/{sample_id}"
    values = fields(owner.get(url).text, f"{url}/draft") | {
        "output": SUMMARY.replace("three", "four"),
        "clause.term": "covered",
        "clause.governing_law": "covered",
    }
    assert "Look at 7.2 again." in owner.get(url).text
    assert owner.post(f"{url}/submission", data=values).status_code == 303
    page = world.browser("reviewer").get(f"{url}/review").text
    assert re.search(r"<del[^>]*>\s*three", page)
    assert re.search(r"<ins[^>]*>\s*four", page)


@pytest.mark.parametrize("person", PEOPLE)
@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/projects/{slug}/samples", {"owner", "colleague", "reviewer", "lead", "engineer"}),
        ("/projects/{slug}/export", {"lead", "engineer"}),
        ("/projects/{slug}/export/download", {"lead", "engineer"}),
        ("/samples/{submitted}/review", {"reviewer"}),
        ("/samples/{submitted}/history", {"owner", "reviewer", "lead"}),
        ("/", {"owner", "colleague", "reviewer", "lead", "engineer", "stranger"}),
    ],
)
def test_pages_open_for_those_who_may(world: World, path: str, allowed: set[str], person: str) -> None:
    url = path.format(slug=world.project.slug, **world.samples)
    answer = world.browser(person).get(url)
    if person in allowed:
        assert answer.status_code == 200
    elif person == "anonymous":
        assert answer.status_code == 303
    else:
        assert answer.status_code in {403, 404}
    if person == "engineer":
        assert "Annotator 1" not in answer.text


@pytest.mark.parametrize("person", ["colleague", "reviewer", "lead", "engineer", "stranger", "anonymous"])
@pytest.mark.parametrize("act", ["draft", "submission", "recall", "skip", "resume"])
def test_nobody_acts_on_anothers_sample(world: World, act: str, person: str) -> None:
    url = f"/samples/{world.samples['draft']}/{act}"
    answer = world.browser(person).post(url, data={"reason": "x"} if act == "skip" else {})
    assert answer.status_code in {303, 403, 404}
    if answer.status_code == 303:
        assert "/sign-in" in answer.headers["Location"]
    with database.transaction() as session:
        sample = session.get_one(Sample, world.samples["draft"])
        assert (sample.status, sample.draft.number, sample.draft.output) == ("draft", 1, SUMMARY)


def test_pages_with_contract_text_are_not_stored(world: World) -> None:
    answer = world.browser("owner").get(f"/samples/{world.samples['draft']}")
    assert "no-store" in answer.headers["Cache-Control"]
    assert "unsafe-inline" not in answer.headers["Content-Security-Policy"]
    assert " style=" not in answer.text
    assert not re.search(r"<script(?![^>]*\bsrc=)", answer.text)


def test_a_comment_survives_the_loss_of_the_race(world: World) -> None:
    url = f"/samples/{world.samples['submitted']}/reviews"
    decided = {"action": "approve", "revision": "1", "comment": ""}
    assert world.browser("reviewer").post(url, data=decided).status_code == 303
    late = {"action": "reject", "revision": "1", "comment": "The cap in <7.2> is wrong."}
    answer = world.browser("second reviewer").post(url, data=late)
    assert answer.status_code == 409
    assert "The cap in &lt;7.2&gt; is wrong." in answer.text


def test_a_refused_wording_of_a_reviewer_comes_back_in_its_own_field(world: World) -> None:
    url = f"/samples/{world.samples['submitted']}/edits"
    answer = world.browser("reviewer").post(url, data={"output": "Of five words or more.", "revision": "7"})
    assert answer.status_code == 409
    assert re.search(r"<textarea[^>]*name=\"output\"[^>]*>\s*Of five words or more\.", answer.text)


def test_a_reviewers_wording_that_is_warned_of_comes_back_with_fields_for_reasons(world: World) -> None:
    with database.transaction() as session:
        session.get_one(Project, world.project.id).severities = LENIENT | {"shape": "warning"}
    url = f"/samples/{world.samples['submitted']}/edits"
    decided = {"clause.term": "covered", "clause.governing_law": "covered"}
    typed = decided | {"output": f"{SUMMARY}\n- A list.", "revision": "1"}
    client = world.browser("reviewer")
    refused = client.post(url, data=typed)
    assert refused.status_code == 422
    names = re.findall(r'<textarea[^>]*name="(reason\.[0-9a-f]+)"', refused.text)
    assert len(names) == 1
    blank = client.post(url, data=typed | {names[0]: "  "})
    assert "Correct the wording, or say why it is right." in blank.text
    assert client.post(url, data=typed | {names[0]: "A list is clearer."}).status_code == 303


def test_what_another_window_replaced_is_shown_to_its_author_alone(world: World) -> None:
    client = world.browser("owner")
    url = f"/samples/{world.samples['draft']}"
    values = fields(client.get(url).text, f"{url}/draft")
    client.put(f"{url}/draft", data=values | {"output": "From the first."}, headers={"HX-Request": "true"})
    values = fields(client.get(url).text, f"{url}/draft")
    client.put(f"{url}/draft", data=values | {"output": "From the second."}, headers={"HX-Request": "true"})
    assert "From the first." in client.get(f"{url}/history").text
    assert "From the first." not in world.browser("lead").get(f"{url}/history").text


def test_an_engineer_cannot_ask_whose_an_output_is(world: World) -> None:
    url = f"/projects/{world.project.slug}/export/download"
    asked = {"annotator": world.people["owner"].email}
    assert world.browser("engineer").get(url, params=asked).status_code == 403
    assert world.browser("lead").get(url, params=asked).status_code == 200
