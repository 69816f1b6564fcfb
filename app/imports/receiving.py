"""Files as they arrive: parts of a form or a JSONL body. None of them is ever held in memory as a whole."""

from collections.abc import Sequence
from typing import Annotated, BinaryIO

from fastapi import Depends, File, Request, UploadFile

from app.imports.service import IncomingFile, keep


def _sent_lines(request: Request) -> BinaryIO | None:
    """The body where it is JSONL, as it lies on the disk (`app.web.receiving`); None where it is a form."""
    lines: BinaryIO | None = getattr(request.state, "lines", None)
    return lines


# Starlette has spooled each part to disk by the time a route runs.
SentFiles = Annotated[list[UploadFile] | None, File(description="One or more files.")]
SentLines = Annotated[BinaryIO | None, Depends(_sent_lines)]


def keep_files(files: Sequence[UploadFile] | None) -> list[IncomingFile]:
    """Put the parts of a form into storage; a field in which nothing was chosen holds none."""
    return [keep(file.filename or "", file.file) for file in files or () if file.filename or file.size]
