"""One web process of `engross serve`: answers requests on a socket that its parent has opened.

    python -m app.operation.web_process SOCKET LIFELINE

Both arguments are numbers of inherited descriptors. Nobody ever writes into the lifeline; it ends when the
parent does, however that happened, and then this process finishes its requests and ends as well.
"""

import os
import socket
import sys
from contextlib import suppress
from threading import Thread

import uvicorn

from app import logs
from app.main import create_app
from app.settings import get_settings

GRACE_SECONDS = 10  # for requests in flight when the server is told to stop


def make_server() -> uvicorn.Server:
    """The server with this application's habits.

    uvloop and httptools are named, because plain asyncio leaves Nagle's algorithm on, which costs 40 ms a
    call. Forwarded headers are the application's own affair: it knows the trusted proxies.
    """
    config = uvicorn.Config(
        create_app(),
        loop="uvloop",
        http="httptools",
        ws="none",
        log_config=None,
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    return uvicorn.Server(config)


def _end_with_parent(server: uvicorn.Server, lifeline: int) -> None:
    os.read(lifeline, 1)
    server.should_exit = True


def main() -> None:
    """Run as a program."""
    logs.configure(get_settings())
    listener, lifeline = (int(number) for number in sys.argv[1:3])
    server = make_server()
    Thread(target=_end_with_parent, args=(server, lifeline), daemon=True).start()
    with suppress(KeyboardInterrupt):  # Ctrl-C reaches every process of the terminal
        server.run(sockets=[socket.socket(fileno=listener)])


if __name__ == "__main__":
    main()
