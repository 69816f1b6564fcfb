"""A wire that can be cut: passes bytes between a client and a server, and breaks where it is told to."""

import socket
import struct
from contextlib import suppress
from threading import Lock, Thread
from types import TracebackType
from typing import Self

_CHUNK = 1 << 16
# Closed so, a socket says at once that it is gone, and delivers nothing that still waits.
_ABRUPT = (socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


class _Wire:
    """One connection through the proxy. `is_last` once the server's next bytes are to be swallowed."""

    def __init__(self, client: socket.socket, server: socket.socket) -> None:
        self.client = client
        self.server = server
        self.is_last = False

    def cut(self) -> None:
        """Break it, for both."""
        for end in (self.client, self.server):
            with suppress(OSError):
                end.setsockopt(*_ABRUPT)
                end.shutdown(socket.SHUT_RDWR)
            end.close()


class Proxy:
    """Listens on a free port of this machine; connects to a TCP address or to a socket's path."""

    def __init__(self, upstream: tuple[str, int] | str) -> None:
        self._upstream = upstream
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._lock = Lock()
        self._wires: list[_Wire] = []
        self._marker: bytes | None = None
        self._delivered = False

    def __enter__(self) -> Self:
        Thread(target=self._listen, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.cut_all()

    def cut_at(self, marker: bytes, *, delivered: bool) -> None:
        """Cut the next connection on which a client sends this.

        Not `delivered`: the server never hears of it. `delivered`: the server hears and answers, and the
        client does not hear the answer.
        """
        with self._lock:
            self._marker, self._delivered = marker, delivered

    def cut_all(self) -> None:
        """Cut every connection that there is."""
        with self._lock:
            wires, self._wires = self._wires, []
        for wire in wires:
            wire.cut()

    def _listen(self) -> None:
        with suppress(OSError):  # the listener was closed
            while True:
                client, _ = self._listener.accept()
                family = socket.AF_UNIX if isinstance(self._upstream, str) else socket.AF_INET
                server = socket.socket(family)
                try:
                    server.connect(self._upstream)
                except OSError:
                    client.close()
                    continue
                wire = _Wire(client, server)
                with self._lock:
                    self._wires.append(wire)
                for pump in (self._to_server, self._to_client):
                    Thread(target=pump, args=(wire,), daemon=True).start()

    def _to_server(self, wire: _Wire) -> None:
        with suppress(OSError):
            while sent := wire.client.recv(_CHUNK):
                if self._is_struck(sent):
                    if not self._delivered:
                        break
                    wire.is_last = True
                wire.server.sendall(sent)
        wire.cut()

    def _is_struck(self, sent: bytes) -> bool:
        with self._lock:
            if self._marker is None or self._marker not in sent:
                return False
            self._marker = None
            return True

    def _to_client(self, wire: _Wire) -> None:
        with suppress(OSError):
            while (answered := wire.server.recv(_CHUNK)) and not wire.is_last:
                wire.client.sendall(answered)
        wire.cut()
