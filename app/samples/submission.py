"""Submission and its way back: submit, recall, skip, resume, release, reopen."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.accounts.actors import Actor
from app.accounts.models import User
from app.checks.findings import Finding, Severity
from app.checks.length import is_blank
from app.errors import AppError, Conflict, Invalid
from app.projects.queries import find_own_attestation
from app.samples import queries, writing
from app.samples.checking import Checked, check
from app.samples.content import Sent, check_text
from app.samples.facts import actor_facts, sample_facts
from app.samples.models import Sample
from app.samples.moves import move
from app.samples.revisions import Reasons, add_revision
from app.samples.workflow import Action, Status, decide, require_writer
from app.settings import get_settings
from app.tasks import leases


def submit(
    session: Session,
    *,
    sample_id: int,
    based_on: int,
    reasons: Reasons,
    actor: User,
    at: datetime,
) -> Sample:
    """Hand the draft in as the next revision.

    Submitting the same draft twice is one submission. Raises Conflict (`stale_draft`, `slot_taken`,
    `withdrawn`, wrong status) and Invalid (`attestation_missing`, `findings_block`, `reasons_missing`).
    """
    sample = queries.get_for_change(session, sample_id, actor)
    facts = actor_facts(session, sample, actor)
    require_writer(facts, sample_facts(sample))
    if sample.status == Status.SUBMITTED:
        latest = queries.get_revision(session, sample.id, sample.revision_count)
        if latest.draft_number == based_on and latest.author_id == actor.id:
            return sample
    decide(Action.SUBMIT, facts, sample_facts(sample))
    draft = sample.draft
    if draft.number != based_on:
        raise Conflict(
            "This draft was saved in another window since you opened it: look at it, then submit.",
            code="stale_draft",
        )
    checked = check(session, sample, writing.draft_content(sample))
    kept = settle(checked.findings, reasons)
    _hold_slot(session, sample)
    _attested_revision(session, sample=sample, checked=checked, reasons=kept, actor=actor, at=at)
    sample.submitted_at = at
    move(
        session,
        sample,
        Action.SUBMIT,
        Status.SUBMITTED,
        actor=actor,
        at=at,
        details={"revision": sample.revision_count},
    )
    return sample


def settle(findings: list[Finding], reasons: Reasons) -> Reasons:
    """The reasons to keep with a revision: of the warnings alone, without white space around them.

    Raises Invalid where a finding is an error (`findings_block`), where a warning has no reason
    (`reasons_missing`), and where a reason is too long.
    """
    for reason in reasons.values():
        check_text(reason, name="reasons", most=get_settings().engross_comment_characters)
    as_json = [finding.to_json() for finding in findings]
    errors = [finding for finding in findings if finding.severity is Severity.ERROR]
    if errors:
        fields = dict[str, str]()
        for finding in errors:
            fields.setdefault(_field_of(finding), finding.message)
        raise Invalid(errors[0].message, fields=fields, code="findings_block", findings=as_json)
    missing = unexplained(findings, reasons)
    if missing:
        warnings = "A warning asks" if len(missing) == 1 else f"{len(missing)} warnings ask"
        sentence = f"{warnings} for a reason: correct the summary, or say why it is right."
        raise Invalid(
            f"Correct this, or say why it stands: {missing[0].message}",
            fields={f"reason.{missing[0].key}": sentence},
            code="reasons_missing",
            findings=as_json,
        )
    asked = {finding.key for finding in findings if finding.severity is Severity.WARNING}
    return {key: reasons[key].strip() for key in reasons if key in asked}


def _field_of(error: Finding) -> str:
    return f"clause.{error.value}" if error.check == "clauses" else "output"


def unexplained(findings: list[Finding], reasons: Reasons) -> list[Finding]:
    """The warnings for which there is no reason."""
    return [
        finding
        for finding in findings
        if finding.severity is Severity.WARNING and is_blank(reasons.get(finding.key, ""))
    ]


def _hold_slot(session: Session, sample: Sample) -> None:
    if not has_place(session, sample):
        raise Conflict(
            "Somebody else has taken this task since your lease ended, so it cannot be submitted. "
            "Your text is kept; ask your lead if it should count.",
            code="slot_taken",
        )


def has_place(session: Session, sample: Sample) -> bool:
    """Hold the sample's place: its own, which stays its own when the overlap is lowered, or a free one."""
    slot = sample.writer_slot
    if slot.state == "held":
        return True
    project = sample.task.document.project
    taken = leases.take(session, task_id=sample.task_id, project=project, user_id=slot.user_id, state="held")
    return taken is not None


def _attested_revision(
    session: Session,
    *,
    sample: Sample,
    checked: Checked,
    reasons: Reasons,
    actor: User,
    at: datetime,
) -> None:
    version, attested_at = find_own_attestation(session, project_id=sample.project_id, user_id=actor.id)
    if attested_at is None:
        raise Invalid(
            "Confirm first that you write these summaries yourself, without generative AI.",
            code="attestation_missing",
            guidelines_version=version,
        )
    add_revision(
        session,
        sample=sample,
        author=actor,
        checked=checked,
        reasons=reasons,
        guidelines_version=version,
        attested_at=attested_at,
        at=at,
    )


