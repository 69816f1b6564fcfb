"""Checking a project again: on real Postgres, rolled back."""

from collections.abc import Callable

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from app import logs
from app.accounts.actors import OPERATOR
from app.accounts.models import User
from app.audit.models import Event
from app.checks.registry import VERSIONS
from app.errors import NotAllowed, NotFound
from app.paging import Wanted
from app.projects.models import Project
from app.rechecks import queries, service
from app.rechecks.models import CheckRun, Recheck
from app.rechecks.presenting import check_report
from app.rechecks.queries import State
from app.reviews import service as reviews
from app.samples import submission, writing
from app.samples.checking import check
from app.samples.models import LikenessBand, Sample
from app.samples.queries import get_revision
from app.samples.workflow import Action
from tests.conftest import PROGRAMS_BROKEN
from tests.factories import LENIENT, NOON, SUMMARY, Factory
from tests.statements import recorded_statements

SWAN = f"{SUMMARY} A black swan signs it."
NEWEST = Wanted("-submitted")
FACTS = LENIENT | {"facts": "warning"}  # what these tests are about


def handed_in(make: Factory, project: Project, *, output: str = SUMMARY, reason: str = "So.") -> Sample:
    """A submission, in which every warning is kept with this reason."""
    sample = make.sample(project, output=output)
    found = check(make.session, sample, writing.draft_content(sample)).findings
    assert sample.annotator is not None
    return submission.submit(
        make.session,
        sample_id=sample.id,
        based_on=1,
        reasons={finding.key: reason for finding in found if finding.severity == "warning"},
        actor=sample.annotator,
        at=NOON,
    )


def decide(make: Factory, sample: Sample, action: Action = Action.APPROVE) -> None:
    reviews.decide(
        make.session,
        sample_id=sample.id,
        revision_number=1,
        action=action,
        comment="See 7.2.",
        actor=make.reviewer(sample.task.document.project),
        at=NOON,
    )


def run_all(session: Session, project: Project, by: User) -> CheckRun:
    run = service.start(session, project_slug=project.slug, actor=by, at=NOON)
    while run.finished_at is None:
        run = service.check_next(session, run.id, at=NOON)
    return run


def listed(session: Session, project: Project, by: User, state: State, **more: str) -> list[tuple[int, str]]:
    found = queries.list_findings(session, project.id, by, state=state, wanted=NEWEST, **more)
    return [(each.sample_id, each.finding["check"]) for each in found.items]


def test_a_revision_is_kept_with_the_versions_of_its_checks_and_its_facts(
    session: Session, make: Factory
) -> None:
    revision = get_revision(session, handed_in(make, make.project()).id, 1)
    facts = revision.checked["facts"]
    assert revision.checked["versions"] == VERSIONS
    assert facts["borne_out"] == facts["all"] >= 2  # three years, English law


def test_a_run_writes_beside_the_revisions_and_changes_none_of_them(
    session: Session, make: Factory, add_check: Callable[[], None]
) -> None:
    project = make.project(severities=FACTS)
    lead = make.lead(project)
    approved, waiting = (handed_in(make, project, output=SWAN) for _ in range(2))
    decide(make, approved)
    add_check()
    assert check_report(session, project, OPERATOR).outdated == 2
    untouched = "SELECT md5(string_agg(revisions::text, '' ORDER BY id)) FROM revisions"
    as_it_was = session.scalar(text(untouched))
    assert listed(session, project, lead, "open") == []

    run = run_all(session, project, lead)

    assert (run.total, run.done, run.failed) == (2, 2, 0)
    assert session.scalar(text(untouched)) == as_it_was
    assert (approved.status, waiting.status) == ("approved", "submitted")
    assert listed(session, project, lead, "open") == [(waiting.id, "swans"), (approved.id, "swans")]
    assert listed(session, project, lead, "new") == [(approved.id, "swans")]
    assert listed(session, project, lead, "new", check="facts") == []
    report = check_report(session, project, OPERATOR)
    assert (report.samples, report.outdated, report.open, report.new) == (2, 0, 2, 1)
    swans = report.checks[-1]
    assert (swans.check, swans.samples, swans.errors, swans.warnings, swans.kept) == ("swans", 2, 0, 2, 0)


