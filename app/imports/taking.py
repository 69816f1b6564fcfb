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
from app.documents.service import add_document
from app.errors import AppError, NotAllowed
from app.imports.models import Import, ImportFile
from app.imports.reading import Contract
from app.imports.service import NO_LONGER, may_still_import
from app.logs import places
from app.tasks.making import make_tasks

log = structlog.get_logger(__name__)


def take_in(file_id: int, contract: Contract, *, at: datetime) -> None:
    """Add the contract in a transaction of its own: the files before it are safe whatever becomes of it."""
    with database.transaction() as session:
        add_contract(session, file_id=file_id, contract=contract, at=at)


def add_contract(session: Session, *, file_id: int, contract: Contract, at: datetime) -> None:
    """Add the contract with its tasks, unless its text is here already or the file was dealt with before."""
    file = claim(session, file_id)
    if file is None:
        return
    # Asked for each file: rights that are taken away count at once, also in the middle of an import.
    if not may_still_import(session, file.import_):
        raise NotAllowed(NO_LONGER)
    added = add_document(
        session,
        project=file.import_.project,
        extracted=contract.extracted,
        files=[contract.original],
        title=contract.title,
        metadata=contract.metadata,
        actor=_importer(session, file.import_),
        at=at,
    )
    file.document_id = added.document.id
    if added.text is None:
        there = f"document {added.document.id}, “{added.document.title}”"
        withdrawn = ", which is withdrawn" if added.document.withdrawn_at else ""
        file.status = "duplicate"
        file.reason = f"The same text is here already: {there}{withdrawn}."
    else:
        make_tasks(session, document=added.document, text=added.text, at=at)
        file.status = "created"


def claim(session: Session, file_id: int) -> ImportFile | None:
    """The row of a file that is still queued, locked until the transaction ends; else None."""
    return session.scalar(
        select(ImportFile)
        .where(ImportFile.id == file_id, ImportFile.status == "queued")
        .options(joinedload(ImportFile.import_, innerjoin=True).joinedload(Import.project, innerjoin=True))
        .with_for_update(of=ImportFile)
    )


@contextmanager
def failures_noted(file_id: int) -> Iterator[None]:
    """Whatever is wrong with one file goes into its row of the report, and the next file is read."""
    try:
        yield
    except Unreadable as error:
        log.info("import_file_unreadable", file_id=file_id, detail=error.detail)
        _fail(file_id, error.reason)
    except AppError as error:
        _fail(file_id, error.message)
    except OperationalError:
        raise  # the database was away, which says nothing of the file: the job is repeated
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
