"""`engross project` and `engross member`: what the operator does with projects and their members."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from app import clock
from app.accounts.actors import OPERATOR
from app.accounts.queries import get_user_by_email
from app.cli_output import emit
from app.database import transaction
from app.errors import Invalid
from app.projects import members as member_service
from app.projects import presenting, queries, service
from app.projects.defaults import CLAUSES, INSTRUCTION, InstructionSpec
from app.projects.forms import ClauseBody
from app.projects.rules import Role
from app.web.forms import validated

projects = typer.Typer(help="Projects.", no_args_is_help=True)
members = typer.Typer(help="Members of projects.", no_args_is_help=True)

Slug = Annotated[str, typer.Argument(help="The project's short name.")]
Email = Annotated[str, typer.Option(help="The person's e-mail address.")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")]


@projects.command("create")
def create_project(
    slug: Slug,
    name: Annotated[str, typer.Option(help="The project's name.")],
    lead: Annotated[str, typer.Option(help="The e-mail address of its first lead.")],
    instruction_file: Annotated[
        list[Path] | None,
        typer.Option(help="A text file that holds one phrasing; may be given several times."),
    ] = None,
    clauses: Annotated[
        Path | None,
        typer.Option(help="A TOML file of [[clauses]] with key, name, required, heading_cues, phrase_cues."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Make a project. What is not given is the product's own: instruction, clauses, guidelines, policy."""
    instruction = read_instruction(instruction_file) if instruction_file else INSTRUCTION
    clause_specs = [clause.spec() for clause in read_clauses(clauses)] if clauses else list(CLAUSES)
    with transaction() as session:
        project = service.create_project(
            session,
            slug=slug,
            name=name,
            lead=get_user_by_email(session, lead),
            instruction_specs=[instruction],
            clause_specs=clause_specs,
            actor=OPERATOR,
            at=clock.now(),
        )
        shown = presenting.project_view(session, project).model_dump()
    emit_created(shown, lead, as_json=as_json)


def emit_created(project: Mapping[str, Any], lead: str, *, as_json: bool) -> None:
    """Say that a project was made."""
    emit(project, as_json=as_json, table=lambda: f"Project {project['slug']} is there, led by {lead}.")


def read_instruction(paths: list[Path]) -> InstructionSpec:
    """The default instruction with the files' texts as its phrasings, without the files' last line ends."""
    return InstructionSpec(key=INSTRUCTION.key, phrasings=tuple(_read(path).rstrip("\r\n") for path in paths))


def read_clauses(path: Path) -> list[ClauseBody]:
    """The clauses of a TOML file. Raises Invalid."""
    try:
        rows = tomllib.loads(_read(path)).get("clauses")
    except tomllib.TOMLDecodeError as error:
        raise Invalid(f"{path} is not valid TOML: {error}.") from None
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise Invalid(f"{path} holds no [[clauses]].")
    return [validated(ClauseBody, row) for row in rows]


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise Invalid(f"{path} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise Invalid(f"{path} is not text in UTF-8.") from None


@projects.command("list")
def list_projects(as_json: AsJson = False) -> None:
    """All projects, by name."""
    with transaction() as session:
        found = [{"slug": row.slug, "name": row.name} for row in queries.list_visible(session, OPERATOR)]
    emit(found, as_json=as_json)


@projects.command("show")
def show_project(slug: Slug, as_json: AsJson = False) -> None:
    """A project with its setup."""
    with transaction() as session:
        project = queries.get_project(session, slug, OPERATOR)
        shown = presenting.project_view(session, project).model_dump()
    emit(shown, as_json=as_json)


@members.command("set")
def set_member(
    slug: Slug,
    email: Email,
    role: Annotated[list[Role], typer.Option(help="A role; may be given several times.")],
    as_json: AsJson = False,
) -> None:
    """Give a person exactly these roles."""
    with transaction() as session:
        done = member_service.set_roles(
            session, slug=slug, email=email, roles=role, actor=OPERATOR, at=clock.now()
        )
    emit(_member_view(done), as_json=as_json)


@members.command("remove")
def remove_member(slug: Slug, email: Email, as_json: AsJson = False) -> None:
    """Take all of a person's roles; what they wrote stays."""
    with transaction() as session:
        gone = member_service.remove_member(session, slug=slug, email=email, actor=OPERATOR, at=clock.now())
    emit_removed(_member_view(gone), as_json=as_json)


def emit_removed(member: dict[str, Any], *, as_json: bool) -> None:
    """Say that somebody is no longer a member."""
    emit(member | {"roles": []}, as_json=as_json, table=lambda: f"{member['name']} is no longer a member.")


def _member_view(membership: member_service.Membership) -> dict[str, Any]:
    return {
        "email": membership.user.email,
        "name": membership.user.name,
        "roles": [role.value for role in membership.roles],
    }


@members.command("list")
def list_members(slug: Slug, as_json: AsJson = False) -> None:
    """The members with their roles, by name."""
    with transaction() as session:
        project = queries.get_project(session, slug, OPERATOR)
        rows = presenting.member_views(queries.list_members(session, project.id))
    emit([row.model_dump() for row in rows], as_json=as_json)
