"""Pages of documents: a project's list with its drop zone, one document, its original, its withdrawal."""

from collections.abc import Callable, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Form, Query, Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from app import clock
from app.accounts.dependencies import CurrentUser
from app.accounts.models import User
from app.database import SessionDep
from app.documents import queries, readings, service
from app.documents.forms import (
    DocumentsQuery,
    ReadingForm,
    RestorationForm,
    SettlementForm,
    TextReportForm,
    WithdrawalForm,
)
from app.documents.models import Document, DocumentText
from app.documents.outline import blocks_of, outline, rendered_blocks
from app.documents.presenting import facts, reading_view, shown
from app.documents.sending import original_of
from app.imports import queries as import_queries
from app.jobs.queries import is_worker_alive
from app.projects.queries import roles_in
from app.projects.routes.frame import (
    ProjectSlug,
    Refusal,
    attempt_or_explain,
    open_project,
    project_page,
)
from app.projects.rules import Right, require, rights_of
from app.samples.queries import list_of_tasks
from app.settings import get_settings
from app.tasks.models import Task
from app.tasks.queries import list_of_document, readable_by
from app.web.dependencies import RowId
from app.web.htmx import redirect
from app.web.notices import notice
from app.web.pagination import Links, total_words
from app.web.templates import fragment, page

router = APIRouter()


@router.get("/projects/{project}/documents")
def list_documents(
    request: Request,
    session: SessionDep,
    user: CurrentUser,
    slug: ProjectSlug,
    query: Annotated[DocumentsQuery, Query()],
) -> Response:
    """A project's documents, with its latest imports and the place to drop files."""
    return documents_page(request, session, user, slug, query=query)


def documents_page(
    request: Request,
    session: Session,
    user: User,
    slug: str,
    *,
    query: DocumentsQuery | None = None,
    refusal: Refusal | None = None,
) -> Response:
    """That page; with `refusal`, after files were sent that could not be taken."""
    opened = open_project(session, slug, user, Right.READ_DOCUMENTS)
    query = query or DocumentsQuery()
    found = queries.list_documents(
        session, opened.project.id, wanted=query.wanted(), counts=True, **query.filters()
    )
    path = f"/projects/{opened.project.slug}/documents"
    may_import = opened.may(Right.MANAGE)
    imports = import_queries.list_recent(session, opened.project.id) if may_import else []
    counts = import_queries.count_files(session, [each.id for each in imports])
    return project_page(
        request,
        opened,
        "documents/list.html",
        current="documents",
        status=refusal.status if refusal else 200,
        documents=found.items,
        total=total_words(found.total),
        query=query,
        links=Links(path, query, next_cursor=found.next),
        contract_type_options=[
            (kind, kind) for kind in queries.list_contract_types(session, opened.project.id)
        ],
        may_import=may_import,
        imports=[(each, counts[each.id]) for each in imports],
        limits=get_settings(),
        errors=refusal.errors if refusal else {},
    )


@router.get("/documents/{document_id}")
def show_document(request: Request, session: SessionDep, user: CurrentUser, document_id: RowId) -> Response:
    """One document to read, with its tasks."""
    document = queries.get_document(session, document_id, *readable_by(user))
    return _document_page(request, session, user, document)


def _document_page(
    request: Request,
    session: Session,
    user: User,
    document: Document,
    *,
    refusal: Refusal | None = None,
    typed: dict[str, Any] | None = None,
) -> Response:
    text = queries.get_text(session, document.id)
    blocks = blocks_of(text.blocks)
    rights = rights_of(roles_in(session, document.project_id, user))
    reads_all = Right.READ_DOCUMENTS in rights
    tasks = list_of_document(session, document.id)
    return page(
        request,
        "documents/document.html",
        status=refusal.status if refusal else 200,
        project=document.project,
        document=shown(document, text),
        facts=facts(document),
        notes=text.notes,
        withdrawn=(document.withdrawn_at, document.withdrawn_reason) if document.withdrawn_at else None,
        blocks=rendered_blocks(text.text, blocks),
        outline=outline(text.text, blocks),
        clauses=[],
        tasks=tasks,
        texts=_texts(session, user, document, [task for task, _ in tasks]),
        **_reading(session, document, may_read_again=Right.MANAGE in rights),
        reports=queries.list_open_reports(session, document.id) if reads_all else [],
        overlap=document.project.overlap,
        may_withdraw=Right.MANAGE in rights,
        reads_all=reads_all,
        errors=refusal.errors if refusal else {},
        typed={"reason": "", "passage": "", "message": ""} | (typed or {}),
    )


@router.get("/documents/{document_id}/original")
def download_original(session: SessionDep, user: CurrentUser, document_id: RowId) -> Response:
    """The file that a document was read from, as it came in; never shown, always saved."""
    return original_of(queries.get_document(session, document_id, *readable_by(user)))