def save_and_submit(
    session: Session,
    *,
    sample_id: int,
    sent: Sent,
    based_on: int,
    editor: str,
    reasons: Reasons,
    known_revisions: int | None = None,
    actor: User,
    at: datetime,
) -> AppError | None:
    """A form's submission: its text is saved first and stays saved where the submission is refused.

    Returns the refusal, so that the transaction with the saved text commits; None when it was submitted.
    Submitting twice, with the Back button or a second click, is one submission, also where the reviewer was
    faster than the second press: `known_revisions` is the number of revisions that the page knew of.
    """
    sample = queries.get_to_write(session, sample_id, actor)
    require_writer(actor_facts(session, sample, actor), sample_facts(sample))
    if writing.is_draft(session, sample, sent):
        if sample.status == Status.SUBMITTED:
            return None
        if known_revisions is not None and known_revisions < sample.revision_count:
            return Conflict(
                "You have handed in this very text already, and it was decided on: load the page again.",
                code="already_submitted",
            )
    outcome = writing.save_draft(
        session, sample_id=sample_id, sent=sent, based_on=based_on, editor=editor, actor=actor, at=at
    )
    if outcome.conflict or outcome.not_found:
        return outcome.conflict or outcome.not_found
    try:
        with session.begin_nested():
            submit(session, sample_id=sample_id, based_on=outcome.number, reasons=reasons, actor=actor, at=at)
    except AppError as refusal:
        return refusal
    return None


def recall(session: Session, *, sample_id: int, actor: User, at: datetime) -> Sample:
    """Take a submission back that no reviewer was given yet. The revision stays, and the draft goes on."""
    sample = queries.get_to_write(session, sample_id, actor)
    status = decide(Action.RECALL, actor_facts(session, sample, actor), sample_facts(sample))
    move(session, sample, Action.RECALL, status, actor=actor, at=at)
    project = sample.task.document.project
    leases.take(session, task_id=sample.task_id, project=project, user_id=actor.id)
    return sample


def skip(session: Session, *, sample_id: int, reason: str, actor: User, at: datetime) -> Sample:
    """Leave a sample to others, with a reason. Its draft is kept and can be resumed."""
    return _let_go(session, Action.SKIP, sample_id=sample_id, reason=reason, actor=actor, at=at)


def release(session: Session, *, sample_id: int, reason: str, actor: Actor, at: datetime) -> Sample:
    """Free the place of somebody who does not go on: a lead's act, or the system's."""
    return _let_go(session, Action.RELEASE, sample_id=sample_id, reason=reason, actor=actor, at=at)


def _let_go(
    session: Session, action: Action, *, sample_id: int, reason: str, actor: Actor, at: datetime
) -> Sample:
    sample = queries.get_for_change(session, sample_id, actor)
    status = decide(action, actor_facts(session, sample, actor), sample_facts(sample))
    move(session, sample, action, status, actor=actor, at=at, reason=require_reason(reason))
    if sample.slot_id is not None:
        leases.give_back(session, sample.slot_id)
    return sample


def resume(session: Session, *, sample_id: int, actor: User, at: datetime) -> Sample:
    """Go on with a skipped sample, where its task has a free place. Raises Conflict `slot_taken`."""
    sample = queries.get_to_write(session, sample_id, actor)
    status = decide(Action.RESUME, actor_facts(session, sample, actor), sample_facts(sample))
    project = sample.task.document.project
    if leases.take(session, task_id=sample.task_id, project=project, user_id=actor.id) is None:
        raise Conflict("Somebody else has taken this task meanwhile.", code="slot_taken")
    move(session, sample, Action.RESUME, status, actor=actor, at=at)
    return sample


def reopen(session: Session, *, sample_id: int, reason: str, actor: Actor, at: datetime) -> Sample:
    """Send a decided sample back to its annotator. Raises Conflict `slot_taken`, naming the holder.

    An imported pair goes back to its task: whoever takes that next begins with its text.
    """
    sample = queries.get_for_change(session, sample_id, actor)
    status = decide(Action.REOPEN, actor_facts(session, sample, actor), sample_facts(sample))
    reason = require_reason(reason)
    if sample.slot is not None and not has_place(session, sample):
        holder = session.scalar(
            select(func.min(Sample.id)).where(
                Sample.task_id == sample.task_id,
                Sample.id != sample.id,
                Sample.status.not_in((Status.SKIPPED, Status.REJECTED)),
            )
        )
        raise Conflict(f"Sample {holder} holds this task now.", code="slot_taken", sample_id=holder)
    move(session, sample, Action.REOPEN, status, actor=actor, at=at, reason=reason)
    return sample


def require_reason(reason: str) -> str:
    """The reason without white space around it; raises Invalid where it is missing or too long."""
    check_text(reason, name="reason", most=get_settings().engross_comment_characters)
    if is_blank(reason):
        raise Invalid("Give a reason.", fields={"reason": "Write a sentence that helps the next person."})
    return reason.strip()
