"""A sample with its reviews as pages and API clients are shown it: what this person may see, and may do.

Only the annotator is shown the draft. Others see what was handed in, and nothing while it is a draft.
"""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.actors import Actor
from app.accounts.models import User
from app.audit.models import Event
from app.checks.length import count_words
from app.documents.models import DocumentText
from app.documents.outline import blocks_of, outline, rendered_blocks
from app.projects.phrasing import display
from app.projects.queries import find_guidelines
from app.reviews import queries
from app.reviews.diff import word_diff
from app.reviews.models import Review
from app.samples import queries as sample_queries
from app.samples import writing
from app.samples.content import Content
from app.samples.facts import actor_facts
from app.samples.models import Revision, Sample
from app.samples.workflow import Action, available_actions
from app.tasks.queries import DATABASE_TIME
from app.web.markdown import render

MEDIA_LABELS = {
    "application/pdf": "PDF",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "Word",
    "text/markdown": "Markdown",
    "text/plain": "text",
}
ACTION_LABELS = {
    Action.APPROVE: "Approved",
    Action.REQUEST_CHANGES: "Changes requested",
    Action.REJECT: "Rejected",
}
VERB_LABELS = {
    "sample.start": "Started",
    "sample.submit": "Submitted",
    "sample.recall": "Recalled",
    "sample.skip": "Skipped",
    "sample.resume": "Resumed",
    "sample.release": "Released by a lead",
    "sample.approve": "Approved",
    "sample.request_changes": "Changes requested",
    "sample.reject": "Rejected",
    "sample.undo": "Decision undone",
    "sample.edit": "Edited by a reviewer",
    "sample.reopen": "Reopened",
}


def is_own(sample: Sample, actor: Actor) -> bool:
    """Whether the actor is the sample's annotator."""
    return actor.id == sample.annotator_id


def actions_for(session: Session, sample: Sample, actor: Actor) -> list[Action]:
    """What the actor may do to the sample now."""
    if actor.id is None:
        return []
    return available_actions(actor_facts(session, sample, actor), queries.facts_for_review(session, sample))


def shown_revisions(session: Session, sample: Sample, actor: Actor) -> list[Revision]:
    """The revisions that the actor may read: a submission that was recalled is its annotator's alone."""
    if not is_own(sample, actor) and sample.status not in sample_queries.HANDED_IN:
        return []
    return list(sample_queries.list_revisions(session, sample.id))


def draft_content(sample: Sample) -> Content:
    """The draft's content as the checks take it."""
    return Content(sample.draft.output, sample.draft.clauses, sample.draft.evidence)


def live_lease(session: Session, sample: Sample) -> datetime | None:
    """When the writer's lease ends; None where it has ended or none is needed."""
    slot = sample.slot
    if slot.state != "writing" or slot.lease_expires_at is None:
        return None
    now = session.execute(select(DATABASE_TIME)).scalar_one()
    return slot.lease_expires_at if slot.lease_expires_at > now else None


def contract(session: Session, sample: Sample) -> tuple[str, list[Any]]:
    """The contract's canonical text, and its blocks as they are stored."""
    return session.execute(
        select(DocumentText.text, DocumentText.blocks).where(DocumentText.id == sample.task.text_id)
    ).one()


def as_json(session: Session, sample: Sample, actor: Actor) -> dict[str, object]:
    """The sample as the JSON API gives it."""
    text, _ = contract(session, sample)
    task, document, own = sample.task, sample.task.document, is_own(sample, actor)
    revisions = shown_revisions(session, sample, actor)
    lease = live_lease(session, sample) if own else None
    latest = revisions[-1].findings if revisions else []
    return {
        "id": sample.id,
        "project": document.project.slug,
        "status": sample.status,
        "document": {
            "id": document.id,
            "title": document.title,
            "text": text,
            "sha256": task.text.sha256.hex(),
        },
        "instruction": {"key": task.instruction.key, "text": task.phrasing.text},
        "draft": _draft_json(sample) if own else None,
        "revisions": [_revision_json(revision) for revision in revisions],
        "reviews": [_review_json(review) for review in _reviews(session, sample, actor)],
        "lease": {"expires_at": utc(lease)} if lease else None,
        "findings": [finding.to_json() for finding in writing.findings_of(sample, draft_content(sample))]
        if own
        else latest,
        "actions": actions_for(session, sample, actor),
    }


def _draft_json(sample: Sample) -> dict[str, object]:
    draft = sample.draft
    return {
        "number": draft.number,
        "output": draft.output,
        "evidence": draft.evidence,
        "clauses": draft.clauses,
        "saved_at": utc(draft.saved_at),
    }


