"""Files of an import: claimed, added, and their rows in the report written, in one transaction."""

from collections.abc import Collection, Iterator, Mapping, Sequence
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
from app.documents.service import Contract, add_documents
from app.errors import AppError, Invalid, NotAllowed, StorageAway
from app.imports.models import Import, ImportFile
from app.imports.reading import Pair
from app.imports.service import NO_LONGER, may_still_import
from app.logs import places
from app.projects.models import Phrasing
from app.samples import importing
from app.tasks.making import ToPut, make_tasks


class Interrupted(Exception):
    """The program is about to stop; what is left of the import stays queued."""


_NOT_OF_THE_FILE = (Interrupted, OperationalError, StorageAway)

log = structlog.get_logger(__name__)


def take_in(file_id: int, found: Contract | Pair, *, at: datetime) -> None:
    """Add what was found in a transaction of its own: the files before it are safe whatever becomes of it."""
    with database.transaction() as session:
        if isinstance(found, Pair):
            add_pair(session, file_id=file_id, pair=found, at=at)
        else:
            add_contracts(session, {file_id: found}, at=at)


def take_in_together(contracts: Mapping[int, Contract], *, at: datetime) -> None:
    """Add contracts, by the file that each is of, in one transaction; one by one where one of them fails."""
    try:
        with database.transaction() as session:
            add_contracts(session, contracts, at=at)
    except _NOT_OF_THE_FILE:
        raise
    except Exception:  # noqa: BLE001 -- which of them it was is found, and told, below
        for file_id, contract in contracts.items():
            with failures_noted(file_id):
                take_in(file_id, contract, at=at)


def add_contracts(session: Session, contracts: Mapping[int, Contract], *, at: datetime) -> None:
    """Add contracts of one import with their tasks, by the file that each is of.

    Passed over are files that were dealt with before, and texts that are here already, which is noted.
    """
    files = _claim_rightly(session, contracts.keys())
    if not files:
        return
    import_ = files[0].import_
    added = add_documents(
        session,
        [contracts[file.id] for file in files],
        project=import_.project,
        actor=_importer(session, import_),
        at=at,
    )
    wanted, again = [], {}
    for file, found in zip(files, added, strict=True):
        document, said = found.document, contracts[file.id].metadata
        file.document_id = document.id
        if found.text is not None:
            file.status = "created"
            wanted.append(ToPut(document, said.priority, said.due_on))
        else:
            there = f"document {document.id}, “{document.title}”"
            withdrawn = ", which is withdrawn" if document.withdrawn_at else ""
            file.status = "duplicate"
            file.reason = f"The same text is here already: {there}{withdrawn}."
            again[document.id] = document
    make_tasks(session, wanted, at=at)
    # What came with a pair was put to nobody yet.
    put = {task.document_id for task in make_tasks(session, list(map(ToPut, again.values())), at=at)}
    for file in files:
        if file.status == "duplicate" and file.document_id in put:
            file.reason += " Now it is also there to be written on."


def _claim_rightly(session: Session, file_ids: Collection[int]) -> Sequence[ImportFile]:
    """As claim_all. Asked in each transaction: rights that end in mid-import end it there."""
    files = claim_all(session, file_ids)
    if files and not may_still_import(session, files[0].import_):
        raise NotAllowed(NO_LONGER)
    return files


def claim(session: Session, file_id: int) -> ImportFile | None:
    """The row of a file that is still queued, locked until the transaction ends; else None."""
    return next(iter(claim_all(session, [file_id])), None)


def claim_all(session: Session, file_ids: Collection[int]) -> Sequence[ImportFile]:
    """Those of these rows of one import that are still queued, locked until the transaction ends."""
    return session.scalars(
        select(ImportFile)
        .where(ImportFile.id.in_(file_ids), ImportFile.status == "queued")
        .options(joinedload(ImportFile.import_, innerjoin=True).joinedload(Import.project, innerjoin=True))
        .order_by(ImportFile.id)
        .with_for_update(of=ImportFile)
    ).all()


def add_pair(session: Session, *, file_id: int, pair: Pair, at: datetime) -> None:
    """Add the pair and a contract that is new, unless it stands here already or was dealt with before."""
    files = _claim_rightly(session, [file_id])
    if not files:
        return
    (file,) = files
    project, importer = file.import_.project, _importer(session, file.import_)
    (added,) = add_documents(session, [pair.contract], project=project, actor=importer, at=at)
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


@contextmanager
def failures_noted(file_id: int) -> Iterator[None]:
    """Whatever is wrong with one file goes into its row of the report, and the next file is read."""
    try:
        yield
    except Unreadable as error:
        log.info("import_file_unreadable", file_id=file_id, detail=error.detail)
        _fail(file_id, error.reason)
    except _NOT_OF_THE_FILE:
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
