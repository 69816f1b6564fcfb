"""The pure rules on accounts."""

from datetime import UTC, datetime, timedelta

import pytest
from argon2 import Type
from hypothesis import example, given
from hypothesis import strategies as st

from app.accounts import rules
from app.accounts.rules import FIRST_WAIT, WINDOW, Purpose, Scope
from app.errors import Invalid
from tests.conftest import PROGRAMS_HASHER

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.mark.parametrize("length", [8, 256])
def test_passwords_of_the_allowed_lengths_pass(length: int) -> None:
    rules.check_password("§" * length)


@pytest.mark.parametrize("length", [0, 7, 257])
def test_other_passwords_are_refused(length: int) -> None:
    with pytest.raises(Invalid, match="8 to 256"):
        rules.check_password("§" * length)


def test_a_stored_password_costs_whoever_guesses_it_what_rfc_9106_says() -> None:
    # The tests themselves hash with less: see conftest.
    cost = PROGRAMS_HASHER.type, PROGRAMS_HASHER.time_cost, PROGRAMS_HASHER.memory_cost
    assert cost == (Type.ID, 3, 64 * 1024)


@pytest.mark.parametrize("email", ["", "a", "@", "a@", "@b", "a b@c", "a@b@c", "a@" + "b" * 253, "a\x00@b"])
def test_what_is_no_address_is_refused(email: str) -> None:
    with pytest.raises(Invalid):
        rules.clean_email(email)


@pytest.mark.parametrize("name", ["", " ", "a\x00b", "a\u202eb", "x" * 201])
def test_what_is_no_name_is_refused(name: str) -> None:
    with pytest.raises(Invalid):
        rules.clean_name(name)


def test_waiting_begins_after_the_free_failures_and_doubles_up_to_the_window() -> None:
    waits = [rules.may_try_again_at([NOON] * count, free=5) for count in range(14)]
    assert waits[:5] == [None] * 5
    assert waits[5:9] == [NOON + FIRST_WAIT * factor for factor in (1, 2, 4, 8)]
    assert waits[13] == NOON + WINDOW


def test_waiting_counts_from_the_latest_failure() -> None:
    earlier = [NOON - timedelta(minutes=minute) for minute in range(5)]
    assert rules.may_try_again_at(earlier, free=5) == NOON + FIRST_WAIT


@given(st.text() | st.text("/[]:?#@.a\u2100", max_size=8))
@example("//[")
@example("//\u2100.example")
def test_a_local_path_never_leads_to_another_site(target: str) -> None:
    path = rules.local_path(target)
    assert path.startswith("/")
    assert not path.startswith(("//", "/\\"))
    assert path in {"/", target}


def test_a_token_without_scopes_carries_all_that_its_person_may() -> None:
    assert rules.check_scopes([], is_admin=True) == [str(scope) for scope in Scope]
    assert "admin" not in rules.check_scopes([], is_admin=False)


def test_only_a_demo_link_sets_no_password() -> None:
    assert [purpose for purpose in Purpose if not purpose.sets_password] == [Purpose.DEMO]
