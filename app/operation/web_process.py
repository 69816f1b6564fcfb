"""One web process of `engross serve`: answers requests on a socket that its parent has opened.

    python -m app.operation.web_process SOCKET

The argument is the number of an inherited descriptor. The parent says the database's address on standard
input as soon as that is ready for work: importing the application takes longest, and goes on meanwhile.
Standard input ends when the parent does, and then this process finishes its requests and ends as well.
"""

import socket
import sys
from threading import Thread

import uvicorn

from app import database, logs
from app.main import create_app
from app.operation.protocol import BoundedProtocol
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
        http=BoundedProtocol,
        ws="none",
        log_config=None,
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    return uvicorn.Server(config)


def _end_with_parent(server: uvicorn.Server) -> None:
    sys.stdin.read()
    server.should_exit = True


def main() -> None:
    """Run as a program."""
    logs.configure(get_settings())
    server = make_server()
    url = sys.stdin.readline().strip()
    if not url:
        return  # the parent could not open its database, and has said so
    database.configure(url)
    Thread(target=_end_with_parent, args=(server,), daemon=True).start()
    server.run(sockets=[socket.socket(fileno=int(sys.argv[1]))])


if __name__ == "__main__":
    main()
