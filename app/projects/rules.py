"""Roles and rights in a project. Pure."""

from collections.abc import Collection, Iterable, Mapping
from enum import StrEnum

from app.errors import NotAllowed


class Role(StrEnum):
    """What a person is in a project; several at once are allowed."""

    ANNOTATOR = "annotator"
    REVIEWER = "reviewer"
    LEAD = "lead"
    ENGINEER = "engineer"


class Right(StrEnum):
    """What a role allows. Rights on a single sample or document are decided where those live."""

    MANAGE = "manage"  # members, policy, instructions, clauses, guidelines; import, withdraw
    WRITE = "write"  # take writing work
    REVIEW = "review"  # take reviewing work
    READ_DOCUMENTS = "read_documents"  # all of the project's contracts
    READ_SAMPLES = "read_samples"  # what others submitted
    EXPORT = "export"  # approved pairs, exclusions, releases
    SEE_ACTIVITY = "see_activity"  # everybody's acts


RIGHTS: dict[Role, frozenset[Right]] = {
    Role.ANNOTATOR: frozenset({Right.WRITE}),
    Role.REVIEWER: frozenset({Right.REVIEW, Right.READ_DOCUMENTS, Right.READ_SAMPLES}),
    Role.LEAD: frozenset(
        {Right.MANAGE, Right.READ_DOCUMENTS, Right.READ_SAMPLES, Right.EXPORT, Right.SEE_ACTIVITY}
    ),
    Role.ENGINEER: frozenset({Right.EXPORT}),
}

_REFUSALS: dict[Right, str] = {
    Right.MANAGE: "Only a lead of this project may change it.",
    Right.WRITE: "Only an annotator of this project may take writing work.",
    Right.REVIEW: "Only a reviewer of this project may take reviewing work.",
    Right.READ_DOCUMENTS: "Only a lead or a reviewer of this project may read all of its documents.",
    Right.READ_SAMPLES: "Only a lead or a reviewer of this project may read what others submitted.",
    Right.EXPORT: "Only a lead or an engineer of this project may export.",
    Right.SEE_ACTIVITY: "Only a lead of this project may see everybody's activity.",
}


def rights_of(roles: Iterable[Role]) -> frozenset[Right]:
    """The sum of the roles' rights."""
    return frozenset().union(*(RIGHTS[role] for role in roles))


def require(roles: Iterable[Role], right: Right) -> None:
    """Raise NotAllowed, with a sentence, unless one of `roles` carries `right`."""
    if right not in rights_of(roles):
        raise NotAllowed(_REFUSALS[right])


def sees_all_activity(roles: Collection[Role]) -> bool:
    """Whether these roles see everybody's acts, or only their own; raises NotAllowed where they see none."""
    if Right.SEE_ACTIVITY in rights_of(roles):
        return True
    if not {Role.ANNOTATOR, Role.REVIEWER} & set(roles):
        raise NotAllowed("Only those who work in this project may see its activity.")
    return False


def in_order(roles: Collection[Role]) -> list[Role]:
    """The roles in the order in which they are always named."""
    return [role for role in Role if role in roles]


def staffing_gaps(staff: Mapping[Role, int], *, overlap: int, approvals: int) -> list[str]:
    """What the project's work will run into with these people, one sentence each, for its leads."""
    gaps = []
    annotators, reviewers = staff.get(Role.ANNOTATOR, 0), staff.get(Role.REVIEWER, 0)
    if annotators == 0:
        gaps.append("Nobody may write: no member is an annotator.")
    elif annotators < overlap:
        gaps.append(f"Each task is for {overlap} annotators, and the project has {annotators}.")
    if reviewers == 0:
        gaps.append("Nobody may review: no member is a reviewer.")
    elif reviewers < approvals:
        gaps.append(f"A sample needs {approvals} approvals, and the project has only {reviewers} reviewing.")
    return gaps
