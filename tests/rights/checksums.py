"""What stands in every table, as one checksum each: two that are equal say that no row has changed."""

from functools import cache

from sqlalchemy import Connection, Engine, text

# That somebody was here is noted of every request, allowed or refused, and at most every few minutes.
SEEN = {"sessions": ("last_seen_at",), "api_tokens": ("last_used_at",)}


@cache
def _statement(engine: Engine) -> str:
    with engine.connect() as connection:
        tables = connection.scalars(
            text("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename")
        ).all()
    parts = []
    for table in tables:
        columns = "".join(f" - '{name}'" for name in SEEN.get(table, ()))
        row = f"(to_jsonb(t){columns})::text" if columns else "t::text"
        parts.append(
            f"SELECT '{table}', coalesce(md5(string_agg({row}, '|' ORDER BY {row})), '') "  # noqa: S608 -- names out of the catalogue
            f'FROM "{table}" t'
        )
    return " UNION ALL ".join(parts)


def checksums(connection: Connection) -> dict[str, str]:
    """Each table's checksum, as the connection's transaction sees it."""
    return dict(connection.execute(text(_statement(connection.engine))).all())


def of_database(engine: Engine) -> dict[str, str]:
    """Each table's checksum, as it is committed."""
    with engine.connect() as connection:
        return checksums(connection)


def changed(before: dict[str, str], after: dict[str, str]) -> list[str]:
    """The tables whose rows are not the same."""
    return [table for table in after if before.get(table) != after[table]]
