"""The numbers over a history that was counted by hand, and who is given which of them."""

from datetime import UTC, date, datetime, timedelta

from app.checks.length import count_words
from app.errors import AppError
from app.insights.numbers import Counts
from app.insights.periods import parse_range
from app.projects.models import Member
from app.reviews import service as reviews
from app.samples.workflow import Action, Status
from tests.insights.conftest import MONDAY, History
from tests.statements import recorded_statements

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
TEXT = "word,"


def work(history: History) -> None:
    """First week: two begun and submitted, one approved after an hour, one sent back. Then one is begun."""
    first, second = history.begin(MONDAY), history.begin(MONDAY + DAY)
    history.submit(first, MONDAY + 2 * HOUR)
    history.submit(second, MONDAY + DAY + 4 * HOUR)
    history.decide(first, Action.APPROVE, MONDAY + 3 * HOUR)
    history.decide(second, Action.REQUEST_CHANGES, MONDAY + DAY + 6 * HOUR)
    history.begin(MONDAY + 8 * DAY)


def test_progress_is_counted_by_period(history: History) -> None:
    work(history)
    found = history.look(history.lead)
    counted = [(each.first_day, each.started, each.submitted, each.approved) for each in found.progress]
    assert counted == [(date(2026, 1, 5), 2, 2, 1), (date(2026, 1, 12), 1, 0, 0)]
    assert found.before == Counts(started=0, submitted=0, approved=0)


def test_what_was_before_the_range_is_where_the_sums_begin(history: History) -> None:
    work(history)
    found = history.look(history.lead, since="2026-01-12")
    assert found.before == Counts(started=2, submitted=2, approved=1)
    early = history.look(history.lead, since="2026-01-01", until="2026-01-05", by="day")
    assert [each.submitted for each in early.progress] == [0, 0, 0, 0, 1]
    assert early.before == Counts(started=0, submitted=0, approved=0)


def test_waiting_times_shares_words_and_decisions(history: History) -> None:
    work(history)
    found = history.look(history.lead)
    assert {each.status: each.count for each in found.waiting} == {
        Status.DRAFT: 1,
        Status.CHANGES_REQUESTED: 1,
    }
    draft = found.waiting[0]
    assert (draft.median_seconds, draft.p90_seconds) == (6 * 86_400, 6 * 86_400)
    assert (found.speed.decided_first, found.speed.approved_first) == (2, 1)
    assert found.speed.median_seconds_to_submit == 2 * 3600
    assert found.speed.median_seconds_to_decide == 3600
    assert (found.words.count, found.words.median) == (1, 10)
    assert sum(count for _, count in found.words.steps) == 1
    assert [(each.approve, each.request_changes, each.reject) for each in found.decisions] == [
        (1, 1, 0),
        (0, 0, 0),
    ]


def test_a_withdrawn_contract_is_counted_nowhere(history: History) -> None:
    sample = history.begin(MONDAY)
    history.submit(sample, MONDAY + HOUR)
    history.decide(sample, Action.REJECT, MONDAY + 2 * HOUR)
    sample.task.document.withdrawn_at = MONDAY + DAY
    history.make.session.flush()
    found = history.look(history.lead)
    assert [each.started for each in found.progress] == [0, 0]
    assert (found.waiting, found.writers, found.reviewers, found.reasons) == ([], [], [], [])
    assert found.speed.decided_first == 0


def test_a_decision_that_was_undone_is_counted_nowhere(history: History) -> None:
    now = datetime.now(UTC)  # within ten seconds, by the clock
    sample = history.begin(now)
    history.submit(sample, now)
    review_id = history.decide(sample, Action.REJECT, now)
    reviews.undo(
        history.make.session, sample_id=sample.id, review_id=review_id, actor=history.reviewer,
        at=now,
    )  # fmt: skip
    found = history.look(history.lead, since=f"{now - DAY:%Y-%m-%d}", until=f"{now + DAY:%Y-%m-%d}")
    assert sum(each.reject for each in found.decisions) == 0
    assert (found.reviewers, found.reasons) == ([], [])
    assert [each.status for each in found.waiting] == [Status.SUBMITTED]


def test_a_new_project_has_nothing_and_says_so(history: History) -> None:
    found = history.look(history.lead)
    assert [(each.started, each.submitted, each.approved) for each in found.progress] == [(0, 0, 0)] * 2
    assert (found.waiting, found.writers, found.words.steps, found.words.median) == ([], [], [], None)


