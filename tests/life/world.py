"""Two projects with their people, in a database that every example copies."""

from dataclasses import dataclass, field
from itertools import count

from fastapi import FastAPI
from starlette.testclient import TestClient

from app import database
from app.accounts.models import User
from app.main import create_app
from app.projects.models import Attestation, Member
from tests.factories import Factory
from tests.life.state import Project, State
from tests.web.browsers import program

# Who is what at first. Some are several things, and some are in both projects.
ROLES: dict[str, dict[str, tuple[str, ...]]] = {
    "A": {
        "ann": ("annotator",),
        "bea": ("annotator",),
        "cas": ("annotator", "reviewer"),
        "rob": ("reviewer",),
        "ros": ("reviewer",),
        "lea": ("lead",),
        "lou": ("lead", "annotator"),
        "eve": ("engineer",),
    },
    "B": {"bea": ("annotator",), "rob": ("reviewer",), "lou": ("lead",), "bob": ("annotator", "reviewer")},
}
PEOPLE = sorted({who for people in ROLES.values() for who in people})
DOCUMENTS = {"A": 2, "B": 1}
ADMIN = "ada"  # runs the site, and is no member


@dataclass
class World:
    """The site, and the rows that are there from the beginning, by the names that the oracle has for them."""

    app: FastAPI
    users: dict[str, int] = field(default_factory=dict)
    projects: dict[str, int] = field(default_factory=dict)
    slugs: dict[str, str] = field(default_factory=dict)
    tokens: dict[str, TestClient] = field(default_factory=dict)
    numbers: "count[int]" = field(default_factory=lambda: count(1))  # so that no two texts are alike

    def state(self) -> State:
        """What the oracle knows of a fresh copy."""
        return State(
            {
                name: Project(
                    roles={who: frozenset(roles) for who, roles in people.items()},
                    attested={(who, 1) for who, roles in people.items() if "annotator" in roles},
                    documents={f"{name}{number + 1}": False for number in range(DOCUMENTS[name])},
                )
                for name, people in ROLES.items()
            }
        )

    def client(self, who: str) -> TestClient:
        """A program of this person; its token was made in the database that is copied."""
        return self.tokens[who]

    def new_client(self, who: str) -> TestClient:
        """One with a new token, in this example's database: the old one ended with the person's disabling."""
        with database.transaction() as session:
            return program(self.app, session.get_one(User, self.users[who]))


def build_world() -> World:
    """Fill the database that is configured."""
    world = World(create_app())
    people: dict[str, User] = {}
    with database.transaction() as session:
        make = Factory(session)
        people[ADMIN] = make.user(ADMIN, admin=True)
        for who in PEOPLE:
            people[who] = make.user(who)
        for name, members in ROLES.items():
            project = make.project()
            world.projects[name], world.slugs[name] = project.id, project.slug
            for who, roles in members.items():
                person = people[who].id
                session.add_all(Member(project_id=project.id, user_id=person, role=role) for role in roles)
                if "annotator" in roles:
                    session.add(Attestation(project_id=project.id, user_id=person, guidelines_version=1))
            for _ in range(DOCUMENTS[name]):
                make.task(project)
    world.users = {who: person.id for who, person in people.items()}
    world.tokens = {who: program(world.app, people[who]) for who in PEOPLE}
    return world
