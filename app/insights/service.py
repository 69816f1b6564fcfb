"""A project's insights, as much of them as the person who asks may know.

A lead sees everybody; annotators and reviewers see totals and themselves; engineers see
totals without drafts.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Row
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.insights import queries
from app.insights.numbers import (
    Counts,
    DecisionPeriod,
    Insights,
    Period,
    Reason,
    Reviewer,
    Speed,
    Waiting,
    Words,
    Writer,
)
from app.insights.periods import Range
from app.insights.queries import Approved, Decided, History, Submitted
from app.projects.models import Project
from app.projects.rules import Right, Role, rights_of
from app.samples.workflow import Status

STEPS = 20  # of the words' distribution, at most
NO_DRAFTS = (Status.SUBMITTED,)


@dataclass(frozen=True, slots=True)
class _Sight:
    """What a person may know of a project's work."""

    everybody: bool
    drafts: bool
    only_id: int
    writes: bool
    reviews: bool


def _sight(user: User, roles: frozenset[Role]) -> _Sight:
    rights = rights_of(roles)
    return _Sight(
        everybody=Right.SEE_ACTIVITY in rights,
        drafts=bool(rights & {Right.SEE_ACTIVITY, Right.WRITE, Right.REVIEW}),
        only_id=user.id,
        writes=Right.WRITE in rights,
        reviews=Right.REVIEW in rights,
    )


def insights(
    session: Session, *, project: Project, roles: frozenset[Role], chosen: Range, actor: User, at: datetime
) -> Insights:
    """All numbers over this range, cut to what these roles of the actor may know."""
    history, sight = History(session, project, chosen), _sight(actor, roles)
    started, submitted = history.started(), history.submitted()
    approved, decided = history.approved(), history.decided()
    everything = next((row for row in decided if row[0] is None and row[1] is None), None)
    first_submissions = next((row for row in submitted if row[0] is None and row[1] is None), None)
    progress = _progress(chosen, started, submitted, approved)
    before = _before(history.before(), since=first_submissions[4] if first_submissions else 0)
    if not sight.drafts:
        before.started = None
        for period in progress:
            period.started = None
    return Insights(
        since=chosen.since,
        until=chosen.until,
        by=chosen.by,
        before=before,
        progress=progress,
        waiting=_waiting(session, history, sight, actor=actor, at=at),
        speed=Speed(
            decided_first=everything[6] if everything else 0,
            approved_first=everything[7] if everything else 0,
            median_seconds_to_submit=_seconds(
                first_submissions[3] if first_submissions and sight.drafts else None
            ),
            median_seconds_to_decide=_seconds(everything[5] if everything else None),
        ),
        words=_words(project, {row[2]: row[3] for row in approved if row[2] is not None}),
        decisions=_decisions(chosen, decided),
        writers=_writers(session, sight, started, submitted, approved),
        reviewers=_reviewers(session, sight, decided),
        reasons=[
            Reason(
                sample_id=sample_id,
                document_title=title,
                action=action,
                reviewer=name,
                reason=reason,
                at=when,
            )
            for sample_id, title, action, name, reason, when in history.reasons(actor)
        ]
        if sight.everybody
        else [],
    )


def _before(counted: Row[int, int, int], *, since: int) -> Counts:
    started, approved, handed_in = counted
    return Counts(started=started, submitted=handed_in - since, approved=approved)


def _by_period(rows: Iterable[Sequence[object]], *, count_at: int) -> Counter[date]:
    """The counts of several people, added up."""
    found: Counter[date] = Counter()
    for row in rows:
        if isinstance(row[0], date) and row[1] is not None:
            found[row[0]] += int(str(row[count_at]))
    return found


def _by_person(rows: Iterable[Sequence[object]], *, count_at: int) -> Counter[int]:
    """The counts of several periods, added up."""
    found: Counter[int] = Counter()
    for row in rows:
        if row[0] is not None and isinstance(row[1], int):
            found[row[1]] += int(str(row[count_at]))
    return found


def _progress(
    chosen: Range,
    started: Sequence[Row[date, int, int]],
    submitted: Sequence[Submitted],
    approved: Sequence[Approved],
) -> list[Period]:
    begun, handed_in = _by_period(started, count_at=2), _by_period(submitted, count_at=2)
    done = _by_period(approved, count_at=3)
    return [
        Period(first_day=day, started=begun[day], submitted=handed_in[day], approved=done[day])
        for day in chosen.periods
    ]


