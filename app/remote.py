"""The command line at a distance: `engross --url https://… COMMAND`, through the JSON API.

Each twin here does what the command of its name does on the server, with the same arguments, and prints by
the same functions. What only makes sense at the server says so. The token comes from a file, standard input
or ENGROSS_TOKEN, never by argument: arguments stand in the list of processes, which others on a machine read.
"""

import os
import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path

import typer

from app.cli_output import emit
from app.client import FINISHED, Engross, Problem
from app.client_answers import Json
from app.documents.rules import passed_over
from app.errors import CannotRun, Invalid
from app.imports.cli import drawn, find_files, progress
from app.imports.presenting import ImportReport
from app.projects import cli as project_commands
from app.projects.rules import Role
from app.rechecks.cli import emit_report
from app.rechecks.presenting import CheckReport
from app.releases.cli import NAMED, check_output, name_excluded

Twin = Callable[..., None]
SERVER_ONLY = "“engross {}” works on the server's machine only: run it there, without --url."


def read_token(file: str | None) -> str:
    """The token out of a file, of standard input (“-”), or of ENGROSS_TOKEN."""
    if file is None:
        # No setting of the server's: this machine has none.
        token = os.environ.get("ENGROSS_TOKEN", "")
        if not token:
            raise CannotRun("This needs a token: set ENGROSS_TOKEN, or name its file with --token-file.")
    elif file == "-":
        token = sys.stdin.readline()
    else:
        try:
            token = Path(file).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise CannotRun(f"The token's file {file} cannot be read ({error}).") from None
    return token.strip()


def at_a_distance(command: str, url: str, token_file: str | None) -> Callable[..., None]:
    """What a command (“project list”) does instead of its own; raises CannotRun for the server's own."""
    twin = TWINS.get(command)
    if twin is None:
        raise CannotRun(WHY_NOT.get(command, SERVER_ONLY.format(command)))

    @wraps(twin)
    def run(**arguments: object) -> None:
        try:
            with Engross(url, read_token(token_file)) as site:
                twin(site, **arguments)
        except Problem as problem:
            raise Invalid(problem.message, fields=problem.errors, code=problem.code) from None

    return run


def _create_project(
    site: Engross,
    slug: str,
    name: str,
    lead: str,
    instruction_file: list[Path] | None,
    clauses: Path | None,
    as_json: bool,
) -> None:
    setup: dict[str, object] = {"lead": lead}
    if instruction_file:
        instruction = project_commands.read_instruction(instruction_file)
        setup["instructions"] = [{"key": instruction.key, "phrasings": list(instruction.phrasings)}]
    if clauses:
        setup["clauses"] = [clause.model_dump() for clause in project_commands.read_clauses(clauses)]
    project_commands.emit_created(site.create_project(slug, name, **setup), lead, as_json=as_json)


def _list_projects(site: Engross, as_json: bool) -> None:
    emit([{"slug": row["slug"], "name": row["name"]} for row in site.projects()], as_json=as_json)


def _show_project(site: Engross, slug: str, as_json: bool) -> None:
    emit(site.project(slug), as_json=as_json)


def _set_member(site: Engross, slug: str, email: str, role: list[Role], as_json: bool) -> None:
    emit(site.set_member(slug, email, role), as_json=as_json)


def _remove_member(site: Engross, slug: str, email: str, as_json: bool) -> None:
    gone = next((row for row in site.members(slug) if row["email"] == email.strip().lower()), None)
    site.remove_member(slug, email)
    project_commands.emit_removed(dict(gone or {"email": email, "name": email}), as_json=as_json)


def _list_members(site: Engross, slug: str, as_json: bool) -> None:
    emit(list(site.members(slug)), as_json=as_json)


