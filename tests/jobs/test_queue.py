"""A job exists exactly if the act that needs it does."""

from datetime import timedelta

from sqlalchemy import Engine, func, select, text, update
from sqlalchemy.orm import Session

from app.jobs import locks, queries, service
from app.jobs.models import WorkerHeartbeat


def test_a_job_goes_with_the_transaction_that_queued_it(live_database: Engine) -> None:
    with Session(live_database) as session:
        service.defer(session, "imports.process", import_id=1)
        assert queries.count_jobs(session)["todo"] == 1
        session.rollback()
        assert queries.count_jobs(session)["todo"] == 0
        service.defer(session, "imports.process", import_id=2)
        session.commit()
    with Session(live_database) as session:
        rows = session.execute(text("SELECT task_name, args, status::text FROM procrastinate_jobs")).all()
        assert [tuple(row) for row in rows] == [("imports.process", {"import_id": 2}, "todo")]


def test_a_second_job_under_a_queueing_lock_is_dropped_and_the_transaction_lives(session: Session) -> None:
    before = queries.count_jobs(session)["todo"]
    for _ in range(2):
        service.defer(session, "imports.process", queueing_lock="one", import_id=1)
    service.defer(session, "imports.process", queueing_lock="another", import_id=1)
    assert queries.count_jobs(session)["todo"] == before + 2


def test_the_newest_heartbeat_says_whether_a_worker_lives(session: Session) -> None:
    assert queries.find_heartbeat_age(session) is None
    assert not queries.is_worker_alive(session)
    service.beat(session, "one")
    service.beat(session, "one")
    assert queries.is_worker_alive(session)
    assert session.scalar(select(func.count()).select_from(WorkerHeartbeat)) == 1
    session.execute(update(WorkerHeartbeat).values(seen_at=func.now() - timedelta(seconds=31)))
    assert not queries.is_worker_alive(session)


def test_a_worker_that_has_been_gone_for_a_day_is_forgotten(session: Session) -> None:
    service.beat(session, "gone")
    session.execute(update(WorkerHeartbeat).values(seen_at=func.now() - timedelta(days=2)))
    service.beat(session, "here")
    assert session.scalars(select(WorkerHeartbeat.name)).all() == ["here"]
    service.leave(session, "here")
    assert queries.find_heartbeat_age(session) is None


def test_a_lock_is_held_by_one_and_free_after_its_block(live_database: Engine) -> None:
    with locks.try_only_one("import 1") as first, locks.try_only_one("import 1") as second:
        assert (first, second) == (True, False)
        with Session(live_database) as session:
            assert not locks.is_free(session, "import 1")
            assert locks.is_free(session, "import 2")
    with Session(live_database) as session:
        assert locks.is_free(session, "import 1")
