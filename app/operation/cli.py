"""`engross serve` and `engross demo`: the options, and nothing that takes long to import."""

from typing import Annotated

import typer

from app.operation import serving

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
    serving.run(
        site="app.operation.site",
        host=host,
        port=port,
        web_processes=workers,
        with_worker=not no_worker,
        behind_proxy=behind_proxy,
        as_json=as_json,
    )


def demo(
    host: Host = None,
    port: Port = None,
    workers: Workers = 1,
    no_worker: NoWorker = False,
    behind_proxy: BehindProxy = False,
    as_json: AsJson = False,
) -> None:
    """Serve the site with a demo project, and print a link for each person to sign in as."""
    serving.run(
        site="app.demo.site",
        host=host,
        port=port,
        web_processes=workers,
        with_worker=not no_worker,
        behind_proxy=behind_proxy,
        as_json=as_json,
    )
