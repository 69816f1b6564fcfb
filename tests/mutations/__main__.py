"""Takes one guard after another out of a copy of the project, and shows that tests turn red for each.

    python -m tests.mutations [NAME …]

Prints a line a guard, and ends with 1 where tests stayed green without one. `make mutations` runs all of it.
"""

import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.mutations.guard import Guard
from tests.mutations.guards import GUARDS

ROOT = Path(__file__).resolve().parents[2]
RED = 1  # pytest's exit code where tests failed; any other means that they could not be asked
PATIENCE = 600  # seconds for the tests of one guard


def main(names: list[str]) -> int:
    """Try the named guards, or all of them; the number of those that nothing misses is the exit code's."""
    if unknown := set(names) - set(GUARDS):
        sys.stderr.write(f"There is no guard {', '.join(sorted(unknown))}.\n")
        return 2
    missed = []
    with TemporaryDirectory(prefix="engross-mutations-") as name:
        copy = Path(name) / "engross"
        _copy(copy)
        for guard_name in names or GUARDS:
            began = time.monotonic()
            red = _try(copy, GUARDS[guard_name])
            if not red:
                missed.append(guard_name)
            said = red or "STAYED GREEN"
            sys.stdout.write(f"{guard_name}: {said} ({time.monotonic() - began:.0f} s)\n")
            sys.stdout.flush()
    sys.stdout.write(f"{len(names or GUARDS) - len(missed)} passed, {len(missed)} failed\n")
    return 1 if missed else 0


def _copy(copy: Path) -> None:
    """What git knows of, in the state of the working tree."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    for file in filter(None, listed.stdout.split("\0")):
        target = copy / file
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / file, target)


def _try(copy: Path, guard: Guard) -> str:
    """The test that turned red without the guard; "" where none did."""
    path = copy / guard.file
    before = path.read_text(encoding="utf-8")
    path.write_text(guard.removed_from(before), encoding="utf-8")
    try:
        run = subprocess.run(
            [sys.executable, "-m", "pytest", "-n", "0", "-x", "-p", "no:cacheprovider", *guard.tests],
            cwd=copy,
            env=os.environ | {"PYTHONPATH": str(copy)},  # for the processes that tests start, too
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE,
        )
    finally:
        path.write_text(before, encoding="utf-8")
    if run.returncode not in {0, RED}:
        raise RuntimeError(f"The tests could not be asked:\n{run.stdout[-3000:]}{run.stderr[-1000:]}")
    found = re.search(r"^(?:FAILED|ERROR) ([^\s\[]+)", run.stdout, flags=re.MULTILINE)
    return found[1] if found else ""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
