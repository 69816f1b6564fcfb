"""Who stands around the tried project, and what each of them is to it and to its samples."""

from app.projects.rules import Role

ANNOTATOR, REVIEWER, LEAD, ENGINEER = Role.ANNOTATOR, Role.REVIEWER, Role.LEAD, Role.ENGINEER

# The roles that each person has in the project now.
ROLES: dict[str, frozenset[Role]] = {
    "lead": frozenset({LEAD}),
    "admin lead": frozenset({LEAD}),  # an administrator who is a member has a member's rights
    "writing lead": frozenset({LEAD, ANNOTATOR}),  # their own sample of each task is undecided
    "decided lead": frozenset({LEAD, ANNOTATOR}),  # … is decided
    "reviewer": frozenset({REVIEWER}),
    "editor": frozenset({REVIEWER}),  # wrote the last revision of the sample "edited"
    "writing reviewer": frozenset({REVIEWER, ANNOTATOR}),  # own sample of each task undecided
    "former writer": frozenset({REVIEWER}),  # once skipped each task as an annotator
    "decided reviewer": frozenset({REVIEWER}),  # once wrote a sample of each task, which was decided
    "owner": frozenset({ANNOTATOR}),  # of the samples that everybody is tried on
    "rival": frozenset({ANNOTATOR}),  # holds a slot of each of their tasks
    "colleague": frozenset({ANNOTATOR}),  # holds none of them
    "engineer": frozenset({ENGINEER}),
    "writing engineer": frozenset({ENGINEER, ANNOTATOR}),  # own sample of each task undecided
    "turned engineer": frozenset({ENGINEER}),  # once held each task as an annotator
    "admin": frozenset(),
    "ex-member": frozenset(),  # was lead and annotator, and once held each task
    "stranger": frozenset(),  # leads another project
    "anonymous": frozenset(),
    "disabled": frozenset({LEAD}),  # still a lead, and kept out
}
EVERYBODY = frozenset(ROLES)
NOBODY: frozenset[str] = frozenset()
OUT = frozenset({"anonymous", "disabled"})  # are told to sign in, whatever they ask for
ADMINS = frozenset({"admin", "admin lead"})
SIGNED_IN = EVERYBODY - OUT


def having(*roles: Role) -> frozenset[str]:
    """Those who have one of the roles in the project and may sign in."""
    return frozenset(name for name, held in ROLES.items() if held & set(roles)) - OUT


LEADS, REVIEWERS = having(LEAD), having(REVIEWER)
ANNOTATORS, ENGINEERS = having(ANNOTATOR), having(ENGINEER)
MEMBERS = LEADS | REVIEWERS | ANNOTATORS | ENGINEERS
OWNER = frozenset({"owner"})

# Undecided samples of the same task, by who wrote them; a slot alone; a decided sample.
WRITING = ("rival", "writing lead", "writing reviewer", "writing engineer")
SKIPPED = ("former writer", "turned engineer", "ex-member")
DECIDED = ("decided lead", "decided reviewer")
HOLDERS = frozenset({"owner", *WRITING, *SKIPPED, *DECIDED})

# Whoever holds or held a slot of the task has a writer's rights there until their own sample is decided.
_LOOKING = frozenset({"owner", "lead", "admin lead", "decided lead"})
_REVIEWING = _LOOKING | {"reviewer", "editor", "decided reviewer"}
SEEN_BY: dict[str, frozenset[str]] = {
    "draft": _LOOKING,
    "skipped": _LOOKING,
    "submitted": _REVIEWING,
    "edited": _REVIEWING,  # submitted, and then worded anew by the editor
    "changes_requested": _REVIEWING,
    "approved": _REVIEWING,
    "rejected": _REVIEWING,
    "withdrawn": _REVIEWING,  # submitted, and then its contract was withdrawn
}

# The places in which the others of HOLDERS had a slot of the task beside the owner.
CROWDED = ("draft", "submitted", "approved")

# Each case costs a request. Of those to whom a row means the same, one is asked; and about the places
# of a sample that can make a difference to them.
PLAIN = ("lead", "admin lead", "writing lead", "reviewer", "writing reviewer", "owner", "colleague",
         "engineer", "writing engineer", "admin", "ex-member", "stranger", "anonymous",
         "disabled")  # fmt: skip
PRINCIPALS = ("owner", "lead", "reviewer")  # are asked of each kind of place
_PLACES = {"writing lead": ("draft", "approved"), "rival": ("draft", "approved"), "editor": ("edited",)}


def places_for(name: str, when: tuple[str, ...]) -> tuple[str, ...]:
    """The places of a sample about which this person asks; in those of `when` somebody may act."""
    if name not in PRINCIPALS:
        return _PLACES.get(name, ("submitted",))
    elsewhere = [place for place in SEEN_BY if place not in when]
    return (*when[:2], *elsewhere[:2]) if when and elsewhere else ("draft", "submitted", "withdrawn")
