"""Builds the world of these tests, through the use cases where they guard what must hold together."""

from datetime import UTC, datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.accounts import links, sessions, tokens
from app.accounts.models import User, UserSession
from app.accounts.rules import Purpose
from app.documents import readings
from app.documents.models import TextReport
from app.imports.models import Import, ImportFile
from app.projects import service as projects
from app.projects.instructions import phrasings_fingerprint
from app.projects.models import Attestation, Instruction, Member, Phrasing, Project
from app.reviews import service as reviews
from app.reviews.models import Review
from app.samples import submission
from app.samples.content import Sent
from app.samples.models import Sample
from app.samples.workflow import Action
from app.tasks.models import Task
from app.work import bulk
from app.work.rows import Kind
from tests.factories import SUMMARY, Factory
from tests.rights.people import ADMINS, CROWDED, DECIDED, HOLDERS, ROLES, SEEN_BY, SKIPPED, WRITING
from tests.rights.world import original_of

OVERLAP = 10


def words_of(place: str, person: str) -> str:
    """The words of this person's sample in this place, which are nobody else's and nowhere else."""
    return f"{SUMMARY} {needle(place, person)}."


def needle(place: str, person: str) -> str:
    """What is looked for where these words must not be."""
    return f"secret_{place}_{person.replace(' ', '_')}"


