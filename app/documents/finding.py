"""What is read out of each text in the background: where it likely speaks of clauses, and its facts.

A text's row says with which finder and which clause set it was made. What is behind is caught up, some texts
at a time, each time in a transaction of its own: whatever stops in between goes on there.
"""

import subprocess
from collections.abc import Callable, Sequence

import structlog
from sqlalchemy import update
from sqlalchemy.orm import Session

from app.checks.contract import UNREAD
from app.documents import finder, queries
from app.documents.models import TextPassages
from app.jobs import locks
from app.projects.models import Clause, Project

TASK = "documents.find_passages"
TEXTS_TOGETHER, CHARACTERS_TOGETHER = 50, 2_000_000  # in one transaction, and in memory

log = structlog.get_logger(__name__)


def catch_up(*, should_stop: Callable[[], bool] = lambda: False) -> None:
    """Find the passages of all texts that are behind; nothing where another process is at it.

    Every project gets its turn, so that a large one does not keep the others waiting. Ends between two turns
    once `should_stop` says so.
    """
    locks.in_turns(
        TASK,
        list_behind=lambda session: session.scalars(queries.projects_behind(finder.VERSION)).all(),
        go_on=find_some,
        should_stop=should_stop,
    )


def find_some(session: Session, project_id: int) -> int:
    """Find the passages of some of a project's texts that are behind; how many texts that were.

    Only for clauses that the row of a text does not have yet, unless the finder itself moved on.
    """
    # First of all: clauses that come while this works make its rows old again, and never too new.
    project = session.get_one(Project, project_id, populate_existing=True)
    version = project.clause_set_version
    rows = _some(queries.list_behind(session, project, finder_version=finder.VERSION, limit=TEXTS_TOGETHER))
    session.expire(project, ["clauses"])
    clauses = {str(clause.id): clause for clause in project.clauses}
    kept = {
        row.text_id: {key: row.found[key] for key in clauses if key in row.found}
        if row.finder_version == finder.VERSION
        else {}
        for row in rows
    }
    wanted = {key: clause for key, clause in clauses.items() if any(key not in has for has in kept.values())}
    behind = {row.text_id for row in rows if row.finder_version != finder.VERSION}
    missing = [id_ for id_, has in kept.items() if id_ in behind or len(has) < len(clauses)]
    found, contracts = _found(session, missing, wanted)
    if rows:
        session.execute(
            update(TextPassages),
            [
                {
                    "text_id": text_id,
                    "finder_version": finder.VERSION,
                    "clause_set_version": version,
                    "found": has | found.get(text_id, {}),
                }
                for text_id, has in kept.items()
            ],
        )
    if contracts:
        session.execute(
            update(TextPassages),
            [{"text_id": text_id, "contract": contract} for text_id, contract in contracts.items()],
        )
    return len(rows)


def _some(rows: Sequence[queries.Behind]) -> list[queries.Behind]:
    """The first of the rows whose texts are together not too long, and one in any case."""
    characters, some = 0, list[queries.Behind]()
    for row in rows:
        characters += row.character_count
        if some and characters > CHARACTERS_TOGETHER:
            break
        some.append(row)
    return some


def _find_apart(clauses: finder.Clauses, texts: finder.Texts) -> finder.Found:
    """What the finder finds. Where its process dies, each text for itself: only that one has nothing."""
    try:
        return finder.find_apart(clauses, texts)
    except subprocess.SubprocessError:
        if len(texts) == 1:
            return [None]
        return [answer for text in texts for answer in _find_apart(clauses, [text])]


def _found(
    session: Session, text_ids: Sequence[int], clauses: dict[str, Clause]
) -> tuple[dict[int, dict[str, list[list[object]]]], dict[int, dict[str, object]]]:
    """For each text its passages by clause, and its facts; no passages where the finder breaks at it."""
    if not text_ids:
        return {}, {}
    texts = queries.list_with_words(session, text_ids)
    asked = [(clause.key, clause.heading_cues, clause.phrase_cues) for clause in clauses.values()]
    found, contracts = {}, {}
    answers = _find_apart(asked, [(text.text, text.blocks) for text in texts])
    for text, answer in zip(texts, answers, strict=True):
        if answer is None:
            log.error("passages_not_found", text_id=text.id)
            contracts[text.id] = UNREAD
        else:
            found[text.id] = dict(zip(clauses, answer["passages"], strict=True))
            contracts[text.id] = answer["contract"]
    return found, contracts
