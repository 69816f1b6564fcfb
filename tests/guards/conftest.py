"""A project with one sample in each place of its life, for those who go around the code."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
from sqlalchemy import Connection, Engine, TextClause, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.projects.models import Project
from app.reviews import service as reviews
from app.samples import submission
from app.samples.content import Sent
from app.samples.models import Revision, Sample
from app.samples.workflow import Action, Status
from tests.factories import NOON, Factory

DECISIONS = {
    Status.APPROVED: Action.APPROVE,
    Status.REJECTED: Action.REJECT,
    Status.CHANGES_REQUESTED: Action.REQUEST_CHANGES,
}
# What statements may name, by the name that they give it.
Ids = dict[str, int]
Refused = Callable[[str, str], None]


# The words of a revision are counted by the database.
_COLUMNS = ", ".join(column.name for column in Revision.__table__.columns if column.computed is None)


def copy_of_revision(sample: str, changes: str) -> str:
    """A statement that adds a changed copy of each revision of the sample of this name."""
    return f"""
        INSERT INTO revisions ({_COLUMNS}) SELECT {_COLUMNS} FROM (
            SELECT (jsonb_populate_record(r, jsonb_build_object('id', 999999) || {changes})).*
            FROM revisions r WHERE sample_id = :{sample}) AS copied
    """


def hand_in(session: Session, sample: Sample) -> Sample:
    """The sample, submitted by its annotator."""
    return submission.submit(
        session, sample_id=sample.id, based_on=1, reasons={}, actor=sample.annotator, at=NOON
    )


def decide(session: Session, sample: Sample, reviewer: User, action: Action) -> int:
    """The id of the decision."""
    return reviews.decide(
        session,
        sample_id=sample.id,
        revision_number=sample.revision_count,
        action=action,
        comment="See 7.2.",
        actor=reviewer,
        at=datetime.now(UTC),
    ).review.id


@pytest.fixture(scope="module")
def connection(engine: Engine) -> Iterator[Connection]:
    """A connection whose work is rolled back after the module."""
    with engine.connect() as connection, connection.begin() as outer:
        yield connection
        outer.rollback()


@pytest.fixture(scope="module")
def ids(connection: Connection) -> Ids:
    """The ids of samples by status, and of people by what they are to the project.

    `edited` waits for a decision, and `editor` wrote its second revision.
    """
    with Session(connection, expire_on_commit=False, join_transaction_mode="create_savepoint") as session:
        made = _make(session, Factory(session))
        session.commit()
    for mode in ("IMMEDIATE", "DEFERRED"):  # what was done so far is right
        connection.execute(text(f"SET CONSTRAINTS ALL {mode}"))
    return made


def _make(session: Session, make: Factory) -> Ids:
    project, elsewhere = make.project(), make.project()
    people = {
        "owner": make.annotator(project),
        "colleague": make.annotator(project),
        "reviewer": make.reviewer(project),
        "editor": make.reviewer(project),
        "lead": make.lead(project),
        "importer": make.member(project, "lead", "reviewer"),
        "gone": make.reviewer(project),
        "stranger": make.annotator(elsewhere),
    }
    people["gone"].disabled_at = NOON
    owner, reviewer = people["owner"], people["reviewer"]
    samples = {Status.DRAFT: make.sample(project, annotator=owner)}
    samples[Status.SUBMITTED] = hand_in(session, make.sample(project, annotator=owner))
    samples[Status.SKIPPED] = make.sample(project, annotator=owner)
    submission.skip(session, sample_id=samples[Status.SKIPPED].id, reason="Illegible.", actor=owner, at=NOON)
    found = {"project": project.id, "elsewhere": elsewhere.id, "other_task": make.task(elsewhere).id}
    for status, action in DECISIONS.items():
        samples[status] = hand_in(session, make.sample(project, annotator=owner))
        found[f"{status}_review"] = decide(session, samples[status], reviewer, action)
    found |= {str(status): sample.id for status, sample in samples.items()}
    found |= {name: user.id for name, user in people.items()}
    found["edited"] = _edited(session, make, project, people).id
    imported = make.imported(project, people["importer"])
    found["imported"] = imported.id
    found["free_task"] = make.task(project).id
    return found


def _edited(session: Session, make: Factory, project: Project, people: dict[str, User]) -> Sample:
    sample = hand_in(session, make.sample(project, annotator=people["owner"]))
    return reviews.edit(
        session,
        sample_id=sample.id,
        revision_number=1,
        sent=Sent(f"{sample.draft.output} It was edited."),
        reasons={},
        actor=people["editor"],
        at=NOON,
    )


@pytest.fixture
def refused(connection: Connection, ids: Ids) -> Refused:
    """Asserts that the database refuses a statement in these words, at once or at its transaction's end."""

    def check(statement: str, said: str) -> None:
        asked = text(statement)
        named = {name: ids[name] for name in asked.compile().params}
        with pytest.raises(IntegrityError, match=said), connection.begin_nested():
            _to_the_end(connection, asked, named)

    return check


def _to_the_end(connection: Connection, statement: TextClause, named: Ids) -> None:
    connection.execute(statement, named)
    connection.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
