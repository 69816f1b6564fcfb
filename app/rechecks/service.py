"""Checking a project again: after a check, its clauses or its severities changed.

A run goes through all that was handed in, approved or not, and writes what it finds beside the revisions,
which never change. Its row says how far it is: one sample at a time, each in a transaction of its own, so
whatever stops in between goes on there, and nobody waits long for a sample.
"""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from app import logs
from app.accounts.actors import SYSTEM, Actor
from app.audit import service as audit
from app.jobs import locks
from app.jobs.service import defer
from app.projects.models import Project
from app.projects.queries import get_project_with_right
from app.projects.rules import Right
from app.rechecks import queries
from app.rechecks.models import CheckRun, Recheck
from app.samples import queries as sample_queries
from app.samples.checking import check
from app.samples.likeness import keep_bands
from app.samples.revisions import revision_content

TASK = "rechecks.catch_up"


def start(session: Session, *, project_slug: str, actor: Actor, at: datetime) -> CheckRun:
    """Have all of a project checked again. A lead's act; while a run is under way, it is that one.

    Raises NotFound, NotAllowed.
    """
    project = get_project_with_right(session, project_slug, actor, Right.MANAGE)
    total = queries.count_samples(session, project, SYSTEM).samples
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
    """Go on with all runs that are not finished, each in its turn; nothing where another process is at it.

    A run that cannot go on is left for the next time, and keeps no other from its turn.
    """
    stuck = set[int]()

    def go_on(session: Session, run_id: int) -> None:
        try:
            check_next(session, run_id, at=now())
        except Exception as error:
            session.rollback()
            if _is_lost(error):
                raise
            logs.broken("recheck_stuck", error, run_id=run_id)
            stuck.add(run_id)

    locks.in_turns(
        TASK,
        list_behind=lambda session: [id_ for id_ in queries.list_unfinished(session) if id_ not in stuck],
        go_on=go_on,
        should_stop=should_stop,
    )


def check_next(session: Session, run_id: int, *, at: datetime) -> CheckRun:
    """Check the next sample of a run again. Of two processes at it, one waits for the other's sample.

    A run whose checks or settings changed meanwhile begins again at its end.
    """
    run = session.scalars(
        select(CheckRun).where(CheckRun.id == run_id).with_for_update(),
        execution_options={"populate_existing": True},
    ).one()
    if run.finished_at is not None:
        return run
    sample_id = queries.find_to_check(session, run.project_id, after_id=run.after_id)
    if sample_id is None:
        project = session.get_one(Project, run.project_id, populate_existing=True)
        if queries.count_samples(session, project, SYSTEM).outdated > run.failed:
            run.after_id = run.done = run.failed = 0
        else:
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
    except Exception as error:
        if _is_lost(error):
            raise
        logs.broken("recheck_failed", error, sample_id=sample_id)
        return False
    return True


def _is_lost(error: Exception) -> bool:
    """Whether it is the connection that broke, and not what was done with it."""
    return isinstance(error, DBAPIError) and error.connection_invalidated


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
