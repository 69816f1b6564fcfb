"""SELECTs on what the checks find in a project now: in the newest revision of all that was handed in.

Where a run has checked a revision again, what it found counts and not what was found at submission. Neither
outputs nor contracts are read.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    FromClause,
    SQLColumnExpression,
    Subquery,
    TableValuedAlias,
    UnaryExpression,
    and_,
    cast,
    column,
    distinct,
    func,
    literal,
    or_,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from app.accounts.actors import Actor
from app.accounts.models import User
from app.checks.findings import Severity
from app.checks.registry import CHECKS, VERSIONS
from app.documents.models import Document
from app.paging import Found, Order, Wanted, find_page
from app.projects.models import Project
from app.rechecks.models import CheckRun, Recheck
from app.samples.checking import settings_of
from app.samples.models import Revision, Sample
from app.samples.queries import HANDED_IN, may_see
from app.samples.workflow import Status
from app.tasks.models import Task

State = Literal["kept", "open", "new"]

_STOPPING = (Severity.ERROR, Severity.WARNING)

# What spares a list a look into most revisions. Whether a finding belongs to the list says `_each_finding`.
_SPARING: dict[State, ColumnElement[bool]] = {
    "kept": Revision.reasons != {},
    "open": Sample.status != Status.REJECTED,
    "new": and_(Sample.status == Status.APPROVED, Recheck.findings != Revision.findings),
}


def _newest(
    project_id: int,
    *conditions: ColumnElement[bool],
    order_by: Sequence[UnaryExpression[Any]] = (),
) -> Subquery:
    """What was handed in and not taken back, with the revision that stands and its last check.

    With an offset it stays a subquery, whose rows are found before anything is joined to them: how many
    findings they have is nothing that the database can guess, and a list looks into no more than it shows.
    """
    return (
        select(
            Sample.id.label("sample_id"),
            Sample.task_id,
            Sample.status,
            Revision.id.label("revision_id"),
            Revision.number,
            Revision.author_id,
            Revision.submitted_at,
            Revision.reasons,
            Revision.findings.label("handed_in_with"),
            Recheck.revision_id.label("rechecked"),
            func.coalesce(Recheck.findings, Revision.findings, type_=JSONB).label("findings"),
            func.coalesce(Recheck.checked, Revision.checked, type_=JSONB).label("checked"),
        )
        .join(Revision, and_(Revision.sample_id == Sample.id, Revision.number == Sample.revision_count))
        .outerjoin(Recheck, Recheck.revision_id == Revision.id)
        .where(Sample.project_id == project_id, Sample.status.in_(HANDED_IN), *conditions)
        .order_by(*order_by)
        .offset(0)
        .subquery("newest")
    )


def _elements(findings: SQLColumnExpression[Any], name: str) -> TableValuedAlias:
    return (
        func.jsonb_array_elements(findings)
        .table_valued(column("finding", JSONB), with_ordinality="place", joins_implicitly=True)
        .render_derived(name)
    )


def _each_finding(newest: Subquery) -> FromClause:
    """The findings of a row of `newest`, and for each state whether they are in it.

    The keys that the revision was handed in with, of what stops, are read once for it and only where needed.
    """
    each, known = _elements(newest.c.findings, "each"), _elements(newest.c.handed_in_with, "known")
    key, severity = each.c.finding["key"].astext, each.c.finding["severity"].astext
    known_keys = (
        select(known.c.finding["key"].astext)
        .where(known.c.finding["severity"].astext.in_(_STOPPING))
        .correlate(newest)
        .scalar_subquery()
    )
    has_reason = newest.c.reasons.has_key(key)
    is_first = func.row_number().over(partition_by=key, order_by=each.c.place) == 1
    is_open = and_(severity.in_(_STOPPING), ~has_reason, newest.c.status != Status.REJECTED)
    is_new = and_(
        newest.c.status == Status.APPROVED,
        newest.c.rechecked.is_not(None),
        is_open,
        key != func.all(func.array(known_keys)),
    )
    return (
        select(
            each.c.finding,
            each.c.place,
            each.c.finding["check"].astext.label("check"),
            severity.label("severity"),
            key.label("key"),
            has_reason.label("has_reason"),
            and_(has_reason, is_first).label("kept"),  # equal sentences have one key, and one reason
            is_open.label("open"),
            is_new.label("new"),
        )
        .correlate(newest)
        .offset(0)
        .lateral("found")
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
    """Of how many samples the findings are counted, and of how many checks or settings have changed since."""

    samples: int
    outdated: int


def count_findings(session: Session, project_id: int, actor: Actor) -> list[Counts]:
    """The findings by check, in samples that exist for the actor.

    Each check once, in the registry's order, then those that are no more.
    """
    newest = _newest(project_id, may_see(actor))
    found = _each_finding(newest)
    of_revision = (
        select(
            found.c.check,
            *(func.count().filter(found.c.severity == severity).label(severity) for severity in Severity),
            # As many as are "kept", which to number takes longer.
            func.count(distinct(found.c.key)).filter(found.c.has_reason).label("kept"),
            *(func.count().filter(found.c[state]).label(state) for state in ("open", "new")),
        )
        .group_by(found.c.check)
        .lateral("of_revision")
    )
    name, *counts = of_revision.c
    rows = session.execute(
        select(name, func.count(), *(cast(func.sum(each), BigInteger) for each in counts))
        .select_from(newest)
        .join(of_revision, true())
        .group_by(name)
        .order_by(name)
    )
    by_check = {row[0]: Counts(*row) for row in rows}
    return [by_check.pop(check.name, Counts(check.name)) for check in CHECKS] + list(by_check.values())


def count_samples(session: Session, project: Project, actor: Actor) -> Totals:
    """How many samples that exist for the actor were handed in, and how many of them the checks judge anew.

    Those were checked with other versions or settings than today's; of older ones only versions are known.
    """
    newest = _newest(project.id, may_see(actor))
    is_outdated = or_(
        newest.c.checked["versions"].is_distinct_from(literal(VERSIONS, JSONB)),
        newest.c.checked["settings"] != literal(settings_of(project), JSONB),
    )
    row = session.execute(select(func.count(), func.count().filter(is_outdated)).select_from(newest)).one()
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


def list_findings(
    session: Session, project_id: int, actor: Actor, *, state: State, check: str = "", wanted: Wanted
) -> Found[ListedFinding]:
    """A page of the findings in samples that exist for the actor.

    `kept` are those with a reason; `open` errors and warnings without one in what is not rejected; `new`
    those of approved samples that were not there when they were handed in.
    """
    order = Revision.id.desc() if wanted.sort.startswith("-") else Revision.id.asc()
    newest = _newest(project_id, may_see(actor), _SPARING[state], order_by=[order])
    found = _each_finding(newest)
    statement = (
        select(
            newest.c.sample_id,
            newest.c.status,
            Document.title,
            newest.c.number,
            User.name,
            newest.c.submitted_at,
            func.coalesce(newest.c.reasons[found.c.finding["key"].astext].astext, ""),
            found.c.finding,
        )
        .select_from(newest)
        .join(found, found.c[state])
        .join(Task, Task.id == newest.c.task_id)
        .join(Document, Document.id == Task.document_id)
        .outerjoin(User, User.id == newest.c.author_id)
    )
    if check:
        statement = statement.where(found.c.check == check.replace("\0", ""))
    orders: dict[str, Order] = {"submitted": ((newest.c.revision_id, int), (found.c.place, int))}
    return find_page(session, statement, orders=orders, wanted=wanted, item=ListedFinding)


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


def find_to_check(session: Session, project_id: int, *, after_id: int) -> int | None:
    """The sample that was handed in and comes after this one by id; None where there is none."""
    return session.scalar(
        select(Sample.id)
        .where(Sample.project_id == project_id, Sample.status.in_(HANDED_IN), Sample.id > after_id)
        .order_by(Sample.id)
        .limit(1)
    )
