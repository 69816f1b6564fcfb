"""The demo as a visitor finds it."""

from collections import Counter
from datetime import UTC, datetime
from io import BytesIO

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.accounts import links
from app.accounts.actors import OPERATOR
from app.accounts.models import User
from app.accounts.sign_in import Browser
from app.audit.models import Event
from app.database import Base
from app.demo.service import build_demo, demo_links
from app.documents.models import Document, DocumentText, SourceFile
from app.documents.storage import originals
from app.errors import NotFound
from app.imports.models import Import
from app.imports.queries import count_files
from app.projects.models import Project
from app.releases.formats import Format
from app.releases.queries import Filter
from app.releases.service import begin_export, write_export
from app.reviews.leases import take_next as next_review
from app.reviews.models import Review
from app.samples.checking import check
from app.samples.models import Revision, Sample
from app.samples.queries import get_visible
from app.samples.revisions import revision_content
from app.samples.workflow import Status
from app.tasks.queries import count_waiting
from tests.factories import NOON

NOW = datetime.now(UTC)  # links end by the database's clock
BROWSER = Browser(token=None, address="127.0.0.1", user_agent="a test")


def person(session: Session, name: str) -> User:
    return session.scalars(select(User).where(User.name == name)).one()


def in_status(session: Session, status: Status) -> list[Sample]:
    return list(session.scalars(select(Sample).where(Sample.status == status).order_by(Sample.id)))


def row_counts(session: Session) -> dict[str, int]:
    tables = Base.metadata.sorted_tables
    return {table.name: session.scalar(select(func.count()).select_from(table)) or 0 for table in tables}


def test_a_sample_stands_in_every_status(demo: Session) -> None:
    found = Counter(demo.scalars(select(Sample.status)))
    assert set(found) == set(map(str, Status))
    assert found["submitted"] == 3
    assert found["approved"] >= 4


@pytest.mark.parametrize("name", ["Anna Keller", "Tom Brandt"])
def test_each_annotator_has_a_draft_and_two_more_tasks_to_begin(demo: Session, name: str) -> None:
    annotator = person(demo, name)
    [draft] = [sample for sample in in_status(demo, Status.DRAFT) if sample.annotator_id == annotator.id]
    assert 20 < len(draft.draft.output.split()) < 120
    assert draft.draft.evidence
    assert count_waiting(demo, demo.scalars(select(Project)).one(), annotator.id) >= 2


def test_anna_finds_work_that_came_back_with_the_reason(demo: Session) -> None:
    [returned] = in_status(demo, Status.CHANGES_REQUESTED)
    assert returned.annotator_id == person(demo, "Anna Keller").id
    review = demo.scalars(select(Review).join(Revision).where(Revision.sample_id == returned.id)).one()
    assert "nine months" in review.reason


def test_the_reviewer_sees_a_corrected_text_beside_the_one_that_she_sent_back(demo: Session) -> None:
    rita = person(demo, "Rita Osei")
    [corrected] = [sample for sample in in_status(demo, Status.SUBMITTED) if sample.revision_count == 2]
    first, second = corrected.revisions
    review = demo.scalars(select(Review).where(Review.revision_id == first.id)).one()
    assert (review.reviewer_id, review.action) == (rita.id, "request_changes")
    assert set(second.output.split()) ^ set(first.output.split()) == {"USD"}
    taken = next_review(demo, project_slug="contract-summaries", actor=rita)
    assert taken is not None
    assert taken.id == corrected.id


def test_every_approval_is_the_reviewers_and_of_the_words_as_they_stand(demo: Session) -> None:
    rita = person(demo, "Rita Osei")
    for sample in in_status(demo, Status.APPROVED):
        approved = demo.scalars(
            select(Review).join(Revision).where(Review.action == "approve", Revision.sample_id == sample.id)
        ).one()
        assert approved.reviewer_id == rita.id
        assert approved.revision.number == sample.revision_count


