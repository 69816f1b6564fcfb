"""The body of a request, taken in before anything else: whoever sends slowly must hold no connection.

A dependency of every route, and its first: by the time the others ask the database who calls, the whole body
lies in memory or, where it may be long, on the disk.
"""

from collections.abc import AsyncIterator
from tempfile import SpooledTemporaryFile

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from app.errors import StorageFull
from app.web.dependencies import FORM_TYPES, SAFE_METHODS, media_type

JSONL_TYPES = frozenset({"application/jsonl", "application/x-ndjson", "application/x-jsonlines"})
_IN_MEMORY = 1 << 20


async def receive_body(request: Request) -> AsyncIterator[None]:
    """Read what a change sends. Lists of contracts are left in a file, as `request.state.lines`.

    Raises StorageFull where the disk has no room for it.
    """
    if request.method in SAFE_METHODS:
        yield
        return
    with SpooledTemporaryFile(max_size=_IN_MEMORY) as spool:
        try:
            await _take_in(request, spool)
        except OSError as error:
            if (full := StorageFull.of(error)) is None:
                raise
            raise full from error
        yield


async def _take_in(request: Request, spool: "SpooledTemporaryFile[bytes]") -> None:
    if media_type(request.headers) in JSONL_TYPES:
        async for chunk in request.stream():
            await run_in_threadpool(spool.write, chunk)
        spool.seek(0)
        request.state.lines = spool
    elif media_type(request.headers) in FORM_TYPES:
        # FastAPI has parsed the form by now where the route declares one; it is the same object.
        await request.form()
    else:
        await request.body()
