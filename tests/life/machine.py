"""The whole life of samples: any act, by anybody, at any moment."""

from collections.abc import Callable
from functools import wraps
from typing import TypeVar

from hypothesis import note
from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule

from tests.life import choosing
from tests.life.rights import is_writer, offered, sees
from tests.life.stage import UNDO_IS_OVER, Stage
from tests.life.state import DECISIONS, HANDED_IN, Act, Content, State
from tests.life.world import ADMIN, PEOPLE

NUMBER = st.integers(0, 9_999)
NUMBERS = st.tuples(NUMBER, NUMBER, NUMBER)
VIA = st.sampled_from(["use case", "use case", "API", "API, answer lost"])
Step = TypeVar("Step", bound=Callable[..., None])


def where(condition: Callable[["LifeOfSamples"], object]) -> Callable[[Step], Step]:
    """A step that makes sense in some states only; in the others some work is begun instead.

    Preconditions of Hypothesis would make what it draws depend on who won a race, and it must not.
    """

    def around(step: Step) -> Step:
        @wraps(step)
        def careful(self: "LifeOfSamples", **drawn: object) -> None:
            if condition(self):
                step(self, **drawn)
            else:
                self.begin_work()

        return careful  # type: ignore[return-value]

    return around


some_work = where(lambda self: self.state.samples)
some_submission = where(lambda self: self.submitted())
some_review = where(lambda self: self.names.reviews)


def is_free(state: State, who: str) -> bool:
    """Whether this person may write in the first project now."""
    return who not in state.disabled and "annotator" in state.roles(who, "A")


