"""Checking a project again: after a check, its clauses or its severities changed.

A run goes through all that was handed in, approved or not, and writes what it finds beside the revisions,
which never change. Its row says how far it is: one sample at a time, each in a transaction of its own, so
whatever stops in between goes on there, and nobody waits long for a sample.
"""

from collections.abc import Callable
from datetime import datetime

import structlog
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from app.accounts.actors import SYSTEM, Actor
from app.audit import service as audit
from app.jobs import locks
from app.jobs.service import defer
from app.logs import places
from app.projects.queries import get_project_with_right
from app.projects.rules import Right
from app.rechecks import queries
from app.rechecks.models import CheckRun, Recheck
from app.samples import queries as sample_queries
from app.samples.checking import check
from app.samples.likeness import keep_bands
from app.samples.revisions import revision_content

TASK = "rechecks.catch_up"

log = structlog.get_logger(__name__)


def start(session: Session, *, project_slug: str, actor: Actor, at: datetime) -> CheckRun:
    """Have all of a project checked again. A lead's act; while a run is under way, it is that one.

    Raises NotFound, NotAllowed.
    """
    project = get_project_with_right(session, project_slug, actor, Right.MANAGE)
    total = queries.count_samples(session, project.id).samples
    begun = session.scalar(
        insert(CheckRun)
        .values(project_id=project.id, actor_id=actor.id, begun_at=at, total=total)
        .on_conflict_do_nothing(
            index_elements=[CheckRun.project_id], index_where=CheckRun.finished_at.is_(None)
        )
        .returning(CheckRun.id)
    )
    if begun is not None:
        audit.record(
            session,
            verb="project.check",
            subject_type="project",
            subject_id=project.id,
            project_id=project.id,
            actor=actor,
            at=at,
            details={"run": begun, "samples": total},
        )
    defer(session, TASK, queueing_lock=TASK)
    return session.scalars(
        select(CheckRun).where(CheckRun.project_id == project.id).order_by(CheckRun.id.desc()).limit(1)
    ).one()


def catch_up(*, now: Callable[[], datetime], should_stop: Callable[[], bool] = lambda: False) -> None:
    """Go on with all runs that are not finished, each in its turn; nothing where another process is at it."""
    locks.in_turns(
        TASK,
        list_behind=queries.list_unfinished,
        go_on=lambda session, run_id: check_next(session, run_id, at=now()),
        should_stop=should_stop,
    )


def check_next(session: Session, run_id: int, *, at: datetime) -> CheckRun:
    """Check the next sample of a run again. Of two processes at it, one waits for the other's sample."""
    run = session.scalars(
        select(CheckRun).where(CheckRun.id == run_id).with_for_update(),
        execution_options={"populate_existing": True},
    ).one()
    if run.finished_at is not None:
        return run
    sample_id = queries.find_to_check(session, run.project_id, after_id=run.after_id)
    if sample_id is None:
        run.finished_at = at
    else:
        run.failed += not _try_sample(session, sample_id, at=at)
        run.done += 1
        run.after_id = sample_id
    session.flush()
    return run


def _try_sample(session: Session, sample_id: int, *, at: datetime) -> bool:
    """Whether a sample could be checked: one at which a check breaks must not keep the others from it."""
    try:
        with session.begin_nested():
            _check_sample(session, sample_id, at=at)
    except SQLAlchemyError:
        raise
    except Exception as error:  # noqa: BLE001 -- whatever a check breaks at, the run goes on
        said = {"kind": type(error).__name__, "places": places(error)}
        log.error("recheck_failed", sample_id=sample_id, **said)  # noqa: TRY400 -- an exception's own words may quote the contract
        return False
    return True


def _check_sample(session: Session, sample_id: int, *, at: datetime) -> None:
    # Locked: the bands are those of the newest revision, and none may come meanwhile.
    sample = sample_queries.get_for_change(session, sample_id, SYSTEM)
    revision = sample_queries.get_revision(session, sample.id, sample.revision_count)
    checked = check(session, sample, revision_content(revision))
    found = {
        "findings": [finding.to_json() for finding in checked.findings],
        "checked": checked.to_json(),
        "checked_at": at,
    }
    session.execute(
        insert(Recheck)
        .values(revision_id=revision.id, project_id=sample.project_id, **found)
        .on_conflict_do_update(index_elements=[Recheck.revision_id], set_=found)
    )
    keep_bands(session, sample, revision.output)
