"""Rows for tests: each method makes one thing and what it stands on, with names that are easy to spot."""

import hashlib
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import TypeVar

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.accounts.actors import OPERATOR
from app.accounts.models import User
from app.audit import service as audit
from app.checks.findings import Severity
from app.checks.registry import KINDS
from app.documents import readings
from app.documents.extraction import blocks_to_json, from_plain_text
from app.documents.models import Document, DocumentText, SourceFile
from app.imports.models import Import
from app.jobs import service as jobs
from app.projects.models import Attestation, Clause, Guidelines, Instruction, Member, Phrasing, Project
from app.projects.rules import Role
from app.samples import importing
from app.samples.models import Draft, Sample
from app.tasks.models import Slot, Task

NOON = datetime(2026, 1, 15, 12, 0, tzinfo=UTC)
CONTRACT = "Services Agreement\n\n1 Term\n\n1.1 It runs for three (3) years.\n\n2 Law\n\n2.1 English law."
SUMMARY = (
    "This Agreement runs for three years and is governed by English law; liability is not limited by it."
)
# Warnings that ask for no reason: what tests that are not about checks write needs none.
LENIENT = {name: Severity.NOTE.value for name, kind in KINDS.items() if kind.severity is Severity.WARNING}

Row = TypeVar("Row")
_numbers = count(1)


class Factory:
    """Makes rows in one session and flushes them; committing is the test's affair."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def _add(self, row: Row) -> Row:
        self.session.add(row)
        self.session.flush()
        return row

    def user(self, name: str = "Person", *, admin: bool = False) -> User:
        number = next(_numbers)
        return self._add(User(email=f"person{number}@example.org", name=f"{name} {number}", is_admin=admin))

    def failed_job(self, name: str = "jobs.take_up_stalled") -> int:
        """A job that was given up; its number."""
        jobs.defer(self.session, name, timestamp=0)
        found = self.session.execute(
            text(
                "UPDATE procrastinate_jobs SET status = 'failed', attempts = 1 "
                "WHERE id = (SELECT max(id) FROM procrastinate_jobs) RETURNING id"
            )
        )
        return int(found.scalar_one())

    def project(self, **policy: object) -> Project:
        """A lenient project with one instruction (one phrasing), two required clauses and guidelines."""
        number = next(_numbers)
        values = {"min_words": 5, "max_words": 160, "severities": LENIENT} | policy
        project = self._add(Project(slug=f"project-{number}", name=f"Project {number}", **values))
        instruction = self._add(Instruction(project_id=project.id, key="summary"))
        self._add(
            Phrasing(instruction_id=instruction.id, position=1, text="Summarize this contract: '{contract}'")
        )
        for position, key in enumerate(("term", "governing_law"), start=1):
            self._add(
                Clause(project_id=project.id, position=position, key=key, name=key.title(), required=True)
            )
        self._add(Guidelines(project_id=project.id, version=1, markdown="Write well."))
        self.session.refresh(project)
        return project

    def member(self, project: Project, *roles: Role | str, name: str = "Member") -> User:
        user = self.user(name)
        for role in roles:
            self._add(Member(project_id=project.id, user_id=user.id, role=str(role)))
        return user

    def annotator(self, project: Project, *, attested: bool = True) -> User:
        user = self.member(project, Role.ANNOTATOR, name="Annotator")
        if attested:
            self._add(Attestation(project_id=project.id, user_id=user.id, guidelines_version=1))
        return user

    def reviewer(self, project: Project) -> User:
        return self.member(project, Role.REVIEWER, name="Reviewer")

    def lead(self, project: Project) -> User:
        return self.member(project, Role.LEAD, name="Lead")

    def engineer(self, project: Project) -> User:
        return self.member(project, Role.ENGINEER, name="Engineer")

    def document(self, project: Project, *, text: str = "", title: str = "") -> Document:
        """A document with one text, whose blocks are told as those of an imported one."""
        number = next(_numbers)
        text = text or f"{CONTRACT}\n\nCopy {number}."
        digest = hashlib.sha256(text.encode()).digest()
        document = self._add(
            Document(project_id=project.id, title=title or f"Contract {number}", text_sha256=digest)
        )
        read = from_plain_text(text)
        self._add(
            DocumentText(
                document_id=document.id,
                extractor="plain",
                extractor_version="1",
                sha256=digest,
                character_count=len(text),
                word_count=len(text.split()),
                text=text,
                blocks=blocks_to_json(read.blocks),
            )
        )
        return document

    def reading(self, document: Document) -> None:
        """Its original, which is nowhere, is to be read again."""
        name = {"name": "contract.docx", "media_type": "text/plain"}
        self._add(SourceFile(document_id=document.id, position=1, sha256="0" * 64, byte_count=1, **name))
        readings.start(self.session, document_id=document.id, actor=OPERATOR, at=NOON)

    def task(self, project: Project, *, document: Document | None = None, **values: object) -> Task:
        document = document or self.document(project)
        instruction = project.instructions[0]
        return self._add(
            Task(
                project_id=project.id,
                document_id=document.id,
                text_id=document.texts[0].id,
                instruction_id=instruction.id,
                phrasing_id=instruction.phrasings[0].id,
                **values,
            )
        )

    def sample(
        self,
        project: Project,
        *,
        annotator: User | None = None,
        output: str = SUMMARY,
        task: Task | None = None,
    ) -> Sample:
        """A draft with a live lease, ready to be submitted."""
        annotator = annotator or self.annotator(project)
        task = task or self.task(project)
        slot = self._add(
            Slot(
                task_id=task.id,
                user_id=annotator.id,
                state="writing",
                lease_expires_at=datetime.now(UTC) + timedelta(hours=1),
            )
        )
        sample = self._add(
            Sample(project_id=project.id, task_id=task.id, slot_id=slot.id, annotator_id=annotator.id)
        )
        audit.record(
            self.session,
            verb="sample.start",
            subject_type="sample",
            subject_id=sample.id,
            project_id=project.id,
            actor=annotator,
            at=NOON,
            after=sample.status,
        )
        self._add(
            Draft(
                sample_id=sample.id,
                number=1,
                output=output,
                clauses={"term": "covered", "governing_law": "covered"},
                editor="page-1",
                author_id=annotator.id,
                saved_at=NOON,
            )
        )
        return sample

    def imported(self, project: Project, importer: User, *, output: str = SUMMARY) -> Sample:
        """A pair that was written elsewhere, waiting for review."""
        document = self.document(project)
        brought = self._add(Import(project_id=project.id, created_by_id=importer.id, status="done"))
        added = importing.add_pair(
            self.session,
            document=document,
            text=document.texts[0],
            phrasing=project.instructions[0].phrasings[0],
            output=output,
            priority=0,
            due_on=None,
            import_id=brought.id,
            importer=importer,
            at=NOON,
        )
        return self.session.get_one(Sample, added.sample_id)
