"""Reading a file in a process of its own: one that hangs, bursts or crashes its reader harms nobody else."""

import json
import math
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import IO, Any

from .blocks import Extracted, Unreadable
from .wording import BROKEN, too_slow

_ROOT = Path(__file__).resolve().parents[3]  # what `app` is imported from
_LARGEST_RESULT = 512 * 1024**2
_KILLED = (-9, -24)  # SIGKILL, SIGXCPU: over the limit of processor time, or of the machine's memory


def extract(
    path: Path, *, name: str, seconds: float = 60, megabytes: int = 1024, max_characters: int = 5_000_000
) -> Extracted:
    """The text and blocks of one file, its type told by content.

    `name` is what the person called the file. Raises Unreadable, and nothing else, for whatever is in the
    file, and OSError where it cannot be opened. Takes at most `seconds` by the clock and by the processor.
    """
    if path.stat().st_size == 0:
        raise Unreadable("This file is empty. Choose the file that holds the contract.")
    with path.open("rb") as source, tempfile.TemporaryFile() as result:
        try:
            numbers = (str(math.ceil(seconds)), str(megabytes), str(max_characters))
            code = _run(
                [*numbers, _suffix(name)], source=source.fileno(), result=result.fileno(), seconds=seconds
            )
        except subprocess.TimeoutExpired as error:
            raise Unreadable(too_slow(seconds), detail="killed by the clock") from error
        answer = _answer(result.seek(0, 2), result)
    if answer is None:
        reason = too_slow(seconds) if code in _KILLED else BROKEN
        raise Unreadable(reason, detail=f"the reader ended with {code}")
    if "extracted" not in answer:
        raise Unreadable(str(answer["reason"]), detail=str(answer["detail"]))
    return Extracted.from_json(answer["extracted"])


def _suffix(name: str) -> str:
    """All of a file's name that may decide anything."""
    return "file" + Path(name.replace("\0", "")).suffix[:20]


def _run(arguments: list[str], *, source: int, result: int, seconds: float) -> int:
    """Starts the reader with nothing of ours but the code: no secrets in its environment, no open files."""
    done = subprocess.run(  # noqa: S603 -- our own module, and the arguments are numbers and a suffix
        [sys.executable, "-P", "-s", "-X", "utf8", "-m", "app.documents.extraction.child", *arguments],
        stdin=source,
        stdout=result,
        stderr=subprocess.DEVNULL,
        env={"PYTHONPATH": str(_ROOT), "PYTHONDONTWRITEBYTECODE": "1", "LC_ALL": "C.UTF-8"},
        cwd="/",
        close_fds=True,
        start_new_session=True,
        timeout=seconds,
        check=False,
    )
    return done.returncode


def _answer(size: int, result: IO[bytes]) -> dict[str, Any] | None:
    """What the reader wrote; None where it did not come to an end."""
    if not 0 < size <= _LARGEST_RESULT:
        return None
    result.seek(0)
    try:
        answer = json.load(result)
    except ValueError:
        return None
    return answer if isinstance(answer, dict) else None
