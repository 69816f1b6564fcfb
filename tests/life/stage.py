"""Where the acts happen: each is done to the product, foretold by the oracle, and the two are compared."""

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pprint import pformat

from hypothesis import note
from hypothesis.stateful import RuleBasedStateMachine, invariant
from sqlalchemy import text
from sqlalchemy.orm import Session

from app import database
from app.errors import AppError
from tests.life import checking
from tests.life.by_hand import Hands, do, said
from tests.life.by_program import Call, call_of, outcome_of
from tests.life.leading import foretell
from tests.life.reading import Found, checksums, read
from tests.life.state import DECISIONS, Act, Outcome, State, everything
from tests.life.world import World

UNDO_STAYS_OPEN = """
    UPDATE reviews SET created_at = clock_timestamp() + interval '1 hour'
    WHERE id = (SELECT max(id) FROM reviews)
"""
UNDO_IS_OVER = "UPDATE reviews SET created_at = clock_timestamp() - interval '11 seconds'"


def differences(expected: Found, found: Found) -> str:
    """Only what differs of two states."""
    parts = []
    for key in sorted(set(expected) | set(found)):
        wanted, is_now = expected.get(key), found.get(key)
        if wanted != is_now and isinstance(wanted, dict) and isinstance(is_now, dict):
            names = [name for name in {**wanted, **is_now} if wanted.get(name) != is_now.get(name)]
            wanted, is_now = ({name: side.get(name) for name in names} for side in (wanted, is_now))
        if wanted != is_now:
            parts.append(f"{key}: foretold {pformat(wanted)}\n    is {pformat(is_now)}")
    return "\n".join(parts)


