"""The table of guards is about the code as it is; that tests miss each one is what `make mutations` shows."""

import ast
import re
from pathlib import Path

import pytest

from tests.mutations.guards import GUARDS

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("name", GUARDS)
def test_each_guard_stands_in_its_place_and_can_be_taken_out(name: str) -> None:
    guard = GUARDS[name]
    left = guard.removed_from((ROOT / guard.file).read_text(encoding="utf-8"))
    if guard.file.endswith(".py"):
        ast.parse(left)
    assert all((ROOT / test.partition("::")[0]).exists() for test in guard.tests)


def test_reliability_tells_of_every_guard_which_test_misses_it() -> None:
    text = (ROOT / "docs" / "reliability.md").read_text(encoding="utf-8")
    table = text.split("## Guards taken out")[1].split("\n## ")[0]
    assert set(re.findall(r"^\| ([^|`]+?) \| `tests/", table, flags=re.MULTILINE)) == set(GUARDS)
