"""Beginning an import: its rows and its job, in one transaction. What the job does is in `processing`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO

from sqlalchemy.orm import Session

from app.accounts.actors import Actor
from app.accounts.models import User
from app.audit import service as audit
from app.documents.rules import clean_name, clean_path, is_hidden, passed_over
from app.documents.storage import file_limit, originals
from app.errors import Invalid
from app.imports.models import Import, ImportFile
from app.jobs.service import defer
from app.projects.models import Project
from app.projects.queries import roles_in
from app.projects.rules import Right, require, rights_of

TASK = "imports.process"
NO_LONGER = "Whoever began this import may not import into this project any more; another lead can."


@dataclass(frozen=True, slots=True)
class IncomingFile:
    """A file that lies in storage already. Its name is the sender's and may be anything."""

    name: str
    sha256: str
    byte_count: int


def keep(name: str, stream: BinaryIO) -> IncomingFile:
    """Put a file that was sent into storage. Raises Invalid, naming it, where it cannot be kept."""
    try:
        stored = originals().put(stream, limit=file_limit())
    except Invalid as error:
        sentence = f"“{clean_name(name)}”: {error.message}"
        raise Invalid(sentence, fields={"files": sentence}, code=error.code) from error
    return IncomingFile(name, stored.sha256, stored.byte_count)


def require_right(session: Session, *, project: Project, actor: Actor) -> None:
    """Raise NotAllowed unless the actor may import into this project; to be asked before bytes are kept."""
    require(roles_in(session, project.id, actor), Right.MANAGE)


def may_still_import(session: Session, import_: Import) -> bool:
    """Whether whoever began the import may import into its project now; the operator always may."""
    if import_.created_by_id is None:
        return True
    actor = session.get_one(User, import_.created_by_id, populate_existing=True)
    return actor.disabled_at is None and Right.MANAGE in rights_of(
        roles_in(session, import_.project_id, actor)
    )


def start_import(
    session: Session,
    *,
    project: Project,
    files: Sequence[IncomingFile],
    actor: Actor,
    at: datetime,
    hidden: int = 0,
) -> Import:
    """Begin an import of files that lie in storage, and queue the job that reads them.

    Of files that come in a folder the hidden ones are passed over; `hidden` are those that the caller
    left out already.
    """
    require_right(session, project=project, actor=actor)
    named = [(file, clean_path(file.name)) for file in files]
    taken = [(file, name) for file, name in named if not is_hidden(name.partition("/")[2])]
    hidden += len(named) - len(taken)
    if not taken:
        sentence = "Choose at least one file to import."
        raise Invalid(sentence, fields={"files": sentence}, code="no_files")
    started = Import(project_id=project.id, created_by_id=actor.id, created_at=at, status="queued")
    if hidden:
        started.notes = [passed_over(hidden)]
    session.add(started)
    session.flush()
    session.add_all(
        ImportFile(
            import_id=started.id,
            name=name,
            sha256=file.sha256,
            byte_count=file.byte_count,
            status="queued",
        )
        for file, name in taken
    )
    audit.record(
        session,
        verb="import.start",
        subject_type="import",
        subject_id=started.id,
        project_id=project.id,
        actor=actor,
        at=at,
        after="queued",
        details={"files": len(taken)},
    )
    session.flush()
    queue_processing(session, started.id)
    return started


def queue_processing(session: Session, import_id: int) -> None:
    """Queue the job that reads the import's files, unless one waits already."""
    defer(session, TASK, queueing_lock=f"{TASK} {import_id}", import_id=import_id)
