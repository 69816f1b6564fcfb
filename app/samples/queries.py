"""SELECTs on samples. What a person may not see does not exist for them."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    BigInteger,
    BindParameter,
    ColumnElement,
    Row,
    Select,
    SQLColumnExpression,
    and_,
    bindparam,
    exists,
    false,
    func,
    or_,
    select,
    true,
)
from sqlalchemy.orm import Session, aliased, joinedload, selectinload

from app.accounts.actors import Actor, SystemActor
from app.accounts.models import User
from app.accounts.queries import id_of_email
from app.documents.models import Document
from app.documents.queries import mentions, withdrawn_in
from app.errors import NotFound
from app.paging import Found, Order, Wanted, find_page
from app.projects.models import Instruction, Member, Project
from app.projects.rules import Role
from app.samples.models import DraftSave, Revision, Sample
from app.samples.workflow import DECIDED, EDITABLE, Status
from app.tasks.models import Task
from app.tasks.queries import claims_lock, count_waiting, had_by

# What a reviewer may look at: text that its annotator handed in, and did not take back.
HANDED_IN = (Status.SUBMITTED, Status.CHANGES_REQUESTED, Status.APPROVED, Status.REJECTED)

# In these roles one sees one's own samples. Whoever is only an engineer by now sees totals.
_READ_OWN = (Role.ANNOTATOR, Role.REVIEWER, Role.LEAD)

_own_sample = aliased(Sample)  # made once, since every look at a sample needs it


def _has_role(user_id: int | BindParameter[int], *roles: Role) -> ColumnElement[bool]:
    return exists().where(
        Member.project_id == Sample.project_id, Member.user_id == user_id, Member.role.in_(roles)
    )


def own_undecided(
    user_id: int | BindParameter[int], task_id: SQLColumnExpression[int]
) -> ColumnElement[bool]:
    """Whether the person has, or had, a slot of the task and their own sample of it is not decided."""
    decided = exists().where(
        _own_sample.task_id == task_id,
        _own_sample.annotator_id == user_id,
        _own_sample.status.in_(tuple(DECIDED)),
    )
    return and_(had_by(user_id, task_id), ~decided)


def may_see(actor: Actor) -> ColumnElement[bool]:
    """Whether a row of `samples` exists for this actor."""
    return true() if isinstance(actor, SystemActor) else _person_may_see(actor.id)


def _person_may_see(user_id: int | BindParameter[int]) -> ColumnElement[bool]:
    return or_(
        and_(Sample.annotator_id == user_id, _has_role(user_id, *_READ_OWN)),
        and_(_has_role(user_id, Role.LEAD), ~own_undecided(user_id, Sample.task_id)),
        and_(
            Sample.status.in_(HANDED_IN),
            _has_role(user_id, Role.REVIEWER),
            ~own_undecided(user_id, Sample.task_id),
        ),
    )


def visible_to(actor: Actor) -> Select[Sample]:
    """The samples that exist for this actor."""
    return select(Sample).where(may_see(actor))


# Every act on a sample asks these, so they are made once: making one takes longer than running it.
_WANTED = select(Sample).where(Sample.id == bindparam("sample_id"))
_VISIBLE = _WANTED.where(_person_may_see(bindparam("actor_id", type_=BigInteger)))
_WITH_ALL = (
    joinedload(Sample.task).options(
        joinedload(Task.document).joinedload(Document.project),
        joinedload(Task.text),
        joinedload(Task.phrasing),
        joinedload(Task.instruction),
    ),
    joinedload(Sample.annotator),
    joinedload(Sample.draft),
    joinedload(Sample.slot),
)
_READ = {is_person: wanted.options(*_WITH_ALL) for is_person, wanted in ((False, _WANTED), (True, _VISIBLE))}
_LOCK = {
    is_person: wanted.with_only_columns(Sample.id).with_for_update(of=Sample)
    for is_person, wanted in ((False, _WANTED), (True, _VISIBLE))
}
# The claims first: the sample's row is locked when it has come together with that.
_CLAIMS = (
    select(claims_lock(_own_sample.project_id, bindparam("actor_id", type_=BigInteger)).label("lock"))
    .where(_own_sample.id == bindparam("sample_id"))
    .cte("claims")
)
_LOCK_TO_WRITE = _LOCK[True].join(_CLAIMS, true())


def get_visible(session: Session, sample_id: int, actor: Actor) -> Sample:
    """The sample with its task, document, phrasing, annotator and draft; raises NotFound."""
    sample = session.scalar(
        _READ[actor.id is not None],
        {"sample_id": sample_id, "actor_id": actor.id},
        execution_options={"populate_existing": True},
    )
    if sample is None:
        raise NotFound("There is no such sample.")
    return sample


def get_for_change(session: Session, sample_id: int, actor: Actor) -> Sample:
    """The sample, locked until the transaction ends; visibility is judged again after the lock was got."""
    return _get_locked(session, sample_id, actor, _LOCK[actor.id is not None])


def _get_locked(session: Session, sample_id: int, actor: Actor, lock: Select[int]) -> Sample:
    if session.scalar(lock, {"sample_id": sample_id, "actor_id": actor.id}) is None:
        raise NotFound("There is no such sample.")
    return get_visible(session, sample_id, actor)


def get_to_write(session: Session, sample_id: int, actor: User) -> Sample:
    """As get_for_change, for acts that may begin or prolong a lease: a person's claims follow one another."""
    return _get_locked(session, sample_id, actor, _LOCK_TO_WRITE)