def _import(site: Engross, slug: str, paths: list[Path], as_json: bool) -> None:
    files, hidden = find_files(paths)
    import_id = site.start_import(slug, files)
    try:
        with progress() as show:
            for report in site.follow_import(import_id):
                show(report["done"], report["total"])
    except KeyboardInterrupt:
        typer.echo(f"Import {import_id} goes on at the server.", err=True)
        raise
    if hidden:
        report["notes"] = [passed_over(hidden), *report["notes"]]
    read = ImportReport.model_validate(report)
    emit(report, as_json=as_json, table=lambda: drawn(read))
    if report["failed"] or report["status"] != FINISHED[0]:
        raise typer.Exit(1)


def _check(site: Engross, slug: str, as_json: bool) -> None:
    report: Json = {}
    with progress("Checking") as show:
        for report in site.check(slug):
            show(report["run"]["done"], report["run"]["total"])
    found = list(site.findings(slug, state="open"))
    emit_report(CheckReport.model_validate(report), found, as_json=as_json)


def _export(site: Engross, slug: str, output: str, as_json: bool, format: str, **query: object) -> None:
    chosen = check_output(format, output, as_json=as_json)
    excluded = list(site.exclusions(slug))
    if not as_json:
        named = [(row["sample_id"], row["document"]["title"], row["message"]) for row in excluded[:NAMED]]
        name_excluded(named, len(excluded))
    if output == "-":
        site.write_export(slug, sys.stdout.buffer, format=chosen, **query)
        sys.stdout.flush()
        return
    written = site.export(slug, Path(output), format=chosen, **query)
    shown = {"path": output, "rows": written.rows, "bytes": written.bytes, "sha256": written.sha256}
    emit(shown | {"excluded": len(excluded)}, as_json=as_json)


def _list_users(site: Engross, search: str, as_json: bool) -> None:
    emit(list(site.pages("users", q=search)), as_json=as_json)


def _disable_user(site: Engross, email: str, as_json: bool) -> None:
    emit(site.call("PATCH", "users", email, json={"disabled": True}), as_json=as_json)


def _enable_user(site: Engross, email: str, as_json: bool) -> None:
    emit(site.call("PATCH", "users", email, json={"disabled": False}), as_json=as_json)


def _set_admin(site: Engross, email: str, remove: bool, as_json: bool) -> None:
    emit(site.call("PATCH", "users", email, json={"admin": not remove}), as_json=as_json)


def _sign_out_user(site: Engross, email: str, as_json: bool) -> None:
    site.call("DELETE", "users", email, "sessions")
    person = site.call("GET", "users", email)
    emit({name: value for name, value in person.items() if name != "memberships"}, as_json=as_json)


def _list_tokens(site: Engross, email: str, as_json: bool) -> None:
    # One's own where nobody is named: no call tells of everybody's.
    own = not email or email.strip().lower() == site.me()["email"]
    emit(site.call("GET", "tokens") if own else site.call("GET", "users", email, "tokens"), as_json=as_json)


def _revoke_token(site: Engross, token_id: int, as_json: bool) -> None:
    site.call("DELETE", "tokens", token_id)
    emit({"id": token_id, "revoked": True}, as_json=as_json)


TWINS: dict[str, Twin] = {
    "project create": _create_project,
    "project list": _list_projects,
    "project show": _show_project,
    "member set": _set_member,
    "member remove": _remove_member,
    "member list": _list_members,
    "import": _import,
    "check": _check,
    "export": _export,
    "user list": _list_users,
    "user disable": _disable_user,
    "user enable": _enable_user,
    "user admin": _set_admin,
    "user sign-out": _sign_out_user,
    "token list": _list_tokens,
    "token revoke": _revoke_token,
}
# The API hands out no credentials: its answers are kept for their repetition.
WHY_NOT = {
    "user create": "People are invited on the site's own page, or on the server's machine.",
    "user reset": "A link for a new password is made on the site's own page, or on the server's machine.",
    "document read-again": "Originals are read again on the document's page, or on the server's machine.",
    "token create": "A token is made on your account page, or on the server's machine.",
}
