"""The JSON API of projects: setup, members, attestation."""

from datetime import datetime
from typing import Annotated

from fastapi import Path, Query, Request, Response
from sqlalchemy.orm import Session

from app import clock
from app.accounts.dependencies import ApiUser, requires
from app.accounts.models import User
from app.accounts.queries import find_user_by_email
from app.database import SessionDep
from app.errors import Invalid
from app.paging import cut, decode, encode
from app.projects import (
    clauses,
    guidelines,
    instructions,
    library,
    members,
    presenting,
    queries,
    service,
)
from app.projects.forms import (
    AttestationBody,
    GuidelinesBody,
    MembersQuery,
    ProjectBody,
    ProjectChangeBody,
    RolesBody,
)
from app.projects.models import Project
from app.projects.presenting import (
    AttestationView,
    CuedClauseView,
    GuidelinesVersionView,
    GuidelinesView,
    LibraryClauseView,
    MemberView,
    ProjectView,
)
from app.projects.rules import Right, Role
from app.web.api import Page, api_router, page_answer
from app.web.dependencies import RowId
from app.web.pagination import Cursor, Limit

router = api_router()

READ, WRITE, ADMIN = [requires("read")], [requires("write")], [requires("admin")]

# What cannot be a short name or an address names nothing.
Slug = Annotated[str, Path(alias="project", pattern=r"^[a-z0-9-]{1,64}$")]
Email = Annotated[str, Path(max_length=254, pattern=r"^[^\x00]+$")]


