"""A project with people at work and many contracts that wait for them, put into a server's database."""

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from app.accounts import tokens
from app.accounts.models import User
from tests.factories import Factory

# As an import would leave them, in one statement: thousands of contracts one by one would take minutes.
CONTRACTS = text(
    """
    WITH made AS (
        INSERT INTO documents (project_id, title, text_sha256)
        SELECT :project, 'Contract ' || number, sha256(convert_to('Contract ' || number, 'UTF8'))
        FROM generate_series(1, :count) number RETURNING id, title, text_sha256
    ), texts AS (
        INSERT INTO document_texts (
            document_id, extractor, extractor_version, sha256, character_count, word_count, text, blocks
        )
        SELECT id, 'plain', '1', text_sha256, length(title), 2, title, '[]' FROM made
        RETURNING id, document_id
    )
    INSERT INTO tasks (project_id, document_id, text_id, instruction_id, phrasing_id)
    SELECT :project, document_id, id, :instruction, :phrasing FROM texts
    """
)


@dataclass(frozen=True)
class Office:
    """The project's name in addresses, and the API tokens of those who work in it."""

    project: str
    writers: tuple[str, ...]
    reviewers: tuple[str, ...]
    leads: tuple[str, ...]


def open_office(
    engine: Engine, *, contracts: int, writers: int = 6, reviewers: int = 2, overlap: int = 2
) -> Office:
    """Make the project; `overlap` people may write on one contract."""
    with Session(engine, expire_on_commit=False) as session, session.begin():
        make = Factory(session)
        project = make.project(overlap=overlap)
        instruction = project.instructions[0]
        session.execute(
            CONTRACTS,
            {
                "project": project.id,
                "count": contracts,
                "instruction": instruction.id,
                "phrasing": instruction.phrasings[0].id,
            },
        )
        people = (
            [make.annotator(project) for _ in range(writers)],
            [make.reviewer(project) for _ in range(reviewers)],
            [make.lead(project)],
        )
        words = [tuple(_token(session, person) for person in group) for group in people]
    return Office(project.slug, *words)


def _token(session: Session, person: User) -> str:
    now = datetime.now(UTC)
    return tokens.create(session, user=person, name="program", scopes=(), days=1, actor=person, at=now)[1]
