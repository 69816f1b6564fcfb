"""Every role and every right; policies and clauses that hold together."""

import pytest

from app.errors import Invalid, NotAllowed
from app.projects import clause_set, naming
from app.projects.clause_set import ClauseSpec
from app.projects.policy import Policy, PolicyChange, change
from app.projects.rules import Right, Role, in_order, require, rights_of, staffing_gaps

# The table of who may do what, written out: all that is not here is refused.
ALLOWED = {
    (Role.ANNOTATOR, Right.WRITE),
    (Role.REVIEWER, Right.REVIEW),
    (Role.REVIEWER, Right.READ_DOCUMENTS),
    (Role.REVIEWER, Right.READ_SAMPLES),
    (Role.LEAD, Right.MANAGE),
    (Role.LEAD, Right.READ_DOCUMENTS),
    (Role.LEAD, Right.READ_SAMPLES),
    (Role.LEAD, Right.EXPORT),
    (Role.LEAD, Right.SEE_ACTIVITY),
    (Role.ENGINEER, Right.EXPORT),
}


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("right", Right)
def test_a_role_carries_the_rights_of_the_table_and_no_other(role: Role, right: Right) -> None:
    if (role, right) in ALLOWED:
        require([role], right)
    else:
        with pytest.raises(NotAllowed, match="of this project may"):
            require([role], right)


def test_several_roles_carry_the_sum_of_their_rights_and_none_carries_none() -> None:
    assert rights_of([Role.ANNOTATOR, Role.ENGINEER]) == {Right.WRITE, Right.EXPORT}
    assert rights_of([]) == frozenset()
    assert in_order({Role.LEAD, Role.ANNOTATOR}) == [Role.ANNOTATOR, Role.LEAD]


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"min_words": -1}, "min_words"),
        ({"min_words": 161}, "min_words"),
        ({"max_words": 0, "min_words": 0}, "max_words"),
        ({"max_words": 5_001}, "max_words"),
        ({"overlap": 0}, "overlap"),
        ({"overlap": 11}, "overlap"),
        ({"approvals": 0}, "approvals"),
        ({"approvals": 6}, "approvals"),
        ({"lease_minutes": 0}, "lease_minutes"),
        ({"lease_minutes": 1_441}, "lease_minutes"),
        ({"lease_minutes": 10**30}, "lease_minutes"),
        ({"date_order": "ymd"}, "date_order"),
        ({"severities": {"luck": "error"}}, "severities"),
        ({"severities": {"too_short": "fatal"}}, "severities"),
        ({"severities": {"empty": "note"}}, "severities"),
    ],
)
def test_a_policy_out_of_bounds_is_refused_at_its_field(values: PolicyChange, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        change(Policy(), values)
    assert set(refused.value.fields) == {field}


def test_a_policy_at_its_bounds_passes_and_the_rest_stays() -> None:
    highest = change(Policy(), {"max_words": 5_000, "overlap": 10, "approvals": 5, "lease_minutes": 1_440})
    lowest = change(
        Policy(), {"min_words": 0, "max_words": 1, "overlap": 1, "approvals": 1, "lease_minutes": 1}
    )
    assert (highest.min_words, highest.date_order) == (60, "mdy")
    assert lowest.reviewer_edits


def test_a_policy_keeps_what_it_says_of_severities_only_where_that_is_not_the_default() -> None:
    severities = {"too_short": "off", "too_long": "error", "empty": "error"}
    assert change(Policy(), {"severities": severities}).severities == {"too_short": "off"}


def test_a_kind_that_the_checks_have_no_more_stands_in_nobodys_way() -> None:
    policy = Policy(severities={"of_old": "error"})
    assert change(policy, {"overlap": 2}).severities == {"of_old": "error"}
    assert change(policy, {"severities": {}}).severities == {}


@pytest.mark.parametrize(
    ("specs", "sentence"),
    [
        ([ClauseSpec("term", "Term"), ClauseSpec("term", "Again")], "Two clauses have the key “term”"),
        ([ClauseSpec("Term", "Term")], "“Term” cannot be a clause's key"),
        ([ClauseSpec("", "Term")], "cannot be a clause's key"),
        ([ClauseSpec("term", " ")], "name of clause “term”"),
        ([ClauseSpec("term", "x" * 201)], "name of clause “term”"),
        ([ClauseSpec("term", "Term", phrase_cues=("",))], "cue of clause “term”"),
        ([ClauseSpec("term", "Term", heading_cues=("x",) * 101)], "more than 100 cues"),
        ([ClauseSpec(f"c{number}", "C") for number in range(101)], "at most 100 clauses"),
    ],
)
def test_clauses_that_cannot_stand_together_are_refused(specs: list[ClauseSpec], sentence: str) -> None:
    with pytest.raises(Invalid, match=sentence):
        clause_set.check(specs)


def test_a_list_of_cues_is_read_as_people_type_it() -> None:
    assert clause_set.cues(" term,\n initial   term ,, term ") == ("term", "initial term")
    assert clause_set.key_of("Limits of liability (cap)") == "limits_of_liability_cap"


@pytest.mark.parametrize("slug", ["", "-a", "a-", "A", "a b", "new", "a/b", "x" * 65, "é", "a\n"])
def test_a_short_name_that_cannot_stand_in_an_address_is_refused(slug: str) -> None:
    with pytest.raises(Invalid) as refused:
        naming.check_slug(slug)
    assert "slug" in refused.value.fields


@pytest.mark.parametrize("name", ["", " \n", "\u200b\u200b", "x" * 201, "a\0b", "\ud800"])
def test_a_name_that_cannot_be_read_or_stored_is_refused(name: str) -> None:
    with pytest.raises(Invalid):
        naming.clean_name(name)


def test_a_name_is_kept_on_one_line() -> None:
    assert naming.clean_name("  Contract\r\n summaries ") == "Contract summaries"
    assert naming.clean_name("合同") == "合同"


def test_a_lead_is_told_what_the_projects_people_cannot_do() -> None:
    enough = {Role.ANNOTATOR: 2, Role.REVIEWER: 2}
    assert staffing_gaps(enough, overlap=2, approvals=2) == []
    assert staffing_gaps({}, overlap=1, approvals=1) == [
        "Nobody may write: no member is an annotator.",
        "Nobody may review: no member is a reviewer.",
    ]
    assert len(staffing_gaps({Role.ANNOTATOR: 1, Role.REVIEWER: 1}, overlap=2, approvals=2)) == 2
