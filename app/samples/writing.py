"""Writing: taking work, saving a draft, keeping the lease.

Saving one's own draft never needs a lease, and no text that was sent is thrown away: what cannot become the
draft is kept in `draft_saves`, and the answer says so.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import bindparam, insert, select
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.audit import service as audit
from app.checks.length import is_blank
from app.database import Base
from app.documents.models import Document
from app.documents.queries import find_quotes, get_contract
from app.errors import Conflict, Invalid
from app.projects.models import Project
from app.projects.queries import get_project_with_right
from app.projects.rules import Right
from app.samples import evidence as marks
from app.samples import queries
from app.samples.checking import Checked, check
from app.samples.content import Content, Sent, check_content, completed
from app.samples.facts import actor_facts, sample_facts
from app.samples.models import Draft, DraftSave, Sample
from app.samples.workflow import STATUS_WORDS, Status, may_edit, require_writer
from app.settings import get_settings
from app.tasks import leases
from app.tasks.models import Slot, Task


@dataclass(frozen=True, slots=True)
class SaveOutcome:
    """What became of a save. With `conflict`, the text was kept beside the draft and is not the draft.

    With `not_found`, all was saved but the evidence that was named by its words.
    """

    number: int
    saved_at: datetime | None
    lease_expires_at: datetime | None
    checked: Checked
    conflict: Conflict | None = None
    not_found: Invalid | None = None


# Made once: taking work is waited for, and making a statement takes longer than running it.
_SAMPLES, _DRAFTS = Base.metadata.tables["samples"], Base.metadata.tables["drafts"]
_BEGIN = insert(_SAMPLES).returning(_SAMPLES.c.id)
_FIRST_DRAFT = insert(_DRAFTS)
_UNFINISHED = (
    select(Sample.id, Sample.status, Slot)
    .join(Slot, Slot.id == Sample.slot_id)
    .join(Task, Task.id == Sample.task_id)
    .join(Document, Document.id == Task.document_id)
    .where(
        Sample.project_id == bindparam("project_id"),
        Sample.annotator_id == bindparam("actor_id"),
        Sample.status.in_((Status.DRAFT, Status.CHANGES_REQUESTED)),
        Document.withdrawn_at.is_(None),
    )
    .order_by(Sample.status == Status.CHANGES_REQUESTED, Slot.lease_expires_at.desc().nulls_last(), Sample.id)
    .limit(40)
)


def take_next(session: Session, *, project_slug: str, actor: User, at: datetime) -> Sample | None:
    """The sample to write next, leased to the actor; None where nothing waits.

    First an own draft whose place is free, then what came back with comments, then what is assigned to the
    actor, then any task: by priority, due date and document.
    """
    project = get_project_with_right(session, project_slug, actor, Right.WRITE)
    leases.serialise_claims(session, project_id=project.id, user_id=actor.id)
    own = _retake_own(session, project=project, actor=actor)
    if own is not None:
        return queries.get_visible(session, own, actor)
    slot = leases.claim_next(session, project=project, user_id=actor.id)
    if slot is None:
        return None
    sample_id = session.scalars(
        _BEGIN,
        {
            "project_id": project.id,
            "task_id": slot.task_id,
            "slot_id": slot.id,
            "annotator_id": actor.id,
            "created_at": at,
            "updated_at": at,
        },
    ).one()
    # Empty, or the imported text that a reviewer sent back to this task. Nothing of it is saved yet.
    imported = queries.find_sent_back_import(session, slot.task_id)
    text = {name: getattr(imported, name) for name in ("output", "clauses", "evidence")} if imported else {}
    session.execute(_FIRST_DRAFT, {"sample_id": sample_id} | text)
    audit.record(
        session,
        verb="sample.start",
        subject_type="sample",
        subject_id=sample_id,
        project_id=project.id,
        actor=actor,
        at=at,
        after=Status.DRAFT,
    )
    return queries.get_visible(session, sample_id, actor)


def _retake_own(session: Session, *, project: Project, actor: User) -> int | None:
    """The id of an own unfinished sample that can be worked on now."""
    wanted = {"project_id": project.id, "actor_id": actor.id}
    for sample_id, status, slot in session.execute(_UNFINISHED, wanted).all():
        # Submitted, skipped or released in this very moment, it is no work to go on with.
        still = select(Sample.id).where(Sample.id == sample_id, Sample.status == status).with_for_update()
        if session.scalar(still) is None:
            continue
        if slot.state == "held" or leases.renew(session, slot=slot, project=project) is not None:
            return sample_id
    return None


def save_draft(
    session: Session,
    *,
    sample_id: int,
    sent: Sent,
    based_on: int,
    editor: str,
    actor: User,
    at: datetime,
) -> SaveOutcome:
    """Store what was sent as the draft. `based_on` is the draft's number that the page knew.

    A conflict is only one where another editor saved since then. A save that was held up on its way, while a
    later one of the same page arrived, has been superseded: Conflict `late_save`. Raises NotFound, NotAllowed
    (not the annotator), Invalid (limits, unknown clauses).
    """
    sample = queries.get_to_write(session, sample_id, actor)
    facts = actor_facts(session, sample, actor)
    require_writer(facts, sample_facts(sample))
    project = sample.task.document.project
    draft = sample.draft
    if based_on != draft.number:
        sent = replace(sent, removed=None)  # a place in another list than the page showed
    sent, not_found = _with_named(session, sample, sent, based_on=based_on)
    content = checked(session, sample, sent)
    if not 0 <= based_on <= draft.number:
        raise Invalid(
            f"This draft has no number {based_on}.",
            fields={"based_on": f"The draft stands at {draft.number}."},
        )
    name, turn = sent.name_of(editor)
    last_name, last_turn = sent.name_of(draft.editor)
    is_known, is_late = _same(draft, content), name == last_name and turn < last_turn
    if is_late and not is_known:
        raise Conflict("A later text of the same page is saved already.", code="late_save")
    conflict = None
    may_write = may_edit(facts, sample_facts(sample))
    if not may_write:
        status = STATUS_WORDS[Status(sample.status)]
        conflict = Conflict(
            f"This sample is {status} now{'' if is_known else '; your text was kept beside it'}.",
            code="not_editable",
        )
    elif not is_known and _others_saved_since(session, draft, based_on, sent, name):
        conflict = Conflict(
            "This draft was saved in another window since you opened it; both texts were kept.",
            code="stale_draft",
        )
    if conflict is None:
        last = draft.editor if is_late else editor
        _store(session, sample=sample, content=content, editor=last, is_other=name != last_name, at=at)
    elif not is_known:
        _keep_beside(session, sample=sample, content=content, based_on=based_on, editor=editor, at=at)
    may_hold = may_write and sample.status == Status.DRAFT and sample.task.document.withdrawn_at is None
    lease = leases.renew(session, slot=sample.writer_slot, project=project) if may_hold else None
    session.flush()
    found = check(session, sample, content)
    return SaveOutcome(draft.number, draft.saved_at, lease, found, conflict, not_found)


def _with_named(
    session: Session, sample: Sample, sent: Sent, *, based_on: int
) -> tuple[Sent, Invalid | None]:
    """What was sent, with the evidence that is named by its words found; without it, and why."""
    named = sent.named
    if named is None:
        return sent, None
    problem = ""
    if "output" in named.supported and is_blank(sent.output):
        problem = "Write the sentence first, or choose a clause."
    elif "output" in named.supported and sent.evidence is None and based_on != sample.draft.number:
        problem = "The summary was saved since this page was opened: choose the sentence again."
    elif len(named.quote) > marks.LONGEST:
        problem = f"Copy at most {marks.LONGEST:,} characters."
    if not problem:
        text, blocks = get_contract(session, sample.task.text_id)
        place = marks.find_words(text, blocks, named.quote, named.paragraph)
        if place is not None:
            document = {"document": {"start": place.start, "end": place.end}}
            return replace(sent, added=named.supported | document), None
        where = f"paragraph {named.paragraph:.50}" if named.paragraph else "the contract"
        problem = (
            f"These words stand nowhere in {where}, or more than once: copy them from it, and more of them."
        )
    return sent, Invalid(problem, fields={"quote": problem}, code="quote_not_found")


def checked(session: Session, sample: Sample, sent: Sent) -> Content:
    """What was sent, completed from the draft and the contract; raises Invalid where a limit forbids it."""
    clause_keys = frozenset(clause.key for clause in sample.task.document.project.clauses)
    content = completed(sent, draft_content(sample), clause_keys=clause_keys)
    check_content(
        content,
        clause_keys=clause_keys,
        document_characters=sample.task.text.character_count,
        most=get_settings().engross_output_characters,
    )
    unquoted = marks.without_quotes(content.evidence)
    if not unquoted:
        return content
    quotes = find_quotes(session, sample.task.text_id, unquoted)
    return replace(content, evidence=marks.quoted(content.evidence, quotes))


def draft_content(sample: Sample) -> Content:
    """The draft's content as the checks take it."""
    return Content(sample.draft.output, sample.draft.clauses, sample.draft.evidence)


