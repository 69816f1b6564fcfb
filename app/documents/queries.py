"""SELECTs on documents. Lists never read contract text; whoever wants it asks for it by name."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import (
    ColumnElement,
    Select,
    SQLColumnExpression,
    and_,
    exists,
    false,
    func,
    or_,
    select,
    tuple_,
)
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, selectinload, undefer

from app import logs
from app.accounts.actors import Actor, SystemActor
from app.checks.contract import UNREAD, Contract
from app.checks.spans import Span
from app.documents.extraction import Block
from app.documents.models import (
    BETWEEN_WORDS,
    Document,
    DocumentText,
    SourceFile,
    TextPassages,
    TextReport,
)
from app.documents.outline import blocks_of, read_contract
from app.documents.passages import Passage
from app.errors import NotFound
from app.paging import Found, Order, Wanted, find_page
from app.projects.models import Member, Project
from app.projects.rules import RIGHTS, Right

State = Literal["active", "withdrawn"]
_TO_SPACES = str.maketrans(dict.fromkeys(BETWEEN_WORDS, " "))
_READERS = tuple(str(role) for role, rights in RIGHTS.items() if Right.READ_DOCUMENTS in rights)


def visible_to(actor: Actor) -> Select[Document]:
    """The documents of projects in which the actor may read all of them.

    What annotators may read besides depends on slots, which a higher package knows: routes pass
    `app.tasks.queries.documents_held_by` to `get_document` as well.
    """
    if isinstance(actor, SystemActor):
        return select(Document)
    return select(Document).where(
        exists().where(
            Member.project_id == Document.project_id,
            Member.user_id == actor.id,
            Member.role.in_(_READERS),
        )
    )


def get_document(
    session: Session, document_id: int, *readable: Select[Document], for_change: bool = False
) -> Document:
    """The document, where one of the `readable` selections holds it. Raises NotFound where none does."""
    statement = select(Document).where(
        Document.id == document_id,
        or_(*(Document.id.in_(selection.with_only_columns(Document.id)) for selection in readable)),
    )
    if for_change:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    document = session.scalar(statement.options(selectinload(Document.files), selectinload(Document.project)))
    if document is None:
        raise NotFound("There is no such document.")
    return document


def get_text(session: Session, document_id: int) -> DocumentText:
    """The latest text of a document, with its words and blocks."""
    return session.scalars(
        select(DocumentText)
        .where(DocumentText.document_id == document_id)
        .options(undefer(DocumentText.text), undefer(DocumentText.blocks))
        .order_by(DocumentText.id.desc())
        .limit(1),
        execution_options={"populate_existing": True},
    ).one()


def list_texts(session: Session, document_id: int) -> Sequence[DocumentText]:
    """All texts of a document, the latest first, without their words."""
    return session.scalars(
        select(DocumentText).where(DocumentText.document_id == document_id).order_by(DocumentText.id.desc())
    ).all()


def get_contract(session: Session, text_id: int) -> tuple[str, list[Block]]:
    """A text's words and its blocks."""
    wanted = select(DocumentText.text, DocumentText.blocks).where(DocumentText.id == text_id)
    text, rows = session.execute(wanted).one()
    return text, blocks_of(rows)


def get_checked_contract(session: Session, text_id: int) -> tuple[Contract, dict[int, list[Passage]]]:
    """A text as the checks see it, and its passages by the id of the clause.

    What was read out of it in the background is taken from there; before that it is read now.
    """
    text, stored, found = session.execute(
        select(DocumentText.text, TextPassages.contract, TextPassages.found)
        .join(TextPassages, TextPassages.text_id == DocumentText.id)
        .where(DocumentText.id == text_id)
    ).one()
    try:
        contract = (
            read_contract(*get_contract(session, text_id))
            if stored is None
            else Contract.from_json(text, stored)
        )
    except SQLAlchemyError:
        raise
    except Exception as error:  # noqa: BLE001 -- no summary is lost for what the reader breaks at
        logs.broken("contract_not_read", error, text_id=text_id)
        contract = Contract.from_json(text, UNREAD)
    return contract, _passages(found)


def find_quotes(session: Session, text_id: int, spans: Sequence[Span]) -> dict[tuple[int, int], str]:
    """The words of a text at each of the spans, by start and end; the rest of it stays in the database."""
    words = [func.substr(DocumentText.text, span.start + 1, span.end - span.start) for span in spans]
    found = session.execute(select(*words).where(DocumentText.id == text_id)).one()
    return {(span.start, span.end): quote for span, quote in zip(spans, found, strict=True)}


