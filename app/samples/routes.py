"""The writing page and all that a writer does there."""

from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse
from sqlalchemy.orm import Session
from starlette.responses import Response

from app import clock
from app.accounts.dependencies import CurrentUser
from app.accounts.models import User
from app.checks.length import count_words, is_blank
from app.database import SessionDep
from app.documents.queries import get_contract
from app.errors import AppError
from app.projects import guidelines
from app.projects.queries import find_attestation
from app.rechecks.queries import find_recheck
from app.reviews import desk, presenting
from app.reviews.evidence import evidence_context
from app.reviews.findings import findings_context
from app.samples import queries, revisions, submission, writing
from app.samples.checking import check
from app.samples.content import Content, as_in_a_field
from app.samples.evidence import LONGEST, MOST
from app.samples.forms import DraftForm, ReasonForm, SentDraft, new_editor
from app.samples.models import Sample
from app.samples.workflow import EDITABLE
from app.settings import get_settings
from app.tasks.queries import database_time
from app.web.dependencies import RowId
from app.web.errors import answer, of_app_error
from app.web.forms import attempt
from app.web.htmx import is_htmx, navigate, redirect
from app.web.notices import notice
from app.web.templates import fragment, page

router = APIRouter()


@router.post("/projects/{project}/queue/writing")
def take_writing_work(session: SessionDep, user: CurrentUser, project: str) -> Response:
    """Open the sample to write next, or say that nothing waits."""
    sample = writing.take_next(session, project_slug=project, actor=user, at=clock.now())
    if sample is None:
        return notice(redirect("/"), "Nothing waits to be written in this project.")
    return redirect(f"/samples/{sample.id}")


@router.get("/samples/{sample_id}")
def show_sample(request: Request, session: SessionDep, user: CurrentUser, sample_id: RowId) -> Response:
    """The writing page for its annotator while it is theirs to write; else the sample to read."""
    sample = queries.get_visible(session, sample_id, user)
    if presenting.is_own(sample, user) and sample.status in EDITABLE:
        return page(request, "samples/writing.html", **_writing(session, sample, user))
    return page(request, "samples/sample.html", **_reading(session, sample, user))


def _writing(
    session: Session,
    sample: Sample,
    user: User,
    *,
    typed: DraftForm | None = None,
    refusal: AppError | None = None,
) -> dict[str, Any]:
    """The writing page's context; with `typed` and `refusal` after a submission that was refused."""
    project = sample.task.document.project
    draft = sample.draft
    content = as_in_a_field(
        writing.as_typed(sample, typed.sent()) if typed else writing.draft_content(sample)
    )
    lease = presenting.live_lease(sample, database_time(session))
    reasons = revisions.last_reasons(session, sample) | (typed.reasons if typed else {})
    checked = check(session, sample, content)
    findings = checked.findings
    unexplained = submission.unexplained(findings, reasons) if _lacks_reasons(refusal) else []
    shared = desk.desk_context(
        session,
        sample,
        user,
        content,
        # Nobody wants to be told at once that an empty page is empty.
        findings=[finding.to_json() for finding in findings] if draft.number or typed else [],
        reasons=reasons,
        unexplained=[finding.key for finding in unexplained],
        facts=checked.facts,
        can_mark=True,
    )
    attested = find_attestation(
        session,
        project_id=project.id,
        user_id=user.id,
        guidelines_version=shared["guidelines"]["version"],
    )
    saved = {"number": draft.number, "saved_at": draft.saved_at}
    return shared | {
        "draft": saved | {"output": content.output, "is_stored": content.output == draft.output},
        # Never the one that was sent: the page that sent it may be shown again (Back), beside this one.
        "editor": new_editor(),
        "by_words": _by_words(sample, shared["sentences"], typed),
        "word_count": count_words(content.output),
        "lease": {"expires_at": lease} if lease else None,
        "lease_message": _lease_message(sample, lease is not None),
        "attested": attested is not None,
        "left_count": queries.count_left(session, project, user.id),
        "errors": refusal.by_field if refusal else {},
        "limits": {
            "output_characters": get_settings().engross_output_characters,
            "evidence_characters": LONGEST,
            "evidence_entries": MOST,
        },
    }


def _by_words(sample: Sample, found: list[dict[str, Any]], typed: DraftForm | None) -> dict[str, Any]:
    """The fields that name evidence by its words, as they were typed, and what it may support."""
    chosen = [(f"at:{each['start']}", f"Sentence {n}: {each['text']:.60}") for n, each in enumerate(found, 1)]
    clauses = [(f"clause:{clause.key}", clause.name) for clause in sample.task.document.project.clauses]
    return {
        "paragraph": typed.paragraph if typed else "",
        "quote": typed.quote if typed else "",
        "supports": typed.supports if typed else "",
        "options": [*chosen, *clauses],
    }