_SENT_BACK = (
    select(Revision.sample_id, Revision.output, Revision.clauses, Revision.evidence)
    .join(Revision.sample)
    .where(
        Sample.task_id == bindparam("task_id"),
        Sample.import_id.is_not(None),
        Sample.status == Status.CHANGES_REQUESTED,
        Revision.number == Sample.revision_count,
    )
    .order_by(Sample.updated_at.desc(), Sample.id.desc())
    .limit(1)
)


def find_sent_back_import(
    session: Session, task_id: int
) -> Row[int, str, dict[str, str], list[dict[str, object]]] | None:
    """The sample that was imported for this task and sent back since, the latest, and what it says."""
    return session.execute(_SENT_BACK, {"task_id": task_id}).first()


_REVISIONS = (
    select(Revision)
    .where(Revision.sample_id == bindparam("sample_id"))
    .options(joinedload(Revision.author))
    .order_by(Revision.number)
)


def list_revisions(session: Session, sample_id: int) -> Sequence[Revision]:
    """A sample's revisions from the first on, with their authors."""
    return session.scalars(_REVISIONS, {"sample_id": sample_id}).all()


def list_kept_saves(
    session: Session, sample_id: int, author_id: int, *, limit: int = 50
) -> Sequence[DraftSave]:
    """What this person wrote and another window or a reviewer replaced, the latest first."""
    return session.scalars(
        select(DraftSave)
        .where(DraftSave.sample_id == sample_id, DraftSave.author_id == author_id, DraftSave.output != "")
        .order_by(DraftSave.id.desc())
        .limit(limit)
    ).all()


def get_revision(session: Session, sample_id: int, number: int) -> Revision:
    """One revision with its author; raises NotFound."""
    revision = session.scalar(
        select(Revision)
        .where(Revision.sample_id == sample_id, Revision.number == number)
        .options(joinedload(Revision.author))
    )
    if revision is None:
        raise NotFound("There is no such revision.")
    return revision


# How the list of a project's samples may be sorted.
# An index by the last change is none of these: every autosave would have to write it.
ORDERS: dict[str, Order] = {"created": ((Sample.id, int),)}


def matching(
    project_id: int,
    actor: Actor,
    *,
    q: str = "",
    status: str = "",
    annotator: str = "",
    instruction: str = "",
    withdrawn: bool = False,
) -> Select[Sample]:
    """A project's samples that exist for the actor and that a list's filters let through, without an order.

    `q` is looked for in titles, clients and matters; `annotator` is an e-mail address.
    """
    statement = visible_to(actor).where(Sample.project_id == project_id)
    if status:
        statement = statement.where(Sample.status == status)
    if annotator:
        statement = statement.where(Sample.annotator_id == id_of_email(annotator))
    if instruction:
        asked = select(Task.id).where(
            Task.project_id == project_id,
            Task.instruction_id == Instruction.id,
            Instruction.key == instruction.replace("\0", ""),
        )
        statement = statement.where(Sample.task_id.in_(asked))
    if q.strip():
        statement = statement.where(_of_documents(Document.project_id == project_id, *mentions(q)))
    if withdrawn:
        statement = statement.where(_of_documents(withdrawn_in(project_id)))
    return statement