def _waiting(
    session: Session, history: History, sight: _Sight, *, actor: User, at: datetime
) -> list[Waiting]:
    rows = {row[0]: row for row in history.waiting()}
    visible = queries.visible_ids(session, [row[5] for row in rows.values()], actor)
    return [
        Waiting(
            status=status,
            count=count,
            median_seconds=_age(half, at),
            p90_seconds=_age(most, at),
            oldest_since=oldest,
            oldest_sample_id=sample_id if sample_id in visible else None,
        )
        for status in (queries.WAITING if sight.drafts else NO_DRAFTS)
        if status in rows
        for _, count, half, most, oldest, sample_id in (rows[status],)
    ]


def _age(since: datetime, at: datetime) -> float:
    return max((at - since).total_seconds(), 0.0)


def _seconds(time: timedelta | None) -> float | None:
    return None if time is None else time.total_seconds()


def _words(project: Project, outputs: dict[int, int]) -> Words:
    """The distribution in at most STEPS steps, from the shortest to the longest output."""
    count = sum(outputs.values())
    lowest, highest = min(outputs, default=0), max(outputs, default=0)
    width = -(-(highest - lowest + 1) // STEPS)
    width = width if width < 5 else -(-width // 5) * 5
    first = lowest // width * width
    steps: Counter[int] = Counter()
    for words, outputs_of in outputs.items():
        steps[words // width * width] += outputs_of
    return Words(
        min_words=project.min_words,
        max_words=project.max_words,
        count=count,
        below=sum(found for words, found in outputs.items() if words < project.min_words),
        above=sum(found for words, found in outputs.items() if words > project.max_words),
        median=_middle(outputs, count),
        width=width,
        steps=[(step, steps[step]) for step in range(first, highest + 1, width)] if outputs else [],
    )


def _middle(outputs: dict[int, int], count: int) -> int | None:
    """The number of words that half of the outputs do not exceed."""
    seen = 0
    for words in sorted(outputs):
        seen += outputs[words]
        if 2 * seen >= count:
            return words
    return None


def _decisions(chosen: Range, decided: Sequence[Decided]) -> list[DecisionPeriod]:
    counts = [_by_period(decided, count_at=place) for place in (2, 3, 4)]
    return [
        DecisionPeriod(
            first_day=day, approve=counts[0][day], request_changes=counts[1][day], reject=counts[2][day]
        )
        for day in chosen.periods
    ]


def _writers(
    session: Session,
    sight: _Sight,
    started: Sequence[Row[date, int, int]],
    submitted: Sequence[Submitted],
    approved: Sequence[Approved],
) -> list[Writer]:
    begun, done = _by_person(started, count_at=2), _by_person(approved, count_at=3)
    handed_in = {row[1]: row for row in submitted if row[0] is None and row[1] is not None and row[2]}
    wanted = begun.keys() | done.keys() | handed_in.keys() if sight.everybody else set()
    return [
        Writer(
            name=person.name,
            email=person.email,
            started=begun[person.id],
            submitted=handed_in[person.id][2] if person.id in handed_in else 0,
            approved=done[person.id],
            median_seconds_to_submit=_seconds(handed_in[person.id][3]) if person.id in handed_in else None,
        )
        for person in queries.people(session, wanted | ({sight.only_id} if sight.writes else set()))
    ]


def _reviewers(
    session: Session,
    sight: _Sight,
    decided: Sequence[Decided],
) -> list[Reviewer]:
    rows = {row[1]: row for row in decided if row[0] is None and row[1] is not None}
    wanted = set(rows) if sight.everybody else set()
    found = []
    for person in queries.people(session, wanted | ({sight.only_id} if sight.reviews else set())):
        row = rows.get(person.id)
        approve, request_changes, reject = (row[2], row[3], row[4]) if row else (0, 0, 0)
        found.append(
            Reviewer(
                name=person.name,
                email=person.email,
                approve=approve,
                request_changes=request_changes,
                reject=reject,
                median_seconds_to_decide=_seconds(row[5] if row else None),
            )
        )
    return found