@router.post("/documents/{document_id}/withdrawal")
def withdraw(
    request: Request,
    session: SessionDep,
    user: CurrentUser,
    document_id: RowId,
    form: Annotated[WithdrawalForm, Form()],
) -> Response:
    """Take a document out of both queues and every export."""

    def act() -> Response:
        service.withdraw(session, document_id=document_id, reason=form.reason, actor=user, at=clock.now())
        return notice(redirect(f"/documents/{document_id}"), "Withdrawn. Nothing was deleted.")

    return _attempt(request, session, user, document_id, act=act, typed=form.typed())


@router.post("/documents/{document_id}/restoration")
def restore(
    request: Request,
    session: SessionDep,
    user: CurrentUser,
    document_id: RowId,
    form: Annotated[RestorationForm, Form()],
) -> Response:
    """Undo a withdrawal."""

    def act() -> Response:
        service.restore(session, document_id=document_id, actor=user, at=clock.now())
        return notice(redirect(f"/documents/{document_id}"), "Restored.")

    return _attempt(request, session, user, document_id, act=act, typed=form.typed())


@router.post("/documents/{document_id}/reading")
def read_again(
    request: Request,
    session: SessionDep,
    user: CurrentUser,
    document_id: RowId,
    _: Annotated[ReadingForm, Form()],
) -> Response:
    """Have the document's original read again."""

    def act() -> Response:
        readings.start(session, document_id=document_id, actor=user, at=clock.now())
        return redirect(f"/documents/{document_id}")

    return _attempt(request, session, user, document_id, act=act, typed={})


@router.get("/documents/{document_id}/reading")
def show_reading(request: Request, session: SessionDep, user: CurrentUser, document_id: RowId) -> Response:
    """Where that reading stands, for the page that shows it already."""
    document = queries.get_document(session, document_id, *readable_by(user))
    roles = roles_in(session, document.project_id, user)
    require(roles, Right.READ_DOCUMENTS)
    context = _reading(session, document, may_read_again=Right.MANAGE in rights_of(roles))
    return fragment(request, "documents/_reading.html", **context)


@router.post("/documents/{document_id}/text-reports")
def report_text(
    request: Request,
    session: SessionDep,
    user: CurrentUser,
    document_id: RowId,
    form: Annotated[TextReportForm, Form()],
) -> Response:
    """Tell the lead that a document's text is wrong."""

    def act() -> Response:
        service.report_text(
            session,
            document_id=document_id,
            readable=readable_by(user),
            passage=form.passage,
            message=form.message,
            actor=user,
            at=clock.now(),
        )
        return notice(redirect(f"/documents/{document_id}"), "Thank you. A lead will look at it.")

    return _attempt(request, session, user, document_id, act=act, typed=form.typed())


@router.post("/documents/{document_id}/text-reports/{report_id}/settlement")
def settle_report(
    session: SessionDep,
    user: CurrentUser,
    document_id: RowId,
    report_id: RowId,
    _: Annotated[SettlementForm, Form()],
) -> Response:
    """Put a report aside as looked into."""
    service.settle_report(session, document_id=document_id, report_id=report_id, actor=user, at=clock.now())
    return notice(redirect(f"/documents/{document_id}"), "Settled.")


def _attempt(
    request: Request,
    session: Session,
    user: User,
    document_id: int,
    *,
    act: Callable[[], Response],
    typed: dict[str, Any],
) -> Response:
    """Do `act`, or draw the document's page with what stands in the way and what was typed."""

    def redraw(refusal: Refusal) -> Response:
        document = queries.get_document(session, document_id, *readable_by(user))
        return _document_page(request, session, user, document, refusal=refusal, typed=typed)

    return attempt_or_explain(session, act, redraw=redraw)


def _reading(session: Session, document: Document, *, may_read_again: bool) -> dict[str, Any]:
    """What the fragment of a reading is given."""
    last = readings.find(session, document.id)
    reading = reading_view(last) if last else None
    return {
        "reading": reading,
        "document_url": f"/documents/{document.id}",
        "may_read_again": may_read_again and document.withdrawn_at is None,
        "not_readable": readings.refusal(document),
        "worker_alive": reading is None or reading.status != "waiting" or is_worker_alive(session),
    }


def _texts(
    session: Session, user: User, document: Document, tasks: Sequence[Task]
) -> list[tuple[DocumentText, list[int]]]:
    """The document's texts with the samples of each that exist for this person, where there are several."""
    texts = queries.list_texts(session, document.id)
    if len(texts) == 1:
        return []
    text_of = {task.id: task.text_id for task in tasks}
    samples = [(text_of[sample.task_id], sample.id) for sample in list_of_tasks(session, list(text_of), user)]
    return [(text, [sample for text_id, sample in samples if text_id == text.id]) for text in texts]