def as_typed(sample: Sample, sent: Sent) -> Content:
    """What was sent, whether or not it can be saved, for drawing the page again; evidence as in the draft."""
    clause_keys = frozenset(clause.key for clause in sample.task.document.project.clauses)
    return completed(
        replace(sent, evidence=None, named=None, removed=None), draft_content(sample), clause_keys=clause_keys
    )


def _others_saved_since(session: Session, draft: Draft, based_on: int, sent: Sent, name: str) -> bool:
    """Whether another page than the one of this name saved after the number that this one knew.

    What the other one saved is the draft, or was kept when a third text took its place. A save without the
    name of a page is nobody's own.
    """
    if draft.number == based_on:
        return False
    if not name or sent.name_of(draft.editor)[0] != name:
        return True
    kept = session.scalars(
        select(DraftSave.editor).where(DraftSave.sample_id == draft.sample_id, DraftSave.number > based_on)
    )
    return any(sent.name_of(editor)[0] != name for editor in kept)


def is_draft(session: Session, sample: Sample, sent: Sent) -> bool:
    """Whether what was sent is the draft as it stands."""
    return _same(sample.draft, checked(session, sample, sent))


def _same(draft: Draft, content: Content) -> bool:
    return (draft.output, draft.clauses, draft.evidence) == (
        content.output,
        content.clauses,
        content.evidence,
    )


