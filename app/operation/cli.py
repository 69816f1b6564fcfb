"""`engross serve`, `demo`, `worker`, `migrate` and `doctor`: for whoever looks after the server."""

import asyncio
from collections.abc import Callable
from dataclasses import asdict
from typing import Annotated

import typer
from sqlalchemy import exists, select

from app import clock, database, logs, schema
from app import worker as background
from app.accounts.models import User
from app.cli_output import columns, emit
from app.demo.service import build_demo, demo_links
from app.operation import serving
from app.operation.doctor import Finding, count_rows, examine, summarize
from app.operation.opening import open_database, refuse_unsafe_settings
from app.settings import Settings, get_settings, read_settings
from app.version import program_version

Host = Annotated[str | None, typer.Option(help="The address to listen on, instead of HOST.")]
Port = Annotated[
    int | None, typer.Option(min=0, max=65535, help="Instead of PORT; 0 picks one that is free.")
]
Workers = Annotated[int, typer.Option(min=1, max=64, help="How many processes answer requests.")]
NoWorker = Annotated[
    bool, typer.Option("--no-worker", help="Leave background jobs to `engross worker` elsewhere.")
]
BehindProxy = Annotated[
    bool, typer.Option("--behind-proxy", help="Accept a BASE_URL without https: something in front adds it.")
]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")]


def serve(
    host: Host = None,
    port: Port = None,
    workers: Workers = 1,
    no_worker: NoWorker = False,
    behind_proxy: BehindProxy = False,
    as_json: AsJson = False,
) -> None:
    """Serve the site until Ctrl-C; with its own Postgres, where DATABASE_URL is not set, and its worker."""

    def greet(settings: Settings) -> None:
        with database.transaction() as session:
            nobody = not session.scalar(select(exists().select_from(User)))
        emit(
            {"url": settings.base_url, "version": program_version()},
            as_json=as_json,
            table=lambda: _greeting(settings, *([_FIRST_USER] if nobody else [])),
        )

    _serve(_settings(host, port), greet, workers=workers, no_worker=no_worker, behind_proxy=behind_proxy)


def demo(
    host: Host = None,
    port: Port = None,
    workers: Workers = 1,
    no_worker: NoWorker = False,
    behind_proxy: BehindProxy = False,
    as_json: AsJson = False,
) -> None:
    """Serve the site with a demo project, and print a link for each person to sign in as."""

    def build() -> None:
        with database.transaction() as session:
            build_demo(session, at=clock.now())

    def greet(settings: Settings) -> None:
        with database.transaction() as session:
            links = demo_links(session, base_url=settings.base_url, at=clock.now())
        lines = [f"  {f'{name} ({role})':<44}{url}" for role, name, url in links]
        shown = [{"role": role, "name": name, "url": url} for role, name, url in links]
        emit(
            {"url": settings.base_url, "version": program_version(), "links": shown},
            as_json=as_json,
            table=lambda: _greeting(settings, "Sign in as; each link works once:", *lines),
        )

    settings = _settings(host, port)
    _serve(settings, greet, build=build, workers=workers, no_worker=no_worker, behind_proxy=behind_proxy)


_FIRST_USER = "Nobody can sign in yet: engross user create --email YOU@EXAMPLE.ORG --name YOU --admin"


def _greeting(settings: Settings, *lines: str) -> str:
    own = settings.database_url is None
    data = f"Its data is in {settings.data_dir.absolute()}. " if own else ""
    return "\n".join((f"Engross is at {settings.base_url}", f"{data}Ctrl-C stops it.", *lines))


def _settings(host: str | None, port: int | None) -> Settings:
    given = {"host": host, "port": port}
    return read_settings(**{name: value for name, value in given.items() if value is not None})


def _serve(
    settings: Settings,
    greet: Callable[[Settings], None],
    *,
    workers: int,
    no_worker: bool,
    behind_proxy: bool,
    build: Callable[[], None] | None = None,
) -> None:
    """Open, build, start, greet, watch; whatever was started is ended on every way out."""
    logs.configure(settings)
    serving.refuse_exposure(settings, behind_proxy=behind_proxy)
    with serving.until_signal(), serving.listening(settings) as listener:
        # The port is a free one where 0 was asked for, and a base URL that was not set follows it.
        settings = _settings(settings.host, listener.getsockname()[1])
        serving.prepare_data_dir(settings)
        with open_database(settings) as engine:
            refuse_unsafe_settings(engine)
            if build is not None:
                build()
            url = engine.url.render_as_string(hide_password=False)
            with serving.running(
                settings, listener, database_url=url, web_processes=workers, with_worker=not no_worker
            ) as server:
                server.wait_until_ready()
                greet(settings)
                engine.dispose()  # from here on the processes work, and this one only watches
                server.watch()


def worker(as_json: AsJson = False) -> None:
    """Do background jobs until Ctrl-C; any number of workers, on any machines, share one database."""
    settings = get_settings()
    logs.configure(settings)
    with open_database(settings) as engine:
        refuse_unsafe_settings(engine)
        emit({"working": True}, as_json=as_json, table=lambda: "The worker is running. Ctrl-C stops it.")
        asyncio.run(background.run_until_signal())


def migrate(as_json: AsJson = False) -> None:
    """Bring the database's schema to what this version wants; does nothing where it is there already."""
    with open_database(policy="leave") as engine:
        with engine.connect() as connection:
            before = schema.current(connection)
        after = schema.migrate(engine)
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
        findings = examine(engine, settings)
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
