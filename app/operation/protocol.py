"""HTTP as `engross serve` speaks it: the beginning of a request has a limit of bytes and of time.

httptools has neither: a header without an end would be collected for ever, and a connection that never says
what it wants would stay open for ever.
"""

from asyncio import TimerHandle, Transport

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

MOST_BYTES = 128 * 1024  # of the request's line and headers
SECONDS = 30


class BoundedProtocol(HttpToolsProtocol):
    """Uvicorn's own, which ends connections whose request does not begin."""

    _received = 0
    _is_beginning = True
    _patience: TimerHandle | None = None

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]
        """Wait for the first request, but not for ever."""
        super().connection_made(transport)
        self._expect()

    def on_message_begin(self) -> None:
        """A request begins; its headers have to follow."""
        super().on_message_begin()
        self._expect()

    def on_headers_complete(self) -> None:
        """The request has begun; how long its body may be is the application's affair."""
        self._is_beginning = False
        self._forget()
        super().on_headers_complete()

    def data_received(self, data: bytes) -> None:
        """Take it in; what still has no end of its headers is counted."""
        super().data_received(data)
        if self._is_beginning and not self.transport.is_closing():
            self._received += len(data)
            if self._received > MOST_BYTES:
                self.send_400_response("The request's headers are too long.")

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing more is waited for."""
        self._forget()
        super().connection_lost(exc)

    def _expect(self) -> None:
        self._forget()
        self._received, self._is_beginning = 0, True
        self._patience = self.loop.call_later(SECONDS, self.transport.close)

    def _forget(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None
