"""The clause finder and the reader of facts as a program of its own: JSON in, JSON out.

What it does is nothing but counting. Within the worker it would take the time of imports and releases; here
it takes what the machine has left.
"""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypedDict

from app.documents.outline import blocks_of, read_contract
from app.documents.passages import Cues, likely_passages
from app.projects import library

# To be raised with every change of how passages rank, of the library's weights or of what `app.checks.values`
# reads: all texts are then gone through again.
VERSION = 3

# A clause is its key, its heading cues and its phrase cues; a text its words and its blocks, as stored.
Clauses = Sequence[tuple[str, Sequence[str], Sequence[str]]]
Texts = Sequence[tuple[str, Sequence[Any]]]


class Answer(TypedDict):
    """What a text has: passages for each clause, and the facts of the contract, both as they are stored."""

    passages: list[list[list[object]]]
    contract: dict[str, object]


Found = list[Answer | None]  # for each text; None for one that the finder breaks at

_ROOT = Path(__file__).resolve().parents[2]  # what `app` is imported from
_SECONDS = 600
_NICENESS = 19


def find_apart(clauses: Clauses, texts: Texts) -> Found:
    """What `find` finds, in a process that gives way to others. Raises SubprocessError where that dies."""
    done = subprocess.run(
        [sys.executable, "-P", "-s", "-X", "utf8", "-m", "app.documents.finder"],
        input=json.dumps({"clauses": clauses, "texts": texts}).encode(),
        stdout=subprocess.PIPE,
        env={"PYTHONPATH": str(_ROOT), "PYTHONDONTWRITEBYTECODE": "1", "LC_ALL": "C.UTF-8"},
        cwd="/",
        start_new_session=True,
        timeout=_SECONDS,
        check=True,
    )
    found: Found = json.loads(done.stdout)
    return found


def find(clauses: Clauses, texts: Texts) -> Found:
    """The likely passages of each text for each clause, and its facts."""
    cues = [_cues(*clause) for clause in clauses]
    return [_find_in(text, blocks, cues) for text, blocks in texts]


def _find_in(text: str, rows: Sequence[Any], cues: Sequence[Cues]) -> Answer | None:
    try:
        blocks = blocks_of(rows)
        ranked = likely_passages(text, blocks, cues)
        contract = read_contract(text, blocks)
    except Exception:  # noqa: BLE001 -- one text must not keep the others from being gone through
        return None
    passages = [[passage.to_json() for passage in ranking] for ranking in ranked]
    return {"passages": passages, "contract": contract.to_json()}


def _cues(key: str, headings: Sequence[str], phrases: Sequence[str]) -> Cues:
    """A clause's own cues, with what was learned for its key."""
    own = Cues(tuple(headings), tuple(phrases))
    learned = library.weights().get(key)
    if learned is None:
        return own
    return Cues(own.headings, own.phrases, learned.heading, learned.phrases, learned.signs, learned.bias)


if __name__ == "__main__":
    os.nice(_NICENESS)
    json.dump(find(**json.load(sys.stdin)), sys.stdout)
