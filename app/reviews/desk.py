"""What the pages with a contract beside a summary show: contexts with the names that the templates have."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy.orm import Session

from app.accounts.actors import Actor
from app.accounts.models import User
from app.checks.length import count_words
from app.documents.outline import outline, rendered_blocks
from app.documents.presenting import MEDIA_LABELS
from app.documents.queries import find_passages
from app.projects.phrasing import display
from app.projects.queries import find_guidelines
from app.reviews import evidence, presenting, queries
from app.reviews.diff import word_diff
from app.reviews.models import Review
from app.samples.evidence import Entry
from app.samples.models import Revision, Sample
from app.samples.queries import find_sent_back_import
from app.samples.workflow import Action
from app.web.markdown import render

ACTION_LABELS = {
    Action.APPROVE: "Approved",
    Action.REQUEST_CHANGES: "Changes requested",
    Action.REJECT: "Rejected",
}
VERB_LABELS = {
    "sample.start": "Started",
    "sample.import": "Imported",
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


def desk_context(session: Session, sample: Sample, actor: Actor) -> dict[str, Any]:
    """What every page with a contract beside a summary shows: names as the templates have them."""
    task, document = sample.task, sample.task.document
    project = document.project
    contract = evidence.contract_of(session, sample)
    text, blocks = contract.text, contract.blocks
    guidelines = find_guidelines(session, project.id)
    source = min(document.files, key=lambda file: file.position, default=None)
    return {
        "project": {"slug": project.slug, "name": project.name},
        "sample": {
            "revision_count": sample.revision_count,
            "id": sample.id,
            "status": sample.status,
            "annotator_name": sample.writer_name,
            "is_imported": sample.import_id is not None,
            "is_own": presenting.is_own(sample, actor),
            "due_on": task.due_on,
        },
        "document": {
            "id": document.id,
            "title": document.title,
            "client": document.client or "",
            "matter": document.matter or "",
            "page_count": task.text.page_count,
            "word_count": task.text.word_count,
            "media_label": MEDIA_LABELS.get(source.media_type, "a file") if source else "text",
            "page_url": f"/documents/{document.id}",
            "original_url": f"/documents/{document.id}/original" if source else "",
        },
        "contract": contract,
        "blocks": rendered_blocks(text, blocks),
        "outline": outline(text, blocks),
        "passages": _passages(session, sample, text),
        "instruction": {"key": task.instruction.key, "text": display(task.phrasing.text)},
        "policy": {"min_words": project.min_words, "max_words": project.max_words},
        "guidelines": {
            "version": guidelines.version if guidelines else 0,
            "html": render(guidelines.markdown, top_heading=3) if guidelines else "",
        },
        "lease_message": "",
        "errors": {},
        "actions": [str(action) for action in presenting.actions_for(session, sample, actor)],
        "decisions": [
            *(decision(review) for review in presenting.list_reviews(session, sample, actor)),
            *_sent_back_import(session, sample, actor),
        ],
    }


def revision_context(revision: Revision, against: Revision | None = None) -> dict[str, Any]:
    """A revision as the pages show it, with the word diff against an earlier one where that is wanted."""
    return {
        "revision": {
            "id": revision.id,
            "number": revision.number,
            "author_name": revision.author_name,
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


def _sent_back_import(session: Session, sample: Sample, actor: Actor) -> list[dict[str, object]]:
    """Why the imported text that the annotator began with was sent back."""
    if not presenting.is_own(sample, actor):
        return []
    imported = find_sent_back_import(session, sample.task_id)
    if imported is None:
        return []
    event = presenting.last_event(session, imported.sample_id)
    return [
        {
            "action_label": "The imported text that this began with was sent back",
            "reviewer_name": event.actor_name,
            "at": event.at,
            "reason": event.comment,
            "revision_number": None,
        }
    ]


def _passages(session: Session, sample: Sample, text: str) -> dict[str, list[dict[str, Any]]]:
    """For each clause's key the places that were found, the best first and one for each block.

    The first may be unlikely: then it is the best that the contract has, and the only one.
    """
    found = find_passages(session, sample.task.text_id)
    places: dict[str, dict[str, dict[str, Any]]] = {}
    for clause in sample.task.document.project.clauses:
        places[clause.key] = {}
        for passage in found.get(clause.id, []):
            place = {
                "anchor": passage.anchor,
                "number": passage.number,
                "words": text[passage.start : passage.end],
                "is_likely": passage.is_likely,
                "why": ", ".join(passage.reasons),
            }
            places[clause.key].setdefault(passage.anchor, place)
    return {key: list(by_block.values()) for key, by_block in places.items()}


def clause_states(
    sample: Sample,
    states: dict[str, str],
    passages: dict[str, list[dict[str, Any]]],
    entries: Sequence[Entry] = (),
) -> list[dict[str, object]]:
    """The project's clauses in their order: their state ("" where undecided), evidence and places.

    `passages` are the likely places; `best` is the best of all, likely or not, or None.
    """
    marked = evidence.numbers_of_clauses(entries)
    return [
        {
            "key": clause.key,
            "name": clause.name,
            "required": clause.required,
            "state": states.get(clause.key, ""),
            "evidence": marked.get(clause.key, []),
            "passages": [place for place in passages[clause.key] if place["is_likely"]],
            "best": next(iter(passages[clause.key]), None),
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