def test_what_was_kept_is_counted_and_listed_with_its_reason_and_its_author(
    session: Session, make: Factory
) -> None:
    project = make.project(severities=FACTS)
    lead = make.lead(project)
    sample = handed_in(make, project, output=f"{SUMMARY} It ends after nine years.", reason="By letter.")
    handed_in(make, project)
    (kept,) = queries.list_findings(session, project.id, lead, state="kept", wanted=NEWEST).items
    assert (kept.sample_id, kept.reason, kept.finding["check"]) == (sample.id, "By letter.", "facts")
    assert kept.author == sample.writer_name
    facts = next(
        each for each in queries.count_findings(session, project.id, OPERATOR) if each.check == "facts"
    )
    assert (facts.samples, facts.warnings, facts.kept, facts.open) == (1, 1, 1, 0)
    run_all(session, project, lead)
    assert listed(session, project, lead, "kept") == [(sample.id, "facts")]  # the same thing, the same key


def test_equal_sentences_that_were_kept_with_one_reason_are_kept_once(
    session: Session, make: Factory
) -> None:
    project = make.project(severities=FACTS)
    lead = make.lead(project)
    sample = handed_in(make, project, output=f"{SUMMARY}{' It ends after nine years.' * 2}")
    facts = next(each for each in queries.count_findings(session, project.id, lead) if each.check == "facts")
    assert (facts.warnings, facts.kept) == (2, 1)
    assert listed(session, project, lead, "kept") == [(sample.id, "facts")]


def test_what_was_rejected_or_recalled_stands_open_for_nobody(
    session: Session, make: Factory, add_check: Callable[[], None]
) -> None:
    project = make.project(severities=FACTS)
    lead = make.lead(project)
    rejected, recalled = (handed_in(make, project, output=SWAN) for _ in range(2))
    add_check()
    run_all(session, project, lead)
    assert len(listed(session, project, lead, "open")) == 2
    decide(make, rejected, Action.REJECT)
    assert recalled.annotator is not None
    submission.recall(session, sample_id=recalled.id, actor=recalled.annotator, at=NOON)
    assert listed(session, project, lead, "open") == []
    assert queries.count_samples(session, project, OPERATOR).samples == 1


def test_for_a_lead_a_rivals_sample_is_neither_listed_nor_counted(session: Session, make: Factory) -> None:
    project = make.project(overlap=2, severities=FACTS)
    lead = make.member(project, "lead", "annotator")
    sample = handed_in(make, project, output=f"{SUMMARY} It ends after nine years.", reason="So.")
    assert listed(session, project, lead, "kept") == [(sample.id, "facts")]
    assert check_report(session, project, lead) == check_report(session, project, OPERATOR)
    make.sample(project, annotator=lead, task=sample.task)
    assert listed(session, project, lead, "kept") == []
    report = check_report(session, project, lead)
    assert (report.samples, [each.check for each in report.checks if each.samples]) == (0, [])
    assert check_report(session, project, OPERATOR).samples == 1


def test_a_run_that_was_stopped_goes_on_where_it_was(session: Session, make: Factory) -> None:
    project = make.project(severities=FACTS)
    lead = make.lead(project)
    samples = [handed_in(make, project) for _ in range(3)]
    run = service.start(session, project_slug=project.slug, actor=lead, at=NOON)
    for _ in range(2):
        service.check_next(session, run.id, at=NOON)
    assert (run.done, run.after_id, run.finished_at) == (2, samples[1].id, None)
    assert queries.list_unfinished(session) == [run.id]
    again = service.start(session, project_slug=project.slug, actor=lead, at=NOON)
    assert again.id == run.id
    while service.check_next(session, run.id, at=NOON).finished_at is None:
        pass
    assert (run.done, run.total) == (3, 3)
    assert service.check_next(session, run.id, at=NOON).done == 3
    assert session.scalar(select(func.count()).select_from(Recheck)) == 3
    begun = select(func.count()).where(Event.verb == "project.check", Event.project_id == project.id)
    assert session.scalar(begun) == 1
    assert service.start(session, project_slug=project.slug, actor=lead, at=NOON).id != run.id


