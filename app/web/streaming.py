"""A streamed answer that lets go of what it reads from in the moment in which its reader goes away."""

from collections.abc import Generator, Mapping
from itertools import chain

from anyio import CancelScope
from starlette.concurrency import run_in_threadpool
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send


class ClosingStream(StreamingResponse):
    """Sends what a generator yields, and closes it however that ends.

    A reader who leaves in the middle cancels the response; the generator, with its connection and its open
    transaction, would then wait for the garbage collector, and a few such readers would empty the pool.

    The first piece is read before the answer begins: a database that is busy or away is then said so, where
    later it could only break the download off.
    """

    def __init__(
        self, chunks: Generator[bytes], *, media_type: str, headers: Mapping[str, str] | None = None
    ) -> None:
        first = next(chunks, b"")
        super().__init__(chain((first,), chunks), media_type=media_type, headers=headers)
        self._chunks = chunks

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send; then close, also where the sending was cancelled."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            with CancelScope(shield=True):
                await run_in_threadpool(self._chunks.close)
