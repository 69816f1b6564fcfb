"""A project as the JSON API and `--json` give it."""

from collections.abc import Sequence
from dataclasses import asdict

from pydantic import BaseModel
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.projects import queries
from app.projects.library import LibraryClause
from app.projects.models import Clause, Guidelines, Instruction, Project
from app.projects.policy import Policy
from app.projects.rules import Role
from app.projects.service import policy_of


class InstructionView(BaseModel):
    """An instruction and the wordings in use."""

    key: str
    phrasings: list[str]


class ClauseView(BaseModel):
    """A clause."""

    key: str
    name: str
    required: bool


class CuedClauseView(ClauseView):
    """A clause with what its passages are found by."""

    heading_cues: list[str]
    phrase_cues: list[str]


class LibraryClauseView(BaseModel):
    """A clause of the library, from which a lead may begin."""

    key: str
    name: str
    group: str
    question: str
    heading_cues: list[str]
    phrase_cues: list[str]


class PolicyView(BaseModel):
    """The policy."""

    min_words: int
    max_words: int
    overlap: int
    approvals: int
    reviewer_edits: bool
    lease_minutes: int
    date_order: str
    severities: dict[str, str]


class GuidelinesView(BaseModel):
    """One version of the guidelines."""

    version: int
    markdown: str


class GuidelinesVersionView(BaseModel):
    """When a version of the guidelines was published, and by whom; null is the site's own."""

    version: int
    created_at: str
    author: str | None


class ProjectView(BaseModel):
    """A project with its setup."""

    slug: str
    name: str
    system_prompt: str
    instructions: list[InstructionView]
    clauses: list[ClauseView]
    policy: PolicyView
    guidelines: GuidelinesView


class MemberView(BaseModel):
    """A member and their roles."""

    email: str
    name: str
    roles: list[str]


class AttestationView(BaseModel):
    """An attestation that stands."""

    guidelines_version: int
    at: str


def project_views(session: Session, projects: Sequence[Project]) -> list[ProjectView]:
    """The projects as they are given out; their guidelines are read in one statement."""
    guidelines = queries.current_guidelines(session, [project.id for project in projects])
    return [_project_view(project, guidelines[project.id]) for project in projects]


def project_view(session: Session, project: Project) -> ProjectView:
    """One project as it is given out."""
    return project_views(session, [project])[0]


def _project_view(project: Project, guidelines: Guidelines) -> ProjectView:
    return ProjectView(
        slug=project.slug,
        name=project.name,
        system_prompt=project.system_prompt,
        instructions=[_instruction_view(instruction) for instruction in project.instructions],
        clauses=[
            ClauseView(key=clause.key, name=clause.name, required=clause.required)
            for clause in project.clauses
        ],
        policy=_policy_view(policy_of(project)),
        guidelines=GuidelinesView(version=guidelines.version, markdown=guidelines.markdown),
    )


def _instruction_view(instruction: Instruction) -> InstructionView:
    return InstructionView(
        key=instruction.key, phrasings=[phrasing.text for phrasing in instruction.phrasings]
    )


def _policy_view(policy: Policy) -> PolicyView:
    return PolicyView(**asdict(policy))


def clause_view(clause: Clause) -> CuedClauseView:
    """A clause with its cues."""
    return CuedClauseView(
        key=clause.key,
        name=clause.name,
        required=clause.required,
        heading_cues=clause.heading_cues,
        phrase_cues=clause.phrase_cues,
    )


def library_view(clause: LibraryClause) -> LibraryClauseView:
    """A clause of the library with its cues."""
    return LibraryClauseView(
        key=clause.key,
        name=clause.name,
        group=clause.group,
        question=clause.question,
        heading_cues=list(clause.headings),
        phrase_cues=list(clause.phrases),
    )


def member_views(rows: Sequence[tuple[User, Sequence[Role]]]) -> list[MemberView]:
    """Members with their roles, in the order given."""
    return [MemberView(email=user.email, name=user.name, roles=list(roles)) for user, roles in rows]
