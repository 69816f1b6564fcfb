"""SELECTs on a project's history: set-based, and of texts only the few reasons that are shown are read.

When a sample was approved is its `updated_at`: nothing touches an approved sample but what ends its approval.
"""

from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Date,
    Row,
    SQLColumnExpression,
    all_,
    and_,
    bindparam,
    case,
    cast,
    func,
    literal_column,
    select,
    tuple_,
)
from sqlalchemy.dialects.postgresql import ARRAY, aggregate_order_by
from sqlalchemy.orm import Session

from app.accounts.actors import Actor
from app.accounts.models import User
from app.documents.models import Document
from app.insights.periods import Range
from app.projects.models import Project
from app.reviews.models import Review
from app.samples.models import Revision, Sample
from app.samples.queries import may_see, visible_to
from app.samples.workflow import Action, Status
from app.tasks.models import Task

WAITING = (Status.DRAFT, Status.SUBMITTED, Status.CHANGES_REQUESTED)  # for somebody to go on
REASONS_SHOWN = 20

Submitted = Row[date | None, int | None, int, timedelta | None, int]
Approved = Row[date | None, int | None, int | None, int]
Decided = Row[date | None, int | None, int, int, int, timedelta | None, int, int]

# Whose sample it is; imported ones are nobody's.
_PERSON = func.coalesce(Sample.annotator_id, literal_column("0"))

# Until the transaction ends. A plan made for any range goes row by row through a year; hashing and sorting
# its rows takes some memory, and compiling a plan takes longer than any of these statements.
_PLANNING = (("plan_cache_mode", "force_custom_plan"), ("work_mem", "32MB"), ("jit", "off"))


