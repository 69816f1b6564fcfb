"""The rules of a sample's life, over every status, action and kind of person."""

from dataclasses import replace
from itertools import product

import pytest

from app.errors import Conflict, NotAllowed
from app.projects.rules import Role
from app.samples.workflow import (
    EDITABLE,
    Action,
    ActorFacts,
    SampleFacts,
    Status,
    available_actions,
    decide,
    may_edit,
)

WRITER = 7
ANNOTATOR = ActorFacts(WRITER, frozenset({Role.ANNOTATOR}), held_slot=True, own_sample_undecided=True)
PEOPLE = {
    "annotator": ANNOTATOR,
    "another annotator": ActorFacts(8, frozenset({Role.ANNOTATOR})),
    "reviewer": ActorFacts(9, frozenset({Role.REVIEWER})),
    "reviewer who edited": ActorFacts(9, frozenset({Role.REVIEWER}), wrote_part=True),
    "reviewer with a slot": ActorFacts(9, frozenset({Role.REVIEWER}), held_slot=True),
    "lead": ActorFacts(10, frozenset({Role.LEAD})),
    "lead writing on the task": ActorFacts(
        10, frozenset({Role.LEAD, Role.ANNOTATOR}), held_slot=True, own_sample_undecided=True
    ),
    "engineer": ActorFacts(11, frozenset({Role.ENGINEER})),
    "annotator with every role": replace(ANNOTATOR, roles=frozenset(Role)),
    "annotator who lost the role": replace(ANNOTATOR, roles=frozenset()),
    "stranger": ActorFacts(12, frozenset()),
}
WRITING = {(Action.SUBMIT, status) for status in EDITABLE} | {
    (Action.SKIP, Status.DRAFT),
    (Action.SKIP, Status.CHANGES_REQUESTED),
    (Action.RECALL, Status.SUBMITTED),
    (Action.RESUME, Status.SKIPPED),
}
DECIDING = {
    (Action.APPROVE, Status.SUBMITTED),
    (Action.REQUEST_CHANGES, Status.SUBMITTED),
    (Action.REJECT, Status.SUBMITTED),
}
EDITING = {(Action.EDIT, Status.SUBMITTED)}
LEADING = {(Action.RELEASE, status) for status in EDITABLE} | {
    (Action.REOPEN, Status.APPROVED),
    (Action.REOPEN, Status.REJECTED),
}
# The allow-list: whatever stands in no row is refused.
ALLOWED = {
    "annotator": WRITING,
    "annotator with every role": WRITING,
    "reviewer": DECIDING | EDITING,
    "reviewer who edited": EDITING,
    "lead": LEADING,
}
CASES = list(product(PEOPLE, Action, Status))


@pytest.mark.parametrize(("person", "action", "status"), CASES)
def test_only_what_the_allow_list_names_is_allowed(person: str, action: Action, status: Status) -> None:
    sample = SampleFacts(status=status, annotator_id=WRITER)
    allowed = (action, status) in ALLOWED.get(person, set())
    try:
        decide(action, PEOPLE[person], sample)
    except (NotAllowed, Conflict):
        assert not allowed
    else:
        assert allowed


@pytest.mark.parametrize(("person", "action", "status"), CASES)
def test_what_is_offered_is_what_is_allowed(person: str, action: Action, status: Status) -> None:
    sample = SampleFacts(status=status, annotator_id=WRITER)
    offered = action in available_actions(PEOPLE[person], sample)
    assert offered == ((action, status) in ALLOWED.get(person, set()))


@pytest.mark.parametrize("action", Action)
def test_a_stranger_is_told_the_same_whatever_the_status_is(action: Action) -> None:
    answers = set()
    for status in Status:
        with pytest.raises(NotAllowed) as refusal:
            decide(action, PEOPLE["stranger"], SampleFacts(status=status, annotator_id=WRITER))
        answers.add(refusal.value.message)
    assert len(answers) == 1


def test_the_last_approval_approves_and_the_ones_before_do_not() -> None:
    sample = SampleFacts(status=Status.SUBMITTED, annotator_id=WRITER, approvals_needed=3)
    reviewer = PEOPLE["reviewer"]
    results = [decide(Action.APPROVE, reviewer, replace(sample, approvals_given=given)) for given in range(3)]
    assert results == [Status.SUBMITTED, Status.SUBMITTED, Status.APPROVED]


@pytest.mark.parametrize("status", [Status.APPROVED, Status.REJECTED, Status.CHANGES_REQUESTED])
def test_only_the_reviewer_who_decided_may_undo(status: Status) -> None:
    sample = SampleFacts(status=status, annotator_id=WRITER, undoable_by=9)
    assert decide(Action.UNDO, PEOPLE["reviewer"], sample) is Status.SUBMITTED
    with pytest.raises(Conflict, match="no longer be undone"):
        decide(Action.UNDO, replace(PEOPLE["reviewer"], user_id=13), sample)
    with pytest.raises(NotAllowed):
        decide(Action.UNDO, PEOPLE["lead"], sample)


def test_a_submission_that_a_reviewer_opened_is_not_recalled() -> None:
    opened = SampleFacts(status=Status.SUBMITTED, annotator_id=WRITER, review_began=True)
    with pytest.raises(Conflict, match="already opened"):
        decide(Action.RECALL, ANNOTATOR, opened)


@pytest.mark.parametrize("action", [Action.SUBMIT, Action.APPROVE, Action.RESUME, Action.REOPEN])
def test_a_withdrawn_contract_stops_work(action: Action) -> None:
    people = {Action.APPROVE: "reviewer", Action.REOPEN: "lead"}
    for status in Status:
        with pytest.raises(Conflict, match="withdrawn"):
            decide(
                action,
                PEOPLE[people.get(action, "annotator")],
                SampleFacts(status=status, annotator_id=WRITER, withdrawn=True),
            )


def test_the_policy_decides_whether_reviewers_edit() -> None:
    sample = SampleFacts(status=Status.SUBMITTED, annotator_id=WRITER, reviewer_edits=False)
    with pytest.raises(Conflict, match="policy"):
        decide(Action.EDIT, PEOPLE["reviewer"], sample)


@pytest.mark.parametrize("status", Status)
def test_only_the_annotator_edits_the_draft_and_only_while_it_is_theirs(status: Status) -> None:
    sample = SampleFacts(status=status, annotator_id=WRITER)
    assert may_edit(ANNOTATOR, sample) == (status in EDITABLE)
    assert not any(may_edit(facts, sample) for name, facts in PEOPLE.items() if facts.user_id != WRITER)