@router.get("/projects", dependencies=READ, tags=["projects"])
def list_projects(
    *,
    request: Request,
    response: Response,
    session: SessionDep,
    user: ApiUser,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[ProjectView]:
    """The caller's projects by name, with their setup."""
    after = None
    if cursor:
        name, last_id = decode(cursor, str, int)
        after = (str(name), int(str(last_id)))
    rows = queries.list_page(session, user, after=after, limit=limit + 1)
    shown, last = cut(rows, limit)
    views = presenting.project_views(session, shown)
    return page_answer(response, request, views, encode(last.name, last.id) if last else None)


@router.post("/projects", status_code=201, dependencies=ADMIN, tags=["projects"])
def create_project(session: SessionDep, user: ApiUser, body: ProjectBody, response: Response) -> ProjectView:
    """A new project. What is left out is the product's own: instruction, clauses, guidelines, policy."""
    given: dict[str, object] = {}
    if body.has("instructions"):
        given["instruction_specs"] = [instruction.spec() for instruction in body.instructions]
    if body.has("clauses"):
        given["clause_specs"] = [clause.spec() for clause in body.clauses]
    if body.has("guidelines"):
        given["guidelines_markdown"] = _text(body.guidelines)[0]
    project = service.create_project(
        session,
        slug=body.slug,
        name=body.name,
        system_prompt=body.system_prompt,
        lead=_lead(session, body.lead, user),
        policy=body.policy.change(),
        actor=user,
        at=clock.now(),
        **given,  # type: ignore[arg-type]
    )
    response.headers["Location"] = f"/api/v1/projects/{project.slug}"
    return presenting.project_view(session, project)


def _lead(session: Session, email: str | None, user: User) -> User:
    lead = find_user_by_email(session, email) if email is not None else user
    if lead is None:
        sentence = "Nobody has an account with this address."
        raise Invalid(sentence, fields={"lead": sentence}, code="unknown_person")
    return lead


def _text(sent: GuidelinesBody | str) -> tuple[str, int | None]:
    """The text of guidelines, and the version that it was based on where the client says so."""
    return (sent, None) if isinstance(sent, str) else (sent.markdown, sent.version)


@router.get("/projects/{project}", dependencies=READ, tags=["projects"])
def get_project(session: SessionDep, user: ApiUser, slug: Slug) -> ProjectView:
    """A project of the caller with its setup."""
    return presenting.project_view(session, queries.get_project(session, slug, user))


@router.patch("/projects/{project}", dependencies=WRITE, tags=["projects"])
def change_project(session: SessionDep, user: ApiUser, slug: Slug, body: ProjectChangeBody) -> ProjectView:
    """Change what is sent, all of it or nothing, and leave the rest."""
    at = clock.now()
    project = service.update_project(
        session,
        slug=slug,
        name=body.name if body.has("name") else None,
        system_prompt=body.system_prompt if body.has("system_prompt") else None,
        policy=body.policy.change(),
        actor=user,
        at=at,
    )
    _change_instructions(session, project, body, user, at=at)
    if body.has("clauses"):
        specs = [clause.spec() for clause in body.clauses]
        clauses.set_clauses(session, slug=slug, specs=specs, actor=user, at=at)
    if body.has("guidelines"):
        markdown, based_on = _text(body.guidelines)
        guidelines.publish_guidelines(
            session, slug=slug, markdown=markdown, based_on=based_on, actor=user, at=at
        )
    return presenting.project_view(session, project)


def _change_instructions(
    session: Session, project: Project, body: ProjectChangeBody, user: User, *, at: datetime
) -> None:
    known = {instruction.key for instruction in project.instructions}
    for sent in body.instructions:
        if sent.key in known:
            instructions.set_phrasings(
                session, slug=project.slug, key=sent.key, texts=sent.phrasings, actor=user, at=at
            )
        else:
            instructions.add_instruction(
                session, slug=project.slug, key=sent.key, phrasings=sent.phrasings, actor=user, at=at
            )


@router.get("/projects/{project}/clauses", dependencies=READ, tags=["projects"])
def list_clauses(session: SessionDep, user: ApiUser, slug: Slug) -> Page[CuedClauseView]:
    """The project's clauses with the cues by which their passages are found; one page holds them all."""
    project = queries.get_project(session, slug, user)
    return Page(items=[presenting.clause_view(clause) for clause in project.clauses])


@router.get("/clause-library", dependencies=READ, tags=["projects"])
def list_library(user: ApiUser) -> Page[LibraryClauseView]:  # noqa: ARG001 -- signed in is all one has to be
    """The clauses that a project may begin with, with their cues; one page holds them all."""
    return Page(items=[presenting.library_view(clause) for clause in library.clauses().values()])


@router.get("/projects/{project}/guidelines", dependencies=READ, tags=["projects"])
def list_guidelines(session: SessionDep, user: ApiUser, slug: Slug) -> Page[GuidelinesVersionView]:
    """Every version of the guidelines without its text, newest first; one page holds them all."""
    project = queries.get_project(session, slug, user)
    rows = queries.list_guidelines(session, project.id)
    items = [
        GuidelinesVersionView(version=version, created_at=clock.rfc3339(at), author=author)
        for version, at, author in rows
    ]
    return Page(items=items)


@router.get("/projects/{project}/guidelines/{version}", dependencies=READ, tags=["projects"])
def get_guidelines(session: SessionDep, user: ApiUser, slug: Slug, version: RowId) -> GuidelinesView:
    """One version of the guidelines."""
    project = queries.get_project(session, slug, user)
    found = queries.get_guidelines(session, project.id, version)
    return GuidelinesView(version=found.version, markdown=found.markdown)


@router.get("/projects/{project}/members", dependencies=READ, tags=["members"])
def list_members(
    request: Request,
    response: Response,
    session: SessionDep,
    user: ApiUser,
    slug: Slug,
    query: Annotated[MembersQuery, Query()],
) -> Page[MemberView]:
    """The project's members, for its leads."""
    project = queries.get_project_with_right(session, slug, user, Right.MANAGE)
    found = queries.find_members(session, project.id, wanted=query.wanted(), **query.filters())
    return page_answer(response, request, presenting.member_views(found.items), found.next)


@router.put("/projects/{project}/members/{email}", dependencies=WRITE, tags=["members"])
def set_member(session: SessionDep, user: ApiUser, slug: Slug, email: Email, body: RolesBody) -> MemberView:
    """Give the person with this address exactly these roles."""
    roles = [Role(role) for role in body.roles]
    done = members.set_roles(session, slug=slug, email=email, roles=roles, actor=user, at=clock.now())
    return MemberView(email=done.user.email, name=done.user.name, roles=list(done.roles))


@router.delete("/projects/{project}/members/{email}", status_code=204, dependencies=WRITE, tags=["members"])
def remove_member(session: SessionDep, user: ApiUser, slug: Slug, email: Email) -> None:
    """Take all of a person's roles; what they wrote stays."""
    members.remove_member(session, slug=slug, email=email, actor=user, at=clock.now())


@router.put("/projects/{project}/attestation", dependencies=WRITE, tags=["projects"])
def attest(
    session: SessionDep, user: ApiUser, slug: Slug, body: AttestationBody | None = None
) -> AttestationView:
    """ "I write these summaries myself, without generative AI", for the current guidelines."""
    version = body.version if body else None
    given = guidelines.attest(session, slug=slug, version=version, actor=user, at=clock.now())
    return AttestationView(guidelines_version=given.guidelines_version, at=clock.rfc3339(given.at))
