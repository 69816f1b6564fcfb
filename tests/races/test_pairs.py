"""Two people do something to one sample at the same moment: the outcome is that of one after the other.

Nobody writes down here what is right for each pair. Twins of the sample are put through both orders, one act
after the other; what happens at once must be one of the two, in what each is told and in every row. With
ENGROSS_ALL_RACES=1 each pair is tried both ways round.
"""

import os
from collections.abc import Iterable
from itertools import combinations_with_replacement

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from app import database
from app.operation.invariants import find_broken
from app.reviews import queries
from tests.races.acts import act
from tests.races.together import Act, held_before_commit, one_after_the_other
from tests.races.twins import Twin, make_twin, state_of

# situation → what may be tried there by two at once; the second of a pair is the second reviewer's.
# Whose role is removed is the first reviewer, so that stands last and meets an act of theirs.
SITUATIONS = {
    "submitted": (
        *("approve", "reject", "request changes", "edit", "take to review", "recall", "withdraw"),
        "remove reviewer",
    ),
    "half approved": ("undo", "approve", "request changes", "edit", "withdraw", "remove reviewer"),
    "approved": ("undo", "reopen", "withdraw", "remove reviewer"),
    "rejected": ("undo", "reopen", "colleague takes"),
    "changes_requested": ("undo", "submit", "skip", "release", "save", "withdraw"),
    "draft": ("submit", "skip", "release", "save", "take to write", "remove annotator"),
    "withdrawn": ("restore", "approve", "recall"),
}
PAIRS = [
    (situation, *pair)
    for situation, names in SITUATIONS.items()
    for pair in combinations_with_replacement(names, 2)
]
# Who is held back before the commit, the first or the second: by turns, and both where there is time for it.
TURNS = (1, -1)
CASES = [
    pytest.param(*pair, turn, id=f"{pair[0]}: {' and '.join(pair[1:][::turn])}")
    for number, pair in enumerate(PAIRS)
    for turn in (TURNS if os.environ.get("ENGROSS_ALL_RACES") else TURNS[number % 2 :][:1])
]


@pytest.fixture(autouse=True)
def _time_to_undo(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten seconds are short where other programs share the machine."""
    monkeypatch.setattr(queries, "UNDO_SECONDS", 600)


def acts_of(twin: Twin, first: str, second: str) -> list[Act]:
    return [act(first, twin, "first"), act(second, twin, "second")]


def told(codes: Iterable[object]) -> list[object]:
    """Whoever loses a right in this very moment may be told so, or that there is no such sample any more."""
    return ["not_found" if code == "not_allowed" else code for code in codes]


def serial_outcomes(twin: Twin, first: str, second: str) -> list[object]:
    """What each is told and what the rows are after the one order and after the other; nothing stays."""
    found = []
    for turn in (1, -1):
        with Session(database.get_engine(), expire_on_commit=False) as session:
            codes = one_after_the_other(session, acts_of(twin, first, second)[::turn])
            found.append((told(codes[::turn]), state_of(session, twin)))
            session.rollback()
    return found


@pytest.mark.parametrize(("situation", "first", "second", "turn"), CASES)
def test_two_at_once_end_as_one_after_the_other(
    site: Engine, situation: str, first: str, second: str, turn: int
) -> None:
    twin = make_twin(situation, approvals=2 if situation == "half approved" else 1)
    legal = serial_outcomes(twin, first, second)
    codes = held_before_commit(*acts_of(twin, first, second)[::turn])
    with database.transaction() as session:
        assert (told(codes[::turn]), state_of(session, twin)) in legal


def test_what_was_done_above_broke_no_invariant(site: Engine) -> None:
    with site.connect() as connection:
        assert find_broken(connection) == []
