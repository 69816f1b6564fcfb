"""My work, and the history of a sample."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from app.accounts.dependencies import CurrentUser
from app.accounts.models import User
from app.checks.length import count_words
from app.database import SessionDep
from app.projects.queries import list_visible, roles_in
from app.projects.rules import Right, rights_of
from app.reviews import desk, presenting, queries
from app.reviews.diff import word_diff
from app.reviews.findings import findings_context
from app.samples import queries as sample_queries
from app.samples.models import Sample
from app.samples.workflow import Status
from app.web.dependencies import RowId
from app.web.templates import page

router = APIRouter()


@router.get("/")
def show_work(
    request: Request,
    session: SessionDep,
    user: CurrentUser,
    decided: Annotated[int | None, Query(ge=1, le=2**63 - 1)] = None,
) -> Response:
    """What waits for this person in each project: what came back first, then one large next step."""
    projects = [_work_in(session, project, user) for project in list_visible(session, user)]
    undo = desk.undo_offer(session, user, decided)
    return page(request, "work/work.html", projects=projects, undo=undo)


def _work_in(session: Session, project: Any, user: User) -> dict[str, Any]:
    rights = rights_of(roles_in(session, project.id, user))
    writes, reviews = Right.WRITE in rights, Right.REVIEW in rights
    own = sample_queries.list_own(session, project_id=project.id, user_id=user.id) if writes else []
    reasons = queries.latest_reasons(session, [sample.id for sample in own])
    entries = [_own_entry(sample, reasons.get(sample.id)) for sample in own]
    return {
        "project": {"slug": project.slug, "name": project.name},
        "may_write": writes,
        "may_review": reviews,
        "may_export": Right.EXPORT in rights,
        "may_manage": Right.MANAGE in rights,
        "came_back": [entry for entry in entries if entry["status"] == Status.CHANGES_REQUESTED],
        "drafts": [entry for entry in entries if entry["status"] == Status.DRAFT],
        "others": [
            entry for entry in entries if entry["status"] not in {Status.CHANGES_REQUESTED, Status.DRAFT}
        ],
        "is_cut": len(own) == sample_queries.OWN_SHOWN,
        "left_count": sample_queries.count_left(session, project, user.id) if writes else 0,
        "waiting_count": queries.count_waiting(session, project, user.id) if reviews else 0,
    }


def _own_entry(sample: Sample, review: Any) -> dict[str, Any]:
    document = sample.task.document
    return {
        "id": sample.id,
        "status": sample.status,
        "title": document.title,
        "client": document.client or "",
        "matter": document.matter or "",
        "due_on": sample.task.due_on,
        "updated_at": sample.updated_at,
        "word_count": count_words(sample.draft.output),
        "reason": review.reason if review and sample.status == Status.CHANGES_REQUESTED else "",
    }


@router.get("/samples/{sample_id}/history")
def show_history(request: Request, session: SessionDep, user: CurrentUser, sample_id: RowId) -> Response:
    """What happened to the sample, and every revision with what changed in it."""
    sample = sample_queries.get_visible(session, sample_id, user)
    revisions = presenting.shown_revisions(session, sample, user)
    before = ""
    shown = []
    for revision in revisions:
        shown.append(
            {
                "number": revision.number,
                "author_name": revision.author_name,
                "submitted_at": revision.submitted_at,
                "output": revision.output,
                "sha256": revision.output_sha256.hex(),
                "diff": word_diff(before, revision.output) if before else None,
                "findings": findings_context(revision.findings, revision.reasons)["findings"],
            }
        )
        before = revision.output
    document = sample.task.document
    return page(
        request,
        "samples/history.html",
        project={"slug": document.project.slug, "name": document.project.name},
        sample={
            "id": sample.id,
            "status": sample.status,
            "annotator_name": sample.writer_name,
            "is_imported": sample.import_id is not None,
        },
        document={"id": document.id, "title": document.title},
        events=[
            {
                "at": event.at,
                "actor_name": event.actor_name,
                "verb_label": desk.VERB_LABELS.get(event.verb, event.verb),
                "before": event.before,
                "after": event.after,
                "comment": event.comment,
            }
            for event in presenting.history(session, sample)
        ],
        revisions=shown,
        kept=sample_queries.list_kept_saves(session, sample.id, user.id),
    )