def test_a_lead_sees_everybody_and_the_reasons(history: History) -> None:
    work(history)
    found = history.look(history.lead)
    writer, reviewer = found.writers[0], found.reviewers[0]
    assert (writer.name, writer.started, writer.submitted, writer.approved) == (
        history.annotator.name, 3, 2, 1,
    )  # fmt: skip
    assert (reviewer.name, reviewer.approve, reviewer.request_changes) == (history.reviewer.name, 1, 1)
    assert [reason.reason for reason in found.reasons] == ["See 7.2."]
    assert found.waiting[0].oldest_sample_id


def test_an_annotator_and_a_reviewer_see_totals_and_themselves(history: History) -> None:
    work(history)
    colleague = history.make.annotator(history.project)
    found = history.look(colleague)
    assert [(each.email, each.started) for each in found.writers] == [(colleague.email, 0)]
    assert (found.reviewers, found.reasons) == ([], [])
    assert found.progress[0].started == 2
    assert {each.oldest_sample_id for each in found.waiting} == {None}
    found = history.look(history.reviewer)
    assert [each.email for each in found.reviewers] == [history.reviewer.email]
    assert (found.writers, found.reasons) == ([], [])
    # A reviewer sees what was handed in, and no draft.
    assert [bool(each.oldest_sample_id) for each in found.waiting] == [False, True]


def test_an_engineer_sees_totals_without_names_and_drafts(history: History) -> None:
    work(history)
    found = history.look(history.make.engineer(history.project))
    assert [each.started for each in found.progress] == [None, None]
    assert (found.writers, found.reviewers, found.reasons, found.waiting) == ([], [], [], [])
    assert (found.before.started, found.speed.median_seconds_to_submit) == (None, None)
    said = found.model_dump_json()
    assert history.annotator.name not in said
    assert history.reviewer.name not in said


def test_a_lead_who_writes_reads_no_reason_of_a_task_before_their_own_sample_is_decided(
    history: History,
) -> None:
    history.project.overlap = 2
    sample = history.begin(MONDAY)
    history.submit(sample, MONDAY + HOUR)
    history.decide(sample, Action.REQUEST_CHANGES, MONDAY + 2 * HOUR)
    writer = history.make.annotator(history.project)
    history.make.session.add(Member(project_id=history.project.id, user_id=writer.id, role="lead"))
    assert len(history.look(writer).reasons) == 1
    history.make.sample(history.project, annotator=writer, task=sample.task)
    assert history.look(writer).reasons == []
    assert len(history.look(history.lead).reasons) == 1


def test_more_samples_and_people_cost_no_more_statements_and_no_text(history: History) -> None:
    work(history)
    history.look(history.lead)
    with recorded_statements(history.make.session) as few:
        history.look(history.lead)
    for _ in range(3):
        sample = history.begin(MONDAY, by=history.make.annotator(history.project))
        history.submit(sample, MONDAY + HOUR)
        history.decide(sample, Action.REJECT, MONDAY + 2 * HOUR)
    with recorded_statements(history.make.session) as many:
        history.look(history.lead)
    assert len(many) == len(few)
    assert not any("output" in statement or "document_texts" in statement for statement in many)


def test_words_are_counted_by_the_database_as_the_checks_count_them(history: History) -> None:
    spaces = [chr(point) for point in range(1, 0x11000) if chr(point).isspace()]
    output = TEXT.join(spaces) + TEXT
    sample = history.submit(history.begin(MONDAY, output=output), MONDAY + HOUR)
    assert sample.revisions[0].word_count == count_words(output)


def refusal(**asked: str) -> str:
    try:
        parse_range(**({"since": "", "until": "", "by": "week"} | asked), today=MONDAY.date())
    except AppError as error:
        return error.message
    return ""


def test_a_range_that_cannot_be_drawn_is_refused_with_a_sentence() -> None:
    assert "ends before it begins" in refusal(since="2026-01-02", until="2026-01-01")
    assert "400 periods" in refusal(since="2020-01-01", until="2026-01-01", by="day")
    assert "day, week or month" in refusal(by="year")
    assert "such as 2026-11-23" in refusal(until="0001-01-01")
    assert refusal() == ""


def test_months_and_weeks_begin_where_calendars_say() -> None:
    months = parse_range(since="2025-12-31", until="2026-02-01", by="month", today=MONDAY.date())
    assert months.periods == [date(2025, 12, 1), date(2026, 1, 1), date(2026, 2, 1)]
    weeks = parse_range(since="2026-01-01", until="2026-01-05", by="week", today=MONDAY.date())
    assert weeks.periods == [date(2025, 12, 29), date(2026, 1, 5)]
