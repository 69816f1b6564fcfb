"""Approvals are counted under the lock: the right number, once, whatever the policy becomes meanwhile."""

from collections import Counter

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from app import clock, database
from app.accounts.models import User
from app.audit.models import Event
from app.operation.invariants import find_broken
from app.projects import service as projects
from app.projects.models import Project
from app.projects.policy import PolicyChange
from app.reviews.models import Review
from app.samples.models import Revision, Sample
from tests.factories import Factory
from tests.races.acts import act
from tests.races.together import Act, at_once, held_before_commit
from tests.races.twins import Twin, make_twin


def set_approvals(twin: Twin, number: int) -> Act:
    def do(session: Session) -> object:
        projects.update_project(
            session,
            slug=twin.project.slug,
            policy=PolicyChange(approvals=number),
            actor=twin.people["lead"],
            at=clock.now(),
        )
        return "changed"

    return do


def more_reviewers(twin: Twin, number: int) -> list[str]:
    names = [f"reviewer {count}" for count in range(number)]
    with database.transaction() as session:
        make, project = Factory(session), session.get_one(Project, twin.project.id)
        people: dict[str, User] = {name: make.reviewer(project) for name in names}
    twin.people.update(people)
    return names


def standing(twin: Twin) -> tuple[str, int, int]:
    """The status, how many approvals stand, and how often the sample became approved."""
    with database.transaction() as session:
        approvals = select(func.count(Review.id)).join(Revision).where(Revision.sample_id == twin.sample_id)
        became = select(func.count()).where(
            Event.subject_type == "sample",
            Event.subject_id == twin.sample_id,
            Event.before == "submitted",
            Event.after == "approved",
        )
        status = session.get_one(Sample, twin.sample_id).status
        return status, session.scalar(approvals) or 0, session.scalar(became) or 0


def test_of_six_reviewers_at_once_three_are_counted_where_three_are_needed(site: Engine) -> None:
    for _ in range(2):
        twin = make_twin("submitted", approvals=3)
        told = at_once([act("approve", twin, name) for name in more_reviewers(twin, 6)])
        assert Counter(told) == {"done": 3, "wrong_status": 3}
        assert standing(twin) == ("approved", 3, 1)


@pytest.mark.parametrize("number", [1, 2, 4, 5])
def test_the_policy_may_change_among_them_and_one_more_than_enough_settles_it(
    site: Engine, number: int
) -> None:
    twin = make_twin("submitted", approvals=3)
    approvals = [act("approve", twin, name) for name in more_reviewers(twin, 6)]
    *told, changed = at_once([*approvals, set_approvals(twin, number)])
    status, given, became = standing(twin)
    assert changed == "changed"
    assert set(told) <= {"done", "wrong_status"}
    assert told.count("done") == given
    assert (status, became) == ("approved", 1)
    # Approved by the old number or by the new one; lowered below what was given, the next one settles it.
    assert min(number, 3) <= given <= max(number, 3)


def test_an_approval_that_is_the_last_one_until_more_are_asked_for_waits_for_that(site: Engine) -> None:
    twin = make_twin("submitted", approvals=1)
    told = held_before_commit(set_approvals(twin, 2), act("approve", twin, "first"))
    assert told == ("changed", "done")
    assert standing(twin) == ("submitted", 1, 0)


def test_more_approvals_are_asked_for_after_the_one_that_is_being_given(site: Engine) -> None:
    twin = make_twin("submitted", approvals=1)
    told = held_before_commit(act("approve", twin, "first"), set_approvals(twin, 2))
    assert told == ("done", "changed")
    assert standing(twin) == ("approved", 1, 1)


def test_one_reviewer_in_six_windows_counts_once(site: Engine) -> None:
    twin = make_twin("submitted", approvals=3)
    told = at_once([act("approve", twin, "first")] * 6)
    assert Counter(told) == {"done": 1, "already_decided": 5}
    assert standing(twin) == ("submitted", 1, 0)


def test_what_was_done_above_broke_no_invariant(site: Engine) -> None:
    with site.connect() as connection:
        assert find_broken(connection) == []
