"""Acts done at the use cases, in a session that the caller commits."""

import json
from collections.abc import Callable
from io import BytesIO

from sqlalchemy.orm import Session

from app import clock, database
from app.accounts import people
from app.accounts.models import User
from app.documents import service as documents
from app.errors import AppError, Conflict, Invalid, NotAllowed, NotFound, NotSignedIn
from app.imports import processing
from app.imports import service as imports
from app.projects import guidelines, members, queries
from app.projects import service as projects
from app.projects.rules import Role
from app.releases import service as releases
from app.releases.formats import Format
from app.releases.queries import Filter
from app.reviews import leases
from app.reviews import service as reviews
from app.samples import submission, writing
from app.samples.content import Sent
from app.samples.jobs import release_departed
from app.samples.workflow import Action
from tests.life.reading import Names
from tests.life.state import CLAUSES, DECISIONS, Act, Outcome
from tests.life.world import World

FAMILIES = (NotFound, NotAllowed, Conflict, Invalid, NotSignedIn)


def said(error: AppError) -> str:
    """A refusal by its family and code."""
    family = next(family for family in FAMILIES if isinstance(error, family))
    return f"{family.__name__} {error.code}"


def sent(act: Act) -> Sent:
    """The words of an act."""
    return Sent(act.content.text, dict(CLAUSES[act.content.clauses]))


class Hands:
    """Does one act in one session; a refusal is raised."""

    def __init__(self, world: World, names: Names, session: Session, act: Act) -> None:
        self.world, self.session, self.act = world, session, act
        self.actor = session.get_one(User, world.users[act.who]) if act.who in world.users else None
        self.sample_id = names.samples.get(act.on, 0)
        self.document_id = names.documents.get(act.on, 0)
        self.slug = world.slugs.get(act.on, "")
        self.reviews = names.reviews.get(act.on, [])
        self.at = clock.now()

    def do(self) -> Outcome:
        """The act, and what it gave; samples are given by their ids."""
        return ACTS[self.act.verb](self)

    def _plain(self, use_case: Callable[..., object], **wanted: object) -> Outcome:
        use_case(self.session, actor=self.actor, at=self.at, **wanted)
        return Outcome("ok")

    def do_take(self) -> Outcome:
        taken = writing.take_next(self.session, project_slug=self.slug, actor=self.actor, at=self.at)
        return Outcome("ok", taken.id if taken else None)

    def do_save(self) -> Outcome:
        outcome = writing.save_draft(
            self.session,
            sample_id=self.sample_id,
            sent=sent(self.act),
            based_on=self.act.number,
            editor=self.act.editor,
            actor=self.actor,
            at=self.at,
        )
        if outcome.conflict is not None:
            return Outcome(f"kept {outcome.conflict.code}")
        return Outcome("ok", (outcome.number, outcome.lease_expires_at is not None))

    def do_heartbeat(self) -> Outcome:
        until = writing.keep_lease(self.session, sample_id=self.sample_id, actor=self.actor)
        return Outcome("ok", until is not None)

    def do_submit(self) -> Outcome:
        wanted = {"sample_id": self.sample_id, "based_on": self.act.number, "reasons": {}}
        return self._plain(submission.submit, **wanted)

    def do_hand_in(self) -> Outcome:
        refusal = submission.save_and_submit(
            self.session,
            sample_id=self.sample_id,
            sent=sent(self.act),
            based_on=self.act.number,
            editor=self.act.editor,
            reasons={},
            actor=self.actor,
            at=self.at,
        )
        if refusal is None:
            return Outcome("ok")
        return Outcome(
            f"kept {refusal.code}"
            if refusal.code == "not_editable" or "both texts were kept" in refusal.message
            else f"saved, {said(refusal)}"
        )

    def do_recall(self) -> Outcome:
        return self._plain(submission.recall, sample_id=self.sample_id)

    def do_resume(self) -> Outcome:
        return self._plain(submission.resume, sample_id=self.sample_id)

    def do_skip(self) -> Outcome:
        return self._plain(submission.skip, sample_id=self.sample_id, reason=self.act.reason)

    def do_release(self) -> Outcome:
        return self._plain(submission.release, sample_id=self.sample_id, reason=self.act.reason)

    def do_reopen(self) -> Outcome:
        return self._plain(submission.reopen, sample_id=self.sample_id, reason=self.act.reason)

    def do_take_review(self) -> Outcome:
        taken = leases.take_next(self.session, project_slug=self.slug, actor=self.actor)
        return Outcome("ok", taken.id if taken else None)

    def do_open(self) -> Outcome:
        others = leases.open_for_review(self.session, sample_id=self.sample_id, actor=self.actor)
        return Outcome("others have it" if others else "ok")

    def do_decide(self) -> Outcome:
        decision = reviews.decide(
            self.session,
            sample_id=self.sample_id,
            revision_number=self.act.number,
            action=Action(self.act.verb),
            comment=self.act.reason,
            actor=self.actor,
            at=self.at,
        )
        return Outcome("ok", decision.sample.status)

    def do_undo(self) -> Outcome:
        review_id = self.reviews[self.act.number] if self.act.number < len(self.reviews) else 0
        return self._plain(reviews.undo, sample_id=self.sample_id, review_id=review_id)

    def do_edit(self) -> Outcome:
        return self._plain(
            reviews.edit,
            sample_id=self.sample_id,
            revision_number=self.act.number,
            sent=sent(self.act),
            reasons={},
        )

    def do_policy(self) -> Outcome:
        values = {name: bool(value) if name == "reviewer_edits" else value for name, value in self.act.values}
        return self._plain(projects.update_project, slug=self.slug, policy=values)

    def do_guidelines(self) -> Outcome:
        words = f"Write well, {next(self.world.numbers)}."
        return self._plain(guidelines.publish_guidelines, slug=self.slug, markdown=words)

    def do_attest(self) -> Outcome:
        return self._plain(guidelines.attest, slug=self.slug, version=self.act.number)

    def do_roles(self) -> Outcome:
        person = self.session.get_one(User, self.world.users[self.act.person])
        if not self.act.roles:
            return self._plain(members.remove_member, slug=self.slug, email=person.email)
        roles = [Role(role) for role in self.act.roles]
        return self._plain(members.set_roles, slug=self.slug, email=person.email, roles=roles)

    def do_withdraw(self) -> Outcome:
        return self._plain(documents.withdraw, document_id=self.document_id, reason=self.act.reason)

    def do_restore(self) -> Outcome:
        return self._plain(documents.restore, document_id=self.document_id)

    def do_import(self) -> Outcome:
        project = queries.get_project(self.session, self.slug, self.actor)
        imports.require_right(self.session, project=project, actor=self.actor)
        words = {"title": "Lease", "text": f"Lease {next(self.world.numbers)}\n\n1 Term\n\nThree years."}
        kept = imports.keep("import.jsonl", BytesIO(f"{json.dumps(words)}\n".encode()))
        started = imports.start_import(
            self.session, project=project, files=[kept], actor=self.actor, at=self.at
        )
        self.session.commit()
        processing.process(started.id, now=clock.now)
        return Outcome("ok")

    def do_export(self) -> Outcome:
        wanted = {
            "project_slug": self.slug,
            "format": Format.MESSAGES,
            "with_metadata": True,
            "wanted": Filter(),
        }
        return self._plain(releases.begin_export, **wanted)

    def do_disable(self) -> Outcome:
        return self._plain(people.disable, user_id=self.world.users[self.act.person])

    def do_enable(self) -> Outcome:
        return self._plain(people.enable, user_id=self.world.users[self.act.person])

    def do_release_departed(self) -> Outcome:
        release_departed(0)
        return Outcome("ok")


