"""Projects as years of work would leave them, made set by set: row by row they would take hours."""

from sqlalchemy import make_url

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


def dsn(url: str) -> str:
    """The address as psycopg takes it."""
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
