"""Instructions and their wordings. A wording never changes: it goes out of use, and another one comes in."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from app.accounts.actors import Actor
from app.audit import service as audit
from app.errors import Conflict, Invalid, NotFound
from app.jobs.service import defer
from app.projects import naming, phrasing, queries
from app.projects.models import Instruction, Phrasing, Project
from app.projects.rules import Right

MAX_INSTRUCTIONS = 50
MAX_PHRASINGS = 100


def insert(
    session: Session, project: Project, *, key: str, phrasings: Sequence[str], at: datetime
) -> Instruction:
    """Add the rows of an instruction to a project that the caller made or locked; no event is written."""
    naming.check_instruction_key(key)
    texts = _checked(phrasings)
    if any(instruction.key == key for instruction in project.instructions):
        sentence = f"The project already has an instruction “{key}”."
        raise Invalid(sentence, fields={"key": sentence})
    if len(project.instructions) >= MAX_INSTRUCTIONS:
        sentence = f"A project has at most {MAX_INSTRUCTIONS} instructions."
        raise Invalid(sentence, fields={"key": sentence})
    instruction = Instruction(project_id=project.id, key=key, created_at=at)
    session.add(instruction)
    session.flush()
    session.add_all(
        Phrasing(instruction_id=instruction.id, position=position, text=text, created_at=at)
        for position, text in enumerate(texts, start=1)
    )
    session.flush()
    session.expire(project, ["instructions"])
    return instruction


def add_instruction(
    session: Session, *, slug: str, key: str, phrasings: Sequence[str], actor: Actor, at: datetime
) -> Instruction:
    """A new instruction. A job puts it to every document that the project has already."""
    project = queries.get_project_for_change(session, slug, actor, Right.MANAGE)
    instruction = insert(session, project, key=key, phrasings=phrasings, at=at)
    audit.record(
        session,
        verb="instruction.add",
        subject_type="instruction",
        subject_id=instruction.id,
        project_id=project.id,
        actor=actor,
        at=at,
        details={"key": key, "phrasings": len(phrasings)},
    )
    defer(session, "tasks.make", instruction_id=instruction.id)
    return instruction


def phrasings_fingerprint(instruction: Instruction) -> str:
    """What a form that shows the wordings of an instruction is based on."""
    return naming.fingerprint(*(current.text for current in instruction.phrasings))


def set_phrasings(
    session: Session,
    *,
    slug: str,
    key: str,
    texts: Sequence[str],
    actor: Actor,
    at: datetime,
    based_on: str | None = None,
) -> Instruction:
    """Make `texts`, in this order, the wordings in use; tasks that exist keep the wording that they have.

    `based_on` is the `phrasings_fingerprint` that the form showed; a stale one raises Conflict.
    """
    project = queries.get_project_for_change(session, slug, actor, Right.MANAGE)
    instruction = next((found for found in project.instructions if found.key == key), None)
    if instruction is None:
        raise NotFound(f"The project has no instruction “{key}”.")
    if based_on is not None and based_on != phrasings_fingerprint(instruction):
        raise Conflict(
            "The phrasings changed while this page was open. Look at what stands there now; "
            "what you typed is kept here.",
            code="stale_settings",
        )
    wanted = _checked(texts)
    current = {found.text: found for found in instruction.phrasings}
    if list(current) == wanted:
        return instruction
    added, retired = _replace(session, instruction, current=current, wanted=wanted, at=at)
    audit.record(
        session,
        verb="instruction.rephrase",
        subject_type="instruction",
        subject_id=instruction.id,
        project_id=project.id,
        actor=actor,
        at=at,
        details={"key": key, "added": added, "retired": retired, "phrasings": len(wanted)},
    )
    return instruction


def _replace(
    session: Session,
    instruction: Instruction,
    *,
    current: dict[str, Phrasing],
    wanted: list[str],
    at: datetime,
) -> tuple[int, int]:
    """Bring the rows in line with `wanted`; answers how many came and how many went."""
    retired = [found for text, found in current.items() if text not in wanted]
    for found in retired:
        found.retired_at = at
    for position, text in enumerate(wanted, start=1):
        if text in current:
            current[text].position = position
        else:
            session.add(Phrasing(instruction_id=instruction.id, position=position, text=text, created_at=at))
    session.flush()
    session.expire(instruction, ["phrasings"])
    return len([text for text in wanted if text not in current]), len(retired)


def _checked(texts: Sequence[str]) -> list[str]:
    """The wordings as they are stored; raises Invalid with the sentence for the first that cannot be."""
    cleaned = [naming.plain(text, field="phrasings") for text in texts]
    for text in cleaned:
        phrasing.check(text)
    if not cleaned:
        sentence = "An instruction needs at least one phrasing."
    elif len(cleaned) > MAX_PHRASINGS:
        sentence = f"An instruction has at most {MAX_PHRASINGS} phrasings."
    elif len(set(cleaned)) < len(cleaned):
        sentence = "Two phrasings are the same."
    else:
        return cleaned
    raise Invalid(sentence, fields={"phrasings": sentence})