def get_first_text(session: Session, document_id: int) -> DocumentText:
    """The text by which duplicates of a document are told, without its words."""
    return session.scalars(
        select(DocumentText).where(DocumentText.document_id == document_id).order_by(DocumentText.id).limit(1)
    ).one()


def list_of_project(
    session: Session, project_id: int, document_ids: Sequence[int], *, for_change: bool = False
) -> Sequence[Document]:
    """These documents of a project, in the order of their ids; with `for_change`, locked in it."""
    statement = (
        select(Document)
        .where(Document.project_id == project_id, Document.id.in_(document_ids))
        .order_by(Document.id)
    )
    if for_change:
        statement = statement.with_for_update()
    return session.scalars(statement, execution_options={"populate_existing": True}).all()


def map_text_ids(session: Session, document_ids: Collection[int]) -> dict[int, int]:
    """The id of each document's latest text."""
    statement = select(DocumentText.document_id, func.max(DocumentText.id))
    rows = session.execute(
        statement.where(DocumentText.document_id.in_(document_ids)).group_by(DocumentText.document_id)
    )
    return dict(rows.all())


def map_by_text(session: Session, project_id: int, digests: Collection[bytes]) -> dict[bytes, Document]:
    """The documents of this project that have exactly these texts, by the SHA-256 of the text."""
    found = session.scalars(
        select(Document).where(Document.project_id == project_id, Document.text_sha256.in_(digests))
    )
    return {document.text_sha256: document for document in found}


@dataclass(frozen=True, slots=True)
class ListedDocument:
    """A document as a list shows it."""

    document: Document
    character_count: int
    word_count: int
    page_count: int | None
    open_reports: int


# How the list of a project's documents may be sorted.
ORDERS: dict[str, Order] = {
    "created": ((Document.created_at, datetime), (Document.id, int)),
    "title": ((Document.title, str), (Document.id, int)),
}


def matching(
    project_id: int, *, q: str = "", state: State | Literal[""] = "", contract_type: str = ""
) -> Select[Document]:
    """A project's documents that a list's filters let through, without an order.

    `q`: each of its words has to begin a word of title, client or matter.
    """
    statement = select(Document).where(Document.project_id == project_id, *mentions(q))
    if state:
        withdrawn = Document.withdrawn_at.is_not(None)
        statement = statement.where(withdrawn if state == "withdrawn" else ~withdrawn)
    if contract_type:
        statement = statement.where(Document.contract_type == contract_type.replace("\0", ""))
    return statement


def withdrawn_in(project_id: int) -> ColumnElement[bool]:
    """Whether a document is one of this project's withdrawn ones."""
    return and_(Document.project_id == project_id, Document.withdrawn_at.is_not(None))


def mentions(q: str) -> list[ColumnElement[bool]]:
    """Whether words of a document's title, client or matter begin with each of these; no condition for none.

    An index finds them, however many documents there are: a look into the middle of words would read all.
    """
    if not q.strip():
        return []
    words = re.findall(r"\w+", q.translate(_TO_SPACES))
    asked = func.to_tsquery("simple", " & ".join(f"{word}:*" for word in words))
    return [Document.search_words.op("@@")(asked)] if words else [false()]


def list_documents(
    session: Session, project_id: int, *, wanted: Wanted, counts: bool = False, **filters: Any
) -> Found[ListedDocument]:
    """A page of a project's documents; `filters` are those of `matching`."""
    statement = matching(project_id, **filters)
    page = find_page(
        session,
        statement,
        orders=ORDERS,
        wanted=wanted,
        item=lambda document: document,
        counted=statement if counts else None,
    )
    facts = _facts_of(session, [document.id for document in page.items])
    return Found(
        [ListedDocument(document, *facts[document.id]) for document in page.items], page.next, page.total
    )


def _facts_of(session: Session, ids: Sequence[int]) -> dict[int, tuple[int, int, int | None, int]]:
    """Of each document its latest text's characters, words and pages, and how many open reports it has."""
    reports = (
        select(func.count())
        .where(TextReport.document_id == DocumentText.document_id, TextReport.resolved_at.is_(None))
        .correlate(DocumentText)
        .scalar_subquery()
    )
    rows = session.execute(
        select(
            DocumentText.document_id,
            DocumentText.character_count,
            DocumentText.word_count,
            DocumentText.page_count,
            reports,
        )
        .ext(distinct_on(DocumentText.document_id))
        .where(DocumentText.document_id.in_(ids))
        .order_by(DocumentText.document_id, DocumentText.id.desc())
    )
    return {row[0]: row[1:] for row in rows}


