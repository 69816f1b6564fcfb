"""The oracle's rights: who sees a sample, and who may do what to it from which status.

Written from the tables of the design ("The life of a sample", "Who may do what"), not from the code.
"""

from tests.life.state import DECISIONS, HANDED_IN, Refused, Sample, State

EDITABLE = {"draft", "changes_requested"}
DECIDED = {"approved", "rejected"}
# action: (from, who)
TABLE = {
    "submit": (EDITABLE, "annotator"),
    "recall": ({"submitted"}, "annotator"),
    "skip": (EDITABLE, "annotator"),
    "resume": ({"skipped"}, "annotator"),
    "release": (EDITABLE, "lead"),
    "approve": ({"submitted"}, "reviewer"),
    "request_changes": ({"submitted"}, "reviewer"),
    "reject": ({"submitted"}, "reviewer"),
    "undo": (DECIDED | {"changes_requested", "submitted"}, "reviewer"),
    "edit": ({"submitted"}, "editor"),
    "reopen": (DECIDED, "lead"),
}


def holds_undecided(state: State, who: str, doc: str) -> bool:
    """Whether the person holds or held a slot of the task, and their own sample of it is not decided."""
    own = state.samples.get(f"{doc}/{who}")
    return own is not None and own.status not in DECIDED


def sees(state: State, who: str, sample: Sample) -> bool:
    """Whether the sample exists for this person."""
    roles = state.roles(who, sample.project)
    if who == sample.annotator:
        return not roles <= {"engineer"}
    if holds_undecided(state, who, sample.doc):
        return False
    return "lead" in roles or ("reviewer" in roles and sample.status in HANDED_IN)


def is_writer(state: State, who: str, sample: Sample) -> bool:
    """Whether this person is the sample's annotator, and still an annotator."""
    return who == sample.annotator and "annotator" in state.roles(who, sample.project)


def is_fit(state: State, who: str, sample: Sample, part: str) -> bool:
    """Whether the person may play this part towards this sample."""
    roles = state.roles(who, sample.project)
    if part == "annotator":
        return is_writer(state, who, sample)
    if part == "lead":
        return "lead" in roles and not holds_undecided(state, who, sample.doc)
    held = f"{sample.doc}/{who}" in state.samples
    wrote = any(revision.author == who for revision in sample.revisions)
    return "reviewer" in roles and not held and (part == "editor" or not wrote)


def see(state: State, who: str, key: str) -> Sample:
    """The sample; refused as absent where it does not exist for this person."""
    sample = state.samples.get(key)
    if sample is None or not sees(state, who, sample):
        raise Refused("NotFound", "not_found")
    return sample


def judge(state: State, who: str, key: str, action: str) -> Sample:
    """The sample on which the action is allowed; the person comes before the state."""
    sample = see(state, who, key)
    sources, part = TABLE[action]
    if not is_fit(state, who, sample, part):
        raise Refused("NotAllowed", "not_allowed")
    if state.withdrawn(sample.doc) and action not in {"skip", "release"}:
        raise Refused("Conflict", "withdrawn")
    if sample.status not in sources:
        raise Refused("Conflict", "wrong_status")
    undoable = sample.undoable
    if (
        (action == "recall" and sample.began)
        or (action == "edit" and not state.projects[sample.project].reviewer_edits)
        or (action == "undo" and not (undoable and undoable.fresh and undoable.who == who))
    ):
        raise Refused("Conflict", f"{action}_refused")
    return sample


def offered(state: State, who: str, sample: Sample) -> set[str]:
    """The actions that a page about this sample draws for this person."""
    found = set()
    for action in TABLE:
        try:
            judge(state, who, sample.key, action)
        except Refused:
            continue
        found.add(action)
    return found


def needs_reason(action: str, reason: str) -> None:
    """Every act that sends work away says why."""
    if action != "approve" and not reason.strip():
        raise Refused("Invalid", "invalid")


def require(state: State, who: str, project: str, *roles: str) -> None:
    """Refused as absent for those who are no members, and as not allowed for those of other roles."""
    found = state.roles(who, project)
    if not found:
        raise Refused("NotFound", "not_found")
    if not found & set(roles):
        raise Refused("NotAllowed", "not_allowed")


def may_decide(state: State, who: str, sample: Sample) -> bool:
    """Whether a decision of this person would be taken, leases left aside."""
    return bool(offered(state, who, sample) & set(DECISIONS))
