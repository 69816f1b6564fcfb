"""Requests that are none, on raw sockets against the real server: refused, and others are served."""

import logging
import socket
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from threading import Thread

import pytest

from app import database
from app.accounts import sessions, tokens
from app.operation import protocol
from app.operation.web_process import make_server
from app.settings import get_settings
from tests.conftest import on_a_database_of_its_own
from tests.factories import Factory

HOST = b"Host: 127.0.0.1\r\n"
POST = b"POST /sign-in HTTP/1.1\r\n" + HOST + b"Origin: http://127.0.0.1\r\n"
FORM = b"Content-Type: application/x-www-form-urlencoded\r\n"
PATIENCE = 30


class Listener(logging.Handler):
    """What the server complains about."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.records: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record.getMessage())


@pytest.fixture(scope="module")
def address(postgres: str, template: str) -> Iterator[tuple[str, int]]:
    """Where the server of `engross serve` listens, in a thread of this process."""
    with on_a_database_of_its_own(postgres, template), socket.create_server(("127.0.0.1", 0)) as listening:
        server = make_server()
        thread = Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        yield listening.getsockname()[:2]
        server.should_exit = True
        thread.join(PATIENCE)
        assert not thread.is_alive()


@pytest.fixture
def complaints() -> Iterator[list[str]]:
    """The errors that are logged meanwhile."""
    listener = Listener()
    logging.getLogger().addHandler(listener)
    yield listener.records
    logging.getLogger().removeHandler(listener)


def said(address: tuple[str, int], content: bytes, *, leaves: bool = False) -> bytes:
    """All that the server answers until it closes, to a client that waits or that leaves in the middle."""
    with socket.create_connection(address, timeout=PATIENCE) as client:
        received = b""
        try:
            client.sendall(content)
            if leaves:
                client.shutdown(socket.SHUT_WR)
            while piece := client.recv(65536):
                received += piece
        except (ConnectionResetError, BrokenPipeError):
            pass
        return received


def is_healthy(address: tuple[str, int]) -> bool:
    return said(address, b"GET /healthz HTTP/1.1\r\n" + HOST + b"Connection: close\r\n\r\n").endswith(b"ok\n")


REFUSED = {
    "two lengths": POST + b"Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
    "two lengths in one": POST + b"Content-Length: 3, 4\r\n\r\nabcd",
    "length and chunks": POST
    + b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\n\r\n",
    "chunks and length": POST + b"Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n",
    "chunked twice over": POST + b"Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
    "negative length": POST + b"Content-Length: -1\r\n\r\n",
    "huge length": POST + b"Content-Length: " + b"9" * 400 + b"\r\n\r\n",
    "signed length": POST + b"Content-Length: +3\r\n\r\nabc",
    "bad chunk size": POST + FORM + b"Transfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n0\r\n\r\n",
    "huge chunk size": POST + FORM + b"Transfer-Encoding: chunked\r\n\r\n" + b"f" * 40 + b"\r\nabc",
    "no colon": b"GET / HTTP/1.1\r\n" + HOST + b"no colon here\r\n\r\n",
    "space before colon": b"GET / HTTP/1.1\r\n" + HOST + b"Cookie : a=b\r\n\r\n",
    "NUL in a header": b"GET / HTTP/1.1\r\n" + HOST + b"Cookie: a\0b\r\n\r\n",
    "no protocol": b"hello\r\n\r\n",
    "another protocol": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    "odd version": b"GET / HTTP/9.9\r\n" + HOST + b"\r\n",
    "space in the address": b"GET /a b HTTP/1.1\r\n" + HOST + b"\r\n",
    "no host": b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n",
    "two hosts": b"GET / HTTP/1.1\r\n" + HOST + HOST + b"Connection: close\r\n\r\n",
    "lone line feeds in a name": b"GET / HTTP/1.1\r\n" + HOST + b"X\x01Y: 1\r\n\r\n",
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_request_is_refused_or_closed(
    address: tuple[str, int], complaints: list[str], name: str
) -> None:
    answer = said(address, REFUSED[name])
    assert answer.startswith(b"HTTP/1.1 400"), answer[:200]
    assert answer.count(b"HTTP/1.1") == 1
    assert complaints == []
    assert is_healthy(address)


ODD = {
    "folded header": b"GET /healthz HTTP/1.1\r\n" + HOST + b"X-Folded: a\r\n b\r\nConnection: close\r\n\r\n",
    "half a body": POST + FORM + b"Content-Length: 500\r\n\r\nemail=a",
    "half a chunk": POST + FORM + b"Transfer-Encoding: chunked\r\n\r\nff\r\nemail=a",
    "half a line": b"GET /heal",
    "nothing": b"",
    "many small headers": b"GET /healthz HTTP/1.1\r\n"
    + HOST
    + b"X: 1\r\n" * 5_000
    + b"Connection: close\r\n\r\n",
    "upgrade": b"GET / HTTP/1.1\r\n" + HOST + b"Connection: Upgrade, close\r\nUpgrade: websocket\r\n\r\n",
    "expect": POST + FORM + b"Expect: 100-continue\r\nContent-Length: 7\r\nConnection: close\r\n\r\nemail=a",
    "old version": b"GET /healthz HTTP/1.0\r\n\r\n",
    "whole address": b"GET http://evil.example/a HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n",
    "star": b"OPTIONS * HTTP/1.1\r\n" + HOST + b"Connection: close\r\n\r\n",
    "authority": b"CONNECT evil.example:443 HTTP/1.1\r\n" + HOST + b"Connection: close\r\n\r\n",
    "two at once": (b"GET /healthz HTTP/1.1\r\n" + HOST + b"\r\n") * 50,
    "bytes in the address": b"GET /\xff\xfe?\xff HTTP/1.1\r\n" + HOST + b"Connection: close\r\n\r\n",
}


@pytest.mark.parametrize("name", ODD)
def test_what_is_odd_or_cut_off_breaks_nothing(
    address: tuple[str, int], complaints: list[str], name: str
) -> None:
    answer = said(address, ODD[name], leaves=b"close" not in ODD[name])
    assert b" 500 " not in answer.split(b"\r\n", 1)[0]
    assert complaints == []
    assert is_healthy(address)


def test_headers_of_a_hundred_kilobytes_are_read_and_those_without_an_end_are_not(
    address: tuple[str, int],
) -> None:
    head = b"GET /healthz HTTP/1.1\r\n" + HOST + b"X-Long: "
    assert said(address, head + b"x" * 100_000 + b"\r\nConnection: close\r\n\r\n").endswith(b"ok\n")
    for endless in (
        head + b"x" * 2_000_000,
        b"GET /" + b"x" * 2_000_000,
        b"GET / HTTP/1.1\r\n" + b"a: b\r\n" * 400_000,
    ):
        assert said(address, endless)[:12] in {b"", b"HTTP/1.1 400"}
    assert is_healthy(address)


def test_connections_that_never_say_what_they_want_are_closed(
    address: tuple[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(protocol, "SECONDS", 1)
    opened = [socket.create_connection(address, timeout=PATIENCE) for _ in range(60)]
    for number, client in enumerate(opened):
        client.sendall(b"" if number % 2 else b"GET /healthz HTTP/1.1\r\nX-Slow: ")
    assert is_healthy(address)
    for client in opened:
        assert client.recv(10) == b""
        client.close()


def test_a_body_that_comes_slowly_holds_no_connection_of_the_database(address: tuple[str, int]) -> None:
    """More of them than the pool has connections, of somebody who is signed in; others are served."""
    now = datetime.now(UTC)
    with database.transaction() as session:
        user = Factory(session).user()
        cookie = sessions.start(session, user=user, user_agent="test", days=1, at=now)
        _, word = tokens.create(session, user=user, name="t", scopes=(), days=1, actor=user, at=now)
    signed_in = b"Origin: http://127.0.0.1\r\nCookie: engross=" + cookie.encode() + b"\r\n"
    bearer = b"Authorization: Bearer " + word.encode() + b"\r\n"
    begun = (
        b"POST /samples/1/draft HTTP/1.1\r\n" + signed_in + FORM,
        b"POST /projects/a/queue/writing HTTP/1.1\r\n" + signed_in + b"Content-Type: text/plain\r\n",
        b"POST /api/v1/projects/a/imports HTTP/1.1\r\n" + bearer + b"Content-Type: application/jsonl\r\n",
    )
    opened = []
    for number in range(3 * get_settings().engross_pool_size):
        client = socket.create_connection(address, timeout=PATIENCE)
        client.sendall(begun[number % 3] + HOST + b"Content-Length: 1000\r\n\r\na")
        opened.append(client)
    time.sleep(3)  # each of them has reached the server
    assert database.get_engine().pool.checkedout() == 0  # type: ignore[attr-defined]
    ready = said(address, b"GET /readyz HTTP/1.1\r\n" + HOST + b"Connection: close\r\n\r\n")
    assert ready.startswith(b"HTTP/1.1 200")
    for client in opened:
        client.close()
