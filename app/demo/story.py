"""Playing the story: each act becomes the use case that a page would have called, at the time it names."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta

from sqlalchemy.orm import Session

from app.accounts.models import User
from app.checks.findings import Severity
from app.demo.content import Act, Text, load_contracts, load_guidelines
from app.demo.evidence import Source, evidence_of
from app.projects.guidelines import attest, publish_guidelines
from app.reviews import leases
from app.reviews import service as reviews
from app.samples import queries, submission, writing
from app.samples.content import Sent
from app.samples.models import Sample
from app.samples.workflow import Action

_CHECKED = "I compared this with the contract again, and it stands."  # the reason given for a warning
_SATURDAY = 5
_BEFORE_SUBMITTING = timedelta(minutes=1)


@dataclass(slots=True)
class Stage:
    """What the acts work on."""

    session: Session
    slug: str
    users: dict[str, User]  # by name
    sources: dict[str, Source]  # by the contract's number
    samples: dict[tuple[str, str], int] = field(default_factory=dict)  # by person and contract


def moment(at: datetime, *, days: int, clock: time) -> datetime:
    """A time of day in UTC, so many days from Monday to Friday before `at`."""
    day = at.astimezone(UTC).date()
    for _ in range(days):
        day -= timedelta(days=1)
        while day.weekday() >= _SATURDAY:
            day -= timedelta(days=1)
    return datetime.combine(day, clock, UTC)


def moment_of(act: Act, at: datetime) -> datetime:
    """When an act happened, in a demo that is built at `at`."""
    if act.time is not None and act.days is not None:
        return moment(at, days=act.days, clock=act.time)
    return at - timedelta(minutes=act.minutes_ago or 0)


def play(stage: Stage, act: Act, *, at: datetime) -> None:
    """Let one act happen. Whatever refuses it raises, as it would for a person."""
    session, actor = stage.session, stage.users[act.who]
    match act.act:
        case "attest":
            attest(session, slug=stage.slug, actor=actor, at=at)
        case "publish_guidelines":
            publish_guidelines(
                session, slug=stage.slug, markdown=load_guidelines()[1], actor=actor, at=at, based_on=1
            )
        case "start":
            sample = writing.take_next(session, project_slug=stage.slug, actor=actor, at=at)
            stage.samples[act.who, act.contract] = _expected(stage, act, sample).id
        case "save":
            _save(stage, act, at=at)
        case "submit":
            _submit(stage, act, at=at)
        case "skip":
            sample_id = stage.samples[act.who, act.contract]
            submission.skip(session, sample_id=sample_id, reason=act.reason, actor=actor, at=at)
        case "review":
            _review(stage, act, at=at)


def _expected(stage: Stage, act: Act, sample: Sample | None) -> Sample:
    """The sample that a queue gave, where the story says the same."""
    if sample is None or sample.task.document_id != stage.sources[act.contract].document_id:
        raise LookupError(f"The queue did not give contract {act.contract} to {act.who}.")
    return sample


def _content(stage: Stage, act: Act) -> Sent:
    contract = load_contracts()[act.contract]
    text: Text = contract.flawed if act.text in {"flawed", "corrected"} else contract.summaries[0]
    output, clauses = text.output, text.clauses
    if act.text == "corrected":
        output = output.replace(*act.replace)
    source = stage.sources[act.contract]
    evidence = evidence_of(output, contract.passages, source)
    if act.text == "half":
        output = _first_half(output)
        evidence = evidence_of(output, contract.passages, source)
        spoken_of = {entry.get("clause") for entry in evidence}
        clauses = {key: state for key, state in clauses.items() if key in spoken_of}
    return Sent(output, clauses, evidence)


def _first_half(output: str) -> str:
    """The text up to about its middle, ending between two words as a text does that is being written."""
    return output[: output.index(" ", len(output) // 2)]


def _save(stage: Stage, act: Act, *, at: datetime) -> writing.SaveOutcome:
    session, actor = stage.session, stage.users[act.who]
    sample_id = stage.samples[act.who, act.contract]
    outcome = writing.save_draft(
        session,
        sample_id=sample_id,
        sent=_content(stage, act),
        based_on=queries.get_visible(session, sample_id, actor).draft.number,
        editor=f"demo-{act.contract}",
        actor=actor,
        at=at,
    )
    if outcome.conflict is not None:
        raise outcome.conflict
    return outcome


def _submit(stage: Stage, act: Act, *, at: datetime) -> None:
    saved = _save(stage, act, at=at - _BEFORE_SUBMITTING)
    warnings = [finding for finding in saved.checked.findings if finding.severity is Severity.WARNING]
    submission.submit(
        stage.session,
        sample_id=stage.samples[act.who, act.contract],
        based_on=saved.number,
        reasons={finding.key: _CHECKED for finding in warnings},
        actor=stage.users[act.who],
        at=at,
    )


def _review(stage: Stage, act: Act, *, at: datetime) -> None:
    """Take the next submission and decide on it; where no reason is given, it is what the text has wrong."""
    session, actor = stage.session, stage.users[act.who]
    action = act.action or Action.APPROVE
    sample = _expected(stage, act, leases.take_next(session, project_slug=stage.slug, actor=actor))
    because = "" if action is Action.APPROVE else load_contracts()[act.contract].flawed.what_is_wrong
    reviews.decide(
        session,
        sample_id=sample.id,
        revision_number=sample.revision_count,
        action=action,
        comment=act.reason or because,
        actor=actor,
        at=at,
    )
