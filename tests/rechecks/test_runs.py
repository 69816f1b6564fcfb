"""Runs that are committed: two who press at once, two processes at one run, a kill, the command."""

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import pytest
from sqlalchemy import Engine, func, select, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from app import clock, database, logs
from app.accounts.actors import OPERATOR
from app.audit.models import Event
from app.projects.models import Project
from app.rechecks import service
from app.rechecks.models import CheckRun, Recheck
from app.rechecks.queries import list_unfinished
from app.samples.content import Content
from app.samples.models import Sample
from tests.conftest import PROGRAMS_BROKEN
from tests.factories import NOON, SUMMARY, Factory
from tests.rechecks.test_service import SWAN, handed_in
from tests.test_cli import at_head, run

__all__ = ["at_head"]


@pytest.fixture
def project(live_database: Engine) -> Iterator[Project]:
    """A project with five submissions, which another process can see."""
    with Session(live_database, expire_on_commit=False) as session, session.begin():
        make = Factory(session)
        project = make.project()
        for number in range(5):
            handed_in(make, project, output=SUMMARY if number else SWAN)
    yield project
    database.configure(live_database.url.render_as_string(hide_password=False))


@pytest.fixture
def other(project: Project, live_database: Engine) -> Project:
    """A second project, with one submission."""
    with Session(live_database, expire_on_commit=False) as session, session.begin():
        make = Factory(session)
        other = make.project()
        handed_in(make, other, output=SUMMARY)
    return other


def begin(project: Project) -> int:
    with database.transaction() as session:
        return service.start(session, project_slug=project.slug, actor=OPERATOR, at=NOON).id


def finish(run_id: int) -> None:
    while True:
        with database.transaction() as session:
            if service.check_next(session, run_id, at=NOON).finished_at is not None:
                return


def count(what: type[object], **of: object) -> int:
    with database.transaction() as session:
        return session.scalar(select(func.count()).select_from(what).filter_by(**of)) or 0


def test_two_who_press_at_once_begin_one_run(project: Project) -> None:
    with ThreadPoolExecutor(4) as pool:
        begun = list(pool.map(begin, [project] * 4))
    assert len(set(begun)) == 1
    assert count(CheckRun) == count(Event, verb="project.check") == 1


def test_two_processes_at_one_run_do_each_sample_once(project: Project) -> None:
    run_id = begin(project)
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(finish, [run_id] * 3))
    assert count(CheckRun, done=5, total=5, failed=0) == 1
    assert count(Recheck) == 5


def test_a_run_that_is_killed_loses_no_more_than_its_last_transaction(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin(project)
    checked, calls = service.check, []

    def check(*of: object) -> object:
        calls.append(of)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return checked(*of)  # type: ignore[arg-type]

    with monkeypatch.context() as dying:
        dying.setattr(service, "check", check)
        with pytest.raises(KeyboardInterrupt):
            service.catch_up(now=clock.now)
    assert count(CheckRun, done=2, finished_at=None) == 1
    assert count(Recheck) == 2
    service.catch_up(now=clock.now)
    assert count(CheckRun, done=5, failed=0) == 1
    assert count(Recheck) == 5


def test_a_sample_that_the_database_refuses_counts_as_failed_and_the_next_project_has_its_turn(
    project: Project, other: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked = service.check

    def check(session: Session, sample: Sample, content: Content) -> object:
        if sample.project_id == project.id:
            session.execute(text("SELECT 1/0"))
        return checked(session, sample, content)

    monkeypatch.setattr(logs, "broken", PROGRAMS_BROKEN)
    monkeypatch.setattr(service, "check", check)
    runs = [begin(project), begin(other)]
    service.catch_up(now=clock.now)
    assert count(CheckRun, id=runs[0], done=5, failed=5) == count(CheckRun, id=runs[1], done=1, failed=0) == 1
    assert count(CheckRun, finished_at=None) == 0


def test_a_run_that_cannot_go_on_is_tried_later_and_keeps_no_other_from_its_turn(
    project: Project, other: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs = [begin(project), begin(other)]
    go_on = service.check_next

    def check_next(session: Session, run_id: int, *, at: datetime) -> CheckRun:
        if run_id == runs[0]:
            session.execute(text("SELECT 1/0"))
        return go_on(session, run_id, at=at)

    with monkeypatch.context() as broken:
        broken.setattr(logs, "broken", PROGRAMS_BROKEN)
        broken.setattr(service, "check_next", check_next)
        service.catch_up(now=clock.now)
    with database.transaction() as session:
        assert list_unfinished(session) == [runs[0]]
    service.catch_up(now=clock.now)
    assert count(CheckRun, done=5, failed=0) == 1


def test_a_lost_connection_ends_the_job_and_the_next_one_goes_on_there(
    project: Project, live_database: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin(project)

    def check(session: Session, *_: object) -> object:
        backend = session.scalar(text("SELECT pg_backend_pid()"))
        with live_database.connect() as other:
            other.execute(text("SELECT pg_terminate_backend(:backend)"), {"backend": backend})
        return session.execute(text("SELECT 1"))

    with monkeypatch.context() as losing:
        losing.setattr(service, "check", check)
        with pytest.raises(OperationalError):
            service.catch_up(now=clock.now)
    assert count(CheckRun, done=0, failed=0, finished_at=None) == 1
    service.catch_up(now=clock.now)
    assert count(CheckRun, done=5, failed=0) == 1


@pytest.mark.usefixtures("at_head")
def test_the_command_says_what_has_no_reason_and_ends_with_1(
    project: Project, add_check: Callable[[], None], capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = run(capsys, "check", project.slug)
    assert (code, err) == (0, "")
    assert out.splitlines()[0].split() == [
        "check",
        "errors",
        "warnings",
        "notes",
        "kept",
        "with",
        "a",
        "reason",
        "samples",
    ]
    assert out.splitlines()[-1] == "5 samples, 0 findings without a reason"
    add_check()
    code, out, _ = run(capsys, "check", project.slug)
    assert code == 1
    assert "submitted  warning   swans  A black swan: swans are white." in out
    code, out, _ = run(capsys, "check", project.slug, "--json")
    said = json.loads(out)
    assert (code, said["open"], said["outdated"], said["run"]["done"]) == (1, 1, 0, 5)
    assert [found["check"] for found in said["findings"]] == ["swans"]
    code, out, err = run(capsys, "check", "absent")
    assert (code, out, err) == (1, "", "There is no such project.\n")