def _store(
    session: Session, *, sample: Sample, content: Content, editor: str, is_other: bool, at: datetime
) -> None:
    """Replace the draft; the last save of another editor is kept first."""
    draft = sample.draft
    if draft.number and _same(draft, content):
        # Two pages were told that this is saved: neither may overwrite it alone.
        draft.editor = "" if is_other else editor
        return
    if draft.number and (is_other or not editor):
        keep_save(session, sample)
    draft.number += 1
    draft.output, draft.clauses, draft.evidence = content.output, content.clauses, content.evidence
    draft.editor = editor
    draft.author_id = sample.annotator_id
    draft.saved_at = at
    sample.updated_at = at


def keep_save(session: Session, sample: Sample) -> None:
    """Keep the draft as it stands, before somebody else's text takes its place."""
    draft = sample.draft
    session.add(
        DraftSave(
            sample_id=sample.id,
            number=draft.number,
            editor=draft.editor,
            author_id=draft.author_id,
            output=draft.output,
            evidence=draft.evidence,
            clauses=draft.clauses,
            saved_at=draft.saved_at,
        )
    )


def _keep_beside(
    session: Session, *, sample: Sample, content: Content, based_on: int, editor: str, at: datetime
) -> None:
    session.add(
        DraftSave(
            sample_id=sample.id,
            number=None,
            based_on=based_on,
            editor=editor,
            author_id=sample.annotator_id,
            output=content.output,
            evidence=content.evidence,
            clauses=content.clauses,
            saved_at=at,
        )
    )


def keep_lease(session: Session, *, sample_id: int, actor: User) -> datetime | None:
    """The heartbeat of an open writing page: when the lease ends now; None where the sample needs none.

    Raises Conflict `slot_taken` where others hold every place.
    """
    sample = queries.get_to_write(session, sample_id, actor)
    require_writer(actor_facts(session, sample, actor), sample_facts(sample))
    if sample.task.document.withdrawn_at is not None:
        raise Conflict(
            "A lead has withdrawn this contract. Your text is kept; it cannot be submitted.", code="withdrawn"
        )
    if sample.writer_slot.state == "held":
        return None
    if sample.status != Status.DRAFT:
        raise Conflict(f"This sample is {STATUS_WORDS[Status(sample.status)]} now.", code="wrong_status")
    expires = leases.renew(session, slot=sample.writer_slot, project=sample.task.document.project)
    if expires is None:
        raise Conflict(
            "Somebody else has taken this task since your lease ended. Your text is kept.", code="slot_taken"
        )
    return expires
