"""Sixteen people work on the same few contracts while leases end and a lead changes everything under them."""

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import chain, cycle
from threading import Event

import pytest
from sqlalchemy import Engine, func, select, text, update
from sqlalchemy.orm import Session

from app import clock, database
from app.accounts.models import User
from app.documents import service as documents
from app.errors import Conflict
from app.operation.invariants import find_broken
from app.projects import members
from app.projects import service as projects
from app.projects.models import Project
from app.projects.policy import PolicyChange
from app.projects.rules import Role
from app.reviews import leases, service
from app.samples import submission, writing
from app.samples.content import Sent
from app.samples.models import Sample
from app.samples.workflow import Action
from app.tasks.models import Slot, Task
from app.tasks.queries import DATABASE_TIME, counts
from tests.factories import SUMMARY, Factory
from tests.races.together import Act, attempt, start_together

ROUNDS = 3
Work = Callable[[], list[object]]  # several requests, a transaction each; what each was told
# Not among the invariants of the doctor: how a slot goes with its sample.
MISFITS = text(
    "SELECT s.id, s.status, l.state FROM samples s JOIN slots l ON l.id = s.slot_id "
    "WHERE (l.state = 'held') <> (s.status IN ('submitted', 'changes_requested', 'approved'))"
)


def write(project: Project, who: User, chance: random.Random) -> Work:
    """Take work, write, and hand it in or leave it: a transaction each, as requests are."""

    def go() -> list[object]:
        def take(session: Session) -> object:
            return writing.take_next(session, project_slug=project.slug, actor=who, at=clock.now())

        def save(session: Session) -> object:
            sent = Sent(SUMMARY, {"term": "covered", "governing_law": "covered"}, None)
            return writing.save_draft(
                session,
                sample_id=sample.id,
                sent=sent,
                based_on=0,
                editor=f"page-{who.id}",
                actor=who,
                at=clock.now(),
            )

        def hand_in(session: Session) -> object:
            number = session.get_one(Sample, sample.id).draft.number
            return submission.submit(
                session, sample_id=sample.id, based_on=number, reasons={}, actor=who, at=clock.now()
            )

        def skip(session: Session) -> object:
            return submission.skip(session, sample_id=sample.id, reason="No.", actor=who, at=clock.now())

        def resume(session: Session) -> object:
            return submission.resume(session, sample_id=sample.id, actor=who, at=clock.now())

        told: list[object] = []
        for _round in range(ROUNDS):
            sample = attempt(take)
            if isinstance(sample, Sample):
                ways = ((save, hand_in), (save, skip, resume), (save, save), (hand_in,))
                told += [attempt(step) for step in chance.choice(ways)]
            else:
                told.append(sample)
        return told

    return go


def review(project: Project, who: User, chance: random.Random) -> Work:
    """Take what waits and decide on it."""

    def go() -> list[object]:
        def decide(session: Session) -> object:
            return service.decide(
                session,
                sample_id=sample.id,
                revision_number=sample.revision_count,
                action=chance.choice((Action.APPROVE, Action.REJECT, Action.REQUEST_CHANGES)),
                comment="Because.",
                actor=who,
                at=clock.now(),
            )

        told: list[object] = []
        for _round in range(ROUNDS):
            sample = attempt(lambda session: leases.take_next(session, project_slug=project.slug, actor=who))
            told.append(attempt(decide) if isinstance(sample, Sample) else sample)
        return told

    return go


def lead(project: Project, who: User, leaver: User, overlap: int) -> Work:
    """End leases, withdraw and restore contracts, allow fewer people and more again, remove somebody."""

    def end_leases(session: Session) -> object:
        ended = update(Slot).where(Slot.state == "writing", Slot.id % 2 == next(halves))
        return session.execute(ended.values(lease_expires_at=DATABASE_TIME))

    def swap(session: Session) -> object:
        document = session.scalar(
            select(Task.document_id).where(Task.project_id == project.id).order_by(Task.id).limit(1)
        )
        assert document is not None
        try:
            return documents.withdraw(
                session, document_id=document, reason="Wrong.", actor=who, at=clock.now()
            )
        except Conflict:
            return documents.restore(session, document_id=document, actor=who, at=clock.now())

    def allow(number: int) -> Act:
        policy = PolicyChange(overlap=number)
        return lambda session: projects.update_project(
            session, slug=project.slug, policy=policy, actor=who, at=clock.now()
        )

    def leave(session: Session) -> object:
        return members.set_roles(
            session, slug=project.slug, email=leaver.email, roles=[Role.ENGINEER], actor=who, at=clock.now()
        )

    halves = cycle((0, 1))
    return lambda: [
        attempt(step)
        for step in (end_leases, swap, allow(1), end_leases, swap, allow(overlap), leave, end_leases)
    ]


def watch(over: Event, project: Project) -> list[tuple[int, int]]:
    """Tasks that were seen with more places taken than the project ever allowed, and by how many."""
    taken = (
        select(Slot.task_id, func.count())
        .join(Task, Task.id == Slot.task_id)
        .where(Task.project_id == project.id, counts())
        .group_by(Slot.task_id)
        .having(func.count() > project.overlap)
    )
    found: list[tuple[int, int]] = []
    while not over.wait(0.02):
        with database.transaction() as session:
            found += [(task, count) for task, count in session.execute(taken)]
    return found


@pytest.mark.parametrize(("overlap", "tasks"), [(1, 3), (2, 2), (3, 2), (2, 12)])
def test_no_task_has_a_place_too_many_at_any_moment(site: Engine, overlap: int, tasks: int) -> None:
    with database.transaction() as session:
        make = Factory(session)
        project = make.project(overlap=overlap)
        for _ in range(tasks):
            make.task(project)
        writers = [make.annotator(project) for _ in range(10)]
        reviewers = [make.reviewer(project) for _ in range(5)]
        boss = make.lead(project)
    chance = random.Random(f"{overlap} {tasks}")  # noqa: S311 -- who does what; not who comes first
    # The first two press in two windows each.
    works = [write(project, who, chance) for who in [*writers, *writers[:2]]]
    works += [review(project, who, chance) for who in reviewers]
    works.append(lead(project, boss, writers[-1], overlap))
    over = Event()
    with ThreadPoolExecutor(1) as threads:
        watching = threads.submit(watch, over, project)
        try:
            told = start_together(works)
        finally:
            over.set()
        assert watching.result() == []
    # Python decides before the database has to; but for whoever loses their role in this very moment.
    assert "guard" not in chain(*told[: len(writers) - 1])
    with site.connect() as connection:
        assert connection.execute(MISFITS).all() == []
        assert find_broken(connection) == []
    one_lease_each(project)


def one_lease_each(project: Project) -> None:
    with database.transaction() as session:
        several = (
            select(Slot.user_id)
            .join(Task, Task.id == Slot.task_id)
            .where(Task.project_id == project.id, Slot.state == "writing", counts())
            .group_by(Slot.user_id)
            .having(func.count() > 1)
        )
        assert session.scalars(several).all() == []
