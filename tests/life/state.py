"""What the oracle knows: people, projects, samples and their words. Plain Python, no code of ours."""

from collections import Counter
from copy import deepcopy
from dataclasses import dataclass, field
from typing import NamedTuple

CLAUSES: dict[str, dict[str, str]] = {
    "undecided": {},
    "covered": {"term": "covered", "governing_law": "covered"},
    "law absent": {"term": "covered", "governing_law": "absent"},
}
HANDED_IN = {"submitted", "changes_requested", "approved", "rejected"}
DECISIONS = ("approve", "request_changes", "reject")


class Content(NamedTuple):
    """A summary and what it says of the clauses, by the name of the whole set."""

    text: str
    clauses: str


EMPTY = Content("", "undecided")


@dataclass(frozen=True, slots=True, repr=False)
class Act:
    """One act, with everything that the person sends."""

    verb: str
    who: str
    on: str  # a sample (A1/ann), a document (A1) or a project (A)
    number: int = 0  # what the page was based on: a draft's, revision's, guidelines' or review's number
    editor: str = ""
    content: Content = EMPTY
    reason: str = "Because."
    values: tuple[tuple[str, int], ...] = ()
    person: str = ""
    roles: tuple[str, ...] = ()

    def __repr__(self) -> str:
        names = ("number", "editor", "content", "reason", "values", "person", "roles")
        sent = {name: getattr(self, name) for name in names}
        usual = (0, "", EMPTY, "Because.", ())
        said = ", ".join(f"{name}={value!r}" for name, value in sent.items() if value not in usual)
        return f"{self.who} {self.verb} {self.on} ({said})"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an act came to: "ok", or the family and code of the refusal; and what it gave."""

    said: str
    gave: object = None


class Refused(Exception):
    """The oracle's refusal; nothing changes."""

    def __init__(self, family: str, code: str) -> None:
        super().__init__(f"{family} {code}")


@dataclass
class Review:
    """A decision; `fresh` until the seconds for undoing it have passed."""

    who: str
    action: str
    fresh: bool = True
    undone: bool = False


@dataclass
class Revision:
    """What was submitted, and who looks at it: reviewer → minutes of a lease that is live."""

    author: str
    content: Content
    draft_number: int
    guidelines: int
    policy: int
    leases: dict[str, int] = field(default_factory=dict)
    reviews: list[Review] = field(default_factory=list)

    @property
    def standing(self) -> list[Review]:
        return [review for review in self.reviews if not review.undone]


@dataclass
class Sample:
    """One person's work on one document."""

    doc: str
    annotator: str
    status: str = "draft"
    place: str | int | None = None  # "held", the minutes of a live writing lease, or none that counts
    draft: Content = EMPTY
    number: int = 0
    author: str = ""
    # Which pages had the words of each number acknowledged; "" is nobody's page, and never the same twice.
    written: dict[int, set[str]] = field(default_factory=dict)
    kept: Counter[tuple[str, Content, int | None]] = field(default_factory=Counter)
    revisions: list[Revision] = field(default_factory=list)
    began: bool = False  # a review lease was ever granted on the current revision
    events: list[tuple[str, str]] = field(default_factory=list)
    undoable: Review | None = None
    submitted: int = 0  # the order of submissions

    @property
    def key(self) -> str:
        return f"{self.doc}/{self.annotator}"

    @property
    def project(self) -> str:
        return self.doc[0]

    def note(self, verb: str, who: str) -> None:
        self.events.append((verb, who))
        self.undoable = None


@dataclass
class Project:
    """The policy, who is what, and what everybody did to the project itself."""

    roles: dict[str, frozenset[str]]
    overlap: int = 1
    approvals: int = 1
    reviewer_edits: int = 1
    lease_minutes: int = 60
    policy: int = 1
    guidelines: int = 1
    attested: set[tuple[str, int]] = field(default_factory=set)
    documents: dict[str, bool] = field(default_factory=dict)  # → whether it is withdrawn
    events: Counter[tuple[str, str]] = field(default_factory=Counter)


@dataclass
class State:
    """Everything at one moment."""

    projects: dict[str, Project]
    samples: dict[str, Sample] = field(default_factory=dict)
    disabled: set[str] = field(default_factory=set)
    site_events: Counter[tuple[str, str]] = field(default_factory=Counter)
    submissions: int = 0

    def copy(self) -> "State":
        return deepcopy(self)

    def roles(self, who: str, project: str) -> frozenset[str]:
        return self.projects[project].roles.get(who, frozenset())

    def people(self) -> list[str]:
        return sorted({who for project in self.projects.values() for who in project.roles})

    def of_task(self, doc: str) -> list[Sample]:
        return [sample for sample in self.samples.values() if sample.doc == doc]

    def withdrawn(self, doc: str) -> bool:
        return self.projects[doc[0]].documents[doc]

    def has_room(self, doc: str, who: str) -> bool:
        """Whether the others leave a place of the task."""
        others = [s for s in self.of_task(doc) if s.annotator != who and s.place is not None]
        return len(others) < self.projects[doc[0]].overlap

    def write_on(self, sample: Sample) -> None:
        """Lease the sample's place; a person writes on one task of a project at a time."""
        for other in self.samples.values():
            if other.annotator == sample.annotator and other.project == sample.project:
                other.place = other.place if other.place == "held" else None
        sample.place = self.projects[sample.project].lease_minutes


def everything(state: State) -> dict[str, object]:
    """The state in the form that the database is read in, to be compared."""
    found: dict[str, object] = {"disabled": state.disabled, "site": dict(state.site_events)}
    for name, project in state.projects.items():
        found[name] = {
            "policy": (
                project.overlap,
                project.approvals,
                project.reviewer_edits,
                project.lease_minutes,
                project.policy,
            ),
            "guidelines": project.guidelines,
            "attested": project.attested,
            "roles": {who: roles for who, roles in project.roles.items() if roles},
            "documents": project.documents,
            "events": dict(project.events),
        }
    for sample in state.samples.values():
        found[sample.key] = {
            "status": sample.status,
            "place": sample.place,
            "draft": (sample.number, sample.draft, sample.author),
            "kept": dict(sample.kept),
            "revisions": [
                (each.author, each.content, each.draft_number, each.guidelines, each.policy)
                for each in sample.revisions
            ],
            "leases": [each.leases for each in sample.revisions],
            "reviews": [[(r.who, r.action, r.undone) for r in each.reviews] for each in sample.revisions],
            "began": sample.began,
            "events": sample.events,
        }
    return found
