"""People at work, all at once: they take, save from two pages, submit and decide until told to stop."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread
from uuid import uuid4

from tests.factories import SUMMARY
from tests.faults.journal import Call, Caller, Gone
from tests.faults.office import Office

CLAUSES = {"term": "covered", "governing_law": "covered"}


class Load:
    """The threads of a trial, and the journal of all that they asked."""

    def __init__(self, url: str, office: Office) -> None:
        self._stop = Event()
        self.office = office
        self.crashed: list[BaseException] = []
        self.callers = [Caller(url, token) for token in (*office.writers, *office.reviewers)]
        works = [_write] * len(office.writers) + [_review] * len(office.reviewers)
        self._threads = [
            Thread(target=self._run, args=(work, caller, random.Random(number)), daemon=True)  # noqa: S311
            for number, (work, caller) in enumerate(zip(works, self.callers, strict=True))
        ]

    @property
    def calls(self) -> list[Call]:
        """Everything that was asked so far, each person's in its order."""
        return [call for caller in self.callers for call in list(caller.calls)]

    def count(self, kind: str) -> int:
        """How many calls of this kind were acknowledged so far."""
        return sum(call.kind == kind and call.is_acknowledged for call in self.calls)

    def _run(self, work: object, caller: Caller, chance: random.Random) -> None:
        try:
            while not self._stop.is_set() and work(caller, self.office.project, chance):  # type: ignore[operator]
                pass
        except Gone as error:
            self.crashed.append(error)
        except BaseException as error:
            self.crashed.append(error)
            raise
        finally:
            caller.close()

    def begin(self) -> None:
        """Let everybody begin."""
        for thread in self._threads:
            thread.start()

    def end(self) -> None:
        """Let everybody finish what they are at, every call acknowledged or refused, and stop."""
        self._stop.set()
        for thread in self._threads:
            thread.join(timeout=180)
            assert not thread.is_alive()

    def give_up(self) -> None:
        """Let nobody send anything again."""
        self._stop.set()
        for caller in self.callers:
            caller.stopped.set()


@contextmanager
def under_load(url: str, office: Office) -> Iterator[Load]:
    """Everybody works for the length of the block; what they asked has its answer when it ends."""
    load = Load(url, office)
    load.begin()
    try:
        yield load
    except BaseException:
        load.give_up()
        raise
    finally:
        load.end()


def _write(caller: Caller, project: str, chance: random.Random) -> bool:
    """One sample from taking it to handing it in; False where nothing waits."""
    taken = caller.call("take", "POST", f"/projects/{project}/queue/writing", {})
    if taken.status != 200:
        return False
    sample_id = int(str(taken.answer["id"]))
    taken.sample_id = sample_id
    draft = taken.answer["draft"]
    assert isinstance(draft, dict)
    number, pages = int(draft["number"]), [str(uuid4()), str(uuid4())]
    for turn in range(chance.randint(2, 4)):
        saved = _save(caller, sample_id, based_on=number, editor=chance.choice(pages))
        if saved.status != 200:
            return True  # refused, which the checker does not pass over
        if turn and chance.random() < 0.3:  # another page that has not heard of that yet
            _save(caller, sample_id, based_on=number, editor=str(uuid4()))
        number = int(str(saved.answer["number"]))
    caller.call(
        "submit",
        "POST",
        f"/samples/{sample_id}/submission",
        {"based_on": number, "reasons": {}},
        sample_id=sample_id,
    )
    return True


def _save(caller: Caller, sample_id: int, *, based_on: int, editor: str) -> Call:
    body: dict[str, object] = {
        "output": f"{SUMMARY} Text {uuid4()}.",
        "clauses": CLAUSES,
        "based_on": based_on,
        "editor": editor,
    }
    return caller.call("save", "PUT", f"/samples/{sample_id}/draft", body, sample_id=sample_id)


def _review(caller: Caller, project: str, chance: random.Random) -> bool:
    """One submission from taking it to deciding on it."""
    taken = caller.call("open", "POST", f"/projects/{project}/queue/reviewing", {})
    if taken.status != 200:
        caller.stopped.wait(0.1)
        return True
    sample_id = int(str(taken.answer["id"]))
    revisions = taken.answer["revisions"]
    assert isinstance(revisions, list)
    action = chance.choice(("approve", "request_changes", "reject"))
    body: dict[str, object] = {
        "action": action,
        "revision": revisions[-1]["number"],
        "comment": "Look at 7.2.",
    }
    caller.call("decide", "POST", f"/samples/{sample_id}/reviews", body, sample_id=sample_id)
    return True
