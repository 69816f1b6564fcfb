"""The life of a sample: who may move it from where to where. Pure; nothing else compares statuses.

What is drawn and what is enforced come from the same table.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from app.errors import Conflict, NotAllowed
from app.projects.rules import Role


class Status(StrEnum):
    """Where a sample stands."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    CHANGES_REQUESTED = "changes_requested"
    APPROVED = "approved"
    REJECTED = "rejected"
    SKIPPED = "skipped"


class Action(StrEnum):
    """What a person can do to a sample."""

    SUBMIT = "submit"
    RECALL = "recall"
    SKIP = "skip"
    RESUME = "resume"
    RELEASE = "release"
    APPROVE = "approve"
    REQUEST_CHANGES = "request_changes"
    REJECT = "reject"
    UNDO = "undo"
    EDIT = "edit"
    REOPEN = "reopen"


EDITABLE = frozenset({Status.DRAFT, Status.CHANGES_REQUESTED})  # by their annotator
DECIDED = frozenset({Status.APPROVED, Status.REJECTED})


@dataclass(frozen=True, slots=True)
class ActorFacts:
    """All that the rules need to know about the person."""

    user_id: int | None  # None: the system
    roles: frozenset[Role]
    held_slot: bool = False  # holds or ever held a slot on the sample's task
    own_sample_undecided: bool = False  # … and their own sample of that task is not decided yet
    wrote_part: bool = False  # is the author of one of the sample's revisions


@dataclass(frozen=True, slots=True)
class SampleFacts:
    """All that the rules need to know about the sample."""

    status: Status
    annotator_id: int | None  # None: an imported pair
    importer_id: int | None = None
    withdrawn: bool = False  # its document was withdrawn
    review_began: bool = False  # a review lease was ever granted on the current revision
    approvals_given: int = 0
    approvals_needed: int = 1
    reviewer_edits: bool = True
    undoable_by: int | None = None  # the reviewer who decided last, within the time for undo


Rule = Callable[[ActorFacts, SampleFacts], bool]


def _is_annotator(actor: ActorFacts, sample: SampleFacts) -> bool:
    return (
        actor.user_id is not None and actor.user_id == sample.annotator_id and Role.ANNOTATOR in actor.roles
    )


def _is_lead(actor: ActorFacts, _sample: SampleFacts) -> bool:
    return Role.LEAD in actor.roles and not actor.own_sample_undecided


def _is_impartial_reviewer(actor: ActorFacts, sample: SampleFacts) -> bool:
    return (
        Role.REVIEWER in actor.roles
        and actor.user_id not in (sample.annotator_id, sample.importer_id)
        and not actor.held_slot
        and not actor.wrote_part
    )


def _always(_actor: ActorFacts, _sample: SampleFacts) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Transition:
    """One row of the table: from where, to where, who, and under which further condition."""

    sources: frozenset[Status]
    target: Status
    allows: Rule
    stranger: str  # the refusal where the person may not
    condition: Rule = _always
    unmet: str = ""  # the refusal where the person may and the condition does not hold


_NOT_ANNOTATOR = "Only the annotator of this sample may do this, while they are one of the project."
_NOT_LEAD = "Only a lead who has no unfinished sample of the same task may do this."
_NOT_REVIEWER = "Only a reviewer who did not write or import it and never held its task may decide on it."

