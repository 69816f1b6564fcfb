"""Databases that the demo stays away from."""

from collections.abc import Callable

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.demo.queries import is_demo, is_empty
from app.demo.service import build_demo, demo_links
from app.errors import Conflict
from app.projects.models import Project
from tests.factories import NOON, Factory


@pytest.mark.parametrize("begin", [Factory.project, Factory.user])
def test_a_database_with_other_work_is_refused_and_stays_as_it_is(
    session: Session, make: Factory, begin: Callable[[Factory], object]
) -> None:
    assert is_empty(session)
    begin(make)
    before = [*session.scalars(select(User.email)), *session.scalars(select(Project.slug))]
    with pytest.raises(Conflict) as refusal:
        build_demo(session, at=NOON)
    assert refusal.value.code == "not_empty"
    assert [*session.scalars(select(User.email)), *session.scalars(select(Project.slug))] == before
    assert not is_empty(session)


def test_a_project_that_only_has_the_demos_name_is_not_the_demo(session: Session, make: Factory) -> None:
    project = make.project()
    project.slug = "contract-summaries"
    make.lead(project)
    assert not is_demo(session)
    with pytest.raises(Conflict):
        build_demo(session, at=NOON)


def test_links_are_made_in_the_demo_only(session: Session, make: Factory) -> None:
    make.user()
    with pytest.raises(Conflict) as refusal:
        demo_links(session, base_url="", at=NOON)
    assert refusal.value.code == "no_demo"
