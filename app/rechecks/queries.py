"""SELECTs on what the checks find in a project now: in the newest revision of all that was handed in.

Where a run has checked a revision again, what it found counts and not what was found at submission. Neither
outputs nor contracts are read.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, Select, and_, column, func, literal, or_, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from app.accounts.actors import Actor
from app.accounts.models import User
from app.checks.findings import Severity
from app.checks.registry import CHECKS, VERSIONS
from app.documents.models import Document
from app.paging import Found, Order, Wanted, find_page
from app.rechecks.models import CheckRun, Recheck
from app.samples.models import Revision, Sample
from app.samples.queries import HANDED_IN, may_see
from app.samples.workflow import Status
from app.tasks.models import Task

State = Literal["kept", "open", "new"]

_FINDINGS = func.coalesce(Recheck.findings, Revision.findings)
_CHECKED = func.coalesce(Recheck.checked, Revision.checked, type_=JSONB)
_FINDING = (
    func.jsonb_array_elements(_FINDINGS)
    .table_valued(column("finding", JSONB), with_ordinality="place", joins_implicitly=True)
    .render_derived()
)
_CHECK = _FINDING.c.finding["check"].astext
_SEVERITY = _FINDING.c.finding["severity"].astext
_KEY = _FINDING.c.finding["key"].astext
_STOPS = _SEVERITY.in_((Severity.ERROR, Severity.WARNING))
_HAS_REASON = Revision.reasons.has_key(_KEY)


def _was_known() -> ColumnElement[bool]:
    """Whether the revision was handed in with this finding, as one that stops."""
    return or_(
        *(
            Revision.findings.contains(
                func.jsonb_build_array(func.jsonb_build_object("key", _KEY, "severity", severity.value))
            )
            for severity in (Severity.ERROR, Severity.WARNING)
        )
    )


# What a list may be narrowed to. What is asked of the whole revision comes first, and spares most.
_STATES: dict[State, ColumnElement[bool]] = {
    "kept": and_(Revision.reasons != {}, _HAS_REASON),
    "open": and_(_STOPS, ~_HAS_REASON, Sample.status != Status.REJECTED),
    "new": and_(
        Sample.status == Status.APPROVED,
        Recheck.revision_id.is_not(None),
        _STOPS,
        ~_HAS_REASON,
        ~_was_known(),
    ),
}


def _newest(project_id: int) -> Select[Sample]:
    """What was handed in and not taken back, joined to the revision that stands and its last check."""
    return (
        select(Sample)
        .join(Revision, and_(Revision.sample_id == Sample.id, Revision.number == Sample.revision_count))
        .outerjoin(Recheck, Recheck.revision_id == Revision.id)
        .where(Sample.project_id == project_id, Sample.status.in_(HANDED_IN))
    )


@dataclass(frozen=True, slots=True)
class Counts:
    """How many findings of a check there are, and in how many samples."""

    check: str
    samples: int = 0
    errors: int = 0
    warnings: int = 0
    notes: int = 0
    kept: int = 0  # with a reason
    open: int = 0  # errors and warnings without one, in what is not rejected
    new: int = 0  # in what is approved, and would not be handed in like this today


@dataclass(frozen=True, slots=True)
class Totals:
    """Of how many samples the findings are counted, and of how many the checks have changed since."""

    samples: int
    outdated: int


def count_findings(session: Session, project_id: int) -> list[Counts]:
    """The findings by check: each check once, in the registry's order, then those that are no more."""
    rows = session.execute(
        _newest(project_id)
        .with_only_columns(
            _CHECK,
            func.count(Sample.id.distinct()),
            *(func.count().filter(severity == _SEVERITY) for severity in Severity),
            *(func.count().filter(_STATES[state]) for state in ("kept", "open", "new")),
        )
        .group_by(_CHECK)
        .order_by(_CHECK)
    )
    found = {row[0]: Counts(*row) for row in rows}
    return [found.pop(check.name, Counts(check.name)) for check in CHECKS] + list(found.values())


def count_samples(session: Session, project_id: int) -> Totals:
    """How many samples were handed in; how many of them were checked with other versions than today's."""
    is_outdated = _CHECKED["versions"].is_distinct_from(literal(VERSIONS, JSONB))
    row = session.execute(
        _newest(project_id).with_only_columns(func.count(), func.count().filter(is_outdated))
    ).one()
    return Totals(*row)


@dataclass(frozen=True, slots=True)
class ListedFinding:
    """A finding of a sample's newest revision, and the reason for which it was kept, if any."""

    sample_id: int
    status: str
    document_title: str
    revision: int
    author: str | None  # None: it was imported
    submitted_at: datetime
    reason: str
    finding: dict[str, Any]


ORDERS: dict[str, Order] = {"submitted": ((Revision.id, int), (_FINDING.c.place, int))}


def list_findings(
    session: Session, project_id: int, actor: Actor, *, state: State, check: str = "", wanted: Wanted
) -> Found[ListedFinding]:
    """A page of the findings in samples that exist for the actor.

    `kept` are those with a reason; `open` errors and warnings without one in what is not rejected; `new`
    those of approved samples that were not there when they were handed in.
    """
    statement = (
        _newest(project_id)
        .join(Task, Task.id == Sample.task_id)
        .join(Document, Document.id == Task.document_id)
        .outerjoin(User, User.id == Revision.author_id)
        .where(may_see(actor), _STATES[state])
        .with_only_columns(
            Sample.id,
            Sample.status,
            Document.title,
            Revision.number,
            User.name,
            Revision.submitted_at,
            func.coalesce(Revision.reasons[_KEY].astext, ""),
            _FINDING.c.finding,
        )
    )
    if check:
        statement = statement.where(check.replace("\0", "") == _CHECK)
    return find_page(session, statement, orders=ORDERS, wanted=wanted, item=ListedFinding)


def find_recheck(session: Session, revision_id: int) -> Recheck | None:
    """What the last run found in a revision; None where it was not checked again."""
    return session.get(Recheck, revision_id)


def find_run(session: Session, project_id: int) -> CheckRun | None:
    """The latest run of a project; None where there was none."""
    return session.scalar(
        select(CheckRun)
        .where(CheckRun.project_id == project_id)
        .order_by(CheckRun.id.desc())
        .limit(1)
        .execution_options(populate_existing=True)
    )


def list_unfinished(session: Session) -> Sequence[int]:
    """The ids of the runs that are not finished, the oldest first."""
    return session.scalars(
        select(CheckRun.id).where(CheckRun.finished_at.is_(None)).order_by(CheckRun.id)
    ).all()


def list_to_check(session: Session, project_id: int, *, after_id: int, limit: int) -> Sequence[int]:
    """Samples that were handed in, by id, after this one."""
    return session.scalars(
        select(Sample.id)
        .where(Sample.project_id == project_id, Sample.status.in_(HANDED_IN), Sample.id > after_id)
        .order_by(Sample.id)
        .limit(limit)
    ).all()
