"""The JSON API of samples: the writing queue, drafts, submission and its way back."""

from typing import Annotated, Any

from fastapi import Query, Request, Response
from sqlalchemy.orm import Session

from app import clock
from app.accounts.dependencies import ApiUser, requires
from app.accounts.models import User
from app.database import SessionDep
from app.projects.queries import get_project
from app.reviews import presenting
from app.reviews.presenting import utc
from app.samples import queries, submission, writing
from app.samples.forms import DraftBody, ReasonBody, SamplesQuery, SubmissionBody
from app.samples.models import Sample
from app.web.api import Page, api_router, page_answer
from app.web.dependencies import RowId
from app.web.errors import answer, of_app_error

router = api_router()

READ, WRITE = [requires("read")], [requires("write")]


@router.post("/projects/{project}/queue/writing", dependencies=WRITE, tags=["samples"])
def take_writing_work(session: SessionDep, user: ApiUser, project: str) -> Any:
    """The sample to write next, leased to the caller; 204 where nothing waits."""
    sample = writing.take_next(session, project_slug=project, actor=user, at=clock.now())
    return _answer(session, sample, user) if sample else Response(status_code=204)


@router.get("/projects/{project}/samples", dependencies=READ, tags=["samples"])
def list_samples(
    request: Request,
    response: Response,
    session: SessionDep,
    user: ApiUser,
    project: str,
    query: Annotated[SamplesQuery, Query()],
) -> Page[dict[str, object]]:
    """The project's samples that the caller may see, without contract texts."""
    opened = get_project(session, project, user)
    found = queries.list_samples(
        session, project_id=opened.id, actor=user, wanted=query.wanted(), **query.filters()
    )
    return page_answer(response, request, [_list_item(sample) for sample in found.items], found.next)


def _list_item(sample: Sample) -> dict[str, object]:
    document = sample.task.document
    return {
        "id": sample.id,
        "status": sample.status,
        "document": {"id": document.id, "title": document.title},
        "annotator": sample.annotator.email if sample.annotator else None,
        "revisions": sample.revision_count,
        "submitted_at": utc(sample.submitted_at),
        "updated_at": utc(sample.updated_at),
    }


@router.get("/samples/{sample_id}", dependencies=READ, tags=["samples"])
def get_sample(session: SessionDep, user: ApiUser, sample_id: RowId) -> Any:
    """One sample with its contract, the caller's own draft, and what was handed in."""
    return _answer(session, queries.get_visible(session, sample_id, user), user)


@router.put("/samples/{sample_id}/draft", dependencies=WRITE, tags=["samples"])
def save_draft(
    request: Request, session: SessionDep, user: ApiUser, sample_id: RowId, body: DraftBody
) -> Any:
    """Save the draft. 409 `stale_draft`, with the current draft, where another editor saved since."""
    outcome = writing.save_draft(
        session,
        sample_id=sample_id,
        sent=body.sent(),
        based_on=body.based_on,
        editor=body.editor,
        actor=user,
        at=clock.now(),
    )
    if outcome.conflict is not None:
        current = queries.get_visible(session, sample_id, user).draft
        draft = {"number": current.number, "output": current.output, "saved_at": utc(current.saved_at)}
        outcome.conflict.details["draft"] = draft
        return answer(request, of_app_error(outcome.conflict))
    return {
        "number": outcome.number,
        "saved_at": utc(outcome.saved_at),
        "lease": {"expires_at": utc(outcome.lease_expires_at)} if outcome.lease_expires_at else None,
        "findings": [finding.to_json() for finding in outcome.checked.findings],
    }


@router.put("/samples/{sample_id}/lease", dependencies=WRITE, tags=["samples"])
def keep_lease(session: SessionDep, user: ApiUser, sample_id: RowId) -> dict[str, str | None]:
    """Prolong the writing lease; `expires_at` is null where the sample is held without one."""
    return {"expires_at": utc(writing.keep_lease(session, sample_id=sample_id, actor=user))}


@router.post("/samples/{sample_id}/submission", dependencies=WRITE, tags=["samples"])
def submit(session: SessionDep, user: ApiUser, sample_id: RowId, body: SubmissionBody) -> Any:
    """Hand the draft in; 422 with the findings that block."""
    sample = submission.submit(
        session,
        sample_id=sample_id,
        based_on=body.based_on,
        reasons=body.reasons,
        actor=user,
        at=clock.now(),
    )
    return _answer(session, sample, user)


@router.delete("/samples/{sample_id}/submission", dependencies=WRITE, tags=["samples"])
def recall(session: SessionDep, user: ApiUser, sample_id: RowId) -> Any:
    """Take a submission back that no reviewer has opened."""
    return _answer(session, submission.recall(session, sample_id=sample_id, actor=user, at=clock.now()), user)


@router.post("/samples/{sample_id}/skip", dependencies=WRITE, tags=["samples"])
def skip(session: SessionDep, user: ApiUser, sample_id: RowId, body: ReasonBody) -> Any:
    """Leave a sample to others, with a reason."""
    sample = submission.skip(session, sample_id=sample_id, reason=body.reason, actor=user, at=clock.now())
    return _answer(session, sample, user)


@router.post("/samples/{sample_id}/resume", dependencies=WRITE, tags=["samples"])
def resume(session: SessionDep, user: ApiUser, sample_id: RowId) -> Any:
    """Go on with a skipped sample; 409 `slot_taken` where its task has no free place."""
    return _answer(session, submission.resume(session, sample_id=sample_id, actor=user, at=clock.now()), user)


@router.post("/samples/{sample_id}/release", dependencies=WRITE, tags=["samples"])
def release(session: SessionDep, user: ApiUser, sample_id: RowId, body: ReasonBody) -> Any:
    """Free the place of somebody who does not go on: a lead's act."""
    sample = submission.release(session, sample_id=sample_id, reason=body.reason, actor=user, at=clock.now())
    return _answer(session, sample, user)


@router.post("/samples/{sample_id}/reopen", dependencies=WRITE, tags=["samples"])
def reopen(session: SessionDep, user: ApiUser, sample_id: RowId, body: ReasonBody) -> Any:
    """Send a decided sample back to its annotator: a lead's act."""
    sample = submission.reopen(session, sample_id=sample_id, reason=body.reason, actor=user, at=clock.now())
    return _answer(session, sample, user)


@router.get("/samples/{sample_id}/history", dependencies=READ, tags=["samples"])
def get_history(session: SessionDep, user: ApiUser, sample_id: RowId) -> dict[str, object]:
    """What happened to the sample, and every revision that the caller may read."""
    sample = queries.get_visible(session, sample_id, user)
    answer = presenting.as_json(session, sample, user)
    return {
        "events": [
            {
                "at": utc(event.at),
                "actor": event.actor_name,
                "verb": event.verb,
                "before": event.before,
                "after": event.after,
                "comment": event.comment,
            }
            for event in presenting.history(session, sample)
        ],
        "revisions": answer["revisions"],
        "kept": [
            {"output": save.output, "clauses": save.clauses, "saved_at": utc(save.saved_at)}
            for save in queries.list_kept_saves(session, sample.id, user.id)
        ],
    }


def _answer(session: Session, sample: Sample, user: User) -> dict[str, object]:
    return presenting.as_json(session, sample, user)
