"""Two people at once: a project keeps a lead, a slug is used once, an attestation is one row."""

from collections.abc import Callable
from threading import Barrier, Thread

from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from app.accounts.actors import OPERATOR
from app.database import transaction
from app.errors import AppError
from app.projects import guidelines, members, service
from app.projects.models import Attestation, Member
from app.projects.rules import Role
from tests.factories import NOON, Factory


def _at_once(*acts: Callable[[Session], object]) -> list[str]:
    """Do the acts in transactions of their own that begin together; answers "done" or the refusal's code."""
    barrier, outcomes = Barrier(len(acts)), []

    def run(act: Callable[[Session], object]) -> None:
        try:
            with transaction() as session:
                session.connection()
                barrier.wait(timeout=10)
                act(session)
            outcomes.append("done")
        except AppError as error:
            outcomes.append(error.code)

    threads = [Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(outcomes)


def test_of_two_leads_who_leave_at_once_one_stays(live_database: Engine) -> None:
    with Session(live_database, expire_on_commit=False) as session, session.begin():
        make = Factory(session)
        project = make.project()
        leads = [make.lead(project), make.lead(project)]

    def leave(number: int) -> Callable[[Session], object]:
        return lambda session: members.remove_member(
            session, slug=project.slug, email=leads[number].email, actor=OPERATOR, at=NOON
        )

    assert _at_once(leave(0), leave(1)) == ["done", "last_lead"]
    with Session(live_database) as session:
        left = select(func.count()).where(Member.project_id == project.id, Member.role == Role.LEAD)
        assert session.scalar(left) == 1


def test_of_two_projects_with_one_short_name_one_is_made(live_database: Engine) -> None:
    with Session(live_database, expire_on_commit=False) as session, session.begin():
        lead = Factory(session).user()

    def create(session: Session) -> object:
        return service.create_project(session, slug="nda", name="NDAs", lead=lead, actor=OPERATOR, at=NOON)

    assert _at_once(create, create) == ["done", "slug_taken"]


def test_an_attestation_that_is_sent_twice_at_once_is_one(live_database: Engine) -> None:
    with Session(live_database, expire_on_commit=False) as session, session.begin():
        make = Factory(session)
        project = make.project()
        annotator = make.annotator(project, attested=False)

    def attest(session: Session) -> object:
        return guidelines.attest(session, slug=project.slug, version=1, actor=annotator, at=NOON)

    assert _at_once(attest, attest) == ["done", "done"]
    with Session(live_database) as session:
        assert session.scalar(select(func.count()).select_from(Attestation)) == 1
