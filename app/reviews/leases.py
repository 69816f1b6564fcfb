"""Which reviewer has which submission before them.

A review lease is advisory: deciding without one is allowed where nobody else holds the last place.
"""

from datetime import timedelta

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.projects.models import Project
from app.projects.queries import get_project_with_right
from app.projects.rules import Right
from app.reviews import queries
from app.reviews.models import ReviewLease
from app.samples import queries as sample_queries
from app.samples.facts import actor_facts
from app.samples.models import Revision, Sample
from app.samples.workflow import Action, Status, decide
from app.tasks.leases import serialise_claims
from app.tasks.queries import DATABASE_TIME


def take_next(session: Session, *, project_slug: str, actor: User) -> Sample | None:
    """The sample to review next, leased to the actor; None where nothing waits for them.

    First what they already have before them, then the oldest submission.
    """
    project = get_project_with_right(session, project_slug, actor, Right.REVIEW)
    serialise_claims(session, project_id=project.id, user_id=actor.id)
    mine = (
        select(ReviewLease.revision_id)
        .where(ReviewLease.reviewer_id == actor.id, ReviewLease.expires_at > DATABASE_TIME)
        .scalar_subquery()
    )
    ordered = (
        queries.waiting_for(project, actor.id)
        .order_by(Revision.id.in_(mine).desc(), Sample.submitted_at, Sample.id)
        .limit(1)
    )
    # Twice with waiting: what is edited meanwhile waits too, and the look that waited does not find it.
    for waits in (False, True, True):
        while row := session.execute(
            ordered.with_for_update(of=Sample, skip_locked=not waits),
            execution_options={"populate_existing": True},
        ).first():
            sample, revision = row
            # What was read beside the row that this may have waited for is older than that row: asked again.
            waiting = queries.waiting_for(project, actor.id).where(Sample.id == sample.id)
            if session.execute(waiting).first() is None:
                continue
            if grant(session, project=project, sample=sample, revision=revision, actor=actor):
                return sample_queries.get_visible(session, sample.id, actor)
    return None


def open_for_review(session: Session, *, sample_id: int, actor: User) -> str:
    """Lease the submission that a reviewer opens by its address; "" or a sentence where others have it.

    The lease is advisory: reading goes on without one.
    """
    sample = sample_queries.get_for_change(session, sample_id, actor)
    facts = queries.facts_for_review(session, sample)
    if sample.status != Status.SUBMITTED:
        return ""
    decide(Action.APPROVE, actor_facts(session, sample, actor), facts)
    revision = sample_queries.get_revision(session, sample.id, sample.revision_count)
    if queries.has_decided(session, revision.id, actor.id):
        return ""  # they only look: the place is for somebody who has still to decide
    if grant(session, project=sample.task.document.project, sample=sample, revision=revision, actor=actor):
        return ""
    return who_has_it(session, revision)


def grant(session: Session, *, project: Project, sample: Sample, revision: Revision, actor: User) -> bool:
    """Give the reviewer a lease, unless others hold every place; the sample's row is locked."""
    places = queries.count_places(session, project, revision.id)
    if queries.count_live_leases(session, revision.id, but_user_id=actor.id) >= places:
        return False
    expires = DATABASE_TIME + timedelta(minutes=project.lease_minutes)
    session.execute(
        insert(ReviewLease)
        .values(revision_id=revision.id, reviewer_id=actor.id, expires_at=expires)
        .on_conflict_do_update(
            index_elements=[ReviewLease.revision_id, ReviewLease.reviewer_id], set_={"expires_at": expires}
        )
    )
    if sample.review_began_at is None:
        session.execute(
            update(Sample)
            .where(Sample.id == sample.id)
            .values(review_began_at=func.clock_timestamp())
            .execution_options(synchronize_session="fetch")
        )
    return True


def who_has_it(session: Session, revision: Revision) -> str:
    """A sentence on who is reviewing this revision, for somebody who just found no place."""
    holder = session.execute(
        select(User.name, ReviewLease.expires_at)
        .join(User, User.id == ReviewLease.reviewer_id)
        .where(ReviewLease.revision_id == revision.id, ReviewLease.expires_at > DATABASE_TIME)
        .order_by(ReviewLease.expires_at)
        .limit(1)
    ).first()
    if holder is None:  # the lease ended in this very moment
        return "Somebody was reviewing this submission until just now: load the page again."
    name, until = holder
    return f"{name} is reviewing this submission until {until:%H:%M} UTC."


def end_lease(session: Session, *, revision_id: int, user_id: int) -> None:
    """The reviewer is done with this revision; the row stays."""
    session.execute(
        update(ReviewLease)
        .where(ReviewLease.revision_id == revision_id, ReviewLease.reviewer_id == user_id)
        .values(expires_at=DATABASE_TIME)
        .execution_options(synchronize_session=False)
    )
