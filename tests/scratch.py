"""Where tests put databases: in memory where there is room, which halves the time that they take."""

import shutil
from pathlib import Path

_MEMORY = Path("/dev/shm")  # noqa: S108 -- directories below it are made with mkdtemp
_ENOUGH = 2 * 1024**3  # bytes


def scratch_root() -> str | None:
    """The directory to make temporary ones in; None for the system's own."""
    roomy = _MEMORY.is_dir() and shutil.disk_usage(_MEMORY).free > _ENOUGH
    return str(_MEMORY) if roomy else None
