"""A lease is taken, prolonged or lost while something else happens to it; each moment is forced."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import Engine, func, select, text, update
from sqlalchemy.orm import Session

from app import clock, database
from app.accounts import people, sessions
from app.accounts.actors import OPERATOR
from app.accounts.models import UserSession
from app.operation.invariants import INVARIANTS
from app.projects import service as projects
from app.projects.models import Project
from app.projects.policy import PolicyChange
from app.samples.models import Draft, Sample
from app.tasks.models import Slot, Task
from app.tasks.queries import DATABASE_TIME, counts
from tests.factories import Factory
from tests.races.acts import act
from tests.races.together import Act, at_once, attempt, held_before_commit
from tests.races.twins import Twin, make_twin


def another_draft(twin: Twin) -> Twin:
    """The same annotator's draft on another contract of the project."""
    with database.transaction() as session:
        project = session.get_one(Project, twin.project.id)
        sample = Factory(session).sample(project, annotator=session.merge(twin.people["owner"]))
        return Twin(twin.project, twin.people, sample.id, sample.task.document_id)


def end_leases(twin: Twin, *, after: timedelta = timedelta(0)) -> None:
    with database.transaction() as session:
        of_project = select(Task.id).where(Task.project_id == twin.project.id)
        session.execute(
            update(Slot)
            .where(Slot.task_id.in_(of_project), Slot.state == "writing")
            .values(lease_expires_at=DATABASE_TIME + after)
        )


def live_slots(twin: Twin) -> list[tuple[str, str]]:
    """Who has a place that counts now in the twin's project, and how."""
    names = {user.id: name for name, user in twin.people.items()}
    with database.transaction() as session:
        rows = session.execute(
            select(Slot.user_id, Slot.state)
            .join(Task, Task.id == Slot.task_id)
            .where(Task.project_id == twin.project.id, counts())
            .order_by(Slot.id)
        )
        return [(names[user], state) for user, state in rows]


def change_policy(twin: Twin, **policy: int) -> Act:
    return lambda session: projects.update_project(
        session,
        slug=twin.project.slug,
        policy=PolicyChange(**policy),  # type: ignore[typeddict-item]
        actor=twin.people["lead"],
        at=clock.now(),
    )


@pytest.mark.parametrize("name", ["save", "take to write"])
def test_of_two_saves_on_two_samples_whose_leases_ended_one_has_a_lease_in_the_end(
    site: Engine, name: str
) -> None:
    one = make_twin("draft")
    other = another_draft(one)
    end_leases(one)
    told = held_before_commit(act("save", one, ""), act(name, other, ""))
    assert told == ("done", "done")
    assert live_slots(one) == [("owner", "writing")]


def test_a_person_in_eight_windows_never_has_two_live_leases(site: Engine) -> None:
    drafts = [make_twin("draft")]
    drafts += [another_draft(drafts[0]) for _ in range(3)]
    for _ in range(4):
        end_leases(drafts[0])
        told = at_once([act(name, twin, "") for twin in drafts for name in ("save", "take to write")])
        assert "guard" not in told
        assert live_slots(drafts[0]) == [("owner", "writing")]


def test_a_lease_that_ends_while_it_is_prolonged_is_not_given_to_another(site: Engine) -> None:
    twin = make_twin("draft")
    end_leases(twin, after=timedelta(seconds=3))

    def wait_out(session: Session) -> object:
        act("save", twin, "")(session)
        return session.execute(select(func.pg_sleep(3.1))).one() and "done"

    assert held_before_commit(wait_out, act("colleague takes", twin, "")) == ("done", "nothing")
    assert live_slots(twin) == [("owner", "writing")]


@pytest.mark.parametrize("name", ["submit", "skip", "release"])
def test_who_takes_work_at_that_moment_does_not_go_on_with_what_was_let_go(site: Engine, name: str) -> None:
    twin = make_twin("draft")
    assert held_before_commit(act(name, twin, ""), act("take to write", twin, "")) == ("done", "nothing")
    assert live_slots(twin) == ([("owner", "held")] if name == "submit" else [])


def test_a_save_is_kept_when_the_places_become_fewer_at_that_moment(site: Engine) -> None:
    twin = make_twin("draft", overlap=2)
    end_leases(twin)
    assert attempt(act("colleague takes", twin, "")) == "done"
    told = held_before_commit(change_policy(twin, overlap=1), act("save", twin, ""))
    assert told[1] == "done"
    assert live_slots(twin) == [("colleague", "writing")]
    with database.transaction() as session:
        assert session.get_one(Draft, twin.sample_id).output.endswith("Written on.")


def test_places_that_people_have_stay_theirs_when_the_places_become_fewer(site: Engine) -> None:
    twin = make_twin("draft", overlap=2)
    assert attempt(act("colleague takes", twin, "")) == "done"
    attempt(change_policy(twin, overlap=1))
    assert [attempt(act(name, twin, "")) for name in ("submit", "recall", "submit")] == ["done"] * 3
    assert live_slots(twin) == [("owner", "held"), ("colleague", "writing")]


@pytest.mark.parametrize("policy_is_first", [True, False])
@pytest.mark.parametrize(("name", "status"), [("submit", "draft"), ("reject", "submitted")])
@pytest.mark.parametrize(("before", "after"), [(1, 2), (2, 1)])
def test_the_queue_passes_over_full_tasks_alone_when_the_places_change_at_that_moment(
    site: Engine, name: str, status: str, before: int, after: int, policy_is_first: bool
) -> None:
    twin = make_twin(status, overlap=before)
    acts = [change_policy(twin, overlap=after), act(name, twin, "first" if name == "reject" else "")]
    assert held_before_commit(*(acts if policy_is_first else reversed(acts)))
    (is_noted_rightly,) = [invariant.sql for invariant in INVARIANTS if invariant.id == "I6e"]
    with database.transaction() as session:
        assert session.scalars(text(is_noted_rightly)).all() == []
        of_project = select(Task.is_full).where(Task.project_id == twin.project.id)
        assert session.scalars(of_project).all() == [name == "submit" and after == 1]


def test_a_reviewer_is_not_given_what_they_are_just_deciding_on(site: Engine) -> None:
    twin = make_twin("submitted", approvals=2)
    told = held_before_commit(act("approve", twin, "first"), act("take to review", twin, "first"))
    assert told == ("done", "nothing")
    assert attempt(act("approve", twin, "second")) == "done"
    with database.transaction() as session:
        assert session.get_one(Sample, twin.sample_id).status == "approved"


def test_who_is_disabled_in_the_middle_of_a_request_does_not_break_it(site: Engine) -> None:
    """The request notes first that its session is in use; whoever disables the person ends that session."""
    twin = make_twin("submitted")
    who = twin.people["first"]
    before = clock.now() - timedelta(hours=1)
    with database.transaction() as session:
        sessions.start(session, user=who, user_agent="test", days=1, at=before)

    def touch(session: Session) -> object:
        current = session.scalars(select(UserSession).where(UserSession.user_id == who.id)).one()
        return sessions.touch(session, current, at=clock.now())

    def disable(session: Session) -> object:
        people.disable(session, user_id=who.id, actor=OPERATOR, at=clock.now())
        return "disabled"

    approve: Callable[[Session], object] = act("approve", twin, "first")
    assert held_before_commit(touch, disable, then=approve) == ("done", "disabled")
    with database.transaction() as session:
        assert session.scalars(select(UserSession).where(UserSession.user_id == who.id)).all() == []
