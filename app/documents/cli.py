"""`engross document`: what the operator does with the contracts of a project."""

from typing import Annotated

import typer
from sqlalchemy.orm import selectinload

from app import clock
from app.accounts.actors import OPERATOR
from app.cli_output import columns, emit
from app.database import transaction
from app.documents import queries, readings
from app.documents.models import Document
from app.errors import AppError, Invalid
from app.projects.queries import get_project

documents = typer.Typer(help="Documents.", no_args_is_help=True)


@documents.callback()
def group() -> None:
    """Documents."""


@documents.command("read-again")
def read_again(
    slug: Annotated[str, typer.Argument(help="The project.")],
    document_ids: Annotated[list[int] | None, typer.Argument(help="The documents' numbers.")] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="All that are not withdrawn and have an original.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")] = False,
) -> None:
    """Have originals read again, by the worker. What was begun keeps its text."""
    if bool(document_ids) == everything:
        raise Invalid("Name the documents by their numbers, or say --all.")
    with transaction() as session:
        project_id = get_project(session, slug, OPERATOR).id
        if everything:
            active = queries.matching(project_id, state="active").options(selectinload(Document.files))
            found = session.scalars(active.order_by(Document.id)).all()
            document_ids = [document.id for document in found if not readings.refusal(document)]
        else:
            there = {found.id for found in queries.list_of_project(session, project_id, document_ids or [])}
            if missing := [number for number in document_ids or [] if number not in there]:
                raise Invalid(f"{slug} has no document {', '.join(map(str, missing))}.")
    rows = [{"document": number, "why_not": _ask(number)} for number in document_ids or []]
    refused = [row for row in rows if row["why_not"]]
    asked = f"{len(rows) - len(refused):,} to be read again, {len(refused):,} refused"
    emit(rows, as_json=as_json, table=lambda: "\n".join([*([columns(refused)] if refused else []), asked]))
    if refused:
        raise typer.Exit(1)


def _ask(document_id: int) -> str:
    """Have one document read again; why that is refused, or ""."""
    try:
        with transaction() as session:
            readings.start(session, document_id=document_id, actor=OPERATOR, at=clock.now())
    except AppError as error:
        return error.message
    return ""