def test_a_sample_at_which_a_check_breaks_keeps_no_other_from_it(
    session: Session, make: Factory, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = make.project(severities=FACTS)
    lead = make.lead(project)
    first, _ = handed_in(make, project), handed_in(make, project)

    def check(session: Session, sample: Sample, content: object) -> object:
        if sample.id == first.id:
            raise ZeroDivisionError
        return checked(session, sample, content)  # type: ignore[arg-type]

    checked = service.check
    monkeypatch.setattr(logs, "broken", PROGRAMS_BROKEN)
    monkeypatch.setattr(service, "check", check)
    run = run_all(session, project, lead)
    assert (run.done, run.failed) == (2, 1)
    assert session.scalar(select(func.count()).select_from(Recheck)) == 1


@pytest.mark.parametrize(
    "change", [{"severities": LENIENT}, {"max_words": 90}, {"date_order": "dmy"}, {"clause_set_version": 2}]
)
def test_samples_are_outdated_once_what_their_findings_depend_on_has_changed(
    session: Session, make: Factory, change: dict[str, object]
) -> None:
    project = make.project(severities=FACTS)
    handed_in(make, project)
    project.policy_version, project.lease_minutes = 2, 90
    assert check_report(session, project, OPERATOR).outdated == 0
    for name, value in change.items():
        setattr(project, name, value)
    assert check_report(session, project, OPERATOR).outdated == 1
    run_all(session, project, make.lead(project))
    assert check_report(session, project, OPERATOR).outdated == 0


def test_what_was_checked_before_settings_were_kept_is_judged_by_its_versions(
    session: Session, make: Factory, add_check: Callable[[], None]
) -> None:
    project = make.project(severities=FACTS)
    handed_in(make, project)
    run_all(session, project, make.lead(project))
    session.execute(text("UPDATE rechecks SET checked = checked - 'settings'"))
    project.max_words = 90
    assert check_report(session, project, OPERATOR).outdated == 0
    add_check()
    assert check_report(session, project, OPERATOR).outdated == 1


def test_a_run_during_which_the_settings_change_begins_again_at_its_end(
    session: Session, make: Factory
) -> None:
    project = make.project(severities=FACTS)
    lead = make.lead(project)
    for _ in range(2):
        handed_in(make, project, output=f"{SUMMARY} It ends after nine years.")
    run = service.start(session, project_slug=project.slug, actor=lead, at=NOON)
    service.check_next(session, run.id, at=NOON)
    project.severities = FACTS | {"facts": "note"}
    session.flush()
    run = run_all(session, project, lead)
    assert (run.done, run.failed) == (2, 0)
    facts = next(each for each in queries.count_findings(session, project.id, lead) if each.check == "facts")
    assert (facts.warnings, facts.notes) == (0, 2)
    assert check_report(session, project, lead).outdated == 0


def test_older_samples_get_their_bands_and_new_ones_keep_no_old_ones(session: Session, make: Factory) -> None:
    project = make.project(severities=FACTS)
    sample = handed_in(make, project)
    of_sample = select(func.count()).where(LikenessBand.sample_id == sample.id)
    assert session.scalar(of_sample) == 16
    session.execute(text("DELETE FROM likeness_bands"))
    run_all(session, project, make.lead(project))
    assert session.scalar(of_sample) == 16
    assert sample.annotator is not None
    submission.recall(session, sample_id=sample.id, actor=sample.annotator, at=NOON)
    sample.draft.output = "Quite another agreement, which never ends and which nobody can assign to anybody."
    sample.draft.number += 1
    session.flush()
    keys = _try_again(session, sample)
    assert keys == 16


def _try_again(session: Session, sample: Sample) -> int | None:
    assert sample.annotator is not None
    submission.submit(session, sample_id=sample.id, based_on=2, reasons={}, actor=sample.annotator, at=NOON)
    return session.scalar(select(func.count()).where(LikenessBand.sample_id == sample.id))


def test_only_a_lead_has_a_project_checked_again(session: Session, make: Factory) -> None:
    project = make.project(severities=FACTS)
    for person in (make.reviewer(project), make.annotator(project), make.engineer(project)):
        with pytest.raises(NotAllowed):
            service.start(session, project_slug=project.slug, actor=person, at=NOON)
    with pytest.raises(NotFound):
        service.start(session, project_slug=project.slug, actor=make.lead(make.project()), at=NOON)
    assert service.start(session, project_slug=project.slug, actor=OPERATOR, at=NOON).actor_id is None


def test_the_report_costs_the_same_statements_at_any_length(session: Session, make: Factory) -> None:
    project = make.project(severities=FACTS)
    lead = make.lead(project)
    sizes = []
    for count in (1, 4):
        for _ in range(count):
            handed_in(make, project, output=f"{SUMMARY} It ends after nine years.", reason="By letter.")
        with recorded_statements(session) as statements:
            check_report(session, project, OPERATOR)
            queries.list_findings(session, project.id, lead, state="kept", wanted=NEWEST)
        sizes.append(len(statements))
        said = " ".join(statements)
        assert "document_texts" not in said
        assert "revisions.output" not in said
    assert sizes[0] == sizes[1] <= 5
