"""The site's side of serving: its database, and what to say when it answers. See `serving.Site`."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import exists, select

from app import database, logs
from app.accounts.models import User
from app.cli_output import emit
from app.operation.opening import open_database, refuse_unsafe_settings, refuse_unusable_storage
from app.settings import Settings
from app.version import program_version

_FIRST_USER = "Nobody can sign in yet: engross user create --email YOU@EXAMPLE.ORG --name YOU --admin"


@contextmanager
def opened(settings: Settings) -> Iterator[str]:
    """The address of a database that is ready for work, for the length of the block. Raises CannotRun."""
    logs.configure(settings)
    with open_database(settings) as engine:
        refuse_unusable_storage()
        refuse_unsafe_settings(engine)
        yield engine.url.render_as_string(hide_password=False)


def greet(settings: Settings, *, as_json: bool) -> None:
    """Say where the site is, and how to begin where nobody has."""
    with database.transaction() as session:
        nobody = not session.scalar(select(exists().select_from(User)))
    emit(
        {"url": settings.base_url, "version": program_version()},
        as_json=as_json,
        table=lambda: greeting(settings, *([_FIRST_USER] if nobody else [])),
    )
    database.get_engine().dispose()  # from here on the processes work, and this one only watches


def greeting(settings: Settings, *lines: str) -> str:
    """What a person sees first: the address, where the data is, and `lines`."""
    own = settings.database_url is None
    data = f"Its data is in {settings.data_dir.absolute()}. " if own else ""
    return "\n".join((f"Engross is at {settings.base_url}", f"{data}Ctrl-C stops it.", *lines))
