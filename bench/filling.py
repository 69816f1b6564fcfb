"""Projects as years of work would leave them, made set by set: row by row they would take hours."""

import os
import random
import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import Engine, make_url, text

from app import database, logs, migrating
from app.demo.content import load_contracts
from app.embedded import EmbeddedPostgres
from app.settings import get_settings
from tests.scratch import scratch_root

# Contracts of 8 kB, each a task that waits. Takes project, count, instruction, phrasing.
CONTRACTS = """
    WITH made AS (
        INSERT INTO documents (project_id, title, text_sha256)
        SELECT %(project)s, 'Contract ' || n, sha256(('Contract ' || n || ' of ' || %(project)s)::bytea)
        FROM generate_series(1, %(count)s) n RETURNING id, text_sha256
    ), texts AS (
        INSERT INTO document_texts (
            document_id, extractor, extractor_version, sha256, character_count, word_count, text, blocks
        )
        SELECT id, 'plain', '1', text_sha256, 8000, 1250, left(repeat(
            'Section ' || id || E'. Neither party is liable for more than was paid in a year.\\n\\n',
            100), 8000), '[["paragraph", 0, 8000, 0, "", 0, null]]'
        FROM made RETURNING id, document_id
    )
    INSERT INTO tasks (project_id, document_id, text_id, instruction_id, phrasing_id)
    SELECT %(project)s, document_id, id, %(instruction)s, %(phrasing)s FROM texts
"""


@contextmanager
def scratch_database() -> Iterator[Engine]:
    """An empty database of the newest schema for the application in this process, thrown away afterwards."""
    with TemporaryDirectory(prefix="engross-bench-", dir=scratch_root()) as name:
        Path(name).chmod(0o711)  # root's Postgres runs as somebody else
        os.environ |= {"DATA_DIR": name, "SECRET_KEY": "for-measuring-only-" * 3}
        get_settings.cache_clear()
        logs.configure(get_settings().model_copy(update={"log_level": "WARNING"}))
        with EmbeddedPostgres(Path(name, "postgres")) as server:
            database.configure(server.url)
            engine = database.get_engine()
            migrating.migrate(engine)
            yield engine
            engine.dispose()


def tidy(engine: Engine) -> None:
    """What a database that runs for longer does by itself: its statistics are those of what is in it."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))


def dsn(url: str) -> str:
    """The address as psycopg takes it."""
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


def as_sqlalchemy(statement: str) -> str:
    """The statement with its values named as SQLAlchemy's `text` takes them."""
    return re.sub(r"%\((\w+)\)s", r":\1", statement)


@cache
def paragraphs() -> list[str]:
    """All paragraphs of the demo's contracts that are plain text."""
    return [
        paragraph
        for contract in load_contracts().values()
        if contract.name.endswith((".txt", ".md"))
        for paragraph in contract.read().decode().split("\n\n")
    ]


def long_text(characters: int, seed: int = 7) -> str:
    """A contract of so many characters out of the demo's paragraphs: the same one for the same seed."""
    shuffled, found = random.Random(seed), paragraphs()  # noqa: S311 -- the same each time
    text = f"Agreement {seed}"
    while len(text) < characters:
        text += "\n\n" + shuffled.choice(found)
    return text[:characters]
