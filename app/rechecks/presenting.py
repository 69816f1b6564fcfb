"""What the checks find in a project, as the JSON API and the command line give it."""

from typing import Literal, get_args

from pydantic import BaseModel
from sqlalchemy.orm import Session

from app.accounts.actors import Actor
from app.checks.findings import Severity
from app.checks.registry import CHECKS, VERSIONS
from app.clock import JsonTime
from app.projects.models import Project
from app.rechecks import queries
from app.rechecks.models import CheckRun
from app.rechecks.queries import Counts, ListedFinding, State

TITLES = {check.name: "; ".join(kind.title for kind in check.kinds).capitalize() for check in CHECKS}


class RunView(BaseModel):
    """The checks run again over a project, and how far they are."""

    id: int
    status: Literal["running", "done"]
    begun_at: JsonTime
    finished_at: JsonTime | None
    total: int
    done: int
    failed: int  # at which a check broke: the server's log says where


class CheckView(BaseModel):
    """A check, and what it found in the newest revisions."""

    check: str
    title: str
    version: int | None  # None: there is no such check any more
    samples: int
    errors: int
    warnings: int
    notes: int
    kept: int
    open: int
    new: int


class CheckReport(BaseModel):
    """What the checks find in all that was handed in to a project and not taken back."""

    project: str
    samples: int
    outdated: int
    open: int
    new: int
    checks: list[CheckView]
    run: RunView | None


class FoundView(BaseModel):
    """A finding of a sample's newest revision."""

    sample_id: int
    status: str
    document: str
    revision: int
    author: str | None
    submitted_at: JsonTime
    key: str
    check: str
    severity: Severity
    message: str
    reason: str


def run_view(run: CheckRun) -> RunView:
    """A run as the API gives it."""
    return RunView(
        id=run.id,
        status="done" if run.finished_at else "running",
        begun_at=run.begun_at,
        finished_at=run.finished_at,
        total=max(run.total, run.done),  # some were handed in since it began
        done=run.done,
        failed=run.failed,
    )


def check_report(session: Session, project: Project, actor: Actor) -> CheckReport:
    """The findings by check, as far as they exist for the actor, and where the latest run is."""
    totals = queries.count_samples(session, project, actor)
    counts = queries.count_findings(session, project.id, actor)
    run = queries.find_run(session, project.id)
    return CheckReport(
        project=project.slug,
        samples=totals.samples,
        outdated=totals.outdated,
        open=sum(each.open for each in counts),
        new=sum(each.new for each in counts),
        checks=[_check_view(each) for each in counts],
        run=run_view(run) if run else None,
    )


def _check_view(counts: Counts) -> CheckView:
    return CheckView(
        check=counts.check,
        title=TITLES.get(counts.check, "A check of an earlier version"),
        version=VERSIONS.get(counts.check),
        samples=counts.samples,
        errors=counts.errors,
        warnings=counts.warnings,
        notes=counts.notes,
        kept=counts.kept,
        open=counts.open,
        new=counts.new,
    )


def count_by_state(report: CheckReport, check: str) -> dict[State, int]:
    """How many findings of a check, or of all where none is named, each list has."""
    chosen = [each for each in report.checks if check in ("", each.check)]
    return {state: sum(getattr(each, state) for each in chosen) for state in get_args(State)}


def found_view(found: ListedFinding) -> FoundView:
    """A finding as the API and the page give it."""
    return FoundView(
        sample_id=found.sample_id,
        status=found.status,
        document=found.document_title,
        revision=found.revision,
        author=found.author,
        submitted_at=found.submitted_at,
        key=found.finding["key"],
        check=found.finding["check"],
        severity=found.finding["severity"],
        message=found.finding["message"],
        reason=found.reason,
    )
