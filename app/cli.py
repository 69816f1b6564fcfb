"""The `engross` command.

Each command lies with the package that it is about and is imported when it is called: importing all of them
takes over a second, and `engross version` or a wrong option should not wait for that. Nothing prompts; what
a person must know in case of failure is one sentence on standard error, and the exit code is 1 (2 where the
command line itself is wrong).
"""

import sys
from collections.abc import Callable, Iterable
from errno import ENOSPC
from functools import wraps
from importlib import import_module
from typing import Annotated, Any, NamedTuple, NoReturn

import typer
from typer.core import TyperGroup

from app.cli_output import emit
from app.errors import AppError, CannotRun
from app.version import program_version


class Entry(NamedTuple):
    """A command or a group of them: where it is, and the line that `engross --help` shows."""

    place: str  # module:name of a function or of a typer.Typer
    help: str
    opens_database: bool = True


COMMANDS = {
    "serve": Entry("app.operation.cli:serve", "Serve the site; with its own Postgres and worker.", False),
    "demo": Entry("app.operation.cli:demo", "Serve the site with a demo project.", False),
    "worker": Entry("app.operation.upkeep:worker", "Do the background jobs.", False),
    "migrate": Entry("app.operation.upkeep:migrate", "Bring the database to this version's schema.", False),
    "doctor": Entry("app.operation.upkeep:doctor", "Look whether all is well with settings and data.", False),
    "user": Entry("app.accounts.cli:users", "People: create, list, admin, sign-out, disable, enable, reset."),
    "token": Entry("app.accounts.cli:tokens_app", "Tokens for the JSON API: create, list, revoke."),
    "project": Entry("app.projects.cli:projects", "Projects: create, list, show."),
    "member": Entry("app.projects.cli:members", "Who works in a project: set, remove, list."),
    "document": Entry("app.documents.cli:documents", "A project's documents: read-again."),
    "import": Entry("app.imports.cli:import_", "Contracts from this machine's files and folders."),
    "check": Entry("app.rechecks.cli:check", "Check a project again; what stands without a reason."),
    "export": Entry("app.releases.cli:export", "Write a project's approved pairs."),
    "version": Entry("app.cli:version", "Print the version.", False),
}


def everywhere(
    url: Annotated[str | None, typer.Option(help="Work on this site, through its API.")] = None,
    token_file: Annotated[
        str | None,
        typer.Option(help="The file of your token for it, or - for standard input; else ENGROSS_TOKEN."),
    ] = None,
) -> None:
    """What stands before any command. There is no --token: arguments are seen by others on the machine."""


class LazyGroup(TyperGroup):
    """Knows its commands by name and one line of help; imports the one that is called."""

    def __init__(self, **attributes: Any) -> None:
        stubs = [
            typer.core.TyperCommand(name, help=entry.help, callback=lambda: None)
            for name, entry in COMMANDS.items()
        ]
        super().__init__(**attributes, commands=stubs)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """The command that the arguments name, imported."""
        name, stub, rest = super().resolve_command(ctx, args)
        if stub is None or name is None:
            return name, None, rest
        if ctx.params["token_file"] is not None and ctx.params["url"] is None:
            raise typer.BadParameter("--token-file is of use with --url only.")
        return name, load(name, ctx.params["url"], ctx.params["token_file"]), rest


def load(name: str, url: str | None = None, token_file: str | None = None) -> Any:
    """Import a command; what works on the database is wrapped so that it opens it first, or asks `url`."""
    entry = COMMANDS[name]
    module, _, attribute = entry.place.partition(":")
    found = getattr(import_module(module), attribute)
    command = typer.main.get_group(found) if isinstance(found, typer.Typer) else _command(found)
    command.name = name
    for words, leaf in _leaves(name, command):
        if url is not None and name != "version":
            leaf.callback = _at_a_distance(words, url, token_file)
        elif entry.opens_database:
            leaf.callback = _with_database(leaf.callback)
    return command


def _command(function: Callable[..., object]) -> Any:
    program = typer.Typer(add_completion=False)
    program.command()(function)
    return typer.main.get_command(program)


def _leaves(name: str, command: Any) -> Iterable[tuple[str, Any]]:
    """Each command that runs, with the words that call it."""
    if not isinstance(command, TyperGroup):
        yield name, command
        return
    for inner in command.commands.values():
        yield from _leaves(f"{name} {inner.name}", inner)


def _at_a_distance(words: str, url: str, token_file: str | None) -> Callable[..., object]:
    def run(**named: object) -> object:
        return import_module("app.remote").at_a_distance(words, url, token_file)(**named)

    return run


def _with_database(callback: Callable[..., object]) -> Callable[..., object]:
    """Only a command that really runs opens the database: help and wrong options do not get this far."""

    @wraps(callback)
    def run(*args: object, **named: object) -> object:
        opening = import_module("app.operation.opening")
        with opening.open_database():
            return callback(*args, **named)

    return run


def version(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")] = False,
) -> None:
    """Print the version of the program, and of the Python that runs it."""
    python = ".".join(map(str, sys.version_info[:3]))
    shown = {"version": program_version(), "python": python}
    emit(shown, as_json=as_json, table=lambda: f"engross {shown['version']} (Python {python})")


def main(arguments: list[str] | None = None) -> NoReturn:
    """Run as a program."""
    group = LazyGroup(
        name="engross",
        help="Contracts in, reviewed training pairs out.",
        no_args_is_help=True,
        params=_command(everywhere).params,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    try:
        group.main(arguments, prog_name="engross")
    except (AppError, CannotRun) as error:
        sentences = [str(error)]
        if isinstance(error, AppError):
            # The same sentences that a page shows beside its fields.
            fields = getattr(error, "fields", {})
            sentences += [f"{field}: {said}" for field, said in fields.items() if said != str(error)]
        print(*sentences, sep="\n", file=sys.stderr)
        sys.exit(1)
    except OSError as error:
        if error.errno != ENOSPC:
            raise
        print("The disk has no room for what this writes.", file=sys.stderr)
        sys.exit(1)
    sys.exit(0)


if __name__ == "__main__":
    main()
