"""Building the demo project, and letting people into it.

Everything goes through the use cases that the pages call, so the demo has the history, revisions, leases and
guards of real work; and it is one transaction, so it is there wholly or not at all.
"""

import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from datetime import datetime, time, timedelta
from io import BytesIO
from typing import cast

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.accounts import links, people
from app.accounts.actors import OPERATOR
from app.accounts.models import User
from app.accounts.rules import Purpose
from app.demo import queries
from app.demo.content import Contract, load_acts, load_contracts, load_guidelines, load_project
from app.demo.evidence import Source
from app.demo.story import Stage, moment, moment_of, play
from app.documents import finding
from app.documents import service as documents
from app.errors import Conflict
from app.imports import processing, reading, taking
from app.imports.metadata_csv import FileMetadata
from app.imports.models import ImportFile
from app.imports.service import keep, start_import
from app.projects import members
from app.projects.models import Project
from app.projects.policy import PolicyChange
from app.projects.rules import Role
from app.projects.service import create_project

LINK_DAYS = 1
_DAYS_AGO = 7  # working days between the project's beginning and the day on which it is built


def build_demo(session: Session, *, at: datetime) -> bool:
    """Set the demo project up as if people had worked on it in the days before `at`.

    False, and nothing is changed, where it is here already. Raises Conflict with code `not_empty` where the
    database holds anything else.
    """
    # Two programs that start at once: the second waits, and then finds the demo.
    session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended("demo", 0))))
    if queries.is_demo(session):
        return False
    if not queries.is_empty(session):
        raise Conflict(
            "This database holds other work, so the demo project is not added to it. "
            "Use an empty database or another data directory.",
            code="not_empty",
        )
    began = moment(at, days=_DAYS_AGO, clock=time(14, 0))
    users = _add_people(session, at=began)
    project = _add_project(session, users, at=began + timedelta(minutes=10))
    sources = _import_contracts(session, project, lead=_lead(users), at=began + timedelta(minutes=30))
    stage = Stage(session=session, slug=project.slug, users=users, sources=sources)
    for act in load_acts():
        play(stage, act, at=moment_of(act, at))
    return True


def demo_links(session: Session, *, base_url: str, at: datetime) -> list[tuple[str, str, str]]:
    """One new sign-in link for each of the demo's people: (roles, name, URL), the lead first.

    Links that were printed before and not used stop working. Raises Conflict with code `no_demo` on a
    database that is not the demo's.
    """
    if not queries.is_demo(session):
        raise Conflict("There is no demo project in this database.", code="no_demo")
    found = []
    for person, user in queries.list_people(session):
        token = links.create(session, user=user, purpose=Purpose.DEMO, days=LINK_DAYS, actor=OPERATOR, at=at)
        roles = [*person.roles, *(["admin"] if user.is_admin else [])]
        found.append((" and ".join(roles), user.name, links.url(base_url, token)))
    return found


def _lead(users: Mapping[str, User]) -> User:
    return next(users[person.name] for person in load_project().people if Role.LEAD in person.roles)


def _add_people(session: Session, *, at: datetime) -> dict[str, User]:
    """The accounts by name. They have no password: the links of `demo_links` are the only way in."""
    return {
        person.name: people.create(
            session,
            email=person.email,
            name=person.name,
            is_admin=Role.LEAD in person.roles,  # somebody has to be able to look at the admin's pages
            password=None,
            actor=OPERATOR,
            at=at,
        )
        for person in load_project().people
    }


def _add_project(session: Session, users: Mapping[str, User], *, at: datetime) -> Project:
    content, lead = load_project(), _lead(users)
    project = create_project(
        session,
        slug=content.slug,
        name=content.name,
        lead=lead,
        actor=lead,
        at=at,
        system_prompt=content.system_prompt,
        policy=cast(PolicyChange, asdict(content.policy)),
        instruction_specs=content.instructions,
        clause_specs=content.clauses,
        guidelines_markdown=load_guidelines()[0],
    )
    for number, person in enumerate(content.people, start=1):
        members.set_roles(
            session,
            slug=content.slug,
            email=person.email,
            roles=person.roles,
            actor=lead,
            at=at + timedelta(minutes=number),
        )
    return project


def _import_contracts(session: Session, project: Project, *, lead: User, at: datetime) -> dict[str, Source]:
    """Import the contracts as the lead's files; what each became, by its number."""
    contracts = load_contracts()
    incoming = [keep(contract.name, BytesIO(contract.read())) for contract in contracts.values()]
    started = start_import(session, project=project, files=incoming, actor=lead, at=at)
    files = session.scalars(
        select(ImportFile).where(ImportFile.import_id == started.id).order_by(ImportFile.id)
    ).all()
    # Each file is read in a process of its own, most of whose time goes into starting.
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        read = list(pool.map(_read, files, contracts.values()))
    sources = {}
    for number, file, found in zip(contracts, files, read, strict=True):
        taking.add_contracts(session, {file.id: found}, at=at)
        if file.document_id is None or file.status != "created":
            raise Conflict(f"The demo's contract {number} was not taken in.")
        sources[number] = Source(file.document_id, found.extracted.text)
    processing.finish(session, import_id=started.id, at=at + timedelta(minutes=1))
    finding.find_some(session, project.id)  # at once: whoever opens the demo first must not wait for a minute
    return sources


def _read(file: ImportFile, contract: Contract) -> documents.Contract:
    return reading.read_file(
        name=file.name,
        sha256=file.sha256,
        byte_count=file.byte_count,
        said=FileMetadata(contract.title, contract.metadata),
    )
