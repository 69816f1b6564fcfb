"""The process in which a file is read: limits first, then standard input, JSON to standard output.

Started by `sandbox.extract` only. A crash, a limit or a kill in here is one file's failure and nobody else's.
"""

import json
import resource
import sys
import traceback
from pathlib import Path
from typing import BinaryIO

from .blocks import Extracted, Unreadable
from .decoding import decode
from .docx import read_docx
from .html import read_html
from .markdown import read_markdown
from .pdf import read_pdf
from .plain import from_plain_text
from .rtf import read_rtf
from .sniffing import CSV, DOCX, HTML, JSON, JSONL, MARKDOWN, PDF, RTF, ZIP, sniff_stream
from .wording import BROKEN, OUT_OF_MEMORY, guessed_as, too_long

_LARGEST_RESULT = 512 * 1024**2  # bytes of JSON
_LIST = "This is a list of contracts. Import it as JSONL, JSON or CSV."
_SEVERAL = {
    ZIP: "This ZIP holds several files. Import it as an archive, or unpack it and import the files.",
    JSONL: _LIST,
    JSON: _LIST,
    CSV: _LIST,
}
_WHOLE = {PDF: read_pdf, RTF: read_rtf, HTML: read_html}


def main(arguments: list[str]) -> None:
    """Reads one file: seconds of processor time, megabytes, most characters, and the file's name."""
    seconds, megabytes, max_characters = (int(argument) for argument in arguments[:3])
    _limit(seconds, megabytes)
    answer: dict[str, object]
    try:
        answer = {"extracted": _read(sys.stdin.buffer, arguments[3], max_characters).to_json()}
    except Unreadable as refusal:
        answer = {"reason": refusal.reason, "detail": refusal.detail}
    except MemoryError:
        answer = {"reason": OUT_OF_MEMORY, "detail": "MemoryError"}
    except RecursionError:
        answer = {"reason": BROKEN, "detail": "RecursionError"}
    except Exception as error:  # noqa: BLE001 -- whatever a file provokes is that file's failure
        answer = {"reason": BROKEN, "detail": _where(error)}
    sys.stdout.buffer.write(json.dumps(answer, ensure_ascii=False).encode())


def _limit(seconds: int, megabytes: int) -> None:
    """Bounds what this process may take, before it has seen a byte of the file."""
    memory = megabytes * 1024**2
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    resource.setrlimit(resource.RLIMIT_FSIZE, (_LARGEST_RESULT, _LARGEST_RESULT))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))


def _read(file: BinaryIO, name: str, max_characters: int) -> Extracted:
    kind = sniff_stream(file, name=name)
    if kind in _SEVERAL:
        raise Unreadable(_SEVERAL[kind])
    if kind in _WHOLE:
        return _WHOLE[kind](file.read(), max_characters=max_characters)
    if kind == DOCX:
        return read_docx(file, max_characters=max_characters)
    return _read_text(file, kind, max_characters)


def _read_text(file: BinaryIO, kind: str, max_characters: int) -> Extracted:
    data = file.read(
        4 * max_characters + 5
    )  # no encoding takes more bytes for a character, nor a longer mark
    if len(data) > 4 * max_characters + 4:
        raise Unreadable(too_long(max_characters))
    text, guessed = decode(data)
    if len(text) > max_characters:
        raise Unreadable(too_long(max_characters))
    read = read_markdown(text, max_characters=max_characters) if kind == MARKDOWN else from_plain_text(text)
    if not guessed:
        return read
    return Extracted.from_json({**read.to_json(), "notes": [*read.notes, guessed_as(guessed)]})


def _where(error: Exception) -> str:
    """The kind of an error and its place: enough to find it, and no word of the contract."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "?"
    return f"{type(error).__name__} at {place}"


if __name__ == "__main__":
    main(sys.argv[1:])