class Builder:
    """Makes the project, its people and their samples in one session."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.make = Factory(session)
        self.now = datetime.now(UTC)
        self.project = self.make.project(overlap=OVERLAP)
        self.people = {
            name: self.make.user(name.title(), admin=name in ADMINS) for name in ROLES if name != "anonymous"
        }
        self.samples: dict[str, int] = {}
        self.documents: dict[str, int] = {}

    def build(self) -> None:
        """Everything; at the end everybody has the roles that `people` gives them."""
        self._give_roles({name: {"annotator"} for name in HOLDERS} | {"reviewer": {"reviewer"}})
        self._give_roles({"editor": {"reviewer"}})
        for name in HOLDERS:
            key = {"project_id": self.project.id, "user_id": self.people[name].id}
            self.session.add(Attestation(**key, guidelines_version=1))
        for place in SEEN_BY:
            self._task(place)
        self.session.execute(delete(Member).where(Member.project_id == self.project.id))
        self._give_roles({name: set(map(str, held)) for name, held in ROLES.items() if held})
        self.session.flush()

    def _give_roles(self, roles: dict[str, set[str]]) -> None:
        for name, held in roles.items():
            for role in sorted(held):
                self.session.add(Member(project_id=self.project.id, user_id=self.people[name].id, role=role))
        self.session.flush()

    def _task(self, place: str) -> None:
        """A task with the owner's sample in this place of its life, and everybody else's beside it."""
        document = self.make.document(self.project, title=f"Title-{place}")
        self.session.add(original_of(document.id))
        readings.finish(self.session, document, readings.Outcome("same"), tasks_moved=0, at=self.now)
        task = self.make.task(self.project, document=document)
        self.documents[place] = document.id
        own = self._sample(task, place, "owner")
        self.samples[place] = own.id
        self._live(own, place)
        if place in CROWDED:
            self._crowd(task, place)
        if place == "withdrawn":
            document.withdrawn_at, document.withdrawn_reason = self.now, "Wrong client."
        self.session.flush()

    def _crowd(self, task: Task, place: str) -> None:
        for name in WRITING:
            self._sample(task, place, name)
        for name in SKIPPED:
            skipped = self._sample(task, place, name)
            submission.skip(
                self.session, sample_id=skipped.id, reason="No time.", actor=self.people[name], at=self.now
            )
        for name in DECIDED:
            self._decide(self._handed_in(self._sample(task, place, name)), Action.REJECT)

    def _sample(self, task: Task, place: str, name: str) -> Sample:
        return self.make.sample(
            self.project, annotator=self.people[name], output=words_of(place, name), task=task
        )

    def _live(self, sample: Sample, place: str) -> None:
        """Lead the owner's sample to its place."""
        decisions = {
            "approved": Action.APPROVE,
            "rejected": Action.REJECT,
            "changes_requested": Action.REQUEST_CHANGES,
        }
        if place == "skipped":
            owner = self.people["owner"]
            submission.skip(self.session, sample_id=sample.id, reason="Hard.", actor=owner, at=self.now)
        elif place != "draft":
            self._handed_in(sample)
        if place in decisions:
            self._decide(sample, decisions[place])
        if place == "edited":
            reviews.edit(
                self.session,
                sample_id=sample.id,
                revision_number=1,
                sent=Sent(words_of(place, "editor")),
                reasons={},
                actor=self.people["editor"],
                at=self.now,
            )

    def _handed_in(self, sample: Sample) -> Sample:
        return submission.submit(
            self.session, sample_id=sample.id, based_on=1, reasons={}, actor=sample.annotator, at=self.now
        )

    def _decide(self, sample: Sample, action: Action) -> None:
        reviews.decide(
            self.session,
            sample_id=sample.id,
            revision_number=1,
            action=action,
            comment="Look at 7.2 again.",
            actor=self.people["reviewer"],
            at=self.now,
        )

    def values(self) -> dict[str, str]:
        """What the parameters of paths are, and what forms were based on."""
        owner, newcomer = self.people["owner"], self.make.user("Newcomer")
        token, _ = tokens.create(
            self.session, user=owner, name="old", scopes=[], days=1, actor=owner, at=self.now
        )
        sessions.start(self.session, user=owner, user_agent="another", days=1, at=self.now)
        self.session.flush()
        other = self.session.scalars(select(UserSession.id).where(UserSession.user_id == owner.id)).one()
        link = links.create(
            self.session, user=newcomer, purpose=Purpose.INVITATION, days=1, actor=newcomer, at=self.now
        )
        instruction = self.project.instructions[0]
        return {
            "project": self.project.slug,
            "import_id": str(self._import(self.project)),
            "report_id": str(self._report(self.documents["submitted"])),
            "version": "1",
            "key": instruction.key,
            "email": newcomer.email,
            "member": self.people["colleague"].email,
            "user_id": str(newcomer.id),
            "token_id": str(token.id),
            "token_owner": owner.email,
            "session_id": str(other),
            "job_id": str(self.make.failed_job()),
            "token": link,
            "review_id": str(self.session.scalars(select(Review.id).order_by(Review.id).limit(1)).one()),
            "task_id": str(self._any_task(self.project)),
            "act_id": str(self._act(self.project, self.people["lead"])),
            "clauses": str(self.project.clause_set_version),
            "basics": projects.basics_fingerprint(self.project),
            "phrasings": phrasings_fingerprint(instruction),
        }

    def _report(self, document_id: int) -> int:
        reporter = self.people["reviewer"]
        row = TextReport(document_id=document_id, reporter_id=reporter.id, passage="1.1", message="Torn.")
        self.session.add(row)
        self.session.flush()
        return row.id

    def _any_task(self, project: Project) -> int:
        return self.session.scalars(select(Task.id).where(Task.project_id == project.id).limit(1)).one()

    def _act(self, project: Project, lead: User) -> int:
        act = bulk.prepare(
            self.session,
            slug=project.slug,
            kind=Kind.PLAN,
            chosen=[self._any_task(project)],
            values={"priority": 3},
            actor=lead,
            at=self.now,
        )
        return act.id

    def _import(self, project: Project) -> int:
        row = Import(project_id=project.id, created_by_id=self.people["lead"].id, status="done")
        self.session.add(row)
        self.session.flush()
        self.session.add(ImportFile(import_id=row.id, name="a.txt", sha256="0" * 64, byte_count=1,
                                    status="failed", reason="It was empty."))  # fmt: skip
        self.session.flush()
        return row.id

    def other_project(self) -> dict[str, str]:
        """A project that the stranger leads, with one of each; its ids in a path are another project's."""
        project = self.make.project()
        stranger = self.people["stranger"]
        self.session.add(Member(project_id=project.id, user_id=stranger.id, role="lead"))
        instruction = Instruction(project_id=project.id, key="elsewhere")
        self.session.add(instruction)
        self.session.flush()
        self.session.add(Phrasing(instruction_id=instruction.id, position=1, text="Elsewhere: '{contract}'"))
        sample = self.make.sample(project, output=words_of("elsewhere", "stranger"))
        submission.submit(
            self.session, sample_id=sample.id, based_on=1, reasons={}, actor=sample.annotator, at=self.now
        )
        review = reviews.decide(
            self.session,
            sample_id=sample.id,
            revision_number=1,
            action=Action.APPROVE,
            comment="",
            actor=self.make.reviewer(project),
            at=self.now,
        ).review
        return {
            "project": project.slug,
            "sample_id": str(sample.id),
            "document_id": str(sample.task.document_id),
            "import_id": str(self._import(project)),
            "report_id": str(self._report(sample.task.document_id)),
            "task_id": str(sample.task_id),
            "act_id": str(self._act(project, stranger)),
            "key": "elsewhere",
            "review_id": str(review.id),
            "email": sample.annotator.email,
        }
