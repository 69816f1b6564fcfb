"""Releasing and reopening many samples at once, by the rules and with the events of a single one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from app.accounts.actors import Actor
from app.errors import AppError
from app.projects.queries import roles_in
from app.samples.facts import sample_facts
from app.samples.models import Sample
from app.samples.moves import move
from app.samples.queries import list_with_facts
from app.samples.submission import has_place
from app.samples.workflow import Action, ActorFacts, Status, decide
from app.tasks import leases
from app.tasks.queries import count_taken_of

TAKEN = "Others hold every place of its task now."


@dataclass(frozen=True, slots=True)
class Judged:
    """One sample that was named: the status that it would get, or why it stays as it is."""

    sample: Sample
    status: Status | None
    refusal: str = ""


def judge(
    session: Session,
    *,
    project_id: int,
    sample_ids: Sequence[int],
    action: Action,
    actor: Actor,
) -> list[Judged]:
    """What would become of each of these samples; those that do not exist for the actor are left out."""
    rows = list_with_facts(session, project_id, sample_ids, actor)
    roles = roles_in(session, project_id, actor)
    free = set()
    if action is Action.REOPEN:
        rows_without = [sample for sample, _ in rows if not _has_its_place(sample)]
        taken = count_taken_of(session, [sample.task_id for sample in rows_without])
        free = {
            sample.id
            for sample in rows_without
            if taken.get(sample.task_id, 0) < sample.task.document.project.overlap
        }
    judged = []
    for sample, is_undecided in rows:
        facts = ActorFacts(user_id=actor.id, roles=roles, own_sample_undecided=is_undecided)
        try:
            status = decide(action, facts, sample_facts(sample))
        except AppError as refusal:
            judged.append(Judged(sample, None, refusal.message))
            continue
        has_room = action is not Action.REOPEN or _has_its_place(sample) or sample.id in free
        judged.append(Judged(sample, status) if has_room else Judged(sample, None, TAKEN))
    return judged


def _has_its_place(sample: Sample) -> bool:
    """Whether a sample can be reopened without taking a place: it has its own, or, imported, needs none."""
    return sample.slot is None or sample.slot.state == "held"


def act(
    session: Session,
    judged: Sequence[Judged],
    *,
    action: Action,
    reason: str,
    actor: Actor,
    at: datetime,
    details: Mapping[str, object],
) -> dict[int, str]:
    """Release or reopen these, which are locked and may be; those that could not be after all, and why."""
    freed, refused = [], {}
    for each in judged:
        if each.status is None:
            refused[each.sample.id] = each.refusal
            continue
        if action is Action.REOPEN and each.sample.slot and not has_place(session, each.sample):
            refused[each.sample.id] = TAKEN
            continue
        move(
            session,
            each.sample,
            action,
            each.status,
            actor=actor,
            at=at,
            reason=reason,
            details=details,
            flush=False,
        )
        if each.sample.slot_id is not None:
            freed.append(each.sample.slot_id)
    session.flush()
    if action is Action.RELEASE:
        leases.give_back(session, *freed)
    return refused