TRANSITIONS: dict[Action, Transition] = {
    Action.SUBMIT: Transition(EDITABLE, Status.SUBMITTED, _is_annotator, _NOT_ANNOTATOR),
    Action.RECALL: Transition(
        frozenset({Status.SUBMITTED}),
        Status.DRAFT,
        _is_annotator,
        _NOT_ANNOTATOR,
        condition=lambda _actor, sample: not sample.review_began,
        unmet="A reviewer has already opened this submission: wait for the decision.",
    ),
    Action.SKIP: Transition(EDITABLE, Status.SKIPPED, _is_annotator, _NOT_ANNOTATOR),
    Action.RESUME: Transition(frozenset({Status.SKIPPED}), Status.DRAFT, _is_annotator, _NOT_ANNOTATOR),
    Action.RELEASE: Transition(EDITABLE, Status.SKIPPED, _is_lead, _NOT_LEAD),
    Action.APPROVE: Transition(
        frozenset({Status.SUBMITTED}), Status.APPROVED, _is_impartial_reviewer, _NOT_REVIEWER
    ),
    Action.REQUEST_CHANGES: Transition(
        frozenset({Status.SUBMITTED}), Status.CHANGES_REQUESTED, _is_impartial_reviewer, _NOT_REVIEWER
    ),
    Action.REJECT: Transition(
        frozenset({Status.SUBMITTED}), Status.REJECTED, _is_impartial_reviewer, _NOT_REVIEWER
    ),
    Action.UNDO: Transition(
        # From `submitted` too: one approval of several leaves the sample where it was.
        DECIDED | {Status.CHANGES_REQUESTED, Status.SUBMITTED},
        Status.SUBMITTED,
        _is_impartial_reviewer,
        _NOT_REVIEWER,
        condition=lambda actor, sample: actor.user_id is not None and sample.undoable_by == actor.user_id,
        unmet="This decision can no longer be undone: ten seconds have passed, or somebody has acted since.",
    ),
    Action.EDIT: Transition(
        frozenset({Status.SUBMITTED}),
        Status.SUBMITTED,
        # Who edited once may edit again; they only never decide on it.
        lambda actor, sample: (
            Role.REVIEWER in actor.roles and actor.user_id != sample.annotator_id and not actor.held_slot
        ),
        "Only a reviewer who never held its task may edit this sample.",
        condition=lambda _actor, sample: sample.reviewer_edits,
        unmet="This project's policy does not let reviewers edit: request changes instead.",
    ),
    Action.REOPEN: Transition(DECIDED, Status.CHANGES_REQUESTED, _is_lead, _NOT_LEAD),
}

STATUS_WORDS: dict[Status, str] = {
    Status.DRAFT: "a draft",
    Status.SUBMITTED: "waiting for review",
    Status.CHANGES_REQUESTED: "sent back for changes",
    Status.APPROVED: "approved",
    Status.REJECTED: "rejected",
    Status.SKIPPED: "skipped",
}

# A withdrawn document stops all work on it; what was approved stays approved, and is not exported.
_STOPPED_BY_WITHDRAWAL = frozenset(Action) - {Action.SKIP, Action.RELEASE}


def decide(action: Action, actor: ActorFacts, sample: SampleFacts) -> Status:
    """The status that `action` leads to.

    Raises NotAllowed where the person may not (judged first, so that a stranger learns nothing about the
    status), Conflict where the sample is not in a state for it.
    """
    transition = TRANSITIONS[action]
    if not transition.allows(actor, sample):
        raise NotAllowed(transition.stranger)
    if sample.withdrawn and action in _STOPPED_BY_WITHDRAWAL:
        raise Conflict("The contract of this sample has been withdrawn by a lead.", code="withdrawn")
    if sample.status not in transition.sources:
        raise Conflict(f"This sample is {STATUS_WORDS[sample.status]} now.", code="wrong_status")
    if not transition.condition(actor, sample):
        raise Conflict(transition.unmet, code=f"{action}_refused")
    if action is Action.APPROVE and sample.approvals_given + 1 < sample.approvals_needed:
        return Status.SUBMITTED
    return transition.target


def available_actions(actor: ActorFacts, sample: SampleFacts) -> list[Action]:
    """The actions that `decide` would not refuse: the buttons to draw."""
    allowed = []
    for action in TRANSITIONS:
        try:
            decide(action, actor, sample)
        except (NotAllowed, Conflict):
            continue
        allowed.append(action)
    return allowed


def require_writer(actor: ActorFacts, sample: SampleFacts) -> None:
    """Raise NotAllowed unless the person is the sample's annotator, and still an annotator of the project."""
    if not _is_annotator(actor, sample):
        raise NotAllowed(_NOT_ANNOTATOR)


def may_edit(actor: ActorFacts, sample: SampleFacts) -> bool:
    """Whether the person may change the draft now."""
    return _is_annotator(actor, sample) and sample.status in EDITABLE