def _lease_message(sample: Sample, has_lease: bool) -> str:
    if sample.task.document.withdrawn_at is not None:
        return "A lead has withdrawn this contract. Your text is kept; it cannot be submitted."
    if has_lease or sample.writer_slot.state == "held":
        return ""
    return (
        "Your time for this task has run out. Your text is kept: go on writing, and the task is yours "
        "again unless somebody else has taken it."
    )


def _lacks_reasons(refusal: AppError | None) -> bool:
    return refusal is not None and refusal.code == "reasons_missing"


def _reading(session: Session, sample: Sample, user: User) -> dict[str, Any]:
    """A sample to read: what was handed in, or one's own draft; others are shown nothing of a draft."""
    shown = presenting.shown_revisions(session, sample, user)
    if shown:
        recheck = find_recheck(session, shown[-1].id)
        return desk.revision_context(session, sample, user, shown[-1], recheck=recheck)
    own = presenting.is_own(sample, user)
    content = writing.draft_content(sample) if own else Content("")
    return desk.desk_context(session, sample, user, content) | {
        "revision": None,
        "draft": {
            "output": content.output,
            "saved_at": sample.draft.saved_at if own else None,
            "is_own": own,
        },
        "word_count": count_words(content.output),
    }


@router.put("/samples/{sample_id}/draft")
@router.post("/samples/{sample_id}/draft")
def save_draft(
    request: Request, session: SessionDep, user: CurrentUser, sample_id: RowId, form: SentDraft
) -> Response:
    """Save; a script gets the receipt, a plain form its page again."""
    return attempt(
        session,
        lambda: _save(request, session, sample_id, user, form),
        redraw=lambda refusal: _refused(request, session, sample_id, user, form, refusal),
    )


def _save(request: Request, session: Session, sample_id: int, user: User, form: DraftForm) -> Response:
    outcome = writing.save_draft(
        session,
        sample_id=sample_id,
        sent=form.sent(),
        based_on=form.based_on,
        editor=form.editor,
        actor=user,
        at=clock.now(),
    )
    sample = queries.get_visible(session, sample_id, user)
    if outcome.conflict is not None and outcome.conflict.code == "stale_draft":
        return _conflict(request, sample, form)
    if outcome.conflict is not None:
        return answer(request, of_app_error(outcome.conflict))
    if outcome.not_found is not None:
        return _refused(request, session, sample_id, user, form, outcome.not_found)
    if not is_htmx(request):
        if any(not is_blank(reason) for reason in form.reasons.values()):
            # They are kept with a submission alone: until then the page is their only place.
            typed = form.model_copy(update={"paragraph": "", "quote": "", "remove": None})
            return page(request, "samples/writing.html", **_writing(session, sample, user, typed=typed))
        return notice(redirect(f"/samples/{sample_id}{'#evidence' if form.quote else ''}"), "Saved.")
    lease = {"expires_at": outcome.lease_expires_at} if outcome.lease_expires_at else None
    template, marked = "samples/_receipt.html", {}
    if form.wants_evidence:
        template = "samples/_receipt_and_evidence.html"
        contract = get_contract(session, sample.task.text_id)
        marked = evidence_context(sample, *contract, writing.draft_content(sample), can_mark=True)
    return fragment(
        request,
        template,
        **marked,
        sample={"id": sample.id},
        draft={"number": outcome.number, "saved_at": outcome.saved_at},
        lease=lease,
        **findings_context(
            [finding.to_json() for finding in outcome.checked.findings],
            revisions.last_reasons(session, sample) | form.reasons,
            facts=outcome.checked.facts,
        ),
    )


def _refused(
    request: Request, session: Session, sample_id: int, user: User, form: DraftForm, refusal: AppError
) -> Response:
    """A script is told why: its page has the text. A plain form gets the page again, with the text in it."""
    if is_htmx(request):
        return answer(request, of_app_error(refusal))
    sample = queries.get_visible(session, sample_id, user)
    if sample.status in EDITABLE:
        context = _writing(session, sample, user, typed=form, refusal=refusal)
        return page(request, "samples/writing.html", status=422, **context)
    typed = f" You wrote: “{form.output}”" if form.output != sample.draft.output else ""
    context = _reading(session, sample, user) | {"errors": {"": refusal.message + typed}}
    return page(request, "samples/sample.html", status=409, **context)