def test_no_revision_has_an_error_by_the_apps_own_checks(demo: Session) -> None:
    revisions = demo.scalars(select(Revision)).all()
    assert len(revisions) > 8
    for revision in revisions:
        sample = get_visible(demo, revision.sample_id, OPERATOR)
        findings = check(demo, sample, revision_content(revision)).findings
        assert [finding.message for finding in findings if finding.severity == "error"] == []


def test_the_marked_evidence_stands_in_the_contract_and_every_covered_clause_has_some(demo: Session) -> None:
    for revision in demo.scalars(select(Revision)):
        text = demo.scalars(
            select(DocumentText.text).where(DocumentText.sha256 == revision.contract_sha256)
        ).one()
        for entry in revision.evidence:
            span = entry["document"]
            assert isinstance(span, dict)
            assert text[span["start"] : span["end"]] == span["quote"]
        covered = {key for key, state in revision.clauses.items() if state == "covered"}
        assert covered == {entry["clause"] for entry in revision.evidence if "clause" in entry}


def test_work_was_attested_under_two_versions_of_the_guidelines(demo: Session) -> None:
    statement = select(Revision.guidelines_version, Revision.attested_at, Revision.submitted_at)
    found = demo.execute(statement).all()
    assert {version for version, _, _ in found} == {1, 2}
    assert all(attested is not None and attested < submitted for _, attested, submitted in found)


def test_the_history_is_told_in_its_order_and_nothing_lies_in_the_future(demo: Session) -> None:
    times = demo.scalars(select(Event.at).order_by(Event.id)).all()
    assert list(times) == sorted(times)
    assert times[-1] <= NOON
    assert all(sample.created_at <= sample.updated_at for sample in demo.scalars(select(Sample)))


def test_the_contracts_came_in_by_an_import_and_their_files_are_kept(demo: Session) -> None:
    found = demo.scalars(select(Import)).one()
    counts = count_files(demo, [found.id])[found.id]
    assert (found.status, counts.created, counts.failed) == ("done", 12, 0)
    files = demo.scalars(select(SourceFile)).all()
    assert len(files) == 12
    assert all(originals().exists(file.sha256) for file in files)
    assert all(document.client and document.matter for document in demo.scalars(select(Document)))


def test_an_export_holds_every_approved_sample(demo: Session) -> None:
    export = begin_export(
        demo,
        project_slug="contract-summaries",
        format=Format.INSTRUCTION,
        with_metadata=False,
        wanted=Filter(),
        actor=person(demo, "Dev Raman"),
        at=NOON,
    )
    data = BytesIO()
    written = write_export(export, data)
    assert written.rows == len(in_status(demo, Status.APPROVED))
    assert data.getvalue().count(b"\n") == written.rows


def test_building_it_again_changes_nothing(demo: Session) -> None:
    before = row_counts(demo)
    assert build_demo(demo, at=NOON) is False
    assert row_counts(demo) == before


def test_each_person_signs_in_with_their_link_once(demo: Session) -> None:
    found = demo_links(demo, base_url="http://127.0.0.1:8000", at=NOW)
    assert [(roles, name) for roles, name, _ in found] == [
        ("lead and admin", "Miriam Vance"),
        ("annotator", "Anna Keller"),
        ("annotator", "Tom Brandt"),
        ("reviewer", "Rita Osei"),
        ("engineer", "Dev Raman"),
    ]
    for _, name, url in found:
        token = url.removeprefix("http://127.0.0.1:8000/links/")
        signed_in = links.spend(demo, token=token, password="", browser=BROWSER, days=1, at=NOW)
        assert signed_in.user.name == name
        with pytest.raises(NotFound):
            links.spend(demo, token=token, password="", browser=BROWSER, days=1, at=NOW)


def test_new_links_end_those_that_were_not_used(demo: Session) -> None:
    (_, _, old), *_ = demo_links(demo, base_url="", at=NOW)
    demo_links(demo, base_url="", at=NOW)
    with pytest.raises(NotFound):
        links.get(demo, old.removeprefix("/links/"))
