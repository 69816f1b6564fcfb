"""What leaves and what stays, from one snapshot, loaded by the real consumer."""

import io
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import datasets
import pytest
from sqlalchemy import Engine, select, update
from sqlalchemy.orm import Session

from app import database
from app.accounts.actors import OPERATOR
from app.accounts.models import User
from app.audit.models import Event
from app.checks.registry import VERSIONS
from app.documents.models import Document
from app.errors import NotAllowed, NotFound
from app.projects.models import Project
from app.projects.queries import get_project
from app.releases import queries, service
from app.releases.formats import INLINE_METADATA, Format
from app.releases.queries import Filter
from app.releases.service import Export
from app.reviews import service as reviews
from app.samples import submission
from app.samples.checking import check
from app.samples.models import Sample
from app.samples.workflow import Action
from app.samples.writing import draft_content
from app.tasks.models import Task
from tests import outbound
from tests.factories import LENIENT, SUMMARY, Factory
from tests.releases import lines


def approve(
    session: Session,
    project: Project,
    *,
    output: str = SUMMARY,
    annotator: User | None = None,
    task: Task | None = None,
    sample: Sample | None = None,
    reasons: dict[str, str] | None = None,
) -> Sample:
    make = Factory(session)
    now = datetime.now(UTC)
    sample = sample or make.sample(project, annotator=annotator, output=output, task=task)
    reasons = reasons or {}
    submission.submit(
        session, sample_id=sample.id, based_on=1, reasons=reasons, actor=sample.annotator, at=now
    )
    reviews.decide(
        session,
        sample_id=sample.id,
        revision_number=1,
        action=Action.APPROVE,
        comment="",
        actor=make.reviewer(project),
        at=now,
    )
    return sample


@pytest.fixture
def project(live_database: Engine) -> Project:
    with database.transaction() as session:
        return Factory(session).project(system_prompt="Be exact.")


def begin(
    project: Project,
    format: Format = Format.INSTRUCTION,
    wanted: Filter | None = None,
    *,
    with_metadata: bool = False,
) -> Export:
    with database.transaction() as session:
        return service.begin_export(
            session,
            project_slug=project.slug,
            format=format,
            with_metadata=with_metadata,
            wanted=wanted or Filter(),
            actor=OPERATOR,
            at=datetime.now(UTC),
        )


def exported(project: Project, format: Format = Format.INSTRUCTION, **wanted: object) -> list[dict[str, str]]:
    data = io.BytesIO()
    service.write_export(begin(project, format, Filter(**wanted)), data)
    return lines.read(data.getvalue()) if data.getvalue() else []


def test_only_approved_samples_leave_and_in_a_total_order(project: Project) -> None:
    with database.transaction() as session:
        row = session.get_one(Project, project.id)
        approve(session, row, output="First words of five or more.")
        Factory(session).sample(row)
        approve(session, row, output="Second words of five or more.")
    assert [row["output"] for row in exported(project)] == [
        "First words of five or more.",
        "Second words of five or more.",
    ]


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"withdrawn_at": datetime(2026, 1, 1, tzinfo=UTC)}, "withdrawn"),
        ({"rights_expire_on": date(2020, 1, 1)}, "rights_expired"),
    ],
)
def test_what_stays_out_is_listed_with_its_reason(
    project: Project, values: dict[str, object], reason: str
) -> None:
    with database.transaction() as session:
        row = session.get_one(Project, project.id)
        sample = approve(session, row)
        approve(session, row)
        session.execute(update(Document).where(Document.id == sample.task.document_id).values(**values))
    with database.transaction() as session:
        listed = queries.list_exclusions(session, get_project(session, project.slug, OPERATOR), OPERATOR)
    assert [(entry[0], entry[3]) for entry in listed] == [(sample.id, reason)]
    assert len(exported(project)) == 1


def test_approved_is_exported_plus_excluded(project: Project) -> None:
    with database.transaction() as session:
        row = session.get_one(Project, project.id)
        samples = [approve(session, row) for _ in range(4)]
        session.execute(
            update(Document)
            .where(Document.id == samples[0].task.document_id)
            .values(withdrawn_at=datetime.now(UTC))
        )
    with database.transaction() as session:
        found = get_project(session, project.slug, OPERATOR)
        assert queries.count_exported(session, found, Filter(), OPERATOR) == 3
        assert queries.count_excluded(session, found, OPERATOR) == 1


def test_filters_narrow_by_annotator_clause_and_time(project: Project) -> None:
    with database.transaction() as session:
        row = session.get_one(Project, project.id)
        annotator = Factory(session).annotator(row)
        approve(session, row, annotator=annotator, output="By one person, five words.")
        approve(session, row, output="By another person, five words.")
    assert len(exported(project, annotator=annotator.email.upper())) == 1
    assert len(exported(project, clause="term")) == 2
    assert exported(project, clause="no_such_clause") == []
    assert exported(project, since=datetime.now(UTC) + timedelta(days=1)) == []
    assert len(exported(project, since=datetime.now(UTC) - timedelta(days=1))) == 2


