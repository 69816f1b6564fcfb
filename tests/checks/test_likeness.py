"""Likeness: equal outputs have all bands in common, nearly equal ones at least one, different ones none."""

import random
import subprocess
import sys

from hypothesis import given
from hypothesis import strategies as st

from app.checks.likeness import BANDS, bands, runs, share

WORDS = [f"{head}{tail}" for head in ("val", "cap", "ter", "bor", "li") for tail in "abcdefghijklmnopqrst"]


def made(chance: random.Random, length: int = 120) -> list[str]:
    return chance.choices(WORDS, k=length)


def edited(words: list[str], chance: random.Random, edits: int) -> str:
    words = list(words)
    for _ in range(edits):
        words[chance.randrange(len(words))] = "changed" + str(chance.random())
    return " ".join(words)


@given(st.text())
def test_equal_outputs_have_all_bands_in_common(output: str) -> None:
    assert bands(output) == bands(output.swapcase().swapcase().replace(" ", "  "))
    assert len(bands(output)) in {0, BANDS}
    assert all(-(2**63) <= number < 2**63 for number in bands(output))


@given(st.text(alphabet="ab "), st.text(alphabet="ab "))
def test_a_share_is_a_share_whoever_comes_first(one: str, other: str) -> None:
    assert 0 <= share(one, other) == share(other, one) <= 1
    assert share(one, one) == bool(one.strip())


def test_99_of_100_outputs_that_share_08_of_their_runs_have_a_band_in_common() -> None:
    chance = random.Random(7)  # noqa: S311 -- the same texts in every run
    alike = 0
    met = 0
    while alike < 200:
        words = made(chance)
        one, other = " ".join(words), edited(words, chance, edits=4)
        if 0.8 <= share(one, other) < 0.85:
            alike += 1
            met += bool(set(bands(one)) & set(bands(other)))
    assert met >= 0.99 * alike


def test_outputs_with_little_in_common_have_no_band_in_common() -> None:
    chance = random.Random(8)  # noqa: S311 -- the same texts in every run
    seen = set[int]()
    for _ in range(200):
        found = bands(" ".join(made(chance)))
        assert not seen.intersection(found)
        seen.update(found)


def test_bands_are_the_same_in_every_process() -> None:
    output = "Acme supplies valves to Borel for $900 each."
    code = f"from app.checks.likeness import bands; print(bands({output!r}))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == str(bands(output))


def test_an_output_of_few_words_is_one_run_and_one_of_none_is_like_nothing() -> None:
    assert runs("Acme, sells!") == {"acme sells"}
    assert share("Acme sells", "ACME  sells.") == 1
    assert bands(" … ") == []
    assert share("", "") == 0