def list_contract_types(session: Session, project_id: int, *, limit: int = 100) -> Sequence[str]:
    """The kinds of contract that a project has, by name: from one to the next, without reading all rows."""
    in_project = Document.project_id == project_id
    first = select(func.min(Document.contract_type).label("name")).where(in_project)
    found = first.cte("found", recursive=True)
    following = (
        select(func.min(Document.contract_type))
        .where(in_project, Document.contract_type > found.c.name)
        .scalar_subquery()
    )
    found = found.union_all(select(following).where(found.c.name.is_not(None)))
    return session.scalars(select(found.c.name).where(found.c.name.is_not(None)).limit(limit)).all()


def list_open_reports(session: Session, document_id: int) -> Sequence[TextReport]:
    """What people reported about a document's text and nobody has settled, oldest first."""
    return session.scalars(
        select(TextReport)
        .where(TextReport.document_id == document_id, TextReport.resolved_at.is_(None))
        .order_by(TextReport.id)
    ).all()


def get_report(session: Session, document_id: int, report_id: int) -> TextReport:
    """One report of a document that the caller may change. Raises NotFound."""
    report = session.scalar(
        select(TextReport).where(TextReport.id == report_id, TextReport.document_id == document_id)
    )
    if report is None:
        raise NotFound("There is no such report.")
    return report


def named_originals(session: Session, hashes: Collection[str]) -> set[str]:
    """Those of these files that a document was read from."""
    return set(session.scalars(select(SourceFile.sha256).where(SourceFile.sha256.in_(hashes)).distinct()))


def find_passages(session: Session, text_id: int) -> dict[int, list[Passage]]:
    """The passages of a text that were found so far, by the id of the clause; the best first."""
    found = session.scalar(select(TextPassages.found).where(TextPassages.text_id == text_id)) or {}
    return _passages(found)


def _passages(found: dict[str, list[list[object]]]) -> dict[int, list[Passage]]:
    return {int(key): [Passage.from_json(row) for row in rows] for key, rows in found.items()}


def _is_behind(
    finder_version: int, clause_set_version: SQLColumnExpression[int] | int
) -> ColumnElement[bool]:
    """Whether a text's row was made with an older finder, or an older clause set: as the index has it."""
    made_with = tuple_(TextPassages.finder_version, TextPassages.clause_set_version)
    return made_with < tuple_(finder_version, clause_set_version)


def projects_behind(finder_version: int) -> Select[int]:
    """The ids of the projects that have a text that is behind: one look into an index for each project."""
    behind = (
        select(TextPassages.text_id)
        .where(
            TextPassages.project_id == Project.id,
            _is_behind(finder_version, Project.clause_set_version),
        )
        .limit(1)
        .scalar_subquery()
    )
    return select(Project.id).where(behind.is_not(None)).order_by(Project.id)


@dataclass(frozen=True, slots=True)
class Behind:
    """A text that is behind, with what its row has."""

    text_id: int
    finder_version: int
    found: dict[str, list[list[object]]]
    character_count: int


def list_behind(session: Session, project: Project, *, finder_version: int, limit: int) -> list[Behind]:
    """Texts of a project that are behind, those first for which nothing was found yet."""
    rows = session.execute(
        select(
            TextPassages.text_id,
            TextPassages.finder_version,
            TextPassages.found,
            DocumentText.character_count,
        )
        .join(DocumentText, DocumentText.id == TextPassages.text_id)
        .where(TextPassages.project_id == project.id, _is_behind(finder_version, project.clause_set_version))
        .order_by(TextPassages.finder_version, TextPassages.clause_set_version, TextPassages.text_id)
        .limit(limit)
    )
    return [Behind(*row) for row in rows]


def list_with_words(session: Session, text_ids: Collection[int]) -> Sequence[DocumentText]:
    """These texts with their words and blocks."""
    return session.scalars(
        select(DocumentText)
        .where(DocumentText.id.in_(text_ids))
        .options(undefer(DocumentText.text), undefer(DocumentText.blocks))
    ).all()
