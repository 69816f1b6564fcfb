"""Two people at once: a project keeps a lead, a slug is used once, an attestation is one row."""

from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from app.accounts.actors import OPERATOR
from app.projects import guidelines, members, service
from app.projects.models import Attestation, Member
from app.projects.rules import Role
from tests.factories import NOON, Factory
from tests.races.together import Act, at_once


def _codes(*acts: Act) -> list[str]:
    """What each is told who acts at the same time: "done", or the refusal's code."""
    return sorted(told if isinstance(told, str) else "done" for told in at_once(acts))


def test_of_two_leads_who_leave_at_once_one_stays(live_database: Engine) -> None:
    with Session(live_database, expire_on_commit=False) as session, session.begin():
        make = Factory(session)
        project = make.project()
        leads = [make.lead(project), make.lead(project)]

    def leave(number: int) -> Act:
        return lambda session: members.remove_member(
            session, slug=project.slug, email=leads[number].email, actor=OPERATOR, at=NOON
        )

    assert _codes(leave(0), leave(1)) == ["done", "last_lead"]
    with Session(live_database) as session:
        left = select(func.count()).where(Member.project_id == project.id, Member.role == Role.LEAD)
        assert session.scalar(left) == 1


def test_of_two_projects_with_one_short_name_one_is_made(live_database: Engine) -> None:
    with Session(live_database, expire_on_commit=False) as session, session.begin():
        lead = Factory(session).user()

    def create(session: Session) -> object:
        return service.create_project(session, slug="nda", name="NDAs", lead=lead, actor=OPERATOR, at=NOON)

    assert _codes(create, create) == ["done", "slug_taken"]


def test_an_attestation_that_is_sent_twice_at_once_is_one(live_database: Engine) -> None:
    with Session(live_database, expire_on_commit=False) as session, session.begin():
        make = Factory(session)
        project = make.project()
        annotator = make.annotator(project, attested=False)

    def attest(session: Session) -> object:
        return guidelines.attest(session, slug=project.slug, version=1, actor=annotator, at=NOON)

    assert _codes(attest, attest) == ["done", "done"]
    with Session(live_database) as session:
        assert session.scalar(select(func.count()).select_from(Attestation)) == 1
