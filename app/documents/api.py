"""The JSON API of documents."""

from typing import Annotated

from fastapi import Query, Request, Response

from app import clock
from app.accounts.dependencies import ApiUser, requires
from app.database import SessionDep
from app.documents import queries, readings, service
from app.documents.forms import DocumentsQuery, TextReportBody, WithdrawalBody
from app.documents.presenting import (
    ClausePassagesView,
    DocumentSummary,
    DocumentView,
    ListedDocumentView,
    ReadingView,
    TextReportView,
    document_view,
    listed_view,
    passages_view,
    reading_view,
    summary_view,
)
from app.documents.sending import original_of
from app.projects.queries import get_project_with_right, roles_in
from app.projects.rules import Right, require
from app.tasks.queries import readable_by
from app.web.api import Page, api_router, page_answer
from app.web.dependencies import RowId

router = api_router()
READ, WRITE = [requires("read")], [requires("write")]


@router.get("/projects/{project}/documents", dependencies=READ, tags=["documents"])
def list_documents(
    request: Request,
    response: Response,
    session: SessionDep,
    user: ApiUser,
    project: str,
    query: Annotated[DocumentsQuery, Query()],
) -> Page[ListedDocumentView]:
    """A project's documents without their texts."""
    opened = get_project_with_right(session, project, user, Right.READ_DOCUMENTS)
    found = queries.list_documents(session, opened.id, wanted=query.wanted(), **query.filters())
    return page_answer(response, request, [listed_view(row) for row in found.items], found.next)


@router.get("/documents/{document_id}", dependencies=READ, tags=["documents"])
def get_document(session: SessionDep, user: ApiUser, document_id: RowId) -> DocumentView:
    """A document with its text and outline."""
    document = queries.get_document(session, document_id, *readable_by(user))
    return document_view(document, queries.get_text(session, document.id))


@router.get("/documents/{document_id}/passages", dependencies=READ, tags=["documents"])
def list_passages(session: SessionDep, user: ApiUser, document_id: RowId) -> Page[ClausePassagesView]:
    """Where a document is likely to speak of each of its project's clauses; one page holds them all."""
    document = queries.get_document(session, document_id, *readable_by(user))
    text_id = queries.map_text_ids(session, [document.id])[document.id]
    return Page(items=passages_view(document, queries.find_passages(session, text_id)))


@router.get(
    "/documents/{document_id}/original",
    dependencies=READ,
    tags=["documents"],
    response_class=Response,
    responses={200: {"content": {"application/octet-stream": {"schema": {"type": "string"}}}}},
)
def get_original(session: SessionDep, user: ApiUser, document_id: RowId) -> Response:
    """The file that a document was read from, as it came in."""
    return original_of(queries.get_document(session, document_id, *readable_by(user)))


@router.put("/documents/{document_id}/withdrawal", dependencies=WRITE, tags=["documents"])
def withdraw(session: SessionDep, user: ApiUser, document_id: RowId, body: WithdrawalBody) -> DocumentSummary:
    """Take a document out of both queues and every export; nothing is deleted."""
    document = service.withdraw(
        session, document_id=document_id, reason=body.reason, actor=user, at=clock.now()
    )
    return summary_view(document)


@router.delete("/documents/{document_id}/withdrawal", dependencies=WRITE, tags=["documents"])
def restore(session: SessionDep, user: ApiUser, document_id: RowId) -> DocumentSummary:
    """Undo a withdrawal."""
    return summary_view(service.restore(session, document_id=document_id, actor=user, at=clock.now()))


@router.put("/documents/{document_id}/reading", status_code=202, dependencies=WRITE, tags=["documents"])
def read_again(session: SessionDep, user: ApiUser, document_id: RowId) -> ReadingView:
    """Have the original read again: a lead's act. While that waits, asking again adds nothing."""
    return reading_view(readings.start(session, document_id=document_id, actor=user, at=clock.now()))


@router.get("/documents/{document_id}/reading", dependencies=READ, tags=["documents"])
def get_reading(session: SessionDep, user: ApiUser, document_id: RowId) -> ReadingView:
    """Where the latest reading of the original stands; 404 where none was asked for."""
    document = queries.get_document(session, document_id, *readable_by(user))
    require(roles_in(session, document.project_id, user), Right.READ_DOCUMENTS)
    return reading_view(readings.get(session, document.id))


@router.post("/documents/{document_id}/text-reports", status_code=201, dependencies=WRITE, tags=["documents"])
def report_text(
    session: SessionDep, user: ApiUser, document_id: RowId, body: TextReportBody
) -> dict[str, int]:
    """Tell the lead that a document's text is wrong."""
    report = service.report_text(
        session,
        document_id=document_id,
        readable=readable_by(user),
        passage=body.passage,
        message=body.message,
        actor=user,
        at=clock.now(),
    )
    return {"id": report.id}


@router.get("/documents/{document_id}/text-reports", dependencies=READ, tags=["documents"])
def list_reports(session: SessionDep, user: ApiUser, document_id: RowId) -> Page[TextReportView]:
    """What people reported and nobody has settled, oldest first; one page holds them all."""
    document = queries.get_document(session, document_id, *readable_by(user))
    require(roles_in(session, document.project_id, user), Right.READ_DOCUMENTS)
    rows = queries.list_open_reports(session, document.id)
    return Page(items=[TextReportView.model_validate(report) for report in rows])


@router.put(
    "/documents/{document_id}/text-reports/{report_id}/settlement", dependencies=WRITE, tags=["documents"]
)
def settle_report(session: SessionDep, user: ApiUser, document_id: RowId, report_id: RowId) -> TextReportView:
    """Put a report aside as looked into: a lead's act."""
    report = service.settle_report(
        session, document_id=document_id, report_id=report_id, actor=user, at=clock.now()
    )
    return TextReportView.model_validate(report)