ACTS: dict[str, Callable[[Hands], Outcome]] = {
    "take": Hands.do_take,
    "save": Hands.do_save,
    "heartbeat": Hands.do_heartbeat,
    "submit": Hands.do_submit,
    "hand_in": Hands.do_hand_in,
    "recall": Hands.do_recall,
    "resume": Hands.do_resume,
    "skip": Hands.do_skip,
    "release": Hands.do_release,
    "reopen": Hands.do_reopen,
    "take_review": Hands.do_take_review,
    "open": Hands.do_open,
    "undo": Hands.do_undo,
    "edit": Hands.do_edit,
    "policy": Hands.do_policy,
    "guidelines": Hands.do_guidelines,
    "attest": Hands.do_attest,
    "roles": Hands.do_roles,
    "withdraw": Hands.do_withdraw,
    "restore": Hands.do_restore,
    "import": Hands.do_import,
    "export": Hands.do_export,
    "disable": Hands.do_disable,
    "enable": Hands.do_enable,
    "release_departed": Hands.do_release_departed,
    **dict.fromkeys(DECISIONS, Hands.do_decide),
}


def do(world: World, names: Names, act: Act) -> Outcome:
    """The act in a transaction of its own, as a request does it."""
    try:
        with Session(database.get_engine(), expire_on_commit=False) as session:
            outcome = Hands(world, names, session, act).do()
            session.commit()
            return outcome
    except AppError as refusal:
        return Outcome(said(refusal))
