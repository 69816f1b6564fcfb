"""What people can do to one sample at the same moment, each as the use case that a request calls."""

from collections.abc import Callable

from sqlalchemy.orm import Session

from app import clock
from app.documents import service as documents
from app.projects import members
from app.projects.rules import Role
from app.reviews import leases, service
from app.samples import submission, writing
from app.samples.content import Sent
from app.samples.workflow import Action
from tests.factories import SUMMARY
from tests.races.together import Act
from tests.races.twins import Twin

Deed = Callable[[Session, Twin, str], object]  # the name is that of the reviewer who does it


def _decide(action: Action) -> Deed:
    return lambda session, twin, who: service.decide(
        session,
        sample_id=twin.sample_id,
        revision_number=1,
        action=action,
        comment="Because.",
        actor=twin.people[who],
        at=clock.now(),
    )


def _edit(session: Session, twin: Twin, who: str) -> object:
    return service.edit(
        session,
        sample_id=twin.sample_id,
        revision_number=1,
        sent=Sent(f"{SUMMARY} Edited by the {who} reviewer.", None, None),
        reasons={},
        actor=twin.people[who],
        at=clock.now(),
    )


def _undo(session: Session, twin: Twin, who: str) -> object:
    return service.undo(
        session,
        sample_id=twin.sample_id,
        review_id=twin.review_id or 0,
        actor=twin.people[who],
        at=clock.now(),
    )


def _take_to_review(session: Session, twin: Twin, who: str) -> object:
    return leases.take_next(session, project_slug=twin.project.slug, actor=twin.people[who])


def _take_to_write(who: str) -> Deed:
    return lambda session, twin, _: writing.take_next(
        session, project_slug=twin.project.slug, actor=twin.people[who], at=clock.now()
    )


def _submit(session: Session, twin: Twin, _: str) -> object:
    return submission.submit(
        session,
        sample_id=twin.sample_id,
        based_on=1,
        reasons={},
        actor=twin.people["owner"],
        at=clock.now(),
    )


def _save(session: Session, twin: Twin, _: str) -> object:
    outcome = writing.save_draft(
        session,
        sample_id=twin.sample_id,
        sent=Sent(f"{SUMMARY} Written on.", None, None),
        based_on=1,
        editor="page-2",
        actor=twin.people["owner"],
        at=clock.now(),
    )
    return outcome.conflict.code if outcome.conflict else outcome


def _recall(session: Session, twin: Twin, _: str) -> object:
    return submission.recall(session, sample_id=twin.sample_id, actor=twin.people["owner"], at=clock.now())


def _skip(session: Session, twin: Twin, _: str) -> object:
    return submission.skip(
        session, sample_id=twin.sample_id, reason="No time.", actor=twin.people["owner"], at=clock.now()
    )


def _release(session: Session, twin: Twin, _: str) -> object:
    return submission.release(
        session, sample_id=twin.sample_id, reason="Too late.", actor=twin.people["lead"], at=clock.now()
    )


def _reopen(session: Session, twin: Twin, _: str) -> object:
    return submission.reopen(
        session, sample_id=twin.sample_id, reason="Look again.", actor=twin.people["lead"], at=clock.now()
    )


def _withdraw(session: Session, twin: Twin, _: str) -> object:
    return documents.withdraw(
        session, document_id=twin.document_id, reason="Wrong.", actor=twin.people["lead"], at=clock.now()
    )


def _restore(session: Session, twin: Twin, _: str) -> object:
    return documents.restore(session, document_id=twin.document_id, actor=twin.people["lead"], at=clock.now())


def _remove_reviewer(session: Session, twin: Twin, _: str) -> object:
    return members.remove_member(
        session,
        slug=twin.project.slug,
        email=twin.people["first"].email,
        actor=twin.people["lead"],
        at=clock.now(),
    )


def _remove_annotator(session: Session, twin: Twin, _: str) -> object:
    return members.set_roles(
        session,
        slug=twin.project.slug,
        email=twin.people["owner"].email,
        roles=[Role.ENGINEER],
        actor=twin.people["lead"],
        at=clock.now(),
    )


DEEDS: dict[str, Deed] = {
    "approve": _decide(Action.APPROVE),
    "reject": _decide(Action.REJECT),
    "request changes": _decide(Action.REQUEST_CHANGES),
    "edit": _edit,
    "undo": _undo,
    "take to review": _take_to_review,
    "take to write": _take_to_write("owner"),
    "colleague takes": _take_to_write("colleague"),
    "submit": _submit,
    "save": _save,
    "recall": _recall,
    "skip": _skip,
    "release": _release,
    "reopen": _reopen,
    "withdraw": _withdraw,
    "restore": _restore,
    "remove reviewer": _remove_reviewer,
    "remove annotator": _remove_annotator,
}


def act(name: str, twin: Twin, who: str) -> Act:
    """That deed on that twin; the result is "done", "nothing" or the code of a refusal that committed."""

    def do(session: Session) -> object:
        result = DEEDS[name](session, twin, who)
        return result if isinstance(result, str) else "nothing" if result is None else "done"

    return do
