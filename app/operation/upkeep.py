"""`engross worker`, `migrate` and `doctor`: for whoever looks after the database."""

import asyncio
from dataclasses import asdict
from typing import Annotated

import typer

from app import logs, migrating, schema
from app import worker as background
from app.cli_output import columns, emit
from app.operation.doctor import Finding, count_rows, examine, summarize
from app.operation.opening import open_database, refuse_unsafe_settings, refuse_unusable_storage
from app.settings import get_settings

AsJson = Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")]


def worker(as_json: AsJson = False) -> None:
    """Do background jobs until Ctrl-C; any number of workers, on any machines, share one database."""
    settings = get_settings()
    logs.configure(settings)
    with open_database(settings) as engine:
        refuse_unusable_storage()
        refuse_unsafe_settings(engine)
        emit({"working": True}, as_json=as_json, table=lambda: "The worker is running. Ctrl-C stops it.")
        asyncio.run(background.run_until_signal())


def migrate(as_json: AsJson = False) -> None:
    """Bring the database's schema to what this version wants; does nothing where it is there already."""
    with open_database(policy="leave") as engine:
        with engine.connect() as connection:
            before = schema.current(connection)
        after = migrating.migrate(engine)
    emit(
        {"before": before, "after": after},
        as_json=as_json,
        table=lambda: (
            f"The database stands at {after} already."
            if before == after
            else f"The database went from {before or 'empty'} to {after}."
        ),
    )


def doctor(as_json: AsJson = False) -> None:
    """Look whether all is well: settings, database, schema, storage, worker, and what must never happen."""
    settings = get_settings()
    with open_database(settings, policy="leave") as engine:
        findings = examine(engine)
        at_head = all(finding.ok for finding in findings if finding.name == "schema")
        counts = count_rows(engine) if at_head else {}
    healthy = all(finding.ok or finding.attention for finding in findings)
    shown = {
        "healthy": healthy,
        "settings": summarize(settings),
        "findings": [asdict(finding) for finding in findings],
        "counts": counts,
    }
    emit(shown, as_json=as_json, table=lambda: _report(findings, counts, summarize(settings)))
    if not healthy:
        raise typer.Exit(1)


def _report(findings: list[Finding], counts: dict[str, int], settings: dict[str, object]) -> str:
    words = {True: "ok", False: "WRONG"}
    lines = [
        {
            "checked": finding.name,
            "": "look" if finding.attention else words[finding.ok],
            "found": finding.said,
        }
        for finding in findings
    ]
    set_ones = {name: value for name, value in settings.items() if value not in (None, [])}
    return "\n\n".join(
        (
            columns([{"setting": name, "value": value} for name, value in set_ones.items()]),
            columns(lines),
            columns([{"table": name, "rows": count} for name, count in counts.items()]) if counts else "",
        )
    ).rstrip()
