"""What people typed, on every page that shows it: no markup gets out, and what hides is shown with a mark."""

import re
from collections.abc import Iterator

import pytest
from lxml import html
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app import clock, database
from app.accounts.models import User
from app.documents.models import Document
from app.hidden import marked
from app.projects import guidelines
from app.projects.models import Clause, Project
from app.reviews import service as reviews
from app.samples import submission
from app.samples.models import Draft, Sample
from app.samples.workflow import EDITABLE, Action
from tests.bad_input.calls import calls
from tests.bad_input.conftest import Site
from tests.bad_input.hostile import MARKUP, OVERRIDE, broken_out
from tests.factories import Factory

HOSTILE = f"{MARKUP} {OVERRIDE} five more words stand here"
NAME = f"""'"></title><script>m4rk()</script><m4rk m4rk=1 hx-get="/m4rk" onclick=m4rk()> {OVERRIDE}"""
HIDDEN = re.compile("[\u202a-\u202e\u2066-\u2069\U000e0000-\U000e007f]")


@pytest.fixture(scope="module")
def typed(site: Site) -> Site:
    """The site, in which every name, text, comment and title is hostile."""
    site.undo()
    world, now = site.world, clock.now()
    with (
        Session(site.connection, expire_on_commit=False, join_transaction_mode="create_savepoint") as session,
        session.begin(),
    ):
        make = Factory(session)
        session.execute(update(Project).values(name=NAME, system_prompt=HOSTILE))
        session.execute(update(User).values(name=NAME))
        session.execute(update(Clause).values(name=NAME))
        session.execute(update(Document).values(title=NAME, client=NAME, matter=NAME))
        project = session.get_one(Project, world.project.id)
        unfinished = select(Sample.id).where(Sample.status.in_(tuple(EDITABLE)))
        session.execute(
            update(Draft)
            .where(Draft.sample_id.in_(unfinished))
            .values(output=HOSTILE, number=Draft.number + 1)
        )
        document = make.document(project, text=f"{HOSTILE}\n\n{HOSTILE}", title=NAME)
        owner, lead = (session.get_one(User, world.people[name].id) for name in ("owner", "lead"))
        guidelines.publish_guidelines(
            session, slug=project.slug, markdown=HOSTILE, based_on=1, actor=lead, at=now
        )
        guidelines.attest(session, slug=project.slug, version=2, actor=owner, at=now)
        session.flush()
        sample = make.sample(project, annotator=owner, output=HOSTILE)
        submission.submit(session, sample_id=sample.id, based_on=1, reasons={}, actor=owner, at=now)
        reviews.decide(
            session,
            sample_id=sample.id,
            revision_number=1,
            action=Action.REQUEST_CHANGES,
            comment=HOSTILE,
            actor=session.get_one(User, world.people["reviewer"].id),
            at=now,
        )
        draft = session.get_one(Draft, sample.id)
        draft.output, draft.number = HOSTILE + " and two", 2
        submission.submit(session, sample_id=sample.id, based_on=2, reasons={}, actor=owner, at=now)
        site.names |= {"document_id": str(document.id)}
        world.samples["submitted"] = sample.id
    return site


def pages(site: Site) -> Iterator[tuple[str, str]]:
    """Each page of the application, with whoever may see it."""
    for call in calls(site.app):
        if not call.is_change and not call.is_api:
            for person in {call.right.person, "owner", "lead", "reviewer", "admin"}:
                for status in ("submitted", "draft") if "{sample_id}" in call.path else ("draft",):
                    yield person, call.path.format(**site.names | {"sample_id": site.world.samples[status]})


def test_no_page_lets_markup_out_or_hides_a_character(typed: Site) -> None:
    failures, shown, seen = [], set(), set()
    for person, path in pages(typed):
        answer = typed.client(person, api=False).get(path)
        if not answer.headers.get("Content-Type", "").startswith("text/html") or (person, path) in seen:
            continue
        seen.add((person, path))
        if out := broken_out(answer.text):
            failures.append((person, path, out))
        if hidden := hidden_in(answer.text):
            failures.append((person, path, hidden))
        if answer.status_code == 200 and "m4rk" in answer.text:
            shown.add(path)
    assert failures == []
    assert len(shown) > 15  # else the texts stand nowhere, and nothing was looked at


def hidden_in(page: str) -> list[str]:
    """Where a character hides: anywhere but in the value of a field, which goes back as it came."""
    found = []
    for element in html.fromstring(page).iter():
        if not isinstance(element.tag, str):
            continue
        text = "" if element.tag == "textarea" else element.text or ""
        attributes = [value for name, value in element.attrib.items() if name != "value"]
        if any(HIDDEN.search(piece) for piece in (text, element.tail or "", *attributes)):
            found.append(f"<{element.tag} {dict(element.attrib)}> {text[:60]!r}")
    return found


def test_a_field_holds_what_was_typed_to_the_character(typed: Site) -> None:
    draft = typed.world.samples["draft"]
    page = html.fromstring(typed.client("owner", api=False).get(f"/samples/{draft}").text)
    assert page.get_element_by_id("field-output").text.strip() == HOSTILE
    answer = typed.client("owner", api=True).get(f"/api/v1/samples/{draft}").json()
    assert answer["draft"]["output"] == HOSTILE


def test_the_notice_of_an_act_is_text(typed: Site) -> None:
    lead = typed.client("lead", api=False)
    lead.post(
        f"/projects/{typed.names['project']}/members",
        data={"email": typed.names["email"], "roles": "reviewer"},
    )
    page = lead.get(f"/projects/{typed.names['project']}/members").text
    assert "is now reviewer" in page
    assert broken_out(page) == []
    assert hidden_in(page) == []


def test_a_mark_names_the_character_and_leaves_all_others_alone() -> None:
    assert marked("a\u202eb\U000e0041") == "a[U+202E]b[U+E0041]"
    assert marked("Zoë ‘x’ 合同 \u200f\u200b") == "Zoë ‘x’ 合同 \u200f\u200b"


def test_an_output_is_stored_as_it_was_typed_and_is_one_line_of_an_export(typed: Site) -> None:
    text = "One\u2028two\u2029three\u0085four \x01\x1b five\u202e six \U000e0041 e\u0301 end."
    with database.transaction() as session:  # an export reads what is committed
        make = Factory(session)
        project = make.project()
        sample = make.sample(project, output=text)
        submission.submit(
            session, sample_id=sample.id, based_on=1, reasons={}, actor=sample.annotator, at=clock.now()
        )
        reviews.decide(
            session,
            sample_id=sample.id,
            revision_number=1,
            action=Action.APPROVE,
            comment="",
            actor=make.reviewer(project),
            at=clock.now(),
        )
        typed.world.people["exporter"] = make.engineer(project)
        slug = project.slug
    answer = typed.client("exporter", api=True).get(f"/api/v1/projects/{slug}/export")
    assert answer.content.count(b"\n") == len(answer.text.splitlines()) == 1
    assert answer.json()["output"] == text
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{slug}-instruction.jsonl"'
