"""The background worker: takes jobs from the queue in the database, on any number of machines.

    engross worker            or, as a child of `engross serve`:  python -m app.worker --with-parent

It survives a restart of Postgres: whatever ends for want of the database is begun again after a moment. On
SIGTERM or SIGINT it takes no new job, and a running one ends or goes back into the queue.
"""

import asyncio
import contextlib
import os
import pkgutil
import signal
import socket
import sys
import time
from importlib import import_module
from importlib.util import find_spec

import structlog
from procrastinate import PsycopgConnector
from psycopg.conninfo import make_conninfo
from sqlalchemy.exc import SQLAlchemyError

import app
from app import database, logs
from app.jobs import queue, service
from app.settings import get_settings

log = structlog.get_logger(__name__)

CONCURRENCY = 4  # a long import must not keep a release waiting
BEAT_SECONDS = 5.0
RETRY_SECONDS = 2.0
STALLED_SECONDS = 30.0


async def run_worker(stop: asyncio.Event) -> None:
    """Work until `stop` is set; jobs that are running then end or are returned to the queue."""
    import_jobs()
    name = f"{socket.gethostname()}:{os.getpid()}"
    beating = asyncio.create_task(_beat(name))
    try:
        while not stop.is_set():
            try:
                await _work(stop)
            except Exception as error:  # noqa: BLE001 -- a worker that dies of one bad moment helps nobody
                log.warning("worker_interrupted", kind=type(error).__name__, places=logs.places(error))
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), RETRY_SECONDS)
    finally:
        beating.cancel()
        with contextlib.suppress(SQLAlchemyError):
            await asyncio.to_thread(_leave, name)


def import_jobs() -> None:
    """Import the `jobs.py` of every package, so that the queue knows their tasks."""
    for package in pkgutil.iter_modules(app.__path__, "app."):
        if package.ispkg and find_spec(f"{package.name}.jobs"):
            import_module(f"{package.name}.jobs")


async def _work(stop: asyncio.Event) -> None:
    """Run the queue's worker once: until `stop`, or until the database goes away."""
    await asyncio.to_thread(_make_up)
    connector = _connector()
    with queue.app.replace_connector(connector):
        try:
            await connector.open_async()
            working = asyncio.create_task(
                queue.app.run_worker_async(
                    concurrency=CONCURRENCY,
                    delete_jobs="successful",
                    install_signal_handlers=False,
                    shutdown_graceful_timeout=1.0,  # then running jobs are asked to stop, and waited for
                    stalled_worker_timeout=STALLED_SECONDS,
                )
            )
            stopping = asyncio.create_task(stop.wait())
            await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)
            if not stopping.cancel():
                working.cancel()  # which the worker takes as a request to end in good order
            with contextlib.suppress(asyncio.CancelledError):
                await working
        finally:
            await connector.close_async()


def _connector() -> PsycopgConnector:
    """The queue's own connections, to the database that this process works on."""
    engine = database.get_engine()
    _, parameters = engine.dialect.create_connect_args(engine.url)
    parameters.pop("context", None)  # the driver's adapters, which are no part of an address
    parameters.update(application_name="engross worker", connect_timeout=3)
    return PsycopgConnector(
        conninfo=make_conninfo(**parameters),
        min_size=1,
        max_size=4,
        timeout=10,
    )


def _make_up() -> None:
    """Queue what should have run while no worker was there, instead of waiting for its next minute."""
    with database.transaction() as session:
        for periodic in queue.app.periodic_registry.periodic_tasks.values():
            if periodic.cron == "* * * * *":
                service.defer(
                    session,
                    periodic.task.name,
                    queueing_lock=periodic.task.queueing_lock,
                    timestamp=int(time.time()),
                )


async def _beat(name: str) -> None:
    while True:
        try:
            await asyncio.to_thread(_beat_once, name)
        except SQLAlchemyError as error:
            log.warning("heartbeat_failed", kind=type(error).__name__)
        await asyncio.sleep(BEAT_SECONDS)


def _beat_once(name: str) -> None:
    with database.transaction() as session:
        service.beat(session, name)


def _leave(name: str) -> None:
    with database.transaction() as session:
        service.leave(session, name)


async def run_until_signal(*, with_parent: bool = False) -> None:
    """Work until SIGTERM or SIGINT; `with_parent`, also until the process that started this one is gone.

    Standard input is then a pipe into which the parent never writes. It ends with the parent, who if it was
    killed cannot stop its worker, which would go on with an old version's code.
    """
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)

    def end_with_parent() -> None:
        loop.remove_reader(sys.stdin)
        stop.set()

    if with_parent:
        loop.add_reader(sys.stdin, end_with_parent)
    await run_worker(stop)


def main() -> None:
    """Run as a program."""
    logs.configure(get_settings())
    asyncio.run(run_until_signal(with_parent="--with-parent" in sys.argv[1:]))


if __name__ == "__main__":
    main()