def test_an_export_is_one_snapshot(project: Project) -> None:
    with database.transaction() as session:
        row = session.get_one(Project, project.id)
        for _ in range(60):
            approve(session, row)
    rows = service.export_lines(begin(project))
    first = next(rows)
    with database.transaction() as session:
        session.execute(update(Document).values(withdrawn_at=datetime.now(UTC)))
    assert len([first, *rows]) == 60
    assert exported(project) == []


def test_an_export_is_an_event(project: Project) -> None:
    begin(project)
    with database.transaction() as session:
        verbs = session.scalars(select(Event.verb).where(Event.project_id == project.id)).all()
    assert "project.export" in verbs


@pytest.mark.parametrize("role", ["annotator", "reviewer"])
def test_only_leads_and_engineers_export(session: Session, make: Factory, role: str) -> None:
    project = make.project()

    def begin_as(user: User) -> Export:
        return service.begin_export(
            session,
            project_slug=project.slug,
            format=Format.MESSAGES,
            with_metadata=False,
            wanted=Filter(),
            actor=user,
            at=datetime.now(UTC),
        )

    with pytest.raises(NotAllowed):
        begin_as(make.member(project, role))
    with pytest.raises(NotFound):
        begin_as(make.user())
    assert begin_as(make.engineer(project)).slug == project.slug


@pytest.mark.parametrize("format", Format)
def test_the_real_consumer_loads_every_format(project: Project, tmp_path: Path, format: Format) -> None:
    hostile = "Line\u2028separators, “quotes”, {braces}, tab\t, 👩‍⚖️ and a date 2026-11-22 in it."
    with database.transaction() as session:
        row = session.get_one(Project, project.id)
        approve(session, row, output=hostile)
        approve(session, row)
    path = tmp_path / "train.jsonl"
    with path.open("wb") as file:
        written = service.write_export(begin(project, format, with_metadata=format in INLINE_METADATA), file)
    loaded = datasets.load_dataset(
        "json", data_files=str(path), split="train", cache_dir=str(tmp_path / "cache")
    )
    assert len(loaded) == written.rows == 2
    for read, row in zip(loaded, lines.read(path.read_bytes()), strict=True):
        assert lines.prompt_and_output(read, format) == lines.prompt_and_output(row, format)
        assert read.get("metadata") == row.get("metadata")
    assert lines.prompt_and_output(loaded[0], format)[1] == hostile
    outbound.reached.clear()  # the consumer looks whether its own hub is there; the application asks nobody


def test_every_row_says_where_it_comes_from_with_the_same_keys_and_no_name(project: Project) -> None:
    with database.transaction() as session:
        row = session.get_one(Project, project.id)
        first, second = approve(session, row), approve(session, row)
    data, beside = io.BytesIO(), io.BytesIO()
    service.write_export(begin(project, Format.PROMPT_COMPLETION, with_metadata=True), data, beside)
    inline = [row["metadata"] for row in lines.read(data.getvalue())]
    assert [about["id"] for about in inline] == [str(first.id), str(second.id)]
    assert list(inline[0]) == [
        "id",
        "document_sha256",
        "instruction",
        "annotator",
        "reviewers",
        "revision",
        "guidelines_version",
        "clauses",
        "evidence",
        "checks",
        "submitted_at",
    ]
    assert inline[0]["checks"]["overrides"] == []
    assert {row["check"]: row["version"] for row in inline[0]["checks"]["versions"]} == VERSIONS
    assert "example.org" not in data.getvalue().decode()
    assert beside.getvalue() == b""
    data = io.BytesIO()
    service.write_export(begin(project, Format.VERTEX, with_metadata=True), data, beside)
    assert lines.read(beside.getvalue()) == inline
    assert all("metadata" not in row for row in lines.read(data.getvalue()))


def test_a_row_says_what_the_checks_found_that_was_kept_and_why(project: Project) -> None:
    with database.transaction() as session:
        row = session.get_one(Project, project.id)
        row.severities = LENIENT | {"facts": "warning"}
        sample = Factory(session).sample(row, output=f"{SUMMARY}{' It ends after nine years.' * 2}")
        found = check(session, sample, draft_content(sample)).findings
        reasons = {each.key: " It stands in the side letter. " for each in found if each.check == "facts"}
        approve(session, row, sample=sample, reasons=reasons)
    data = io.BytesIO()
    service.write_export(begin(project, Format.MESSAGES, with_metadata=True), data)
    (about,) = (row["metadata"]["checks"] for row in lines.read(data.getvalue()))
    (kept,) = about["overrides"]
    assert list(kept) == ["check", "message", "reason"]
    assert (kept["check"], kept["reason"]) == ("facts", "It stands in the side letter.")
    assert "“nine years”" in kept["message"]


def test_an_export_for_nova_names_the_rows_at_which_its_job_fails(project: Project) -> None:
    with database.transaction() as session:
        row = session.get_one(Project, project.id)
        approve(session, row, output="System: stands in the output only, five words.")
        make = Factory(session)
        document = make.document(row, text="Licence\n\nUser: whoever uses the software.")
        approve(session, row, task=make.task(row, document=document))
    assert service.write_export(begin(project, Format.BEDROCK), io.BytesIO()).refused == [2]
    assert service.write_export(begin(project, Format.MESSAGES), io.BytesIO()).refused == []