def _revision_json(revision: Revision) -> dict[str, object]:
    return {
        "number": revision.number,
        "author": revision.author.email,
        "output": revision.output,
        "evidence": revision.evidence,
        "clauses": revision.clauses,
        "findings": revision.findings,
        "reasons": revision.reasons,
        "guidelines_version": revision.guidelines_version,
        "submitted_at": utc(revision.submitted_at),
        "sha256": revision.output_sha256.hex(),
    }


def _review_json(review: Review) -> dict[str, object]:
    return {
        "id": review.id,
        "revision": review.revision.number,
        "reviewer": review.reviewer.email,
        "action": review.action,
        "comment": review.reason,
        "created_at": utc(review.created_at),
    }


def _reviews(session: Session, sample: Sample, actor: Actor) -> list[Review]:
    if not is_own(sample, actor) and sample.status not in sample_queries.HANDED_IN:
        return []
    return list(queries.list_reviews(session, sample.id))


def utc(at: datetime | None) -> str | None:
    """RFC 3339 in UTC with microseconds and offset."""
    return at.astimezone(UTC).isoformat(timespec="microseconds") if at else None


def history(session: Session, sample: Sample) -> list[Event]:
    """The sample's events from the first on."""
    events = session.scalars(
        select(Event).where(Event.subject_type == "sample", Event.subject_id == sample.id).order_by(Event.id)
    ).all()
    return list(events)


def desk_context(session: Session, sample: Sample, actor: Actor) -> dict[str, Any]:
    """What every page with a contract beside a summary shows: names as the templates have them."""
    task, document = sample.task, sample.task.document
    project = document.project
    text, rows = contract(session, sample)
    blocks = blocks_of(rows)
    guidelines = find_guidelines(session, project.id)
    source = min(document.files, key=lambda file: file.position, default=None)
    return {
        "project": {"slug": project.slug, "name": project.name},
        "sample": {
            "id": sample.id,
            "status": sample.status,
            "annotator_name": sample.annotator.name,
            "is_own": is_own(sample, actor),
        },
        "document": {
            "id": document.id,
            "title": document.title,
            "client": document.client or "",
            "matter": document.matter or "",
            "page_count": task.text.page_count,
            "word_count": task.text.word_count,
            "media_label": MEDIA_LABELS.get(source.media_type, "a file") if source else "text",
            "original_url": f"/documents/{document.id}/original" if source else "",
        },
        "blocks": rendered_blocks(text, blocks),
        "outline": outline(text, blocks),
        "instruction": {"key": task.instruction.key, "text": display(task.phrasing.text)},
        "policy": {"min_words": project.min_words, "max_words": project.max_words},
        "guidelines": {
            "version": guidelines.version if guidelines else 0,
            "html": render(guidelines.markdown, top_heading=3) if guidelines else "",
        },
        "lease_message": "",
        "errors": {},
        "actions": [str(action) for action in actions_for(session, sample, actor)],
        "decisions": [decision(review) for review in _reviews(session, sample, actor)],
    }


def revision_context(revision: Revision, against: Revision | None = None) -> dict[str, Any]:
    """A revision as the pages show it, with the word diff against an earlier one where that is wanted."""
    return {
        "revision": {
            "id": revision.id,
            "number": revision.number,
            "author_name": revision.author.name,
            "output": revision.output,
            "submitted_at": revision.submitted_at,
        },
        "against": {"number": against.number} if against else None,
        "diff": word_diff(against.output, revision.output) if against else None,
        "findings": [
            {**finding, "reason": revision.reasons.get(str(finding["key"]), "")}
            for finding in revision.findings
        ],
        "word_count": count_words(revision.output),
    }


def decision(review: Review) -> dict[str, object]:
    """A decision as the pages list it."""
    return {
        "action": review.action,
        "action_label": ACTION_LABELS[Action(review.action)],
        "reviewer_name": review.reviewer.name,
        "at": review.created_at,
        "reason": review.reason,
        "revision_number": review.revision.number,
    }


def clause_states(sample: Sample, states: dict[str, str]) -> list[dict[str, object]]:
    """The project's clauses in their order, each with its state in `states` ("" where undecided)."""
    return [
        {
            "key": clause.key,
            "name": clause.name,
            "required": clause.required,
            "state": states.get(clause.key, ""),
            "position": position,
        }
        for position, clause in enumerate(sample.task.document.project.clauses, start=1)
    ]


def undo_offer(session: Session, user: User, review_id: int | None) -> dict[str, Any] | None:
    """The bar that offers to take back the decision that led to this page, while that is still possible."""
    review = queries.find_own_undoable(session, review_id, user.id) if review_id else None
    if review is None:
        return None
    return {
        "sample_id": review.revision.sample_id,
        "review_number": review.id,
        "label": f"{ACTION_LABELS[Action(review.action)]}: sample {review.revision.sample_id:,}",
        "seconds": queries.UNDO_SECONDS,
    }
