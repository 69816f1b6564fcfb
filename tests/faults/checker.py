"""Holds a journal against the database: what was acknowledged is there, and nothing is there twice."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sqlalchemy import Engine, text

from app.operation.invariants import find_broken
from tests.faults.journal import Call


@dataclass(frozen=True)
class Stored:
    """What the database holds, as far as a journal can tell of it."""

    drafts: dict[int, tuple[int, str]]  # by sample: number and output
    kept: dict[int, set[str]]  # by sample: what was overwritten or lost a conflict
    revisions: dict[tuple[int, int], list[str]]  # by sample and the draft's number: outputs
    reviews: Counter[int]
    samples: set[int]
    broken: list[str]


def read(engine: Engine) -> Stored:
    """Read it all in one snapshot."""
    with engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
        drafts = connection.execute(text("SELECT sample_id, number, output FROM drafts")).all()
        kept: dict[int, set[str]] = defaultdict(set)
        for sample_id, output in connection.execute(text("SELECT sample_id, output FROM draft_saves")):
            kept[sample_id].add(output)
        revisions: dict[tuple[int, int], list[str]] = defaultdict(list)
        for sample_id, number, output in connection.execute(
            text("SELECT sample_id, draft_number, output FROM revisions")
        ):
            revisions[sample_id, number].append(output)
        return Stored(
            drafts={sample_id: (number, output) for sample_id, number, output in drafts},
            kept=kept,
            revisions=revisions,
            reviews=Counter(connection.scalars(text("SELECT id FROM reviews")).all()),
            samples=set(connection.scalars(text("SELECT id FROM samples")).all()),
            broken=[f"{found.invariant.id}: {found.rows}" for found in find_broken(connection)],
        )


def find_wrong(calls: Iterable[Call], engine: Engine) -> list[str]:
    """What contradicts the journal, a sentence each; empty where every promise was kept.

    It is to be asked when every call has its answer, and for a database in which nobody else has worked.
    """
    calls, stored = list(calls), read(engine)
    return [
        *_refused(calls),
        *_lost_saves(calls, stored),
        *_submissions(calls, stored),
        *_decisions(calls, stored),
        *_takings(calls, stored),
        *stored.broken,
    ]


def _refused(calls: list[Call]) -> Iterator[str]:
    """Nobody in a trial asks for what may be refused, but for the save of a page that has not heard."""
    for call in calls:
        code = call.answer.get("code")
        if call.status is None:
            yield f"{call.kind} of sample {call.sample_id} was never answered"
        elif call.status >= 400 and code != "stale_draft":
            yield f"{call.kind} of sample {call.sample_id} was refused: {call.status} {code}"


def _lost_saves(calls: list[Call], stored: Stored) -> Iterator[str]:
    """Each acknowledged save is the draft, or was kept, or the same page has saved again since."""
    pages: dict[tuple[int, str], list[Call]] = defaultdict(list)
    for call in calls:
        if call.kind == "save" and call.sample_id is not None:
            if call.is_acknowledged:
                pages[call.sample_id, str(call.sent["editor"])].append(call)
            elif (
                call.answer.get("code") == "stale_draft"
                and call.sent["output"] not in stored.kept[call.sample_id]
            ):
                yield f"a text that lost a conflict over sample {call.sample_id} was not kept"
    for (sample_id, _), saves in pages.items():
        number, output = stored.drafts.get(sample_id, (-1, ""))
        if saves[-1].sent["output"] not in {output, *stored.kept[sample_id]}:
            yield f"save {saves[-1].answer['number']} of sample {sample_id} is lost"
        if number < max(int(str(save.answer["number"])) for save in saves):
            yield f"the draft of sample {sample_id} stands at {number}, before one that was acknowledged"


def _submissions(calls: list[Call], stored: Stored) -> Iterator[str]:
    """Each acknowledged submission is one revision with the text that was saved, and there is no other."""
    saved = {
        (call.sample_id, call.answer["number"]): call.sent["output"]
        for call in calls
        if call.kind == "save" and call.is_acknowledged
    }
    wanted = {
        (call.sample_id, int(str(call.sent["based_on"])))
        for call in calls
        if call.kind == "submit" and call.is_acknowledged
    }
    for sample_id, number in wanted:
        found = stored.revisions.get((sample_id or 0, number), [])
        if found != [saved[sample_id, number]]:
            yield f"the submission of sample {sample_id} from draft {number} is {len(found)} revisions"
    if unasked := set(stored.revisions) - wanted:
        yield f"{len(unasked)} revisions stand there that nobody was told of"


def _decisions(calls: list[Call], stored: Stored) -> Iterator[str]:
    wanted = Counter(
        int(str(call.answer["id"])) for call in calls if call.kind == "decide" and call.is_acknowledged
    )
    if wanted != stored.reviews:
        lost, unasked = wanted - stored.reviews, stored.reviews - wanted
        yield f"{lost.total()} decisions are lost, and {unasked.total()} stand there that nobody was told of"


def _takings(calls: list[Call], stored: Stored) -> Iterator[str]:
    wanted = {call.sample_id for call in calls if call.kind == "take" and call.status == 200}
    if wanted != stored.samples:
        lost, unasked = wanted - stored.samples, stored.samples - wanted
        yield f"{len(lost)} samples are lost, and {len(unasked)} stand there that nobody was given"
