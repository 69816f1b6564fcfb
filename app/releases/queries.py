"""SELECTs for what leaves: approved revisions only, one output for each task, in one total order."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Row, Select, and_, case, exists, false, func, or_, select
from sqlalchemy.orm import Session, aliased

from app.accounts.actors import Actor
from app.accounts.models import User
from app.documents.models import Document, DocumentText
from app.projects.models import Instruction, Phrasing, Project
from app.reviews.models import Review
from app.samples.models import Revision, Sample
from app.samples.queries import own_undecided
from app.samples.workflow import Action, Status
from app.tasks.models import Task


@dataclass(frozen=True, slots=True)
class Filter:
    """What of the approved pairs is wanted; empty means all of it."""

    clause: str = ""  # the output covers this clause
    annotator: str = ""  # e-mail address
    since: datetime | None = None  # approved at this time or later


def _approved_at() -> ColumnElement[datetime]:
    return (
        select(func.max(Review.created_at))
        .where(Review.revision_id == Revision.id, Review.action == Action.APPROVE, Review.undone_at.is_(None))
        .correlate(Revision)
        .scalar_subquery()
    )


def _has_rival() -> ColumnElement[bool]:
    """Whether another sample of the same task is approved too, so that neither is the one output."""
    rival = aliased(Sample)
    return exists().where(
        rival.task_id == Sample.task_id, rival.id != Sample.id, rival.status == Status.APPROVED
    )


def _rights_ended() -> ColumnElement[bool]:
    return func.coalesce(Document.rights_expire_on < func.current_date(), False)


def _may_not_read(actor: Actor) -> ColumnElement[bool]:
    """Whether the sample is of a task of which the actor's own sample is not decided yet.

    A lead or an engineer who also writes must not copy a rival's output before. The operator writes nothing.
    """
    return false() if actor.id is None else own_undecided(actor.id, Sample.task_id)


def _approved(project: Project) -> Select[Sample]:
    return (
        select(Sample)
        .join(Revision, and_(Revision.sample_id == Sample.id, Revision.number == Sample.revision_count))
        .join(Task, Task.id == Sample.task_id)
        .join(Document, Document.id == Task.document_id)
        .where(Sample.project_id == project.id, Sample.status == Status.APPROVED)
    )


def _stays_out(actor: Actor) -> ColumnElement[bool]:
    return or_(Document.withdrawn_at.is_not(None), _rights_ended(), _has_rival(), _may_not_read(actor))


def _filtered(statement: Select[Sample], wanted: Filter) -> Select[Sample]:
    if wanted.clause:
        statement = statement.where(Revision.clauses[wanted.clause].astext == "covered")
    if wanted.annotator:
        statement = statement.join(User, User.id == Sample.annotator_id).where(
            func.lower(User.email) == wanted.annotator.lower()
        )
    if wanted.since is not None:
        statement = statement.where(_approved_at() >= wanted.since)
    return statement


def exported(
    project: Project, wanted: Filter, actor: Actor, *, with_metadata: bool
) -> Select[*tuple[object, ...]]:
    """What a row needs, by document and sample id: phrasing, contract, output, and the metadata if asked."""
    statement = (
        _filtered(_approved(project), wanted)
        .join(DocumentText, DocumentText.id == Task.text_id)
        .join(Phrasing, Phrasing.id == Task.phrasing_id)
        .where(~_stays_out(actor))
        .order_by(Task.document_id, Sample.id)
        .with_only_columns(
            Phrasing.text.label("phrasing"), DocumentText.text.label("contract"), Revision.output
        )
    )
    if not with_metadata:
        return statement
    reviewers = (
        select(func.array_agg(Review.reviewer_id))
        .where(Review.revision_id == Revision.id, Review.action == Action.APPROVE, Review.undone_at.is_(None))
        .correlate(Revision)
        .scalar_subquery()
    )
    return statement.join(Instruction, Instruction.id == Task.instruction_id).add_columns(
        Sample.id.label("sample_id"),
        Revision.number,
        Revision.clauses,
        Revision.evidence,
        Revision.checked,
        Revision.findings,
        Revision.reasons,
        Revision.contract_sha256,
        Revision.guidelines_version,
        Revision.submitted_at,
        Instruction.key.label("instruction"),
        Sample.annotator_id,
        reviewers.label("reviewer_ids"),
    )


def count_exported(session: Session, project: Project, wanted: Filter, actor: Actor) -> int:
    """How many rows an export of this person has now."""
    kept = _filtered(_approved(project), wanted).where(~_stays_out(actor))
    return session.scalar(select(func.count()).select_from(kept.with_only_columns(Sample.id).subquery())) or 0


def count_excluded(session: Session, project: Project, actor: Actor) -> int:
    """How many approved samples stay out of every export of this person now."""
    rows = _approved(project).where(_stays_out(actor)).with_only_columns(Sample.id).subquery()
    return session.scalar(select(func.count()).select_from(rows)) or 0


REASONS = {
    "withdrawn": "Its contract was withdrawn.",
    "rights_expired": "The right to use its contract has expired.",
    "several_approved": "Its task has more than one approved output: a lead must choose one.",
    "own_undecided": "You took its task too: you are given this output once your own sample is decided.",
}


def list_exclusions(
    session: Session,
    project: Project,
    actor: Actor,
    *,
    after: tuple[int, int] | None = None,
    limit: int = 200,
) -> list[Row[int, int, str, str]]:
    """Approved samples that this person is not given: (sample id, document id, title, reason's code)."""
    reason = case(
        (Document.withdrawn_at.is_not(None), "withdrawn"),
        (_rights_ended(), "rights_expired"),
        (_has_rival(), "several_approved"),
        else_="own_undecided",
    )
    statement = (
        _approved(project)
        .where(_stays_out(actor))
        .with_only_columns(Sample.id, Document.id, Document.title, reason)
        .order_by(Document.id, Sample.id)
        .limit(limit)
    )
    if after is not None:
        document_id, sample_id = after
        statement = statement.where(
            or_(Document.id > document_id, and_(Document.id == document_id, Sample.id > sample_id))
        )
    return list(session.execute(statement).all())
