"""Pairs that were written elsewhere: each waits for review as a sample of no annotator, in no slot."""

import hashlib
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from app.accounts.actors import Actor
from app.audit import service as audit
from app.documents.models import Document, DocumentText
from app.errors import Invalid
from app.projects.models import Instruction, Phrasing, Project
from app.projects.phrasing import check as check_phrasing
from app.projects.queries import find_guidelines, hold_policy
from app.samples import queries
from app.samples.checking import check
from app.samples.content import Content, check_text
from app.samples.models import Draft, Revision, Sample
from app.samples.moves import count_imported
from app.samples.revisions import add_revision
from app.samples.workflow import Status
from app.settings import get_settings
from app.tasks.models import Slot, Task


@dataclass(frozen=True, slots=True)
class AddedPair:
    """What became of a pair: a new sample, or the one that says the same already."""

    sample_id: int
    is_new: bool


def find_or_add_phrasing(session: Session, *, project: Project, text: str, at: datetime) -> Phrasing:
    """The wording of an imported pair: one that came before, or a new one that is given to no document.

    Raises Invalid where it cannot be a phrasing.
    """
    check_text(text, name="instruction", most=get_settings().engross_output_characters)
    check_phrasing(text, field="instruction")
    found = session.scalar(
        select(Phrasing)
        .join(Instruction, Instruction.id == Phrasing.instruction_id)
        .where(Phrasing.imported, Phrasing.text == text, Instruction.project_id == project.id)
        .order_by(Phrasing.id)
        .limit(1)
    )
    if found is not None:
        return found
    instruction = session.scalars(
        select(Instruction).where(Instruction.project_id == project.id).order_by(Instruction.id).limit(1)
    ).one()
    phrasing = Phrasing(
        instruction_id=instruction.id, position=0, text=text, created_at=at, retired_at=at, imported=True
    )
    session.add(phrasing)
    session.flush()
    return phrasing


def add_pair(
    session: Session,
    *,
    document: Document,
    text: DocumentText,
    phrasing: Phrasing,
    output: str,
    priority: int,
    due_on: date | None,
    import_id: int,
    importer: Actor,
    at: datetime,
) -> AddedPair:
    """Add a pair as a submitted sample, unless its task has a sample with this very output.

    The first revision has no author: who wrote it is not known, and whoever imported it will not decide on
    it. Raises Invalid where the output cannot be kept.
    """
    check_text(output, name="output", most=get_settings().engross_output_characters)
    hold_policy(session, document.project)  # before the task, as wherever places are counted
    task = _task_of(session, document=document, text=text, phrasing=phrasing, at=at)
    if task.text_id != text.id and task.text.sha256 != text.sha256:
        raise Invalid(
            f"Its contract, document {document.id}, was read again since, and this instruction is put to its "
            "new text, of which the pair does not speak."
        )
    if priority or due_on:
        task.priority, task.due_on = priority, due_on
    digest = hashlib.sha256(output.encode()).digest()
    same = session.scalar(
        select(Sample.id)
        .join(Revision, Revision.sample_id == Sample.id)
        .where(Sample.task_id == task.id, Revision.output_sha256 == digest)
        .order_by(Sample.id)
        .limit(1)
    )
    if same is not None:
        return AddedPair(same, is_new=False)
    sample = Sample(
        project_id=document.project_id,
        task_id=task.id,
        import_id=import_id,
        importer_id=importer.id,
        status=Status.SUBMITTED,
        submitted_at=at,
        created_at=at,
        updated_at=at,
    )
    session.add(sample)
    session.flush()
    session.add(Draft(sample_id=sample.id, number=1, output=output, saved_at=at))
    count_imported(session, sample, 1)
    audit.record(
        session,
        verb="sample.import",
        subject_type="sample",
        subject_id=sample.id,
        project_id=sample.project_id,
        actor=importer,
        at=at,
        after=Status.SUBMITTED,
        details={"revision": 1, "import": import_id},
    )
    session.flush()
    sample = queries.get_visible(session, sample.id, importer)
    guidelines = find_guidelines(session, sample.project_id)
    add_revision(
        session,
        sample=sample,
        author=None,
        checked=check(session, sample, Content(output)),
        reasons={},
        guidelines_version=guidelines.version if guidelines else 0,
        attested_at=None,
        at=at,
    )
    session.flush()
    return AddedPair(sample.id, is_new=True)


def _task_of(
    session: Session, *, document: Document, text: DocumentText, phrasing: Phrasing, at: datetime
) -> Task:
    """The document's task in this wording, locked: one that is there, or a new one.

    Where the instruction was put to the document in another of its phrasings and nobody has begun, its task
    takes on the wording of the pair.
    """
    session.execute(select(Document.id).where(Document.id == document.id).with_for_update())
    task = session.scalar(
        select(Task).where(Task.document_id == document.id, Task.phrasing_id == phrasing.id).with_for_update()
    )
    if task is not None:
        return task
    untouched = session.scalar(
        select(Task)
        .join(Phrasing, Phrasing.id == Task.phrasing_id)
        .where(
            Task.document_id == document.id,
            Task.instruction_id == phrasing.instruction_id,
            ~Phrasing.imported,
            ~exists().where(Slot.task_id == Task.id),
            ~exists().where(Sample.task_id == Task.id),
        )
        .with_for_update(of=Task)
    )
    if untouched is not None and not phrasing.imported:
        untouched.phrasing_id = phrasing.id
        session.flush()
        return untouched
    task = Task(
        project_id=document.project_id,
        document_id=document.id,
        text_id=text.id,
        instruction_id=phrasing.instruction_id,
        phrasing_id=phrasing.id,
        created_at=at,
    )
    session.add(task)
    session.flush()
    return task
