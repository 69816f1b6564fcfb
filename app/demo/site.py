"""What `engross demo` serves: the site with the demo project in it. See `app.operation.serving.Site`."""

from collections.abc import Iterator
from contextlib import contextmanager

from app import clock, database
from app.cli_output import emit
from app.demo.service import build_demo, demo_links
from app.operation import site
from app.settings import Settings
from app.version import program_version


@contextmanager
def opened(settings: Settings) -> Iterator[str]:
    """The address of a database that holds the demo. Raises Conflict where it holds other work."""
    with site.opened(settings) as url:
        with database.transaction() as session:
            build_demo(session, at=clock.now())
        yield url


def greet(settings: Settings, *, as_json: bool) -> None:
    """Say where the site is, with a new link for each person to sign in as."""
    with database.transaction() as session:
        links = demo_links(session, base_url=settings.base_url, at=clock.now())
    lines = [f"  {f'{name} ({role})':<44}{url}" for role, name, url in links]
    emit(
        {
            "url": settings.base_url,
            "version": program_version(),
            "links": [{"role": role, "name": name, "url": url} for role, name, url in links],
        },
        as_json=as_json,
        table=lambda: site.greeting(settings, "Sign in as one of these people; a link works once:", *lines),
    )
    database.get_engine().dispose()  # from here on the processes work, and this one only watches
