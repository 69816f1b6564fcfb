"""A streamed answer that lets go of what it reads from in the moment in which its reader goes away."""

from collections.abc import Generator, Mapping
from itertools import chain

from anyio import CancelScope, fail_after
from starlette.concurrency import run_in_threadpool
from starlette.responses import StreamingResponse
from starlette.types import Message, Receive, Scope, Send

PATIENCE = 300.0  # seconds for a piece of a quarter of a megabyte


class ClosingStream(StreamingResponse):
    """Sends what a generator yields, and closes it however that ends.

    A reader who leaves in the middle cancels the response; the generator, with its connection and its open
    transaction, would then wait for the garbage collector, and a few such readers would empty the pool.

    The first piece is read before the answer begins: a database that is busy or away is then said so, where
    later it could only break the download off.

    A reader who takes nothing for some minutes is left: what they read from would wait with them.
    """

    def __init__(
        self, chunks: Generator[bytes], *, media_type: str, headers: Mapping[str, str] | None = None
    ) -> None:
        first = next(chunks, b"")
        super().__init__(chain((first,), chunks), media_type=media_type, headers=headers)
        self._chunks = chunks

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send; then close, also where the sending was cancelled."""

        async def send_in_time(message: Message) -> None:
            with fail_after(PATIENCE):  # a TimeoutError is an OSError, as if the connection were gone
                await send(message)

        try:
            await super().__call__(scope, receive, send_in_time)
        finally:
            with CancelScope(shield=True):
                await run_in_threadpool(self._chunks.close)
