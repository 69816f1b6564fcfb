"""Runs the migrations on the connection that the program hands over."""

from alembic import context

from app.database import Base
from app.models import __all__ as _every_table  # noqa: F401 -- fills Base.metadata


def _is_ours(_object: object, name: str | None, type_: str, _reflected: bool, _compare_to: object) -> bool:
    """Leave the queue's own tables to the queue."""
    return not (type_ == "table" and name is not None and name.startswith("procrastinate_"))


connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    include_object=_is_ours,
    compare_server_default=True,
    transaction_per_migration=True,
)
with context.begin_transaction():
    context.run_migrations()