def _conflict(request: Request, sample: Sample, form: DraftForm) -> Response:
    """Both texts side by side; the loser of the two is kept in the database either way."""
    context = {
        "mine": form.output,
        "theirs": sample.draft.output,
        "theirs_at": sample.draft.saved_at,
        "number": sample.draft.number,
        "sample": {"id": sample.id, "status": sample.status},
        "clause_states": form.clauses,
        "reasons": form.reasons,
        "editor": new_editor(),
    }
    if is_htmx(request):
        return fragment(request, "samples/_conflict.html", status=409, **context)
    return page(request, "samples/conflict.html", status=409, **context)


@router.put("/samples/{sample_id}/lease")
def keep_lease(session: SessionDep, user: CurrentUser, sample_id: RowId) -> HTMLResponse:
    """The heartbeat of the open page. Its answer carries the lease's end and nothing to draw."""
    expires = writing.keep_lease(session, sample_id=sample_id, actor=user)
    return HTMLResponse("", headers={"Engross-Lease-Until": presenting.utc(expires) or ""})


@router.post("/samples/{sample_id}/submission")
def submit(
    request: Request, session: SessionDep, user: CurrentUser, sample_id: RowId, form: SentDraft
) -> Response:
    """Save and hand in. What was typed is saved also where the submission is refused."""

    def act() -> Response:
        refusal = submission.save_and_submit(
            session,
            sample_id=sample_id,
            sent=form.sent(),
            based_on=form.based_on,
            editor=form.editor,
            reasons=form.reasons,
            known_revisions=form.revision_count,
            actor=user,
            at=clock.now(),
        )
        if refusal is not None:
            return _refused(request, session, sample_id, user, form, refusal)
        title = queries.get_visible(session, sample_id, user).task.document.title
        return notice(navigate(request, "/"), f"Submitted “{title}” for review.")

    return attempt(
        session, act, redraw=lambda refusal: _refused(request, session, sample_id, user, form, refusal)
    )


@router.post("/samples/{sample_id}/attestation")
def attest(
    request: Request, session: SessionDep, user: CurrentUser, sample_id: RowId, form: SentDraft
) -> Response:
    """Confirm from the writing page. What is typed there comes along and is saved, also without the other."""
    project = queries.get_visible(session, sample_id, user).task.document.project
    refusal = guidelines.try_attest(
        session, slug=project.slug, version=form.guidelines_version or 0, actor=user, at=clock.now()
    )
    answered = save_draft(request, session, user, sample_id, form)
    return answered if refusal is None else _refused(request, session, sample_id, user, form, refusal)


@router.post("/samples/{sample_id}/recall")
def recall(session: SessionDep, user: CurrentUser, sample_id: RowId) -> Response:
    """Take the submission back to go on writing."""
    submission.recall(session, sample_id=sample_id, actor=user, at=clock.now())
    return notice(redirect(f"/samples/{sample_id}"), "Recalled: it is your draft again.")


@router.post("/samples/{sample_id}/skip")
def skip(
    session: SessionDep, user: CurrentUser, sample_id: RowId, form: Annotated[ReasonForm, Form()]
) -> Response:
    """Leave it to others."""
    submission.skip(session, sample_id=sample_id, reason=form.reason, actor=user, at=clock.now())
    return notice(redirect("/"), "Skipped. You can resume it while nobody else has taken it.")


@router.post("/samples/{sample_id}/resume")
def resume(session: SessionDep, user: CurrentUser, sample_id: RowId) -> Response:
    """Go on with a skipped sample."""
    submission.resume(session, sample_id=sample_id, actor=user, at=clock.now())
    return redirect(f"/samples/{sample_id}")


@router.post("/samples/{sample_id}/release")
def release(
    session: SessionDep, user: CurrentUser, sample_id: RowId, form: Annotated[ReasonForm, Form()]
) -> Response:
    """A lead frees the place."""
    submission.release(session, sample_id=sample_id, reason=form.reason, actor=user, at=clock.now())
    return notice(redirect(f"/samples/{sample_id}"), "Released: others can take this task now.")


@router.post("/samples/{sample_id}/reopen")
def reopen(
    session: SessionDep, user: CurrentUser, sample_id: RowId, form: Annotated[ReasonForm, Form()]
) -> Response:
    """A lead sends a decided sample back."""
    sample = submission.reopen(session, sample_id=sample_id, reason=form.reason, actor=user, at=clock.now())
    goes_to = (
        "whoever takes its task next begins with its text"
        if sample.import_id
        else "its annotator finds it in “My work”"
    )
    return notice(redirect(f"/samples/{sample_id}"), f"Reopened: {goes_to}.")