class History:
    """A project's samples but those of withdrawn contracts, and what happened to them in a range of days."""

    def __init__(self, session: Session, project: Project, chosen: Range) -> None:
        self._session, self._project, self._range = session, project, chosen
        session.execute(select(*(func.set_config(name, value, True) for name, value in _PLANNING)))
        # Few as a rule. Asked for once: as a part of each statement below it cost more than all the rest.
        self._withdrawn = session.scalars(
            select(Sample.id)
            .join(Task, Task.id == Sample.task_id)
            .join(Document, Document.id == Task.document_id)
            .where(Document.project_id == project.id, Document.withdrawn_at.is_not(None))
        ).all()

    def _of_project(self) -> ColumnElement[bool]:
        withdrawn = bindparam("withdrawn", self._withdrawn, type_=ARRAY(BigInteger))
        return and_(Sample.project_id == self._project.id, Sample.id != all_(withdrawn))

    def _within(self, at: SQLColumnExpression[datetime | None]) -> ColumnElement[bool]:
        return and_(at >= self._range.begins_at, at < self._range.ends_at)

    def _period(self, at: SQLColumnExpression[datetime | None]) -> ColumnElement[date]:
        return cast(func.date_trunc(self._range.by.value, func.timezone("UTC", at)), Date)

    def started(self) -> Sequence[Row[date, int, int]]:
        """(period, annotator, how many samples they began)."""
        period = self._period(Sample.created_at)
        return self._session.execute(
            select(period, _PERSON, func.count())
            .where(self._of_project(), self._within(Sample.created_at))
            .group_by(period, _PERSON)
        ).all()

    def submitted(self) -> Sequence[Submitted]:
        """(period, annotator, samples handed in for the first time, half of them within this time, and how
        many were from the range's beginning until now).

        Rows without a period are of the whole range; the one without an annotator too is everybody's.
        """
        period, in_range = self._period(Revision.submitted_at), self._within(Revision.submitted_at)
        return self._session.execute(
            select(
                period,
                _PERSON,
                func.count().filter(in_range),
                _half(Revision.submitted_at, Sample.created_at).filter(in_range, Sample.import_id.is_(None)),
                func.count(),
            )
            .select_from(Sample)
            .join(Revision, Revision.sample_id == Sample.id)
            .where(self._of_project(), Revision.number == 1, Revision.submitted_at >= self._range.begins_at)
            .group_by(_in_all_ways(period, _PERSON))
        ).all()

    def approved(self) -> Sequence[Approved]:
        """(period, annotator, words, how many outputs that are approved now were so then).

        Rows with words are of the whole range, the others of a period and an annotator.
        """
        period = self._period(Sample.updated_at)
        return self._session.execute(
            select(period, _PERSON, Revision.word_count, func.count())
            .select_from(Sample)
            .join(Revision, and_(Revision.sample_id == Sample.id, Revision.number == Sample.revision_count))
            .where(self._of_project(), Sample.status == Status.APPROVED, self._within(Sample.updated_at))
            .group_by(func.grouping_sets(tuple_(period, _PERSON), tuple_(Revision.word_count)))
        ).all()

    def decided(self) -> Sequence[Decided]:
        """(period, reviewer, approvals, requests for changes, rejections, half of them within this time,
        decisions on first submissions, and approvals among those), of decisions that stand.

        Rows without a period are of the whole range; the one without a reviewer too is everybody's.
        """
        period, first = self._period(Review.created_at), Revision.number == 1
        return self._session.execute(
            select(
                period,
                Review.reviewer_id,
                func.count().filter(Review.action == Action.APPROVE),
                func.count().filter(Review.action == Action.REQUEST_CHANGES),
                func.count().filter(Review.action == Action.REJECT),
                _half(Review.created_at, Revision.submitted_at),
                func.count().filter(first),
                func.count().filter(first, Review.action == Action.APPROVE),
            )
            .select_from(Review)
            .join(Revision, Revision.id == Review.revision_id)
            .join(Sample, Sample.id == Revision.sample_id)
            .where(self._of_project(), Review.undone_at.is_(None), self._within(Review.created_at))
            .group_by(_in_all_ways(period, Review.reviewer_id))
        ).all()

    def before(self) -> Row[int, int, int]:
        """How many samples were begun and approved before the range, and handed in at any time."""
        begins_at = self._range.begins_at
        return self._session.execute(
            select(
                func.count().filter(Sample.created_at < begins_at),
                func.count().filter(Sample.status == Status.APPROVED, Sample.updated_at < begins_at),
                func.count().filter(Sample.revision_count > 0),
            ).where(self._of_project())
        ).one()

    def waiting(self) -> Sequence[Row[str, int, datetime, datetime, datetime, int]]:
        """(status, count, since when the half, nine of ten and all of them wait at most, the oldest's id)."""
        since = case((Sample.status == Status.SUBMITTED, Sample.submitted_at), else_=Sample.updated_at)
        ordered = aggregate_order_by(Sample.id, since, Sample.id)
        return self._session.execute(
            select(
                Sample.status,
                func.count(),
                func.percentile_disc(0.5).within_group(since),
                func.percentile_disc(0.1).within_group(since),
                func.min(since),
                func.array_agg(ordered, type_=ARRAY(BigInteger))[1],
            )
            .where(self._of_project(), Sample.status.in_(WAITING))
            .group_by(Sample.status)
        ).all()

    def reasons(self, actor: Actor) -> Sequence[Row[int, str, str, str, str, datetime]]:
        """The range's latest that this actor may see: (sample, contract, action, reviewer, reason, time)."""
        return self._session.execute(
            select(Sample.id, Document.title, Review.action, User.name, Review.reason, Review.created_at)
            .select_from(Review)
            .join(Revision, Revision.id == Review.revision_id)
            .join(Sample, Sample.id == Revision.sample_id)
            .join(Task, Task.id == Sample.task_id)
            .join(Document, Document.id == Task.document_id)
            .join(User, User.id == Review.reviewer_id)
            .where(
                self._of_project(),
                may_see(actor),
                Review.action != Action.APPROVE,
                Review.undone_at.is_(None),
                self._within(Review.created_at),
            )
            .order_by(Review.id.desc())
            .limit(REASONS_SHOWN)
        ).all()


def visible_ids(session: Session, sample_ids: Collection[int], actor: Actor) -> frozenset[int]:
    """Those of the samples that exist for this actor."""
    found = visible_to(actor).where(Sample.id.in_(sample_ids)).with_only_columns(Sample.id)
    return frozenset(session.scalars(found))


def people(session: Session, user_ids: Collection[int]) -> Sequence[User]:
    """These people by name."""
    return session.scalars(select(User).where(User.id.in_(user_ids)).order_by(User.name, User.id)).all()


def _half(end: SQLColumnExpression[datetime], begin: SQLColumnExpression[datetime]) -> Any:
    return func.percentile_disc(0.5).within_group(end - begin)


def _in_all_ways(period: ColumnElement[date], person: SQLColumnExpression[int]) -> ColumnElement[object]:
    """Group by period and person, by person alone, and not at all."""
    return func.grouping_sets(tuple_(period, person), tuple_(person), tuple_())
