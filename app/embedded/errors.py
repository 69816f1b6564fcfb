"""What can go wrong with the embedded Postgres, each told in one sentence that says what to do."""

import errno
from pathlib import Path

_FULL = "No space left on device"


class EmbeddedError(Exception):
    """The embedded Postgres cannot run here; the message is one sentence that says what to do."""


def from_os_error(error: OSError, *, path: Path) -> EmbeddedError:
    """The sentence for a failed act on `path`, a directory or file of ours."""
    match error.errno:
        case errno.EACCES | errno.EPERM | errno.EROFS:
            return EmbeddedError(
                f"{path} cannot be written by this user: give it to them, set DATA_DIR to a directory "
                "of their own, or set DATABASE_URL."
            )
        case errno.ENOTDIR | errno.EEXIST:
            return EmbeddedError(f"{path} is in the way, because a directory is needed there: set DATA_DIR.")
        case errno.ENOSPC | errno.EDQUOT:
            return disk_full(path)
        case _:
            return EmbeddedError(
                f"{path} cannot be used: {error.strerror}; set DATA_DIR to another directory."
            )


def from_output(output: str, *, doing: str, path: Path) -> EmbeddedError:
    """The sentence for a Postgres program that ended with `output`; `path` is where to look further."""
    if _FULL in output:
        return disk_full(path)
    marks = ("PANIC:", "FATAL:", "error:")
    # Our own question whether it is ready yet is refused with such a line too.
    lines = [line for line in output.strip().splitlines() if "the database system is" not in line]
    reasons = [line.partition(mark)[2].strip() for line in lines for mark in marks if mark in line]
    reason = (reasons or lines or ["it said nothing"])[-1].rstrip(".")
    return EmbeddedError(f"Postgres could not {doing} ({reason}): see {path}, or set DATABASE_URL.")


def disk_full(path: Path) -> EmbeddedError:
    """The sentence for a full disk or an exhausted quota."""
    return EmbeddedError(f"The disk that holds {path} is full: make room there and start again.")
