"""Files as they arrive: parts of a form or a JSONL body. None of them is ever held in memory as a whole."""

from collections.abc import AsyncIterator, Sequence
from tempfile import SpooledTemporaryFile
from typing import Annotated, BinaryIO, cast

from fastapi import Depends, File, Request, UploadFile
from starlette.concurrency import run_in_threadpool

from app.imports.service import IncomingFile, keep

JSONL_TYPES = ("application/jsonl", "application/x-ndjson", "application/x-jsonlines")
_IN_MEMORY = 1 << 20


async def _sent_lines(request: Request) -> AsyncIterator[BinaryIO | None]:
    """The body, spooled to disk, where it is JSONL; None where it is a form."""
    media_type = request.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if media_type not in JSONL_TYPES:
        yield None
        return
    with SpooledTemporaryFile(max_size=_IN_MEMORY) as spool:
        async for chunk in request.stream():
            await run_in_threadpool(spool.write, chunk)
        spool.seek(0)
        yield cast(BinaryIO, spool)


# Starlette has spooled each part to disk by the time a route runs.
SentFiles = Annotated[list[UploadFile] | None, File(description="One or more files.")]
SentLines = Annotated[BinaryIO | None, Depends(_sent_lines)]


def keep_files(files: Sequence[UploadFile] | None) -> list[IncomingFile]:
    """Put the parts of a form into storage; a field in which nothing was chosen holds none."""
    return [keep(file.filename or "", file.file) for file in files or () if file.filename or file.size]