class LifeOfSamples(Stage):
    """Steps in any order; what has to hold after each stands in `Stage`."""

    def submitted(self) -> list[str]:
        """The samples that wait for a decision."""
        return sorted(key for key, sample in self.state.samples.items() if sample.status == "submitted")

    @initialize(begun=st.lists(st.sampled_from(["ann", "bea", "cas", "lou"]), max_size=5), handed_in=NUMBER)
    def some_work_is_there(self, begun: list[str], handed_in: int) -> None:
        """Two may write each document, and some did; most of them handed it in."""
        self.act(Act("policy", "lea", "A", values=(("overlap", 2),)))
        for index, who in enumerate(begun):
            self.act(Act("take", who, "A"))
            mine = [s for s in self.state.samples.values() if s.annotator == who and s.status == "draft"]
            if mine and handed_in >> 2 * index & 3 != 1:
                self._write(who, mine[0].key)

    def begin_work(self) -> None:
        """The next annotator takes work and hands it in."""
        people = [who for who in PEOPLE if is_free(self.state, who)]
        if people:
            who = choosing.pick(people, len(self.state.samples))
            self.act(Act("take", who, "A"))
            mine = [s for s in self.state.samples.values() if s.annotator == who and s.status == "draft"]
            if mine:
                self._write(who, mine[0].key)

    def _write(self, who: str, key: str) -> None:
        words = Content(f"It runs for three years, as words {self.fresh()} say.", "covered")
        number = self.state.samples[key].number
        self.act(Act("hand_in", who, key, number=number, editor="page 1", content=words))

    @rule(verb=st.sampled_from(["take", "take", "take_review"]), first=NUMBER, second=NUMBER, via=VIA)
    def take_work(self, verb: str, first: int, second: int, via: str) -> None:
        self.act(choosing.act_on_project(self.state, verb, (first, second)), via)

    @rule(numbers=NUMBERS, via=VIA)
    @some_work
    def save(self, numbers: tuple[int, int, int], via: str) -> None:
        self.act(choosing.act_on_sample(self.state, "save", numbers, self.fresh()), via)

    @rule(numbers=NUMBERS)
    @some_work
    def save_and_submit_on_the_page(self, numbers: tuple[int, int, int]) -> None:
        self.act(choosing.act_on_sample(self.state, "hand_in", numbers, self.fresh()))

    @rule(first=NUMBER)
    @some_work
    def write_and_hand_in(self, first: int) -> None:
        who, key = choosing.who_and_what(self.state, "submit", first)
        if who not in self.state.disabled:
            self._write(who, key)

    @rule(numbers=NUMBERS, via=VIA)
    @some_work
    def submit(self, numbers: tuple[int, int, int], via: str) -> None:
        self.act(choosing.act_on_sample(self.state, "submit", numbers, ""), via)

    @rule(
        verb=st.sampled_from(["skip", "resume", "release", "reopen", "heartbeat"]),
        numbers=NUMBERS,
        via=VIA,
    )
    @some_work
    def move(self, verb: str, numbers: tuple[int, int, int], via: str) -> None:
        self.act(choosing.act_on_sample(self.state, verb, numbers, ""), via)

    @rule(number=NUMBER, via=VIA)
    @some_submission
    def recall(self, number: int, via: str) -> None:
        """Mostly by its annotator, whether somebody looks at the submission by now or not."""
        rest, kind = divmod(number, 5)
        key = choosing.pick(self.submitted(), rest)
        who = choosing.pick(PEOPLE, rest) if kind == 1 else self.state.samples[key].annotator
        self.act(Act("recall", who, key), via)

    @rule(numbers=NUMBERS)
    @some_submission
    def open_for_review(self, numbers: tuple[int, int, int]) -> None:
        who, key = choosing.who_and_what(self.state, "approve", numbers[0])
        if who not in self.state.disabled:
            self.act(Act("open", who, key))
        if numbers[1] % 3 == 0:  # and its annotator wants it back, which is too late by now
            self.act(Act("recall", self.state.samples[key].annotator, key))

    @rule(verb=st.sampled_from(DECISIONS), numbers=NUMBERS, via=VIA)
    @some_submission
    def decide(self, verb: str, numbers: tuple[int, int, int], via: str) -> None:
        self.act(choosing.act_on_sample(self.state, verb, numbers, ""), via)

    @rule(numbers=NUMBERS, via=VIA)
    @some_review
    def undo(self, numbers: tuple[int, int, int], via: str) -> None:
        self.act(choosing.act_on_sample(self.state, "undo", numbers, ""), via)

    @rule(numbers=NUMBERS, via=VIA)
    @some_submission
    def edit_as_reviewer(self, numbers: tuple[int, int, int], via: str) -> None:
        self.act(choosing.act_on_sample(self.state, "edit", numbers, self.fresh()), via)

    @rule(verb=st.sampled_from(["withdraw", "restore", "import", "export"]), first=NUMBER, second=NUMBER)
    def documents(self, verb: str, first: int, second: int) -> None:
        act = choosing.act_on_project(self.state, verb, (first, second))
        if verb != "import" or len(self.state.projects[act.on].documents) < 4:
            self.act(act)

    @rule(verb=st.sampled_from(["policy", "policy", "guidelines", "attest"]), first=NUMBER, second=NUMBER)
    def change_the_rules(self, verb: str, first: int, second: int) -> None:
        self.act(choosing.act_on_project(self.state, verb, (first, second)))

    @rule(first=NUMBER, second=NUMBER)
    def change_roles(self, first: int, second: int) -> None:
        self.act(choosing.act_on_project(self.state, "roles", (first, second)))

    @rule(verb=st.sampled_from(["disable", "enable", "enable"]), number=NUMBER)
    def keep_somebody_out(self, verb: str, number: int) -> None:
        out = sorted(self.state.disabled)
        who = choosing.pick(out if out and verb == "enable" else PEOPLE, number)
        self.act(Act(verb, ADMIN, "", person=who))

    @rule()
    @where(lambda self: self.somebody_departed())
    def the_system_frees_what_departed_people_hold(self) -> None:
        self.act(Act("release_departed", "system", ""))

    def somebody_departed(self) -> bool:
        """Whether there is anything to free; before any work is begun the job finds nothing."""
        state = self.state
        return not state.samples or any(
            sample.status in {"draft", "changes_requested"}
            and (sample.annotator in state.disabled or not is_writer(state, sample.annotator, sample))
            for sample in state.samples.values()
        )

    @rule(number=NUMBER)
    @some_work
    def leases_run_out(self, number: int) -> None:
        """Time passes on the database's clock, for one sample or for all."""
        keys = sorted(self.state.samples)
        chosen = [choosing.pick(keys, number // 2)] if keys and number % 2 else keys
        for key in chosen:
            sample = self.state.samples[key]
            sample.place = sample.place if sample.place == "held" else None
            for revision in sample.revisions:
                revision.leases.clear()
        ids = ", ".join(str(self.names.samples[key]) for key in chosen) or "0"
        ended = "SET {0} = clock_timestamp() - interval '1 second' WHERE {0} > clock_timestamp() AND {1}"
        of_these = f"id IN ({ids})"
        of_slots = f"id IN (SELECT slot_id FROM samples WHERE {of_these})"  # noqa: S608 -- numbers
        slots = ended.format("lease_expires_at", of_slots)
        revisions = f"revision_id IN (SELECT id FROM revisions WHERE sample_{of_these})"  # noqa: S608 -- numbers
        reviews = ended.format("expires_at", revisions)
        note(f"Leases on {chosen} run out")
        self.turn_clock(f"UPDATE slots {slots}", f"UPDATE review_leases {reviews}")
        self.look_again()

    @rule()
    @where(lambda self: any(s.undoable and s.undoable.fresh for s in self.state.samples.values()))
    def ten_seconds_pass(self) -> None:
        for sample in self.state.samples.values():
            if sample.undoable is not None:
                sample.undoable.fresh = False
        self.turn_clock(UNDO_IS_OVER)
        self.look_again()

    @rule()
    @where(lambda self: self.acts_since_restart > 2)
    def restart(self) -> None:
        """The process ends and begins anew: nothing was only in its memory."""
        self.acts_since_restart = 0
        self.let_go()
        self.look_again()

    @rule(number=NUMBER)
    @where(lambda self: self.answered)
    def ask_for_an_answer_again(self, number: int) -> None:
        """A client that waited long sends its request again: it gets the old answer, and nothing is done."""
        act, call, answer = choosing.pick(self.answered, number)
        response = call.send(self.clients[act.who])
        assert (response.content, response.headers.get("Idempotent-Replayed")) == (answer, "true")
        self.look_again()

    @rule(first=NUMBER, second=NUMBER)
    @some_work
    def read_as_somebody(self, first: int, second: int) -> None:
        """What the API shows and offers to this person is what the oracle says; what is hidden is absent."""
        who = choosing.pick(PEOPLE, first)
        key = choosing.pick(sorted(self.state.samples), second)
        sample, client = self.state.samples[key], self.clients[who]
        response = client.get(f"/api/v1/samples/{self.names.samples[key]}")
        if who in self.state.disabled:
            assert response.status_code == 401
            return
        if not sees(self.state, who, sample):
            absent = client.get("/api/v1/samples/999999")
            assert (response.status_code, response.content) == (404, absent.content)
            return
        shown = response.json()
        own = who == sample.annotator
        texts = [each.content.text for each in sample.revisions] if own or sample.status in HANDED_IN else []
        assert [each["output"] for each in shown["revisions"]] == texts
        assert (shown["draft"] or {}).get("output") == (sample.draft.text if own else None)
        assert (shown["status"], set(shown["actions"])) == (sample.status, offered(self.state, who, sample))
        history = client.get(f"/api/v1/samples/{self.names.samples[key]}/history").json()
        kept = {words.text for author, words, _ in sample.kept if author == who and words.text}
        assert {each["output"] for each in history["kept"]} == kept

    @rule(first=NUMBER, second=NUMBER, third=NUMBER)
    @some_work
    def two_at_once(self, first: int, second: int, third: int) -> None:
        self._two_at_once(choosing.pick(sorted(self.state.samples), first), second, third)

    @rule(first=NUMBER, second=NUMBER, third=NUMBER)
    @some_submission
    def two_at_once_on_a_submission(self, first: int, second: int, third: int) -> None:
        self._two_at_once(choosing.pick(self.submitted(), first), second, third)

    def _two_at_once(self, key: str, second: int, third: int) -> None:
        acts = choosing.rivals(self.state, key, self.fresh())
        if acts:
            self.at_once(choosing.pick(acts, second), choosing.pick(acts, third))
