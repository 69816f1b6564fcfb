"""A document's original on its way out, to a page's reader and to a program."""

from pathlib import Path

from fastapi.responses import FileResponse
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from app.documents.models import Document
from app.documents.presenting import download_name
from app.documents.storage import originals
from app.errors import NotFound

_NOT_KEPT = "The original of this document is not kept here."


def original_of(document: Document) -> Response:
    """The file that a document was read from, as it came in; never shown, always saved. Raises NotFound."""
    file = document.files[0] if document.files else None
    if file is None:
        raise NotFound(_NOT_KEPT)
    return OriginalResponse(
        file.sha256,
        media_type=file.media_type,
        filename=download_name(file),
        content_disposition_type="attachment",
        headers={
            # Were a browser to open it all the same, it could run nothing and read nothing of this site.
            "Content-Security-Policy": "sandbox; default-src 'none'",
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "no-store",
        },
    )


class OriginalResponse(FileResponse):
    """Sends a stored file. It is looked for when the request holds no connection of the database any more:
    a store on another machine may take its time."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Find the file of the hash that it was made with, then send it. Raises NotFound."""
        self.path = await run_in_threadpool(_path_of, str(self.path))
        await super().__call__(scope, receive, send)


def _path_of(sha256: str) -> Path:
    if not originals().exists(sha256):
        raise NotFound(_NOT_KEPT)
    return originals().path(sha256)
