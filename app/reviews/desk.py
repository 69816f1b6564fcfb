"""What the pages with a contract beside a summary show: contexts with the names that the templates have."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from sqlalchemy.orm import Session

from app.accounts.actors import Actor
from app.accounts.models import User
from app.checks.length import count_words
from app.documents.outline import outline, rendered_blocks
from app.documents.passages import Passage
from app.documents.presenting import MEDIA_LABELS
from app.documents.queries import find_passages, get_contract
from app.projects.phrasing import display
from app.projects.queries import find_guidelines
from app.rechecks.models import Recheck
from app.reviews import presenting, queries
from app.reviews.diff import word_diff
from app.reviews.evidence import evidence_context, numbers_of_clauses
from app.reviews.findings import findings_context
from app.reviews.models import Review
from app.samples.content import Content
from app.samples.models import Revision, Sample
from app.samples.queries import find_sent_back_import
from app.samples.revisions import revision_content
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


def desk_context(
    session: Session,
    sample: Sample,
    actor: Actor,
    content: Content,
    *,
    findings: Sequence[Mapping[str, Any]] = (),
    reasons: Mapping[str, str] = MappingProxyType({}),
    unexplained: Sequence[str] = (),
    facts: Mapping[str, int] | None = None,
    can_mark: bool = False,
) -> dict[str, Any]:
    """What every page with a contract beside a summary, which is `content`, shows.

    Names are as the templates have them. `findings`, `reasons`, `unexplained` and `facts` are as
    `findings_context` takes them; `can_mark` where the summary's writer may mark evidence.
    """
    task, document = sample.task, sample.task.document
    project = document.project
    text, blocks = get_contract(session, task.text_id)
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
        "blocks": rendered_blocks(text, blocks),
        "outline": outline(text, blocks),
        "clauses": _clauses(session, sample, text, content),
        **evidence_context(sample, text, blocks, content, findings=findings, can_mark=can_mark),
        **findings_context(findings, reasons, blocks=blocks, unexplained=unexplained, facts=facts),
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


def revision_context(
    session: Session,
    sample: Sample,
    actor: Actor,
    revision: Revision,
    against: Revision | None = None,
    recheck: Recheck | None = None,
) -> dict[str, Any]:
    """A revision beside its contract, with the word diff against an earlier one where that is wanted.

    Its findings are those of a later check, where there is one; a reason stays with what it was given for.
    """
    found = recheck or revision
    shared = desk_context(
        session,
        sample,
        actor,
        revision_content(revision),
        findings=found.findings,
        reasons=revision.reasons,
        facts=found.checked.get("facts"),
    )
    return shared | {
        "revision": {
            "id": revision.id,
            "number": revision.number,
            "author_name": revision.author_name,
            "output": revision.output,
            "submitted_at": revision.submitted_at,
        },
        "against": {"number": against.number} if against else None,
        "diff": word_diff(against.output, revision.output) if against else None,
        "checked_again_at": recheck.checked_at if recheck else None,
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


def _clauses(session: Session, sample: Sample, text: str, content: Content) -> list[dict[str, Any]]:
    """The project's clauses in their order: their state ("" where undecided), evidence and places.

    `passages` are the likely places; `best` is the best of all, likely or not, or None.
    """
    found = find_passages(session, sample.task.text_id)
    marked = numbers_of_clauses(content.evidence)
    clauses = []
    for position, clause in enumerate(sample.task.document.project.clauses, start=1):
        places = _places(found.get(clause.id, []), text)
        clauses.append(
            {
                "key": clause.key,
                "name": clause.name,
                "required": clause.required,
                "state": content.clauses.get(clause.key, ""),
                "evidence": marked.get(clause.key, []),
                "passages": [place for place in places if place["is_likely"]],
                "best": places[0] if places else None,
                "position": position,
            }
        )
    return clauses


def _places(passages: Sequence[Passage], text: str) -> list[dict[str, Any]]:
    """The first passage of each block, the best first. The very first may be unlikely, and is then alone."""
    by_block: dict[int, dict[str, Any]] = {}
    for passage in passages:
        place = {
            "anchor": passage.anchor,
            "number": passage.number,
            "words": text[passage.start : passage.end],
            "is_likely": passage.is_likely,
            "why": ", ".join(passage.reasons),
        }
        by_block.setdefault(passage.block, place)
    return list(by_block.values())


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
