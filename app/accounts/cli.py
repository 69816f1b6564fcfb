"""`engross user` and `engross token`: what the operator does with people and their tokens."""

import sys
from datetime import datetime
from typing import Annotated, Any

import typer

from app import clock
from app.accounts import links, people, queries, tokens
from app.accounts.actors import OPERATOR
from app.accounts.models import ApiToken, User
from app.cli_output import emit
from app.database import transaction
from app.settings import get_settings

users = typer.Typer(help="People.", no_args_is_help=True)
tokens_app = typer.Typer(help="Tokens for the JSON API.", no_args_is_help=True)

Email = Annotated[str, typer.Option(help="The person's e-mail address.")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")]


def _time(at: datetime | None) -> str | None:
    return clock.rfc3339(at) if at else None


def _user_view(user: User) -> dict[str, Any]:
    return {
        "id": user.id,
        "email": user.email,
        "name": user.name,
        "admin": user.is_admin,
        "disabled_at": _time(user.disabled_at),
        "created_at": _time(user.created_at),
    }


@users.command("create")
def create_user(
    email: Email,
    name: Annotated[str, typer.Option(help="The person's name.")],
    admin: Annotated[bool, typer.Option("--admin", help="May administer the site.")] = False,
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="Read a password from standard input.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Add a person. Without a password, print the link with which they choose one."""
    settings = get_settings()
    password = sys.stdin.readline().rstrip("\r\n") if password_stdin else None
    at = clock.now()
    with transaction() as session:
        user = people.create(
            session, email=email, name=name, is_admin=admin, password=password, actor=OPERATOR, at=at
        )
        shown: dict[str, Any] = {"id": user.id, "email": user.email}
        if password is None:
            days = settings.engross_link_days
            token = people.make_link(session, user=user, days=days, actor=OPERATOR, at=at)
            shown["link"] = links.url(settings.base_url, token)
    emit(shown, as_json=as_json)


@users.command("list")
def list_users(
    search: Annotated[str, typer.Option(help="Part of a name or an address.")] = "", as_json: AsJson = False
) -> None:
    """Everybody, by name."""
    with transaction() as session:
        found = [_user_view(user) for user in queries.list_users(session, search=search, limit=None)]
    emit(found, as_json=as_json)


@users.command("disable")
def disable_user(email: Email, as_json: AsJson = False) -> None:
    """Keep a person out: their sessions, tokens and links end at once."""
    with transaction() as session:
        found = queries.get_user_by_email(session, email)
        user = people.disable(session, user_id=found.id, actor=OPERATOR, at=clock.now())
        shown = _user_view(user)
    emit(shown, as_json=as_json)


@users.command("enable")
def enable_user(email: Email, as_json: AsJson = False) -> None:
    """Let a person in again."""
    with transaction() as session:
        found = queries.get_user_by_email(session, email)
        user = people.enable(session, user_id=found.id, actor=OPERATOR, at=clock.now())
        shown = _user_view(user)
    emit(shown, as_json=as_json)


@users.command("admin")
def set_admin(
    email: Email,
    remove: Annotated[bool, typer.Option("--remove", help="Take administration away again.")] = False,
    as_json: AsJson = False,
) -> None:
    """Make a person an administrator, or take that away; the last one stays."""
    with transaction() as session:
        found = queries.get_user_by_email(session, email)
        user = people.set_admin(
            session, user_id=found.id, is_admin=not remove, actor=OPERATOR, at=clock.now()
        )
        shown = _user_view(user)
    emit(shown, as_json=as_json)


@users.command("sign-out")
def sign_out_user(email: Email, as_json: AsJson = False) -> None:
    """End all sessions of a person; their tokens and their password stay."""
    with transaction() as session:
        user = queries.get_user_by_email(session, email)
        people.end_all_sessions(session, user=user, actor=OPERATOR, at=clock.now())
        shown = _user_view(user)
    emit(shown, as_json=as_json)


@users.command("reset")
def reset_user(email: Email, as_json: AsJson = False) -> None:
    """Print a link with which the person chooses a new password."""
    settings = get_settings()
    days = settings.engross_link_days
    with transaction() as session:
        user = queries.get_user_by_email(session, email)
        token = people.make_link(session, user=user, days=days, actor=OPERATOR, at=clock.now())
        shown = {"id": user.id, "email": user.email, "link": links.url(settings.base_url, token)}
    emit(shown, as_json=as_json)


def _token_view(token: ApiToken) -> dict[str, Any]:
    return {
        "id": token.id,
        "name": token.name,
        "scopes": token.scopes,
        "created_at": _time(token.created_at),
        "expires_at": _time(token.expires_at),
        "last_used_at": _time(token.last_used_at),
    }


@tokens_app.command("create")
def create_token(
    email: Email,
    name: Annotated[str, typer.Option(help="What the token is for.")] = "command line",
    scope: Annotated[
        list[str] | None, typer.Option(help="read, write, review, import, export or admin; repeatable.")
    ] = None,
    days: Annotated[int | None, typer.Option(help="Good for so many days; without it, no end.")] = None,
    as_json: AsJson = False,
) -> None:
    """Make a token of a person and print it, once."""
    with transaction() as session:
        user = queries.get_user_by_email(session, email)
        token, word = tokens.create(
            session,
            user=user,
            name=name,
            scopes=scope or [],
            days=days,
            actor=OPERATOR,
            at=clock.now(),
        )
        shown = {"token": word, **_token_view(token)}
    emit(shown, as_json=as_json)


@tokens_app.command("list")
def list_tokens(
    email: Annotated[str, typer.Option(help="Of this person alone.")] = "", as_json: AsJson = False
) -> None:
    """The tokens that still work, of a person or of all; never the tokens themselves."""
    with transaction() as session:
        if email:
            found = [
                _token_view(token)
                for token in queries.list_tokens(session, queries.get_user_by_email(session, email).id)
            ]
        else:
            found = [
                {"email": token.user.email, **_token_view(token)}
                for token in queries.list_everybodys_tokens(session, after=None, limit=None)
            ]
    emit(found, as_json=as_json)


@tokens_app.command("revoke")
def revoke_token(
    token_id: Annotated[int, typer.Argument(help="The token's id, as `token list` shows it.")],
    as_json: AsJson = False,
) -> None:
    """Revoke a token: the next call with it is refused."""
    with transaction() as session:
        tokens.revoke(session, token_id=token_id, actor=OPERATOR, owner=None, at=clock.now())
    emit({"id": token_id, "revoked": True}, as_json=as_json)
