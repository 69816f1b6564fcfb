"""What the pages with a contract beside a summary show: contexts with the names that the templates have."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from sqlalchemy.orm import Session

from app.accounts.actors import Actor
from app.accounts.models import User
from app.checks.length import count_words
from app.documents.extraction import Block
from app.documents.outline import outline, rendered_blocks
from app.documents.passages import Cues, likely_passages
from app.documents.presenting import MEDIA_LABELS
from app.projects import library
from app.projects.models import Clause
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
        "passages": _passages(_Contract(task.text_id, text, blocks), tuple(map(_findable, project.clauses))),
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


@dataclass(frozen=True, slots=True)
class _Contract:
    """A text with its blocks, which belong to it for good: it is the same where its id and its words are."""

    text_id: int
    text: str
    blocks: Sequence[Block] = field(compare=False)


@dataclass(frozen=True, slots=True)
class _Findable:
    """What of a clause decides where it is found."""

    key: str
    headings: tuple[str, ...]
    phrases: tuple[str, ...]


def _findable(clause: Clause) -> _Findable:
    return _Findable(clause.key, tuple(clause.heading_cues), tuple(clause.phrase_cues))


@lru_cache(maxsize=32)  # a contract is opened again and again; a long one takes a tenth of a second
def _passages(contract: _Contract, clauses: tuple[_Findable, ...]) -> dict[str, list[dict[str, str]]]:
    """For each clause's key where the contract probably speaks of it and why, the likeliest block first."""
    ranked = likely_passages(contract.text, contract.blocks, [_cues(clause) for clause in clauses])
    found: dict[str, dict[str, dict[str, str]]] = {clause.key: {} for clause in clauses}
    for places, passages in zip(found.values(), ranked, strict=True):
        for passage in passages:
            place = {"anchor": passage.anchor, "number": passage.number, "why": ", ".join(passage.reasons)}
            places.setdefault(passage.anchor, place)
    return {key: list(places.values()) for key, places in found.items()}


def _cues(clause: _Findable) -> Cues:
    learned = library.weights().get(clause.key)
    if learned is None:
        return Cues(clause.headings, clause.phrases)
    return Cues(clause.headings, clause.phrases, learned.heading, learned.phrases, learned.signs)


def clause_states(
    sample: Sample,
    states: dict[str, str],
    passages: dict[str, list[dict[str, str]]],
    entries: Sequence[Entry] = (),
) -> list[dict[str, object]]:
    """The project's clauses in their order: their state ("" where undecided), evidence and likely places."""
    marked = evidence.numbers_of_clauses(entries)
    return [
        {
            "key": clause.key,
            "name": clause.name,
            "required": clause.required,
            "state": states.get(clause.key, ""),
            "evidence": marked.get(clause.key, []),
            "passages": passages[clause.key],
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
