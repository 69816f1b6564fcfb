"""SELECTs of the demo: whether this database is empty, and who of the demo's people is here."""

from collections.abc import Sequence

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.demo.content import Person, load_project
from app.projects.models import Member, Project
from app.projects.rules import Role


def is_empty(session: Session) -> bool:
    """Whether nobody has worked on this database yet: it holds no project and no person."""
    return not session.scalar(select(or_(exists().select_from(Project), exists().select_from(User))))


def is_demo(session: Session) -> bool:
    """Whether the demo project is here: its name alone would not do, but the lead's address is nobody's."""
    content = load_project()
    leads = [person.email for person in content.people if Role.LEAD in person.roles]
    return bool(
        session.scalar(
            select(
                exists().where(
                    Project.slug == content.slug,
                    Member.project_id == Project.id,
                    Member.role == Role.LEAD,
                    Member.user_id == User.id,
                    User.email.in_(leads),
                )
            )
        )
    )


def list_people(session: Session) -> Sequence[tuple[Person, User]]:
    """The demo's people who can sign in, in the order of `project.toml`."""
    people = {person.email: person for person in load_project().people}
    users = session.scalars(select(User).where(User.email.in_(people), User.disabled_at.is_(None)))
    found = {user.email: user for user in users}
    return [(person, found[email]) for email, person in people.items() if email in found]