class Stage(RuleBasedStateMachine):
    """A fresh copy of the world, and the oracle's state of it."""

    def __init__(self, world: World, copy: Callable[[], str], drop: Callable[[str], None]) -> None:
        super().__init__()
        self.world, self.drop, self.url = world, drop, copy()
        database.configure(self.url)
        self.state: State = world.state()
        self.found: Found = {}
        self.clients = {who: world.client(who) for who in world.tokens}
        self.acknowledged: list[Act] = []
        self.answered: list[tuple[Act, Call, bytes]] = []  # calls with a key, whose answer may be asked again
        self.looked_at: dict[str, tuple[int, int]] = {}  # the rows as they were when all was last checked
        self.exported: set[tuple[str, int, bool]] = set()
        self.acts_since_restart = 0
        self._read()

    def teardown(self) -> None:
        self.let_go()
        self.drop(self.url)

    def let_go(self) -> None:
        """Close every connection, as a restart does."""
        database.get_engine().dispose()
        database.get_stream_engine().dispose()
        database.configure(self.url)

    def _read(self) -> None:
        with database.get_engine().connect() as connection:
            self.found, self.names = read(connection, self.world)
            self.sums = checksums(connection)

    def look_again(self) -> None:
        """Nobody acted: all is as the oracle has it."""
        self._read()
        expected = everything(self.state)
        assert self.found == expected, differences(expected, self.found)

    def _named(self, act: Act, outcome: Outcome) -> Outcome:
        """The outcome with the sample's name for its id, which only now can be looked up."""
        if act.verb in {"take", "take_review"} and outcome.gave is not None:
            keys = {sample_id: key for key, sample_id in self.names.samples.items()}
            return replace(outcome, gave=keys[int(str(outcome.gave))])
        return outcome

    def fresh(self) -> str:
        """Something that no text had before."""
        return str(next(self.world.numbers))

    def act(self, act: Act, via: str = "use case") -> None:
        """One act: what comes of it is what the oracle says, and a refused one changes no row."""
        self.acts_since_restart += 1
        call = call_of(self.world, self.names, act)
        if act.who in self.state.disabled:
            via = "API"
            if call is None:
                return
        if via == "use case" or call is None:
            outcome = do(self.world, self.names, act)
        else:
            outcome = self._send(act, call, again="lost" in via)
        note(f"{act} by {via} → {outcome}")
        self._settle(act, outcome)

    def _send(self, act: Act, call: Call, *, again: bool) -> Outcome:
        response = call.send(self.clients[act.who])
        outcome = outcome_of(act, response)
        if call.key and response.status_code < 300:
            self.answered.append((act, call, response.content))
        if again and call.key:  # the answer was lost, and the client asks again
            second = call.send(self.clients[act.who])
            assert (second.status_code, second.content) == (response.status_code, response.content)
            assert ("Idempotent-Replayed" in second.headers) == (response.status_code < 300)
        return outcome

    def _settle(self, act: Act, outcome: Outcome) -> None:
        before, sums = everything(self.state), self.sums
        self._hold_the_undo_window(act, outcome)
        self._read()
        outcome = self._named(act, outcome)
        foretold = foretell(self.state, act, outcome)
        expected = everything(self.state)
        assert outcome == foretold, f"{act}: foretold {foretold}, and it came to {outcome}"
        assert self.found == expected, f"{act}:\n{differences(expected, self.found)}"
        if " " in outcome.said and expected == before:
            changed = [name for name in sums if sums[name] != self.sums[name]]
            assert not changed, f"{act} was refused ({outcome.said}), and changed {changed}"
        self._remember(act, outcome)

    def _remember(self, act: Act, outcome: Outcome) -> None:
        saved = outcome.said == "ok" or outcome.said.startswith(("kept", "saved"))
        if act.verb in {"save", "hand_in"} and saved:
            self.acknowledged.append(act)
        if act.verb in {"roles", "disable"} and outcome.said == "ok":
            # What they were answered is thrown away with their rights.
            self.answered = [each for each in self.answered if each[0].who != act.person]
        if act.verb == "enable" and act.person not in self.state.disabled:
            self.clients[act.person] = self.world.new_client(act.person)
            self._read()

    def _hold_the_undo_window(self, act: Act, outcome: Outcome) -> None:
        """Ten seconds must not pass because this machine is slow; `time passes` is a step of its own."""
        if act.verb in DECISIONS and outcome.said == "ok":
            self.turn_clock(UNDO_STAYS_OPEN)

    def turn_clock(self, *statements: str) -> None:
        """Move times that no use case moves; the guard that would refuse it looks away."""
        with database.get_engine().begin() as connection:
            connection.execute(text("ALTER TABLE reviews DISABLE TRIGGER immutable"))
            for statement in statements:
                connection.execute(text(statement))
            connection.execute(text("ALTER TABLE reviews ENABLE TRIGGER immutable"))

    def at_once(self, first: Act, second: Act) -> None:
        """The second act is begun while the first one's transaction is open.

        What comes of both is what comes of them one after the other, in one order or the other.
        """
        outcomes = self._interleave(first, second)
        for act, outcome in zip((first, second), outcomes, strict=True):
            self._hold_the_undo_window(act, outcome)
        self._read()
        outcomes = [self._named(*pair) for pair in zip((first, second), outcomes, strict=True)]
        note(f"At once {first} → {outcomes[0]}\n    and {second} → {outcomes[1]}")
        said = []
        for order in ((0, 1), (1, 0)):
            state = self.state.copy()
            foretold = [Outcome(""), Outcome("")]
            for index in order:
                foretold[index] = foretell(state, (first, second)[index], outcomes[index], alone=False)
            expected = everything(state)
            if foretold == outcomes and expected == self.found:
                self.state = state
                break
            said.append(f"{foretold}\n{differences(expected, self.found)}")
        else:
            raise AssertionError(
                f"{first} and {second} came to {outcomes}; one by one:\n" + "\nor ".join(said)
            )
        for act, outcome in zip((first, second), outcomes, strict=True):
            self._remember(act, outcome)

    def _interleave(self, first: Act, second: Act) -> list[Outcome]:
        outcomes: dict[int, Outcome] = {}
        failures: list[Exception] = []

        def do_second() -> None:
            try:
                outcomes[1] = do(self.world, self.names, second)
            except Exception as error:  # noqa: BLE001 -- raised again in the test's own thread
                failures.append(error)

        thread = threading.Thread(target=do_second)
        with Session(database.get_engine(), expire_on_commit=False) as session:
            try:
                outcomes[0] = Hands(self.world, self.names, session, first).do()
            except AppError as refusal:
                outcomes[0] = Outcome(said(refusal))
                session.rollback()
            thread.start()
            self._wait_until_done_or_blocked(thread)
            session.commit()
        thread.join()
        if failures:
            raise failures[0]
        return [outcomes[0], outcomes[1]]

    def _wait_until_done_or_blocked(self, thread: threading.Thread) -> None:
        blocked = text(
            "SELECT count(*) FROM pg_stat_activity "
            "WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        with database.get_engine().connect() as connection:
            connection.execution_options(isolation_level="AUTOCOMMIT")
            while thread.is_alive() and not connection.scalar(blocked):
                time.sleep(0.002)

    @invariant()
    def all_that_was_promised_holds(self) -> None:
        """Asked after each step that changed a row."""
        if self.sums == self.looked_at:
            return
        self.looked_at = self.sums
        checking.no_word_is_lost(self.found, self.acknowledged)
        with database.get_engine().connect() as connection:
            checking.nothing_is_broken(connection)
            checking.everybody_sees_their_own(connection, self.world, self.names, self.state)
        approved = {
            (sample.key, len(sample.revisions), self.state.withdrawn(sample.doc))
            for sample in self.state.samples.values()
            if sample.status == "approved"
        }
        if approved != self.exported:
            self.exported = approved
            checking.what_leaves_is_what_was_approved(self.world, self.names, self.state)