def _of_documents(*conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    return Sample.task_id.in_(
        select(Task.id).join(Document, Document.id == Task.document_id).where(*conditions)
    )


def list_samples(
    session: Session,
    *,
    project_id: int,
    actor: Actor,
    wanted: Wanted,
    counts: bool = False,
    **filters: Any,
) -> Found[Sample]:
    """A page of a project's samples without any contract text; `filters` are those of `matching`."""
    statement = matching(project_id, actor, **filters)
    return find_page(
        session,
        statement.options(
            selectinload(Sample.task).selectinload(Task.document), selectinload(Sample.annotator)
        ),
        orders=ORDERS,
        wanted=wanted,
        item=lambda sample: sample,
        counted=statement if counts else None,
    )


def list_of_tasks(session: Session, task_ids: Sequence[int], actor: Actor) -> Sequence[Sample]:
    """The samples of these tasks that exist for the actor, with their annotators, oldest first."""
    return session.scalars(
        visible_to(actor)
        .where(Sample.task_id.in_(task_ids))
        .options(joinedload(Sample.annotator))
        .order_by(Sample.id)
    ).all()


def lock_many(session: Session, project_id: int, sample_ids: Sequence[int], actor: Actor) -> None:
    """Lock these samples, as far as they exist for the actor, the policy, and then their tasks.

    Before any slot changes, and rows in the order of their ids: two who lock many wait for each other in no
    ring, nor do they and a lead who changes the policy.
    """
    rows = session.execute(
        visible_to(actor)
        .where(Sample.project_id == project_id, Sample.id.in_(sample_ids))
        .with_only_columns(Sample.task_id)
        .order_by(Sample.id)
        .with_for_update(of=Sample)
    )
    task_ids = {task_id for (task_id,) in rows}
    session.execute(select(Project.id).where(Project.id == project_id).with_for_update(read=True))
    session.execute(select(Task.id).where(Task.id.in_(task_ids)).order_by(Task.id).with_for_update())


def list_with_facts(
    session: Session, project_id: int, sample_ids: Sequence[int], actor: Actor
) -> Sequence[tuple[Sample, bool]]:
    """These samples, as far as they exist for the actor, with all that a lead's rules need to know of them.

    With each, whether the actor has an own undecided sample of the same task.
    """
    undecided = false() if isinstance(actor, SystemActor) else own_undecided(actor.id, Sample.task_id)
    rows = session.execute(
        visible_to(actor)
        .where(Sample.project_id == project_id, Sample.id.in_(sample_ids))
        .options(
            joinedload(Sample.task).joinedload(Task.document).joinedload(Document.project),
            joinedload(Sample.slot),
        )
        .add_columns(undecided)
        .order_by(Sample.id),
        execution_options={"populate_existing": True},
    )
    return [(sample, is_undecided) for sample, is_undecided in rows]


OWN_SHOWN = 200


def list_own(session: Session, *, project_id: int, user_id: int, limit: int = OWN_SHOWN) -> Sequence[Sample]:
    """A person's own samples in a project: what came back first, then drafts, then the rest, newest first."""
    urgency = func.array_position(
        [Status.CHANGES_REQUESTED, Status.DRAFT, Status.SUBMITTED, Status.SKIPPED], Sample.status
    )
    return session.scalars(
        select(Sample)
        .where(Sample.project_id == project_id, Sample.annotator_id == user_id)
        .options(
            joinedload(Sample.task).joinedload(Task.document),
            joinedload(Sample.draft),
        )
        .order_by(urgency.asc().nulls_last(), Sample.updated_at.desc(), Sample.id.desc())
        .limit(limit)
    ).all()


def count_left(session: Session, project: Project, user_id: int) -> int:
    """What is left for a writer: their own unfinished samples and the tasks that they could begin."""
    unfinished = session.scalar(
        select(func.count())
        .select_from(Sample)
        .where(
            Sample.project_id == project.id,
            Sample.annotator_id == user_id,
            Sample.status.in_((Status.DRAFT, Status.CHANGES_REQUESTED)),
        )
    )
    return (unfinished or 0) + count_waiting(session, project, user_id)


def list_departed(session: Session, *, only_id: int | None = None, limit: int = 1000) -> Sequence[int]:
    """Ids of unfinished samples whose annotator is disabled or no annotator of the project any more."""
    still_there = exists().where(
        Member.project_id == Sample.project_id,
        Member.user_id == Sample.annotator_id,
        Member.role == Role.ANNOTATOR,
        User.id == Member.user_id,
        User.disabled_at.is_(None),
    )
    statement = select(Sample.id).where(
        Sample.status.in_(tuple(EDITABLE)), Sample.annotator_id.is_not(None), ~still_there
    )
    if only_id is not None:
        statement = statement.where(Sample.id == only_id)
    return session.scalars(statement.order_by(Sample.id).limit(limit)).all()
