"""One file of an import: claimed, added, and its row in the report written, in one transaction."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

import structlog
from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session, joinedload

from app import database
from app.accounts.actors import OPERATOR, Actor
from app.accounts.models import User
from app.documents.extraction import Unreadable
from app.documents.queries import get_first_text
from app.documents.service import Added, add_document
from app.errors import AppError, Invalid, NotAllowed, StorageAway
from app.imports.models import Import, ImportFile
from app.imports.reading import Contract, Pair
from app.imports.service import NO_LONGER, may_still_import
from app.logs import places
from app.projects.models import Phrasing
from app.samples import importing
from app.tasks.making import make_tasks


class Interrupted(Exception):
    """The program is about to stop; what is left of the import stays queued."""


log = structlog.get_logger(__name__)


def take_in(file_id: int, found: Contract | Pair, *, at: datetime) -> None:
    """Add what was found in a transaction of its own: the files before it are safe whatever becomes of it."""
    with database.transaction() as session:
        if isinstance(found, Pair):
            add_pair(session, file_id=file_id, pair=found, at=at)
        else:
            add_contract(session, file_id=file_id, contract=found, at=at)


def add_contract(session: Session, *, file_id: int, contract: Contract, at: datetime) -> None:
    """Add the contract with its tasks, unless its text is here already or the file was dealt with before."""
    file = _claim_rightly(session, file_id)
    if file is None:
        return
    added = _add_document(session, file, contract, at)
    file.document_id = added.document.id
    if added.text is None:
        there = f"document {added.document.id}, “{added.document.title}”"
        withdrawn = ", which is withdrawn" if added.document.withdrawn_at else ""
        file.status = "duplicate"
        file.reason = f"The same text is here already: {there}{withdrawn}."
        # What came with a pair was put to nobody yet.
        if make_tasks(
            session, document=added.document, text=get_first_text(session, added.document.id), at=at
        ):
            file.reason += " Now it is also there to be written on."
    else:
        make_tasks(
            session,
            document=added.document,
            text=added.text,
            at=at,
            priority=contract.metadata.priority,
            due_on=contract.metadata.due_on,
        )
        file.status = "created"


def _claim_rightly(session: Session, file_id: int) -> ImportFile | None:
    """As claim. Asked for each file: rights that are taken away count at once, in mid-import too."""
    file = claim(session, file_id)
    if file is not None and not may_still_import(session, file.import_):
        raise NotAllowed(NO_LONGER)
    return file


def claim(session: Session, file_id: int) -> ImportFile | None:
    """The row of a file that is still queued, locked until the transaction ends; else None."""
    return session.scalar(
        select(ImportFile)
        .where(ImportFile.id == file_id, ImportFile.status == "queued")
        .options(joinedload(ImportFile.import_, innerjoin=True).joinedload(Import.project, innerjoin=True))
        .with_for_update(of=ImportFile)
    )


def add_pair(session: Session, *, file_id: int, pair: Pair, at: datetime) -> None:
    """Add the pair and a contract that is new, unless it stands here already or was dealt with before."""
    file = _claim_rightly(session, file_id)
    if file is None:
        return
    project, importer = file.import_.project, _importer(session, file.import_)
    added = _add_document(session, file, pair.contract, at)
    document = added.document
    if document.withdrawn_at is not None:
        raise Invalid(
            f"Its contract, document {document.id}, is withdrawn: restore it and import this again."
        )
    if pair.split.phrasing_id is None:
        phrasing = importing.find_or_add_phrasing(session, project=project, text=pair.split.text, at=at)
    else:
        phrasing = session.get_one(Phrasing, pair.split.phrasing_id)
    made = importing.add_pair(
        session,
        document=document,
        text=added.text or get_first_text(session, document.id),
        phrasing=phrasing,
        output=pair.output,
        priority=pair.contract.metadata.priority or 0,
        due_on=pair.contract.metadata.due_on,
        import_id=file.import_id,
        importer=importer,
        at=at,
    )
    file.document_id, file.sample_id = document.id, made.sample_id
    file.status = "created" if made.is_new else "duplicate"
    if not made.is_new:
        file.reason = f"The same pair is here already: sample {made.sample_id}."


def _add_document(session: Session, file: ImportFile, contract: Contract, at: datetime) -> Added:
    return add_document(
        session,
        project=file.import_.project,
        extracted=contract.extracted,
        files=[contract.original],
        title=contract.title,
        metadata=contract.metadata,
        actor=_importer(session, file.import_),
        at=at,
    )


@contextmanager
def failures_noted(file_id: int) -> Iterator[None]:
    """Whatever is wrong with one file goes into its row of the report, and the next file is read."""
    try:
        yield
    except Unreadable as error:
        log.info("import_file_unreadable", file_id=file_id, detail=error.detail)
        _fail(file_id, error.reason)
    except (Interrupted, OperationalError, StorageAway):
        raise  # the program stops, or the database or the store was away: that says nothing of the file
    except AppError as error:
        _fail(file_id, error.message)
    except FileNotFoundError:
        _fail(file_id, "The file is no longer in storage. Import it again.")
    except Exception as error:  # noqa: BLE001 -- one file must not keep the others from being read
        kind = type(error).__name__
        log.error("import_file_failed", file_id=file_id, kind=kind, places=places(error))  # noqa: TRY400 -- an exception's own words may quote the contract
        _fail(file_id, "Engross itself failed on this file. The server's log says where.")


def _fail(file_id: int, reason: str) -> None:
    with database.transaction() as session:
        file = claim(session, file_id)
        if file is not None:
            file.status = "failed"
            file.reason = reason


def _importer(session: Session, import_: Import) -> Actor:
    if import_.created_by_id is None:
        return OPERATOR
    return session.get_one(User, import_.created_by_id)
