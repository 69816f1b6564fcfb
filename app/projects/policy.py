"""A project's policy: how long a summary is, how many write and approve it, what findings weigh. Pure."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import TypedDict

from app.checks.findings import Severity
from app.checks.registry import KINDS, OFF
from app.errors import Invalid


class PolicyChange(TypedDict, total=False):
    """Some of a policy's values."""

    min_words: int
    max_words: int
    overlap: int
    approvals: int
    reviewer_edits: bool
    lease_minutes: int
    date_order: str
    severities: Mapping[str, str]  # as a whole


@dataclass(frozen=True, slots=True)
class Policy:
    """The rules of a project's work. The table states the same bounds."""

    min_words: int = 60
    max_words: int = 160
    overlap: int = 1  # how many annotators write each task
    approvals: int = 1  # how many reviewers must approve one revision
    reviewer_edits: bool = True  # whether a reviewer may edit what was submitted
    lease_minutes: int = 60  # how long a task is kept for a writer who saves nothing
    date_order: str = "mdy"  # how 5/1/24 is read
    severities: Mapping[str, str] = field(default_factory=dict)  # of findings, by kind: where not the default


_BOUNDS = {
    "min_words": (0, 5_000, "The lower bound is between 0 and 5,000 words."),
    "max_words": (1, 5_000, "The upper bound is between 1 and 5,000 words."),
    "overlap": (1, 10, "A task is written by 1 to 10 annotators."),
    "approvals": (1, 5, "A sample needs 1 to 5 approvals."),
    "lease_minutes": (1, 1_440, "A lease lasts between 1 and 1,440 minutes."),
}


def change(policy: Policy, values: PolicyChange) -> Policy:
    """The policy with `values` in it; raises Invalid, with a sentence for each field that is wrong."""
    changed = replace(policy, **values)
    if "severities" in values:
        changed = replace(changed, severities=without_defaults(values["severities"]))
    found = asdict(changed)
    fields = {
        name: sentence
        for name, (lowest, highest, sentence) in _BOUNDS.items()
        if not lowest <= found[name] <= highest
    }
    if not fields and changed.min_words > changed.max_words:
        fields["min_words"] = "The lower bound is above the upper bound."
    if changed.date_order not in ("mdy", "dmy"):
        fields["date_order"] = "Dates are read month-day-year (mdy) or day-month-year (dmy)."
    if fields:
        raise Invalid("The policy does not hold together.", fields=fields)
    return changed


def without_defaults(severities: Mapping[str, str]) -> dict[str, str]:
    """What a project says of findings' severities, without what holds anyway.

    Raises Invalid for a kind or a severity that there is not, and for a kind that is the same everywhere.
    """
    for name, severity in severities.items():
        kind, problem = KINDS.get(name), ""
        if kind is None:
            problem = f"The checks have no kind of findings “{name:.63}”."
        elif severity not in (*Severity, OFF):
            problem = f"A finding is an error, a warning, a note or off: “{severity:.20}” is none of these."
        elif kind.is_fixed and severity != kind.severity:
            problem = f"“{kind.title}” is always of severity “{kind.severity}”."
        if problem:
            raise Invalid(problem, fields={"severities": problem})
    return {name: severity for name, severity in severities.items() if severity != KINDS[name].severity}
