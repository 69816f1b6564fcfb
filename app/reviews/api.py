"""The JSON API of reviews: the reviewing queue, decisions, undo, edits."""

from typing import Any

from fastapi import Response

from app import clock
from app.accounts.dependencies import ApiUser, requires
from app.database import SessionDep
from app.reviews import leases, presenting, service
from app.reviews.forms import EditBody, ReviewBody
from app.reviews.presenting import utc
from app.samples.content import Sent
from app.web.api import api_router
from app.web.dependencies import RowId

router = api_router()
REVIEW = [requires("review")]


@router.post("/projects/{project}/queue/reviewing", dependencies=REVIEW, tags=["reviews"])
def take_reviewing_work(session: SessionDep, user: ApiUser, project: str) -> Any:
    """The sample to review next, leased to the caller; 204 where nothing waits."""
    sample = leases.take_next(session, project_slug=project, actor=user)
    return presenting.as_json(session, sample, user) if sample else Response(status_code=204)


@router.post("/samples/{sample_id}/reviews", status_code=201, dependencies=REVIEW, tags=["reviews"])
def decide(session: SessionDep, user: ApiUser, sample_id: RowId, body: ReviewBody) -> dict[str, object]:
    """Decide on the revision that waits; 403 for one's own work, 409 where it is another revision."""
    decision = service.decide(
        session,
        sample_id=sample_id,
        revision_number=body.revision,
        action=body.action,
        comment=body.comment,
        actor=user,
        at=clock.now(),
    )
    return {
        "id": decision.review.id,
        "action": decision.review.action,
        "revision": body.revision,
        "comment": decision.review.reason,
        "created_at": utc(decision.review.created_at),
        "sample": {"id": sample_id, "status": decision.sample.status},
    }


@router.delete("/samples/{sample_id}/reviews/{review_id}", dependencies=REVIEW, tags=["reviews"])
def undo(session: SessionDep, user: ApiUser, sample_id: RowId, review_id: RowId) -> dict[str, object]:
    """Take one's own decision back, within ten seconds and where nobody acted since."""
    sample = service.undo(session, sample_id=sample_id, review_id=review_id, actor=user, at=clock.now())
    return {"id": sample.id, "status": sample.status}


@router.post("/samples/{sample_id}/edits", status_code=201, dependencies=REVIEW, tags=["reviews"])
def edit(session: SessionDep, user: ApiUser, sample_id: RowId, body: EditBody) -> Any:
    """Put the reviewer's wording in as the next revision; another reviewer must approve it."""
    sample = service.edit(
        session,
        sample_id=sample_id,
        revision_number=body.revision,
        sent=Sent(body.output, None if body.clauses is None else dict(body.clauses)),
        reasons=body.reasons,
        actor=user,
        at=clock.now(),
    )
    return presenting.as_json(session, sample, user)
